"""What a journey may never come to by a live command: checked on the history a command would make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from domain.after_death import later_than_death
from domain.appointments import appointments
from domain.entries import Entry
from domain.events import (
    ConsentGiven,
    DrugScreenMissed,
    DrugScreenResulted,
    FollowUpCompleted,
    FollowUpMissed,
    LevelOfCareEnded,
    MedicationGiven,
    SessionAttended,
    SessionMissed,
)
from domain.groups import memberships
from domain.handoffs import handoffs
from domain.journey import Journey, Stay
from domain.levels import title
from domain.phrases import Phrase, spaced
from domain.plausible import implausible
from domain.refusals import Refusal

INSIDE_A_LEVEL = frozenset({SessionAttended, SessionMissed, MedicationGiven})
INSIDE_OR_AFTER = frozenset({DrugScreenResulted, DrugScreenMissed, FollowUpCompleted, FollowUpMissed})
Broken = dict[tuple[str, str], Refusal]
_CHECK_THE_TIME = Phrase("Check the time of the entry; if the death was recorded in error, retract it.")
_REPRESENTATIVE = Phrase(
    "Check the time of the entry. If a personal representative signed it (42 CFR 2.15(b)(2)), name them as who signed."
)


def broken_rules(journey: Journey, entries: Sequence[Entry]) -> Broken:
    """Every rule that this history breaks, keyed by (criterion, entry), so that two histories compare."""
    broken: Broken = {}
    broken.update(_overlaps(journey))
    broken.update(_unmatched_ends(journey.unmatched_ends))
    broken.update(_outside_levels(journey, entries))
    broken.update(_after_death(journey, entries))
    for refused in (
        implausible(entries),
        appointments(entries).refused,
        memberships(entries, journey).refused,
        handoffs(entries, journey).refused,
    ):
        broken.update(((refusal.criterion, entry.event_id), refusal) for entry, refusal in refused)
    return broken


def _overlaps(journey: Journey) -> Broken:
    return {
        ("levels_do_not_overlap", after.event_id): Refusal(
            "levels_do_not_overlap",
            Phrase("{after} would start while {before} is open", after=title(after.level), before=title(before.level)),
            Phrase("End {level} first, or mark one of them as concurrent.", level=title(before.level)),
        )
        for before, after in overlaps(journey)
    }


def overlaps(journey: Journey) -> Iterator[tuple[Stay, Stay]]:
    """Each stay that began while an earlier one was open and neither is concurrent, after that one."""
    exclusive = sorted((stay for stay in journey.stays if stay.exclusive), key=lambda stay: stay.start)
    for before, after in _with_longest_before(exclusive):
        if before.end is None or before.end > after.start:
            yield before, after


def _with_longest_before(stays: Sequence[Stay]) -> Iterator[tuple[Stay, Stay]]:
    """Each stay but the first with the one that lasts longest of those that began before it."""
    longest: Stay | None = None
    for stay in stays:
        if longest is not None:
            yield longest, stay
        if longest is None or (longest.end is not None and (stay.end is None or stay.end > longest.end)):
            longest = stay


def _unmatched_ends(ends: Iterable[Entry]) -> Broken:
    broken: Broken = {}
    for entry in ends:
        assert isinstance(entry.event, LevelOfCareEnded)
        broken["level_is_open", entry.event_id] = Refusal(
            "level_is_open",
            Phrase("{level} is not open then", level=title(entry.event.level)),
            Phrase("Choose the level that is open at that time, or correct its start."),
        )
    return broken


def _outside_levels(journey: Journey, entries: Sequence[Entry]) -> Broken:
    broken: Broken = {}
    first = min((stay.start for stay in (*journey.stays, *journey.not_counted)), default=None)
    for entry in entries:
        kind = type(entry.event)
        if kind in INSIDE_A_LEVEL:
            inside = journey.in_care(entry)
        elif kind in INSIDE_OR_AFTER:
            inside = first is not None and first <= entry.at
        else:
            continue
        if not inside:
            broken["belongs_to_an_open_level", entry.event_id] = Refusal(
                "belongs_to_an_open_level",
                Phrase("no level of care was open when this happened: {type}", type=spaced(entry.type)),
                Phrase("Check the time of the entry, or start the level first."),
            )
    return broken


def _after_death(journey: Journey, entries: Sequence[Entry]) -> Broken:
    return {
        ("nothing_after_death", entry.event_id): Refusal(
            "nothing_after_death",
            Phrase("this is later than the recorded death: {type}", type=spaced(entry.type)),
            _REPRESENTATIVE if isinstance(entry.event, ConsentGiven) else _CHECK_THE_TIME,
        )
        for entry in later_than_death(journey, entries)
    }
