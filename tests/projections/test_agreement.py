"""Agreement of self-report with screens: which pairs there are, the 2 × 2 table, kappa."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.events import AbstinenceReported, DrugScreenResulted, MedicationStarted, UseReported
from infra.reporting.reports import ReportParams, run_report
from projections.statistics import cohen_kappa
from tests.projections.conftest import Programme
from tests.projections.telling import answers, ends, starts
from tests.spec import Fact, ago, fact

CELLS = ("both", "screen_only", "report_only", "neither")
IN = starts(100)


def screen(days_ago: int, *positive: str, **more: Any) -> Fact:
    return fact(DrugScreenResulted(specimen="urine", positive=positive, **more), ago(days_ago))


def used(days_ago: int, substance: str = "Heroin") -> Fact:
    return fact(UseReported(substance=substance, on=ago(days_ago).date()), ago(0.1))


def clean(through: int, days: int, **more: Any) -> Fact:
    return fact(AbstinenceReported(through=ago(through).date(), days=days, **more), ago(0.1))


def pairs(*facts: Fact, target: str = "opioid") -> tuple[int, ...]:
    """The four cells for one set of target substances."""
    rows = [row for row in answers("agreement", *facts) if row["target"] == target]
    return tuple(rows[0][name] for name in CELLS) if rows else (0, 0, 0, 0)


class TestPairs:
    """A screen beside what was reported of the days it can see."""

    def test_the_four_cells(self) -> None:
        facts = [IN, screen(80, "Opioid"), used(81), screen(60, "Opioid"), clean(61, 5)]
        facts += [screen(40), used(41), screen(20), clean(21, 5)]
        assert pairs(*facts) == (1, 1, 1, 1)

    @pytest.mark.parametrize(("day", "paired"), [(50, 1), (53, 1), (54, 0), (49, 0)])
    def test_use_on_the_day_or_in_the_three_before(self, day: int, paired: int) -> None:
        assert pairs(IN, screen(50, "Opioid"), used(day)) == (paired, 0, 0, 0)

    def test_no_use_needs_all_three_days(self) -> None:
        assert pairs(IN, screen(50), clean(51, 3)) == (0, 0, 0, 1)
        assert pairs(IN, screen(50), clean(51, 2)) == (0, 0, 0, 0)
        assert pairs(IN, screen(50), clean(50, 3)) == (0, 0, 0, 0)

    def test_by_substance(self) -> None:
        facts = [IN, screen(50, "Cocaine"), used(51, "Cocaine"), clean(51, 5, substances=("Heroin",))]
        assert pairs(*facts, target="cocaine") == (1, 0, 0, 0)
        assert pairs(*facts, target="opioid") == (0, 0, 0, 1)
        assert pairs(*facts, target="any_illicit") == (1, 0, 0, 0)
        assert pairs(*facts, target="alcohol") == (0, 0, 0, 0)

    def test_what_is_prescribed_is_no_use_and_a_refused_screen_is_none(self) -> None:
        begun = fact(MedicationStarted.model_validate({"drug": "methadone", "class": "agonist"}), ago(90))
        assert pairs(IN, begun, screen(50, "Methadone"), clean(51, 5)) == (0, 0, 0, 1)
        assert pairs(IN, screen(50, "Opioid", valid=False), used(51)) == (0, 0, 0, 0)

    def test_a_screen_before_any_stay_is_nobody_s(self) -> None:
        assert pairs(IN, screen(120, "Opioid"), used(121)) == (0, 0, 0, 0)

    def test_a_screen_belongs_to_the_stay_that_is_open_at_its_moment(self) -> None:
        """Neither to the one that ended that morning nor, after discharge, to the last one."""
        moved = (starts(100, "residential"), ends(50.2, "residential"), starts(50.2), ends(20.2))
        facts = (*moved, screen(50, "Opioid"), used(51), screen(20, "Opioid"), used(21))
        found = [row for row in answers("agreement", *facts, by=("level",)) if row["target"] == "opioid"]
        assert [(row["level"], row["both"]) for row in found] == [("standard_outpatient", 1)]


def test_the_row_has_agreement_and_kappa() -> None:
    facts = [IN]
    for day in (10, 20, 30):
        facts += [screen(day, "Opioid"), used(day)]
    facts += [screen(50), clean(51, 5)]
    row = next(row for row in answers("agreement", *facts) if row["target"] == "opioid")
    assert (row["numerator"], row["denominator"], row["share"], row["kappa"]) == (4, 4, 1.0, 1.0)


class TestKappa:
    """Cohen's kappa against published and computed values."""

    def test_a_published_table(self) -> None:
        """45, 15, 25, 15: observed 0.60, by chance 0.54, kappa 0.1304 (the textbook example of Cohen's kappa)."""
        found = cohen_kappa(45, 15, 25, 15)
        assert found.rate == pytest.approx(0.1304, abs=5e-5)

    def test_nothing_beyond_chance_is_zero_and_one_answer_has_no_kappa(self) -> None:
        assert cohen_kappa(25, 25, 25, 25).rate == pytest.approx(0)
        assert cohen_kappa(10, 0, 0, 0).rate is None
        assert cohen_kappa(0, 0, 0, 0).rate is None

    def test_its_standard_error_is_that_of_fleiss_cohen_and_everitt(self) -> None:
        """20, 5, 10, 15: kappa 0.4; the large-sample error by the formula, term by term."""
        p = ((0.4, 0.1), (0.2, 0.3))
        rows, columns, kappa, chance = (0.5, 0.5), (0.6, 0.4), 0.4, 0.5
        on = sum(p[i][i] * ((1 - chance) - (rows[i] + columns[i]) * (1 - 0.7)) ** 2 for i in (0, 1))
        off = (1 - 0.7) ** 2 * sum(p[i][j] * (columns[i] + rows[j]) ** 2 for i, j in ((0, 1), (1, 0)))
        variance = (on + off - (0.7 * chance - 2 * chance + 0.7) ** 2) / (50 * (1 - chance) ** 4)
        found = cohen_kappa(20, 5, 10, 15)
        assert found.rate == pytest.approx(kappa)
        assert found.low == pytest.approx(kappa - 1.959964 * variance**0.5, abs=1e-6)

    @pytest.mark.parametrize(("cells", "kappa"), [((3, 0, 0, 1), 1.0), ((0, 2, 2, 0), -1.0), ((30, 0, 0, 11), 1.0)])
    def test_where_all_agree_or_none_there_is_no_interval(self, cells: tuple[int, int, int, int], kappa: float) -> None:
        """Its large-sample variance is nothing there, however few the pairs."""
        assert cohen_kappa(*cells) == (pytest.approx(kappa), None, None)

    @given(st.tuples(*[st.integers(0, 50)] * 4))
    def test_it_lies_within_its_bounds(self, cells: tuple[int, int, int, int]) -> None:
        found = cohen_kappa(*cells)
        if found.rate is not None and found.low is not None and found.high is not None:
            assert -1 <= found.low <= found.rate <= found.high <= 1


def test_simulated_pairs_add_up_over_groups(simulated: Programme) -> None:
    everybody = run_report("agreement", simulated.services, ReportParams())
    by_level = run_report("agreement", simulated.services, ReportParams(by=("level",)))
    for row in everybody:
        own = [one for one in by_level if one["target"] == row["target"]]
        assert [sum(one[name] for one in own) for name in CELLS] == [row[name] for name in CELLS]
        assert row["denominator"] == sum(row[name] for name in CELLS)
