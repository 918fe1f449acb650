"""Outcomes: change of scores from first to last, with intervals that scipy agrees with."""

from __future__ import annotations

from collections import Counter
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given, strategies as st
from scipy import stats

from domain.events import InstrumentScored
from infra.reporting.reports import ReportParams, run_report
from projections.filters import FilterError
from projections.outcomes.scales import scored
from projections.statistics import mean_of, t_of
from tests.projections.conftest import Programme, entries_of
from tests.projections.telling import answers, ends, only, starts
from tests.spec import Fact, ago, fact

STAY = (starts(100), ends(20))


def score(days_ago: float, value: float, instrument: str = "phq9", **more: Any) -> Fact:
    return fact(InstrumentScored(instrument=instrument, score=value, **more), ago(days_ago))


class TestChange:
    """First to last within an episode."""

    def test_first_and_last(self) -> None:
        row = only(answers("outcomes", *STAY, score(99, 18), score(60, 20), score(30, 9)), instrument="phq9")
        assert (row["mean_first"], row["mean_last"], row["mean_change"], row["numerator"]) == (18, 9, -9, 1)
        assert (row["change_low"], row["change_high"]) == (None, None)

    @pytest.mark.parametrize("impossible", [99, -3, 27.1])
    def test_a_score_outside_its_range_is_no_observation(self, impossible: float) -> None:
        row = only(answers("outcomes", *STAY, score(99, impossible), score(60, 20), score(30, 9)), instrument="phq9")
        assert (row["mean_first"], row["mean_last"], row["episodes"]) == (20, 9, 1)
        assert answers("outcomes", *STAY, score(99, impossible), score(30, 9)) == []

    def test_once_is_no_change_and_nor_is_twice_on_a_day(self) -> None:
        assert answers("outcomes", *STAY, score(99, 18)) == []
        assert answers("outcomes", *STAY, score(99.1, 18), score(99, 10)) == []

    @pytest.mark.parametrize(("day", "first"), [(114, 18), (115, 15)])
    def test_scores_from_14_days_before_admission_to_the_end(self, day: int, first: int) -> None:
        rows = answers("outcomes", *STAY, score(day, 18), score(90, 15), score(30, 9), score(19, 0))
        assert only(rows, instrument="phq9")["mean_first"] == first
        assert only(rows, instrument="phq9")["mean_last"] == 9

    def test_an_episode_that_is_open_counts_with_its_latest(self) -> None:
        rows = answers("outcomes", starts(100), score(99, 18), score(2, 4))
        assert only(rows, instrument="phq9")["mean_last"] == 4

    def test_stays_of_one_episode_belong_together(self) -> None:
        facts = (starts(100, "residential"), ends(80, "residential"), starts(70), ends(20))
        rows = answers("outcomes", *facts, score(99, 18), score(30, 9), by=("level",))
        assert [(row["level"], row["mean_change"]) for row in rows] == [("residential", -9)]

    @pytest.mark.parametrize(
        ("instrument", "change", "better", "worse"),
        [("phq9", -5, 1, 0), ("phq9", -4, 0, 0), ("phq9", 5, 0, 1), ("gad7", -4, 1, 0), ("gad7", -3, 0, 0)],
    )
    def test_what_matters_on_each_scale(self, instrument: str, change: int, better: int, worse: int) -> None:
        row = answers("outcomes", *STAY, score(99, 12, instrument), score(30, 12 + change, instrument))[0]
        assert (row["numerator"], row["worse"]) == (better, worse)

    def test_more_protection_is_better(self) -> None:
        items = [{"use": 8, "risk": 12, "protective": 6}, {"use": 2, "risk": 12, "protective": 14}]
        facts = [score(day, 20, "BAM", items=own) for day, own in zip((99, 30), items, strict=True)]
        rows = answers("outcomes", *STAY, *facts)
        assert {row["instrument"]: row["numerator"] for row in rows} == {
            "bam": 0, "bam_use": 1, "bam_risk": 0, "bam_protective": 1
        }  # fmt: skip

    def test_no_such_scale(self) -> None:
        with pytest.raises(FilterError, match="phq9"):
            answers("outcomes", measure="happiness")


def test_composites_of_the_bam_from_its_items() -> None:
    items: dict[str, float | str | None] = {f"item_{n}": float(n) for n in range(1, 18)}
    found = dict(scored(InstrumentScored(instrument="bam", score=1, items=items)))
    assert found == {"bam": 1, "bam_use": 15, "bam_risk": 40, "bam_protective": 74}
    listed = tuple(float(n) for n in range(1, 18))
    assert dict(scored(InstrumentScored(instrument="bam", score=1, items=listed))) == found
    assert dict(scored(InstrumentScored(instrument="PHQ-9", score=7))) == {"phq9": 7}
    assert dict(scored(InstrumentScored(instrument="cows", score=7))) == {}
    assert dict(scored(InstrumentScored(instrument="bam", score=1, items={"4": 1.0, "5": 2.0}))) == {"bam": 1}


@pytest.mark.parametrize("freedom", [1, 2, 3, 5, 10, 29, 100, 1000, 100_000])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_student_s_t_is_scipy_s(freedom: int, confidence: float) -> None:
    assert t_of(freedom, confidence) == pytest.approx(stats.t.ppf((1 + confidence) / 2, freedom), rel=1e-9)


@given(st.lists(st.integers(-27, 27), min_size=2, max_size=60).filter(lambda values: len(set(values)) > 1))
def test_the_interval_of_a_mean_is_scipy_s(values: list[int]) -> None:
    found = mean_of(Counter(float(value) for value in values))
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_a_mean_of_nobody_or_one() -> None:
    assert mean_of({}) == (0, None, None, None, None)
    assert mean_of({4.0: 1}) == (1, 4.0, None, None, None)


def test_a_mean_of_those_who_are_all_alike_has_no_interval() -> None:
    """-3.00 to -3.00 of two people claims to be certain."""
    assert mean_of({-3.0: 2}) == (2, -3.0, 0.0, None, None)
    assert mean_of({0.1: 3, 5.0: 0}) == (3, pytest.approx(0.1), 0.0, None, None)


def test_simulated_changes_are_those_of_the_charts(simulated: Programme) -> None:
    changes: list[float] = []
    for chart in simulated.charts:
        treated = [s for s in chart.journey.stays if s.level != "alumni"]
        reach: int | None = None
        begun: list[tuple[int, int]] = []
        for stay in sorted(treated, key=lambda s: s.start):
            end = 10**9 if stay.end_day is None else stay.end_day
            if reach is None or stay.start_day - reach > 30:
                begun.append((stay.start_day, end))
            reach = max(reach or 0, end)
            begun[-1] = (begun[-1][0], max(begun[-1][1], end))
        scores = [(e.day, e.event.score) for e in entries_of(chart, "InstrumentScored") if isinstance(e.event, InstrumentScored) and e.event.instrument == "gad7"]  # fmt: skip
        for first, end in begun:
            own = [one for one in scores if first - 14 <= one[0] <= end]
            if own and own[0][0] < own[-1][0]:
                changes.append(own[-1][1] - own[0][1])
    row = only(run_report("outcomes", simulated.services, ReportParams()), instrument="gad7")
    assert row["episodes"] == len(changes)
    assert row["mean_change"] == pytest.approx(fmean(changes))
    low, high = stats.ttest_1samp(changes, 0).confidence_interval(0.95)
    assert (row["change_low"], row["change_high"]) == (pytest.approx(low), pytest.approx(high))
