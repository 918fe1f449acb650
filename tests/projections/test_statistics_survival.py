"""Kaplan–Meier and log-rank from counts, against scipy and lifelines on the same people one by one."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from scipy import stats

from projections.statistics import Point, kaplan_meier, log_rank

# lifelines has no types.
LIFELINES: Any = import_module("lifelines")
LIFELINES_STATISTICS: Any = import_module("lifelines.statistics")

Histogram = dict[tuple[int, int], int]

histograms = st.dictionaries(
    st.tuples(st.integers(1, 60), st.integers(0, 1)), st.integers(1, 9), min_size=1, max_size=40
)


def people(counts: Histogram) -> tuple[list[int], list[int]]:
    """Everybody's duration and event."""
    each = [key for key, count in counts.items() for _ in range(count)]
    return [duration for duration, _ in each], [event for _, event in each]


@settings(deadline=None, max_examples=50)
@given(histograms)
def test_curve_and_bands_are_scipys(counts: Histogram) -> None:
    durations, events = people(counts)
    data = stats.CensoredData.right_censored(durations, [not event for event in events])
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # bounds where nobody is left
        expected = stats.ecdf(data).sf
        bands: Any = expected.confidence_interval(method="log-log")
    curve = kaplan_meier(counts)
    steps = {int(day): place for place, day in enumerate(expected.quantiles)}
    for place, day in enumerate(curve.days):
        at = steps[day]
        assert curve.survival[place] == pytest.approx(expected.probabilities[at], abs=1e-12)
        low, high = curve.low[place], curve.high[place]
        if low is None or high is None:
            assert curve.survival[place] == 0
        else:
            assert low == pytest.approx(bands.low.probabilities[at], abs=1e-9)
            assert high == pytest.approx(bands.high.probabilities[at], abs=1e-9)


@settings(deadline=None, max_examples=50)
@given(histograms)
def test_curve_risk_and_median_are_lifelines(counts: Histogram) -> None:
    durations, events = people(counts)
    fitted = LIFELINES.KaplanMeierFitter().fit(durations, events)
    curve = kaplan_meier(counts)
    for day in (0, *curve.days, curve.last_day):
        assert curve.at(day).survival == pytest.approx(float(fitted.predict(day)), abs=1e-12)
    table = fitted.event_table
    assert curve.at_risk == [int(table.loc[day, "at_risk"]) for day in curve.days]
    assert curve.events == [int(table.loc[day, "observed"]) for day in curve.days]
    median = fitted.median_survival_time_
    assume(all(abs(share - 0.5) > 1e-9 for share in curve.survival))
    assert curve.median == (None if np.isinf(median) else int(median))


@settings(deadline=None, max_examples=50)
@given(histograms, histograms)
def test_log_rank_is_lifelines(first: Histogram, second: Histogram) -> None:
    found = log_rank(first, second)
    (days_1, events_1), (days_2, events_2) = people(first), people(second)
    assume(found is not None)
    assert found is not None
    expected = LIFELINES_STATISTICS.logrank_test(days_1, days_2, events_1, events_2)
    assert found.statistic == pytest.approx(expected.test_statistic, rel=1e-6, abs=1e-9)
    assert found.p_value == pytest.approx(expected.p_value, rel=1e-6, abs=1e-9)


@given(histograms, histograms)
def test_log_rank_does_not_care_which_group_comes_first(first: Histogram, second: Histogram) -> None:
    one, other = log_rank(first, second), log_rank(second, first)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.statistic == pytest.approx(other.statistic, rel=1e-9, abs=1e-12)
        assert one.observed + other.observed == pytest.approx(one.expected + other.expected)


@given(histograms, st.integers(2, 1000))
def test_many_alike_have_the_same_curve_with_narrower_bands(counts: Histogram, times: int) -> None:
    few, many = kaplan_meier(counts), kaplan_meier({key: count * times for key, count in counts.items()})
    assert many.days == few.days
    assert many.survival == pytest.approx(few.survival)
    for narrow, wide in zip(many.low, few.low, strict=True):
        assert (narrow is None) == (wide is None)
        assert narrow is None or wide is None or narrow >= wide


@given(histograms)
def test_the_curve_falls_and_its_bands_hold_it(counts: Histogram) -> None:
    curve = kaplan_meier(counts)
    assert curve.survival == sorted(curve.survival, reverse=True)
    for share, low, high in zip(curve.survival, curve.low, curve.high, strict=True):
        assert low is None or high is None or 0 <= low <= share <= high <= 1


def test_without_censoring_the_curve_is_the_share_still_there() -> None:
    curve = kaplan_meier({(10, 1): 5, (20, 1): 3, (40, 1): 2})
    assert [curve.at(day).survival for day in (9, 10, 19, 20, 39)] == pytest.approx([1, 0.5, 0.5, 0.2, 0.2])
    assert (curve.total, curve.ended, curve.last_day, curve.median) == (10, 10, 40, 10)
    assert curve.at(40) == Point(40, 2, 0.0, None, None)
    assert curve.at(365).survival == 0


def test_after_the_last_day_observed_nothing_is_claimed() -> None:
    curve = kaplan_meier({(10, 1): 1, (60, 0): 3})
    assert curve.at(60).survival == pytest.approx(0.75)
    assert curve.at(61) == Point(61, 0, None, None, None)
    assert curve.median is None


def test_who_is_censored_on_a_day_was_at_risk_on_it() -> None:
    assert kaplan_meier({(30, 1): 1, (30, 0): 1}).survival == [0.5]


def test_the_number_at_risk_counts_stays_that_lasted_to_that_day() -> None:
    curve = kaplan_meier({(10, 1): 5, (20, 0): 3, (40, 1): 2})
    assert [curve.at(day).at_risk for day in (0, 10, 11, 20, 21, 40)] == [10, 10, 5, 5, 2, 2]


def test_nobody_has_no_curve() -> None:
    curve = kaplan_meier({})
    assert (curve.total, curve.days, curve.median) == (0, [], None)
    assert curve.at(30) == Point(30, 0, None, None, None)


def test_a_median_of_exactly_half_is_found_in_spite_of_rounding() -> None:
    assert kaplan_meier({(day, 1): 1 for day in range(1, 99)}).median == 49


@pytest.mark.parametrize("second", [{}, {(5, 0): 4}])
def test_groups_without_ends_cannot_be_compared(second: Histogram) -> None:
    assert log_rank({(9, 0): 3}, second) is None
    assert log_rank({}, {(3, 1): 3}) is None


def test_before_the_first_event_there_is_no_band() -> None:
    """100.0 % – 100.0 % of three people claims to be certain; the log-log band is not defined there."""
    curve = kaplan_meier({(10, 1): 1, (60, 0): 2})
    assert (curve.at(0), curve.at(9)) == (Point(0, 3, 1.0, None, None), Point(9, 3, 1.0, None, None))
    nobody_left = kaplan_meier({(60, 0): 3})
    assert (nobody_left.at(30), nobody_left.at(61)) == (Point(30, 3, 1.0, None, None), Point(61, 0, None, None, None))
    assert curve.at(10).low is not None
