"""Whether two shares differ: their difference with its interval, and a two-sided test."""

from __future__ import annotations

from math import erfc, exp, lgamma, sqrt
from typing import NamedTuple

from projections.statistics.intervals import wilson

SMALLEST_EXPECTED = 5.0


class Difference(NamedTuple):
    """First share minus second, its bounds, and the test that was made; None where a group is empty."""

    difference: float | None
    low: float | None
    high: float | None
    test: str
    statistic: float | None
    p_value: float | None


def difference(first: tuple[int, int], second: tuple[int, int], confidence: float = 0.95) -> Difference:
    """The difference of two shares, each given as (counted, of).

    The interval is Newcombe's hybrid of two Wilson intervals (his method 10, no continuity correction). The test
    is two-sided: Pearson's chi-squared without correction, or Fisher's exact one where a cell is expected to hold
    fewer than 5. Sources: Newcombe 1998, Stat Med 17:873–890; Cochran 1954, Biometrics 10:417–451.
    """
    if not first[1] or not second[1]:
        return Difference(None, None, None, "", None, None)
    first_share, second_share = wilson(*first, confidence), wilson(*second, confidence)
    assert first_share.rate is not None
    assert first_share.low is not None
    assert first_share.high is not None
    assert second_share.rate is not None
    assert second_share.low is not None
    assert second_share.high is not None
    gap = first_share.rate - second_share.rate
    low = gap - sqrt((first_share.rate - first_share.low) ** 2 + (second_share.high - second_share.rate) ** 2)
    high = gap + sqrt((first_share.high - first_share.rate) ** 2 + (second_share.rate - second_share.low) ** 2)
    total, counted = first[1] + second[1], first[0] + second[0]
    least = min(first[1], second[1]) * min(counted, total - counted) / total
    if least < SMALLEST_EXPECTED:
        return Difference(gap, low, high, "fisher_exact", None, fisher(first, second))
    statistic = _chi_squared(first, second)
    return Difference(gap, low, high, "chi_squared", statistic, erfc(sqrt(statistic / 2)))


def fisher(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Fisher's exact test, two-sided: the chance of tables no likelier than this one.

    Source: Fisher 1935, J R Stat Soc 98:39–82.
    """
    counted, total = first[0] + second[0], first[1] + second[1]
    lowest, highest = max(0, counted - second[1]), min(counted, first[1])
    whole = _log_choose(total, counted)
    logs = {
        k: _log_choose(first[1], k) + _log_choose(second[1], counted - k) - whole for k in range(lowest, highest + 1)
    }
    mine = logs[first[0]] + 1e-7  # tables as likely as this one count, whatever the last digits
    return min(1.0, sum(exp(value) for value in logs.values() if value <= mine))


def _chi_squared(first: tuple[int, int], second: tuple[int, int]) -> float:
    a, b = first[0], first[1] - first[0]
    c, d = second[0], second[1] - second[0]
    return (a * d - b * c) ** 2 * (a + b + c + d) / ((a + b) * (c + d) * (a + c) * (b + d))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
