"""Exact quantiles of a histogram."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple, TypeVar

V = TypeVar("V", bound=float)

_FINEST_SHARE = 1_000_000


class Quartiles(NamedTuple):
    """Lower quartile, median and upper quartile, each a value that occurs."""

    q1: int
    median: int
    q3: int


def quantile(histogram: Mapping[V, int], share: float) -> V:
    """The smallest value that at least ``share`` of the observations do not exceed.

    ``histogram`` maps a value to how often it occurs. The result is always a value that occurs: the inverse
    of the empirical distribution (Hyndman & Fan 1996, type 1), in exact arithmetic. Raises ``ValueError`` for
    an empty histogram or a share outside 0–1.
    """
    return _read(sorted(histogram.items()), (share,))[0]


def quartiles(histogram: Mapping[int, int]) -> Quartiles:
    """Quartiles and median by the rule of ``quantile``."""
    return Quartiles(*_read(sorted(histogram.items()), (0.25, 0.5, 0.75)))


def _read(ordered: list[tuple[V, int]], shares: tuple[float, ...]) -> list[V]:
    present = [(value, count) for value, count in ordered if count > 0]
    if not present:
        raise ValueError("an empty histogram has no quantiles")
    total = sum(count for _, count in present)
    return [_value_at(present, _needed(share, total)) for share in shares]


def _needed(share: float, total: int) -> int:
    """How many observations make up the share, at least one."""
    if not 0 <= share <= 1:
        raise ValueError("a share lies between 0 and 1")
    exact = Fraction(share).limit_denominator(_FINEST_SHARE) * total
    return max(1, -(-exact.numerator // exact.denominator))


def _value_at(present: list[tuple[V, int]], needed: int) -> V:
    seen = 0
    for value, count in present:
        seen += count
        if seen >= needed:
            return value
    return present[-1][0]
