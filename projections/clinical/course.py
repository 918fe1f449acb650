"""Where a client stands in the course of care: the stay that leads, the one that an entry belongs to, and the one that
a discharge ended.

Alumni stays are aftercare and no treatment: who is in one alone was discharged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from domain.entries import Entry
from domain.events import SessionAttended, SessionMissed
from domain.journey import Journey, Stay
from domain.levels import LEVELS

MISSED_IN_A_ROW: Final = 2
"""So many sessions missed in a row are called about."""
EPISODE_GAP_DAYS: Final = 30
"""Stays that are further apart belong to two episodes."""
NO_END: Final = 10**9
"""A day later than any, where a stay is open."""


def main_stay(journey: Journey) -> Stay | None:
    """The open stay that says where the client is: the most intensive exclusive one, else any open one."""
    open_stays = journey.open_stays()
    ranked = sorted(open_stays, key=lambda stay: (stay.concurrent, LEVELS.index(stay.level), -stay.start))
    return ranked[0] if ranked else None


def stay_of(stays: Iterable[Stay], entry: Entry) -> Stay | None:
    """The stay that an entry is counted with: the one that is open at its moment, of several the one begun last.

    A stay is open from its start until its end, the end not in it: what is recorded in the afternoon is never counted
    with the stay that ended that morning. Beside another stay an alumni stay has the alumni meetings and nothing else.
    """
    at = entry.at
    standing = [stay for stay in stays if stay.covers(at)]
    if len(standing) < 2:
        return standing[0] if standing else None
    meets = getattr(entry.event, "kind", "") == "alumni_meeting"
    return max(standing, key=lambda stay: ((stay.level == "alumni") == meets, stay.start, not stay.concurrent))


def last_stay(journey: Journey) -> Stay | None:
    """The treatment stay that ended last; None while one is open, or without any.

    Its end is the discharge, and its ``end_day`` the discharge day: the day, where it was recorded, of the latest end.
    A death ends a stay as well: its ``reason`` says so.
    """
    treatment = [stay for stay in journey.stays if stay.level != "alumni"]
    if not treatment or any(stay.open for stay in treatment):
        return None
    return max(treatment, key=by_end)


def by_end(stay: Stay) -> tuple[float, int]:
    """The order in which stays end, by moment: of those that end in one, the one begun last; an open one is last."""
    return (float("inf") if stay.end is None else stay.end, stay.start)


def episode_numbers(stays: Sequence[Stay]) -> list[int]:
    """The episode of each stay: a chain of stays with gaps of at most 30 days.

    Alumni stays are aftercare, not treatment: they belong to the episode they follow but neither join
    two episodes nor keep one open. 0 stands for an alumni stay that follows no treatment.
    """
    numbers: list[int] = []
    number, reach = 0, None
    for stay in stays:
        if stay.level != "alumni":
            if reach is None or stay.start_day - reach > EPISODE_GAP_DAYS:
                number += 1
                reach = stay.start_day
            reach = NO_END if stay.end_day is None else max(reach, stay.end_day)
        numbers.append(number)
    return numbers


def earlier_care_ended(journey: Journey, stay: Stay | None) -> int:
    """When (µs UTC) the last episode before that of a stay ended; 0 where there was none."""
    if stay is None:
        return 0
    stays = sorted(journey.stays, key=lambda each: each.start)
    numbers = dict(zip((each.event_id for each in stays), episode_numbers(stays), strict=True))
    earlier = (each.end for each in stays if numbers[each.event_id] < numbers[stay.event_id] and each.level != "alumni")
    return max((end for end in earlier if end is not None), default=0)


def missed_in_a_row(entries: Sequence[Entry], journey: Journey) -> list[int]:
    """The days of the sessions missed since the last one attended, in order (excused ones do not count).

    Who is back in care after an earlier episode has come: what was missed in that one is not called about any more.
    ``entries`` count and stand in clinical order; those of other types do not matter.
    """
    missed: list[Entry] = []
    for entry in reversed(entries):
        if isinstance(entry.event, SessionAttended):
            break
        if isinstance(entry.event, SessionMissed) and not entry.event.excused:
            missed.append(entry)
    since = earlier_care_ended(journey, main_stay(journey)) if missed else 0
    return [entry.day for entry in reversed(missed) if entry.at >= since]
