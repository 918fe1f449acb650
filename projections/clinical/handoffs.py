"""Between two levels of care: which stays wait for the next one, with whom, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from domain.entries import Entry
from domain.events import AssessmentCompleted, CommunityReferralMade, ReferralReceived
from domain.handoffs import Handoff, handoffs
from domain.journey import Journey, Stay
from domain.levels import Level
from domain.vocabulary import HandoffOutcome
from projections.chart import Chart

State = Literal["open", "begun", "closed", "made"]
Kind = Literal["stay", "referral_in", "referral_out"]
DUE_DAYS: Final = (7, 14)
"""After how many days without the next level somebody has to look, and has to look again."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hand-off: an ended stay that leads on to another level, or a referral.

    ``key`` is the id of the entry that started the stay, or of the referral; ``since_day`` the day on which it ended,
    or came; ``over_day`` that on which it was closed, or on which the next level began. ``begun``: that level has
    started, and nobody closed the hand-off. ``made``: a referral to others that nobody was given.
    """

    key: str
    since_day: int
    stay: Stay | None
    next_level: Level | None
    owner: str
    state: State
    outcome: HandoffOutcome | None
    kind: Kind = "stay"
    over_day: int | None = None


def handoffs_of(chart: Chart) -> list[Waiting]:
    """Every hand-off of a chart by the day from which it waits; none of an erased one.

    A stay that ended by death leads nowhere. Of others, those count whose next level is named or recommended, and
    those about which something was said. A referral that came waits until a level begins or somebody closes it; after
    a death only those count about which something was said.
    """
    journey = chart.journey
    if journey.erased:
        return []
    by_key = handoffs(chart.entries, journey).by_key
    stays = [stay for stay in journey.stays if stay.end_day is not None and stay.reason != "died"]
    waiting = [wait for stay in stays if (wait := _of_stay(journey, stay, by_key.get(stay.event_id))) is not None]
    referrals = [
        entry
        for entry in chart.of(ReferralReceived, CommunityReferralMade)
        if journey.died is None or entry.event_id in by_key
    ]
    waiting += [
        wait for entry in referrals if (wait := _of_referral(journey, entry, by_key.get(entry.event_id))) is not None
    ]
    return sorted(waiting, key=lambda wait: (wait.since_day, wait.key))


def next_level(journey: Journey, stay: Stay) -> Level | None:
    """The level that is to follow an ended stay: the one that its end names, else the one that is recommended.

    The latest assessment since the stay began says it: made during the stay, if it recommends another level than that.
    """
    if stay.next_level is not None:
        return stay.next_level
    assert stay.end is not None
    for entry in reversed(journey.assessments):
        if entry.at <= stay.start:
            return None
        event = entry.event
        assert isinstance(event, AssessmentCompleted)
        return event.recommended_level if entry.at >= stay.end or event.recommended_level != stay.level else None
    return None


def _of_stay(journey: Journey, stay: Stay, handoff: Handoff | None) -> Waiting | None:
    onward = next_level(journey, stay)
    if onward is None and handoff is None:
        return None
    assert stay.end is not None
    assert stay.end_day is not None
    begun = min(
        (
            max(other.start_day, stay.end_day)
            for other in journey.stays
            if other.level == onward and (other.start >= stay.end or other.covers(stay.end))
        ),
        default=None,
    )
    standing = handoff or Handoff(stay.event_id)
    state = _state(standing, begun=begun is not None)
    over = standing.closed_day if standing.outcome is not None else begun
    return Waiting(stay.event_id, stay.end_day, stay, onward, standing.owner, state, standing.outcome, "stay", over)


def _of_referral(journey: Journey, entry: Entry, handoff: Handoff | None) -> Waiting | None:
    """One that came is answered by the start of any level; given to nobody, it is then no hand-off."""
    came = isinstance(entry.event, ReferralReceived)
    wanted = entry.event.requested_level if isinstance(entry.event, ReferralReceived) else None
    begun = min((stay.start_day for stay in journey.stays if came and stay.start >= entry.at), default=None)
    if handoff is None and begun is not None:
        return None
    standing = handoff or Handoff(entry.event_id)
    state = _state(standing, begun=begun is not None) if came or handoff else "made"
    over = standing.closed_day if standing.outcome is not None else begun
    kind = "referral_in" if came else "referral_out"
    return Waiting(entry.event_id, entry.day, None, wanted, standing.owner, state, standing.outcome, kind, over)


def _state(handoff: Handoff, *, begun: bool) -> State:
    if handoff.outcome is not None:
        return "closed"
    return "begun" if begun else "open"
