"""Timeline follow-back: days since last use, longest run without, and which days were in a controlled environment."""

from __future__ import annotations

from typing import Any

from hypothesis import given as drawn, strategies as st

from domain.events import AbstinenceReported, LeaveEnded, LeaveStarted, UseReported
from infra.reporting.reports import ReportParams, run_report
from projections.followback.fold import longest_run
from projections.statistics import quantile
from tests.projections.conftest import TODAY, Programme, entries_of
from tests.projections.telling import answers, ends, only, starts
from tests.spec import Fact, ago, fact


def used(*days_ago: int, substance: str = "Alcohol") -> list[Fact]:
    return [fact(UseReported(substance=substance, on=ago(day).date()), ago(0.1)) for day in days_ago]


def clean(through: int, days: int, **more: Any) -> Fact:
    return fact(AbstinenceReported(through=ago(through).date(), days=days, **more), ago(0.1))


def one(*facts: Fact) -> dict[str, Any]:
    (row,) = answers("followback", *facts, per_client=True)
    return row


class TestRuns:
    """Reported days, one after the other."""

    def test_days_since_last_use(self) -> None:
        row = one(*used(40, 12, 30))
        assert (row["days_since_last_use"], row["reported_use_days"], row["longest_gap"]) == (12, 3, 17)

    def test_the_longest_run_joins_reports_and_breaks_on_use_and_on_silence(self) -> None:
        row = one(clean(50, 10), clean(45, 5), clean(30, 4))
        assert (row["longest_run"], row["run_from"], row["run_to"]) == (
            15,
            f"{ago(59):%Y-%m-%d}",
            f"{ago(45):%Y-%m-%d}",
        )
        assert one(clean(50, 10), clean(45, 5), *used(52))["longest_run"] == 7

    def test_of_two_equal_runs_the_earlier(self) -> None:
        assert one(clean(50, 3), clean(40, 3))["run_to"] == f"{ago(50):%Y-%m-%d}"

    def test_abstinence_from_some_substances_is_no_abstinence(self) -> None:
        assert answers("followback", clean(50, 10, substances=("Alcohol",)), per_client=True) == []

    def test_nicotine_is_no_use(self) -> None:
        assert answers("followback", *used(3, substance="Nicotine"), per_client=True) == []

    @drawn(st.sets(st.integers(1, 60), max_size=40))
    def test_longest_run_by_trying_every_stretch(self, days: set[int]) -> None:
        first, last = longest_run(sorted(days))
        lengths = [b - a + 1 for a in days for b in days if a <= b and all(day in days for day in range(a, b + 1))]
        assert (last - first + 1 if days else 0) == max(lengths, default=0)


class TestControlled:
    """Detox, residential care, hospital, jail."""

    def test_days_of_the_run_in_residential_care(self) -> None:
        row = one(starts(60, "residential"), ends(50, "residential"), clean(45, 20))
        assert (row["longest_run"], row["run_controlled"]) == (20, 10)

    def test_days_since_use_in_an_open_stay_count_to_today(self) -> None:
        row = one(starts(20, "residential"), *used(30))
        assert (row["days_since_last_use"], row["controlled_since_use"]) == (30, 21)

    def test_hospital_and_jail_leaves_count_and_therapeutic_ones_do_not(self) -> None:
        away = [fact(LeaveStarted(kind="jail"), ago(40)), fact(LeaveEnded(kind="jail"), ago(35))]
        home = [fact(LeaveStarted(kind="therapeutic"), ago(30)), fact(LeaveEnded(kind="therapeutic"), ago(25))]
        row = one(starts(60), *away, *home, *used(50))
        assert row["controlled_since_use"] == 5

    def test_overlapping_days_count_once(self) -> None:
        stays = (
            starts(40, "residential"),
            ends(30, "residential"),
            starts(35, "medical_detox"),
            ends(28, "medical_detox"),
        )
        assert one(*stays, *used(50))["controlled_since_use"] == 12


def test_groups_have_quartiles_and_who_reported_nothing_is_not_in_them() -> None:
    facts = [starts(60, client=f"C-{n}") for n in range(5)]
    facts += [one_._replace(client=f"C-{n}") for n in range(4) for one_ in used(10 * (n + 1))]
    (row,) = answers("followback", *facts)
    assert (row["clients"], row["reported_use"]) == (4, 4)
    assert (row["days_since_use_q1"], row["days_since_use_median"], row["days_since_use_q3"]) == (10, 20, 30)


def test_simulated_groups_are_what_the_clients_add_up_to(simulated: Programme) -> None:
    each = run_report("followback", simulated.services, ReportParams(per_client=True))
    (row,) = run_report("followback", simulated.services, ReportParams(by=("all",)))
    assert row["clients"] == len(each)
    runs = {n: sum(1 for one_ in each if one_["longest_run"] == n) for n in {one_["longest_run"] for one_ in each}}
    assert row["longest_run_median"] == quantile(runs, 0.5)
    chart = next(c for c in simulated.charts if entries_of(c, "UseReported"))
    last = max(e.event.on.toordinal() for e in entries_of(chart, "UseReported") if isinstance(e.event, UseReported))
    name = simulated.services.log.references([chart.client_id])[chart.client_id]
    assert only(each, client=name)["days_since_last_use"] == TODAY.toordinal() - last
