"""The weekly pattern of one stay: one symbol a week, the base of every abstinence measure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

SYMBOLS = "o-+*"
"""Missing, clean, use, both: the place of each is the sum of its marks below."""

_CLEAN, _USE = 1, 2


class Screen(NamedTuple):
    """One drug screen of a client.

    ``day`` is a calendar date as an ordinal, in the UTC offset it was recorded with. ``scheduled`` is false
    for a screen outside the plan, ``valid`` false for a refused result, ``used`` true when a target substance
    was found.
    """

    day: int
    scheduled: bool
    valid: bool
    used: bool


def weekly_pattern(clock_start: int, planned_end: int, screens: Iterable[Screen]) -> str:
    """The symbols of the weeks from the day after ``clock_start`` to ``planned_end`` (ordinal days).

    Weeks have 7 days; the last ends on ``planned_end`` and may be shorter. A day is *use* if a valid screen
    of that day found a target substance, *clean* if a scheduled screen was given and it is not a use day.
    ``+`` stands for use days only, ``-`` for clean days only, ``*`` for both, ``o`` for neither. The pattern
    is empty when no day lies after the clock start. Source: the derivation of NIDA's protocol CTN-0094
    (Balise, Odom, Calderon et al., 2023, R package public.ctn0094extra).
    """
    span = planned_end - clock_start
    if span <= 0:
        return ""
    first = clock_start + 1
    days: dict[int, int] = {}
    for day, scheduled, valid, used in screens:
        offset = day - first
        if not 0 <= offset < span:
            continue
        if used and valid:
            days[offset] = _USE
        elif scheduled:
            days.setdefault(offset, _CLEAN)
    weeks = [0] * ((span + 6) // 7)
    for offset, mark in days.items():
        weeks[offset // 7] |= mark
    return "".join([SYMBOLS[marks] for marks in weeks])
