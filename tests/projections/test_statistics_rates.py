"""Wilson intervals and exact quantiles, against scipy and numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from projections.statistics import quantile, quartiles, wilson

histograms = st.dictionaries(st.integers(0, 400), st.integers(1, 50), min_size=1, max_size=30)
rates = st.integers(1, 100_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@settings(deadline=None, max_examples=50)
@given(rates, st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_is_scipys(rate: tuple[int, int], confidence: float) -> None:
    found = wilson(*rate, confidence)
    expected = stats.binomtest(*rate).proportion_ci(confidence, method="wilson")
    assert found.rate == rate[0] / rate[1]
    assert found.low == pytest.approx(expected.low, abs=1e-12)
    assert found.high == pytest.approx(expected.high, abs=1e-12)


@given(rates)
def test_the_interval_holds_the_rate_and_stays_within_0_and_1(rate: tuple[int, int]) -> None:
    share, low, high = wilson(*rate)
    assert share is not None and low is not None and high is not None
    assert 0 <= low <= share <= high <= 1


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_published_by_newcombe_1998(successes: int, total: int, low: float, high: float) -> None:
    found = wilson(successes, total)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_nobody_of_nobody_is_no_rate() -> None:
    assert wilson(0, 0) == (None, None, None)


@pytest.mark.parametrize(("successes", "total"), [(-1, 5), (6, 5), (0, -1)])
def test_impossible_counts_are_refused(successes: int, total: int) -> None:
    with pytest.raises(ValueError, match="is not a rate"):
        wilson(successes, total)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValueError, match="share between 0 and 1"):
        wilson(1, 2, confidence)


@given(histograms, st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.75, 0.9, 1.0]))
def test_quantiles_are_the_inverse_of_the_empirical_distribution(histogram: dict[int, int], share: float) -> None:
    people = sorted(value for value, count in histogram.items() for _ in range(count))
    tenths = round(share * 100)
    needed = next(n for n in range(1, len(people) + 1) if 100 * n >= tenths * len(people))
    assert quantile(histogram, share) == people[needed - 1]


@given(histograms)
def test_quartiles_are_numpys_inverted_cdf(histogram: dict[int, int]) -> None:
    people = np.repeat(list(histogram.keys()), list(histogram.values()))
    expected = np.quantile(people, [0.25, 0.5, 0.75], method="inverted_cdf")
    assert tuple(quartiles(histogram)) == tuple(int(value) for value in expected)


def test_values_that_no_longer_occur_are_left_out() -> None:
    assert quantile({1: 0, 5: 2, 9: 0}, 0) == 5
    assert quantile({1: 0, 5: 2, 9: 0}, 1) == 5


@pytest.mark.parametrize("histogram", [{}, {3: 0}])
def test_an_empty_histogram_has_no_quantile(histogram: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="empty"):
        quantile(histogram, 0.5)


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_lies_between_0_and_1(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile({1: 1}, share)
