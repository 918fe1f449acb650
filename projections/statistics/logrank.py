"""Whether two groups stay equally long: the log-rank test from counts."""

from __future__ import annotations

from math import erfc, sqrt
from typing import NamedTuple

from projections.statistics.survival import Counts, by_day


class LogRank(NamedTuple):
    """Chi-squared (one degree of freedom), its p-value, and the first group's ends, observed and expected."""

    statistic: float
    p_value: float
    observed: int
    expected: float


def log_rank(first: Counts, second: Counts) -> LogRank | None:
    """The two-sided log-rank test between two groups; None where the groups cannot be compared.

    Counts are by (duration in days, event) as for ``kaplan_meier``. No weights, hypergeometric variance.
    Source: Mantel 1966, Cancer Chemother Rep 50:163–170.
    """
    ended_1, censored_1 = by_day(first)
    ended_2, censored_2 = by_day(second)
    left_1 = sum(ended_1.values()) + sum(censored_1.values())
    left_2 = sum(ended_2.values()) + sum(censored_2.values())
    expected = variance = 0.0
    for day in sorted(ended_1.keys() | censored_1.keys() | ended_2.keys() | censored_2.keys()):
        gone_1, gone_2 = ended_1.get(day, 0), ended_2.get(day, 0)
        ended, left = gone_1 + gone_2, left_1 + left_2
        if ended:
            share = left_1 / left
            expected += ended * share
            if left > 1:
                variance += ended * share * (1 - share) * (left - ended) / (left - 1)
        left_1 -= gone_1 + censored_1.get(day, 0)
        left_2 -= gone_2 + censored_2.get(day, 0)
    if variance <= 0:
        return None
    observed = sum(ended_1.values())
    statistic = (observed - expected) ** 2 / variance
    return LogRank(statistic, erfc(sqrt(statistic / 2)), observed, expected)
