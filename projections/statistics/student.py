"""Means with their interval, by Student's t."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import exp, fsum, inf, lgamma, log, sqrt
from typing import NamedTuple


class Mean(NamedTuple):
    """How many, their mean and standard deviation, and the bounds of the mean; None where there are too few."""

    n: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None


def mean_of(histogram: Mapping[float, int], confidence: float = 0.95) -> Mean:
    """The mean of a histogram (value to count) with its t interval; below two different values there is no interval.

    Source: Student 1908, Biometrika 6:1–25.
    """
    n = sum(histogram.values())
    if n == 0:
        return Mean(0, None, None, None, None)
    mean = fsum(value * count for value, count in histogram.items()) / n
    if n == 1:
        return Mean(1, mean, None, None, None)
    sd = sqrt(fsum(count * (value - mean) ** 2 for value, count in histogram.items()) / (n - 1))
    if sum(count > 0 for count in histogram.values()) == 1:  # no spread was seen, which makes nobody certain
        return Mean(n, mean, 0.0, None, None)
    reach = t_of(n - 1, confidence) * sd / sqrt(n)
    return Mean(n, mean, sd, mean - reach, mean + reach)


@lru_cache(4096)
def t_of(freedom: int, confidence: float = 0.95) -> float:
    """The deviate of a two-sided interval for ``freedom`` degrees: 2.571 for 5 and 0.95."""
    low, high = 0.0, 2.0
    while _within(high, freedom) < confidence:
        low, high = high, 2 * high
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if _within(middle, freedom) < confidence:
            low = middle
        else:
            high = middle
        if middle in (low, high) and high - low <= 4e-16 * high:
            break
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """The probability that |T| is at most ``t``."""
    return 1 - incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) if t < inf else 1.0


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by Lentz's continued fraction."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 10_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + numerator * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + numerator / c
            c = c if abs(c) > tiny else tiny
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value
