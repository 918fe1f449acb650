"""Comparison: two groups or two periods, differences with intervals and tests that scipy agrees with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from infra.reporting.comparison import last_quarters
from infra.reporting.reports import ReportParams, run_report
from projections.comparison import CLUSTERED, operands
from projections.filters import FilterError, Filters
from projections.statistics import difference, fisher
from tests.projections.conftest import TODAY, Programme
from tests.projections.telling import answers, ends, only, starts
from tests.spec import NOW, Fact, ago

counts = st.integers(1, 60).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
LEVELS = "level=residential,level=intensive_outpatient"


class TestDifference:
    """Newcombe's interval and the two tests."""

    def test_newcombe_s_own_example(self) -> None:
        """56 of 70 against 48 of 80: 0.0524 to 0.3339 by his method 10."""
        found = difference((56, 70), (48, 80))
        assert (found.low, found.high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))

    @pytest.mark.parametrize(
        ("first", "second", "low", "high"),
        [((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 20), 0.6791, 1.0), ((10, 10), (0, 10), 0.6075, 1.0)],
    )
    def test_his_other_examples(self, first: Any, second: Any, low: float, high: float) -> None:
        found = difference(first, second)
        assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))

    @given(counts, counts)
    def test_the_test_is_scipy_s(self, first: tuple[int, int], second: tuple[int, int]) -> None:
        table = [[first[0], first[1] - first[0]], [second[0], second[1] - second[0]]]
        found = difference(first, second)
        if found.test == "chi_squared":
            expected = stats.chi2_contingency(table, correction=False)
            assert expected.expected_freq.min() >= 5
            assert (found.statistic, found.p_value) == (
                pytest.approx(expected.statistic),
                pytest.approx(expected.pvalue),
            )
        else:
            assert found.p_value == pytest.approx(stats.fisher_exact(np.array(table)).pvalue, rel=1e-6)
            margins = (first[1], second[1], first[0] + second[0], first[1] + second[1] - first[0] - second[0])
            assert min(margins[:2]) * min(margins[2:]) / sum(margins[:2]) < 5

    @given(counts, counts)
    def test_swapping_the_sides_turns_the_sign(self, first: tuple[int, int], second: tuple[int, int]) -> None:
        one, other = difference(first, second), difference(second, first)
        assert one.difference == pytest.approx(-(other.difference or 0))
        assert one.low == pytest.approx(-(other.high or 0))
        assert one.p_value == pytest.approx(other.p_value)
        assert fisher(first, second) <= 1

    def test_nobody_on_a_side(self) -> None:
        assert difference((0, 0), (3, 9)) == (None, None, None, "", None, None)


class TestSides:
    """What can be compared, and what is said of the rest."""

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("site=A", "compare two"),
            ("", "compare two"),
            ("site=A,site=A", "with itself"),
            ("site=A,program=B", "one kind"),
            ("site=A,2026-01-01..2026-01-31", "not one with the other"),
            ("2026-01-01..2026-03-31,2026-03-31..2026-06-30", "share days"),
            ("2026-01-01..2026-02-30,2026-03-01..2026-03-31", "does not exist"),
            ("2026-02-01..2026-01-01,2026-03-01..2026-03-31", "before it starts"),
            ("spring,summer", "cannot read"),
        ],
    )
    def test_refused(self, text: str, says: str) -> None:
        with pytest.raises(FilterError, match=says):
            operands(text, Filters())

    def test_periods_leave_no_room_for_another(self) -> None:
        with pytest.raises(FilterError, match="leave out --from"):
            operands("2026-01-01..2026-01-31,2026-02-01..2026-02-28", Filters(start=NOW.date()))

    def test_a_name_may_hold_a_comma(self) -> None:
        first, second = operands("site=North, Building 2,site=South", Filters())
        assert (first.name, second.name) == ("North, Building 2", "South")

    def test_the_last_two_whole_quarters(self) -> None:
        assert last_quarters(TODAY) == "2026-01-01..2026-03-31,2025-10-01..2025-12-31"
        assert last_quarters(TODAY.replace(month=1, day=1)) == "2025-10-01..2025-12-31,2025-07-01..2025-09-30"


def stays(site: str, completed: int, left: int, days_ago: int = 200) -> list[Fact]:
    facts: list[Fact] = []
    for n in range(completed + left):
        client = f"{site}-{days_ago}-{n}"
        facts += [starts(days_ago + 30 + n, client=client, site=site)]
        facts += [ends(days_ago, client=client, reason="completed" if n < completed else "left_against_advice")]
    return facts


class TestReport:
    """The rows, of one report or of all."""

    def test_completion_of_two_sites(self) -> None:
        (row,) = answers("completion", *stays("A", 9, 3), *stays("B", 4, 8), compare="site=A,site=B")
        assert (row["first_numerator"], row["first_denominator"], row["second_share"]) == (9, 12, 4 / 12)
        assert row["difference"] == pytest.approx(5 / 12)
        assert (row["test"], row["warning"]) == ("chi_squared", "small numbers: wide interval, weak test")

    def test_two_periods_by_the_day_that_the_cohort_means(self) -> None:
        facts = [*stays("A", 3, 1, 200), *stays("A", 1, 3, 100)]
        periods = [f"{ago(day + 5).date()}..{ago(day - 5).date()}" for day in (200, 100)]
        (row,) = answers("completion", *facts, compare=",".join(periods))
        assert (row["first_numerator"], row["second_numerator"]) == (3, 1)
        early = [f"{ago(day + 40).date()}..{ago(day + 20).date()}" for day in (200, 100)]
        assert answers("completion", *facts, compare=",".join(early)) == []
        (row,) = answers("completion", *facts, compare=",".join(early), cohort="admission")
        assert (row["first_numerator"], row["second_numerator"]) == (3, 1)

    def test_with_the_programme_s_other_denominators(self) -> None:
        (row,) = answers("completion", *stays("A", 3, 1), compare="site=A,site=B", denominator="completed_at_risk")
        assert (row["measure"], row["warning"]) == ("completed_at_risk", "nobody on one side")

    def test_retention_follows_admissions(self) -> None:
        facts = [*stays("A", 9, 3), *stays("B", 4, 8)]
        periods = "2025-01-01..2025-06-30,2025-07-01..2025-12-31"
        with pytest.raises(FilterError, match="--cohort admission"):
            answers("retention", *facts, compare=periods)
        (row,) = answers("retention", *facts, compare="site=A,site=B")
        assert (row["measure"], row["test"], row["first_denominator"]) == ("retention", "log_rank", 12)
        by_discharge = answers("comparison", *facts, compare=periods)
        assert "retention" not in {row["measure"] for row in by_discharge}

    def test_reports_without_rates_and_measures_that_are_none(self) -> None:
        with pytest.raises(FilterError, match="no rates to compare"):
            answers("census", compare="site=A,site=B")
        with pytest.raises(FilterError, match="no rate 'joy'"):
            answers("comparison", *stays("A", 3, 1), compare="site=A,site=B", measure="joy")

    def test_an_abstinence_measure_by_name(self, simulated: Programme) -> None:
        params = ReportParams(compare=LEVELS, measure="three_consecutive_negative")
        (row,) = run_report("comparison", simulated.services, params)
        rates = run_report("abstinence", simulated.services, ReportParams(by=("level",), measure=params.measure))
        first = only(rates, level="residential")
        assert (row["first_numerator"], row["first_denominator"]) == (first["numerator"], first["denominator"])

    def test_each_rate_is_that_of_its_report(self, simulated: Programme) -> None:
        rows = run_report("comparison", simulated.services, ReportParams(compare=LEVELS))
        quality = run_report("quality", simulated.services, ReportParams(where={"level": "residential"}))
        for row in quality:
            found = only(rows, measure=row["measure"])
            assert (found["first_numerator"], found["first_denominator"]) == (row["numerator"], row["denominator"])
        completion = run_report("completion", simulated.services, ReportParams(where={"level": "intensive_outpatient"}))
        assert only(rows, measure="completed")["second_share"] == completion[0]["completion_rate"]
        assert CLUSTERED in only(rows, measure="attendance")["warning"]
        assert only(rows, measure="retention")["test"] == "log_rank"
