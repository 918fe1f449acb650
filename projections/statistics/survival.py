"""Retention curves: Kaplan–Meier from counts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log, sqrt
from typing import NamedTuple

from projections.statistics.intervals import z_of

_NEAR = 1e-9
Counts = Mapping[tuple[int, int], int]
"""How many left (event 1) or were still there when last seen (event 0), by duration in days."""


class Point(NamedTuple):
    """The curve at one day: how many were at risk, the share still there and its bounds.

    ``survival`` is None after the last day observed; the bounds are None there, before the first event and where nobody
    is left: at 1 and at 0 the log-log band has no width, however few were followed.
    """

    day: int
    at_risk: int
    survival: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Survival:
    """A Kaplan–Meier curve; it steps down on each of ``days`` and is flat between them.

    ``total`` counts everybody, ``ended`` those with the event, ``last_day`` is the longest duration observed.
    """

    total: int
    ended: int
    last_day: int
    days: list[int]
    at_risk: list[int]
    events: list[int]
    survival: list[float]
    low: list[float | None]
    high: list[float | None]
    durations: list[int]
    remaining: list[int]

    def at(self, day: int) -> Point:
        """The curve at a day: the share whose duration is longer than ``day`` days."""
        place = bisect_right(self.durations, day - 1)
        at_risk = self.remaining[place] if place < len(self.remaining) else 0
        step = bisect_right(self.days, day) - 1
        if day > self.last_day and (step < 0 or self.survival[step] > 0):
            return Point(day, at_risk, None, None, None)
        if step < 0:
            return Point(day, at_risk, 1.0, None, None)
        return Point(day, at_risk, self.survival[step], self.low[step], self.high[step])

    @property
    def median(self) -> int | None:
        """The first day on which no more than half are still there; None if the curve stays above."""
        return self.first_at_most(Fraction(1, 2))

    def first_at_most(self, share: Fraction) -> int | None:
        """The first day on which the curve is at or below a share, in exact arithmetic; None if it stays above.

        The quartiles of the times are where it reaches 3/4, 1/2 and 1/4.
        """
        for place, survival in enumerate(self.survival):
            # a product of floats can stand a hair beside the share that it is: there it is multiplied out
            near = abs(survival - share) < _NEAR
            if self._exact(place) <= share if near else survival < share:
                return self.days[place]
        return None

    def _exact(self, place: int) -> Fraction:
        share = Fraction(1)
        for left, ended in zip(self.at_risk[: place + 1], self.events, strict=False):
            share *= Fraction(left - ended, left)
        return share


def kaplan_meier(counts: Counts, confidence: float = 0.95) -> Survival:
    """The Kaplan–Meier curve of durations in days, with log-log bands from Greenwood's variance.

    Those censored on a day count as at risk on it. Source: Kaplan & Meier 1958, J Am Stat Assoc 53:457–481;
    bands as in Kalbfleisch & Prentice 1980.
    """
    z = z_of(confidence)
    ended, censored = by_day(counts)
    durations = sorted(ended.keys() | censored.keys())
    left = total = sum(ended.values()) + sum(censored.values())
    curve = Survival(
        total, sum(ended.values()), durations[-1] if durations else 0, [], [], [], [], [], [], durations, []
    )
    share, variance = 1.0, 0.0
    for day in durations:
        curve.remaining.append(left)
        events = ended.get(day, 0)
        if events:
            share *= (left - events) / left
            variance += events / (left * (left - events)) if left > events else 0.0
            low, high = _band(share, z * sqrt(variance))
            curve.days.append(day)
            curve.at_risk.append(left)
            curve.events.append(events)
            curve.survival.append(share)
            curve.low.append(low)
            curve.high.append(high)
        left -= events + censored.get(day, 0)
    return curve


def by_day(counts: Counts) -> tuple[dict[int, int], dict[int, int]]:
    """Counts of (duration, event) as two histograms: ended and censored."""
    ended: dict[int, int] = {}
    censored: dict[int, int] = {}
    for (day, event), count in counts.items():
        if count > 0:
            side = ended if event else censored
            side[day] = side.get(day, 0) + count
    return ended, censored


def _band(share: float, reach: float) -> tuple[float | None, float | None]:
    """The share to the powers exp(±reach / log share): bounds that never leave 0–1."""
    if share <= 0:
        return None, None
    logarithm = log(share)
    width = reach / logarithm
    return exp(logarithm * exp(-width)), exp(logarithm * exp(width))
