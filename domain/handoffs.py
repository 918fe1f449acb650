"""Hand-offs that somebody was given or closed: what each came to, and the entries that fit none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from domain.entries import Entry
from domain.events import (
    CommunityReferralMade,
    HandoffAssigned,
    HandoffClosed,
    LevelOfCareStarted,
    ReferralReceived,
    SessionAttended,
)
from domain.journey import Journey, Stay
from domain.phrases import Phrase
from domain.refusals import Refusal
from domain.vocabulary import HandoffOutcome

_OF_HANDOFFS = frozenset({HandoffAssigned, HandoffClosed})


@dataclass(frozen=True, slots=True)
class Handoff:
    """What is said of one hand-off; ``key`` is the id of the entry that started the stay, or of the referral.

    ``closed_day`` is the day (proleptic ordinal) on which somebody closed it.
    """

    key: str
    owner: str = ""
    outcome: HandoffOutcome | None = None
    first_session: str = ""
    closed_day: int | None = None


@dataclass(frozen=True, slots=True)
class Handoffs:
    """Those of a chart by key, and the entries that a live command is refused."""

    by_key: dict[str, Handoff] = field(default_factory=dict[str, Handoff])
    refused: list[tuple[Entry, Refusal]] = field(default_factory=list[tuple[Entry, Refusal]])


def handoffs(entries: Sequence[Entry], journey: Journey) -> Handoffs:
    """What effective entries in clinical order say of hand-offs, in the light of the stays that they add up to."""
    state = Handoffs()
    of_handoffs = [entry for entry in entries if type(entry.event) in _OF_HANDOFFS]
    if not of_handoffs:
        return state
    by_id = {entry.event_id: entry for entry in entries}
    for entry in of_handoffs:
        event = entry.event
        assert isinstance(event, HandoffAssigned | HandoffClosed)
        about = _about(event, entry.at, by_id, journey)
        if isinstance(about, Refusal):
            state.refused.append((entry, about))
            continue
        key, since = about
        before = state.by_key.get(key, Handoff(key))
        refusals = _refusals(event, before, since, by_id)
        state.refused.extend((entry, refusal) for refusal in refusals)
        if not refusals:
            state.by_key[key] = _after(before, event, entry.day)
    return state


def _about(
    event: HandoffAssigned | HandoffClosed, at: int, by_id: Mapping[str, Entry], journey: Journey
) -> tuple[str, int] | Refusal:
    """The key of what the entry is about, and since when it waits (µs UTC)."""
    if (event.stay is None) == (event.referral is None):
        return _ONE_OF_THEM
    if event.stay is not None:
        stay = ended_stay(event.stay, journey)
        return _NO_STAY if stay is None or stay.end is None else (stay.event_id, stay.end)
    assert event.referral is not None
    entry = by_id.get(event.referral.hex)
    if entry is None or not isinstance(entry.event, ReferralReceived | CommunityReferralMade) or entry.at > at:
        return _NO_REFERRAL
    return entry.event_id, entry.at


def ended_stay(event_id: UUID, journey: Journey) -> Stay | None:
    """The stay that an entry started or ended, if it has ended."""
    named = (stay for stay in journey.stays if event_id.hex in (stay.event_id, stay.ended_by))
    return next((stay for stay in named if not stay.open), None)


def _refusals(
    event: HandoffAssigned | HandoffClosed, before: Handoff, since: int, by_id: Mapping[str, Entry]
) -> list[Refusal]:
    if before.outcome is not None:
        return [_CLOSED]
    if isinstance(event, HandoffAssigned):
        return []
    went_on = [entry for entry in by_id.values() if entry.at >= since and isinstance(entry.event, FIRSTS)]
    if event.first_session is None:
        return [_UNNAMED] if event.outcome == "kept" and went_on else []
    return [] if event.first_session.hex in {entry.event_id for entry in went_on} else [_NO_SESSION]


def _after(before: Handoff, event: HandoffAssigned | HandoffClosed, day: int) -> Handoff:
    if isinstance(event, HandoffAssigned):
        return replace(before, owner=event.owner)
    first = event.first_session.hex if event.first_session else ""
    owner = event.owner or before.owner
    return replace(before, owner=owner, outcome=event.outcome, first_session=first, closed_day=day)


FIRSTS = (SessionAttended, LevelOfCareStarted)
_ONE_OF_THEM = Refusal(
    "handoff_names_one",
    Phrase("a hand-off is about one stay or one referral"),
    Phrase("Name the stay or the referral, not both."),
)
_NO_STAY = Refusal(
    "stay_has_ended",
    Phrase("stay: it is no level of this chart that has ended"),
    Phrase("Name an ended level of this chart by the entry that started or ended it."),
)
_NO_REFERRAL = Refusal(
    "referral_is_on_this_chart",
    Phrase("referral: it is no referral of this chart"),
    Phrase("Name a referral that this chart received or made."),
)
_CLOSED = Refusal(
    "handoff_is_open", Phrase("the hand-off is closed"), Phrase("Retract the entry that closed it if it goes on.")
)
_UNNAMED = Refusal(
    "first_session_is_named",
    Phrase("first_session: care went on, and the entry does not say with what"),
    Phrase("Name the first session or start after it by its event id."),
)
_NO_SESSION = Refusal(
    "first_session_is_on_this_chart",
    Phrase("first_session: it is no session or start of this chart since then"),
    Phrase("Name a session attended, or the start of a level, after the stay or the referral."),
)
