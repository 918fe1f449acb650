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
    return max(treatment, key=lambda stay: (stay.end or 0, stay.start))


def missed_in_a_row(entries: Sequence[Entry]) -> list[int]:
    """The days of the sessions missed since the last one attended, in order (excused ones do not count).

    ``entries`` count and stand in clinical order; those of other types do not matter.
    """
    missed: list[int] = []
    for entry in reversed(entries):
        if isinstance(entry.event, SessionAttended):
            break
        if isinstance(entry.event, SessionMissed) and not entry.event.excused:
            missed.append(entry.day)
    return missed[::-1]
