"""Numbers of quality opened: who has nothing on record behind them, what counted, and windows without an end yet."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.bootstrap import Services
from infra.drilldown.cell import Cell
from infra.drilldown.meaning import whole_of
from infra.drilldown.members import Member
from infra.identity.people import Principal
from infra.reporting.reports import ReportParams
from tests.infra.drilldown.cells import members
from tests.projections.quality_facts import attends, diagnosed, given_dose
from tests.projections.telling import ends, opened, starts
from tests.spec import NOW, Fact, record

AUDITOR = Principal("auditor", "auditor")


def cell(measure: str, number: str) -> Cell:
    return Cell("quality", ReportParams(), number, {"measure": measure})


def only(services: Services, measure: str, number: str) -> Member:
    (found,) = members(services, AUDITOR, cell(measure, number)).members
    return found


@contextmanager
def told(folder: Path, *facts: Fact) -> Generator[Services]:
    with opened(folder, NOW.date()) as services:
        for one in facts:
            record(services.log, one)
        services.catch_up()
        yield services


def words(member: Member) -> list[str]:
    return [one.what for one in member.events]


def test_what_initiated_and_engaged_is_behind_it_and_nothing_of_withdrawal_management(tmp_path: Path) -> None:
    facts = (
        *(diagnosed(300), starts(299, "medical_detox"), attends(298), given_dose(297), ends(296, "medical_detox")),
        *(attends(295), attends(294, kind="alumni_meeting"), given_dose(290), attends(289)),
    )
    with told(tmp_path, *facts) as services:
        found = only(services, "iet_engagement", "numerator")
    assert words(found) == ["diagnosed", "attended", "medication", "attended"]


def test_a_window_without_an_end_has_no_day(tmp_path: Path) -> None:
    with told(tmp_path, diagnosed(300), starts(295, "residential")) as services:
        assert only(services, "iet_engagement", "not_yet").facts["due_day"] is None
        assert only(services, "iet_initiation", "numerator").facts["due_day"] is not None


def test_who_was_never_observed_is_a_part_of_the_denominator(tmp_path: Path) -> None:
    with told(tmp_path, starts(300), ends(290)) as services:
        assert only(services, "readmission_30", "never_observed").facts["state"] == "unmet"
        assert not members(services, AUDITOR, cell("readmission_30", "open_prescriptions")).members


@pytest.mark.parametrize(
    ("number", "whole"),
    [("never_observed", "denominator"), ("open_prescriptions", "denominator"), ("unknown", ""), ("not_yet", "")],
)
def test_what_each_number_is_a_part_of(tmp_path: Path, number: str, whole: str) -> None:
    with told(tmp_path) as services:
        assert whole_of(services, cell("readmission_30", number)) == whole
