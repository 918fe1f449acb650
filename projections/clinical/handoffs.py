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

State = Literal["open", "begun", "closed"]
DUE_DAYS: Final = (7, 14)
"""After how many days without the next level somebody has to look, and has to look again."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hand-off: an ended stay that leads on to another level, or a referral that somebody was given.

    ``key`` is the id of the entry that started the stay, or of the referral; ``since_day`` the day on which it ended,
    or came. ``begun``: the next level has started, and nobody closed the hand-off.
    """

    key: str
    since_day: int
    stay: Stay | None
    next_level: Level | None
    owner: str
    state: State
    outcome: HandoffOutcome | None


def handoffs_of(chart: Chart) -> list[Waiting]:
    """Every hand-off of a chart by the day from which it waits; none of an erased one.

    A stay that ended by death leads nowhere. Of others, those count whose next level is named or recommended, and
    those about which something was said.
    """
    journey = chart.journey
    if journey.erased:
        return []
    told = handoffs(chart.entries, journey).by_key
    stays = [stay for stay in journey.stays if stay.end_day is not None and stay.reason != "died"]
    found = [one for stay in stays if (one := _of_stay(journey, stay, told.get(stay.event_id))) is not None]
    referrals = [entry for entry in chart.of(ReferralReceived, CommunityReferralMade) if entry.event_id in told]
    found += [_of_referral(journey, entry, told[entry.event_id]) for entry in referrals]
    return sorted(found, key=lambda one: (one.since_day, one.key))


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


def _of_stay(journey: Journey, stay: Stay, told: Handoff | None) -> Waiting | None:
    onward = next_level(journey, stay)
    if onward is None and told is None:
        return None
    assert stay.end is not None
    assert stay.end_day is not None
    begun = any(
        other.level == onward and (other.start >= stay.end or other.covers(stay.end)) for other in journey.stays
    )
    said = told or Handoff(stay.event_id)
    return Waiting(stay.event_id, stay.end_day, stay, onward, said.owner, _state(said, begun=begun), said.outcome)


def _of_referral(journey: Journey, entry: Entry, told: Handoff) -> Waiting:
    wanted = entry.event.requested_level if isinstance(entry.event, ReferralReceived) else None
    begun = wanted is not None and any(stay.level == wanted and stay.start >= entry.at for stay in journey.stays)
    return Waiting(entry.event_id, entry.day, None, wanted, told.owner, _state(told, begun=begun), told.outcome)


def _state(told: Handoff, *, begun: bool) -> State:
    if told.outcome is not None:
        return "closed"
    return "begun" if begun else "open"
