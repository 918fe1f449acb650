"""Rates with their interval."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple


class Estimate(NamedTuple):
    """A share (0–1) and the bounds of its interval; all None where nothing is below the line."""

    rate: float | None
    low: float | None
    high: float | None


@lru_cache(32)
def z_of(confidence: float) -> float:
    """The normal deviate of a two-sided interval: 1.96 for 0.95. ``ValueError`` outside (0, 1)."""
    if not 0 < confidence < 1:
        raise ValueError("confidence is a share between 0 and 1, such as 0.95")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(successes: int, total: int, confidence: float = 0.95) -> Estimate:
    """``successes / total`` with the Wilson score interval, without continuity correction.

    Raises ``ValueError`` for counts that are no rate. Source: Wilson 1927, J Am Stat Assoc 22:209–212.
    """
    z = z_of(confidence)
    if not 0 <= successes <= total:
        raise ValueError(f"{successes} of {total} is not a rate")
    if total == 0:
        return Estimate(None, None, None)
    rate = successes / total
    weight = 1 + z * z / total
    centre = (rate + z * z / (2 * total)) / weight
    reach = z / weight * sqrt(rate * (1 - rate) / total + z * z / (4 * total * total))
    # At the ends the bound is exact; arithmetic would leave a speck beyond it.
    low = 0.0 if successes == 0 else centre - reach
    high = 1.0 if successes == total else centre + reach
    return Estimate(rate, low, high)
