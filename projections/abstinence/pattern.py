"""The weeks of one stay: what its screens found in each, and the pattern of any targets that follows from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from projections.abstinence.targets import Targets, is_target

SYMBOLS = "o-+*"
"""Missing, clean, use, both: the place of each is the sum of its marks below."""

_CLEAN, _USE = 1, 2
# None of them can stand in a plain name.
_WEEK, _DAY, _NAME, _SCHEDULED = "/", ";", ",", "-"


class Screen(NamedTuple):
    """One drug screen of a client.

    ``day`` is a calendar date as an ordinal, in the zone of its facility. ``scheduled`` is false for a screen outside
    the plan, ``valid`` false for a refused result, ``findings`` the plain names of what it found and nothing prescribed
    explains.
    """

    day: int
    scheduled: bool
    valid: bool
    findings: Collection[str] = ()


def weekly_findings(clock_start: int, planned_end: int, screens: Iterable[Screen]) -> str:
    """What was found in the weeks from the day after ``clock_start`` to ``planned_end`` (ordinal days), as one text.

    Weeks have 7 days; the last ends on ``planned_end`` and may be shorter. Each week ends in ``/``. Its days, in no
    order and without repeats, are parted by ``;``: a day is ``-`` if a scheduled screen was given, then the names of
    what valid screens of that day found, parted by ``,``. The text is empty when no day lies after the clock start.
    """
    span = planned_end - clock_start
    if span <= 0:
        return ""
    first = clock_start + 1
    days: dict[int, tuple[str, set[str]]] = {}
    for day, scheduled, valid, findings in screens:
        offset = day - first
        if not 0 <= offset < span:
            continue
        given, names = days.get(offset, ("", set[str]()))
        days[offset] = (_SCHEDULED if scheduled else given, names.union(findings) if valid else names)
    weeks: list[set[str]] = [set() for _ in range((span + 6) // 7)]
    for offset, (given, names) in days.items():
        weeks[offset // 7].add(given + _NAME.join(sorted(names)))
    return "".join([_DAY.join(sorted(week - {""})) + _WEEK for week in weeks])


def pattern_of(findings: str, targets: Targets) -> str:
    """The symbols of the weeks of ``findings`` for these targets.

    A day is *use* if a valid screen of that day found a target substance, *clean* if a scheduled screen was given and
    it is not a use day. ``+`` stands for use days only, ``-`` for clean days only, ``*`` for both, ``o`` for neither.
    Source: the derivation of NIDA's protocol CTN-0094 (Balise, Odom, Calderon et al., 2023, R package
    public.ctn0094extra).
    """
    return "".join([_symbol(week, targets) for week in findings.split(_WEEK)[:-1]])


@lru_cache(maxsize=8192)
def _symbol(week: str, targets: Targets) -> str:
    marks = 0
    for day in week.split(_DAY) if week else ():
        names = day.removeprefix(_SCHEDULED)
        if names and any(is_target(name, targets) for name in names.split(_NAME)):
            marks |= _USE
        elif names != day:
            marks |= _CLEAN
    return SYMBOLS[marks]


def has_no_screens(pattern: str) -> bool:
    """Whether no screen says anything of any week of a pattern."""
    return not pattern.strip(SYMBOLS[0])
