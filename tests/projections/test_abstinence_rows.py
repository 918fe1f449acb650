"""Rows of abstinence: measures of any targets, and how many stays of a row have no screen at all."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.events import DrugScreenResulted, MedicationStarted
from infra.bootstrap import Services
from infra.drilldown.cell import Cell
from infra.reporting.measure_preview import preview
from infra.reporting.reports import ReportParams, run_report
from tests.infra.drilldown.cells import open_number
from tests.projections.telling import only, opened, starts
from tests.spec import NOW, Fact, ago, fact, record

OWN = """
[[measure]]
id = "weeks_of_{id}"
title = "Weeks"
definition = "Weeks with it."
source = "Programme handbook"
targets = {targets}
missing = "o"
mixed = "*"
rule = {{ kind = "count", marks = "+*" }}
"""
TARGETS = {
    "fentanyl_xylazine": '["fentanyl", "xylazine"]',
    "benzodiazepine": '"benzodiazepine"',
    "alprazolam": '"alprazolam"',
    "nicotine": '"nicotine"',
    "opioid": '"opioid"',
    "medetomidine": '"unlisted:medetomidine"',
}
FOUND = {"fentanyl_xylazine": 2, "benzodiazepine": 1, "alprazolam": 0, "nicotine": 1, "opioid": 1, "medetomidine": 1}


def screen(days_ago: float, *positive: str, client: str = "C-1", **more: Any) -> Fact:
    return fact(DrugScreenResulted(specimen="urine", positive=positive, **more), ago(days_ago), client=client)


def begun(client: str, level: Any = "standard_outpatient", days: int = 28) -> Fact:
    return starts(29, level, client, program="Day", planned_end_on=(ago(29 - days)).date())


TOLD = (
    begun("C-1"),
    screen(28, "Fentanyl", "cotinine"),
    screen(21, "XYLAZINE"),
    screen(14, "Etizolam"),
    screen(7, "medetomidine"),
    fact(MedicationStarted.model_validate({"drug": "alprazolam", "class": "psychiatric"}), ago(10)),
    screen(6, "Alprazolam"),
    begun("C-2"),
    begun("C-3", "residential"),
    screen(27, client="C-3", unscheduled=True),
    begun("C-4", "residential"),
    screen(27, client="C-4", valid=False),
    begun("C-5", days=0),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Generator[Services]:
    folder = tmp_path_factory.mktemp("rows")
    file = folder / "own.toml"
    file.write_text("".join(OWN.format(id=name, targets=targets) for name, targets in TARGETS.items()))
    with opened(folder, NOW.date()) as services:
        for given in TOLD:
            record(services.log, given)
        services.catch_up()
        yield replace(services, settings=services.settings.model_copy(update={"measures_file": file}))


@pytest.mark.parametrize("name", TARGETS)
def test_a_measure_reads_the_weeks_of_its_own_targets(told: Services, name: str) -> None:
    measure = f"weeks_of_{name}"
    each = run_report("abstinence", told, ReportParams(per_client=True, measure=measure))
    assert [row["value"] for row in each if row["client"] == "C-1"] == [FOUND[name]]
    assert list(each[0]) == ["client", "program", "value"]
    assert only(run_report("abstinence", told, ReportParams(by=("all",), measure=measure)))["mean"] == FOUND[name] / 4
    assert only(preview(told, file_of(told)), id=measure)["mean"] == FOUND[name] / 4
    cell = Cell("abstinence", ReportParams(by=("all",)), "denominator", {"measure": measure})
    cases = open_number(told, cell)
    patterns = [cases.listed.of(row)["pattern"] for row in cases.rows]
    assert sorted(sum(pattern.count(mark) for mark in "+*") for pattern in patterns)[-1] == FOUND[name]


def file_of(services: Services) -> Path:
    assert services.settings.measures_file is not None
    return services.settings.measures_file


@pytest.mark.parametrize("by", [("level",), ("level", "site")], ids=["from sums", "from patterns"])
@pytest.mark.parametrize("measure", ["first_use", "negative_weeks", "weeks_of_nicotine"])
def test_a_row_says_how_many_of_its_stays_have_no_screen(told: Services, by: tuple[str, ...], measure: str) -> None:
    rows = run_report("abstinence", told, ReportParams(by=by, measure=measure))
    # without weeks (C-5): in the sums of built-in measures only
    no_weeks = int(by == ("level",) and measure != "weeks_of_nicotine")
    outpatient, residential = only(rows, level="standard_outpatient"), only(rows, level="residential")
    assert (outpatient["denominator"], outpatient["without_screens"]) == (2 + no_weeks, 1 + no_weeks)
    assert (residential["denominator"], residential["without_screens"]) == (2, 1)
    for row in (outpatient, residential):
        at = {name: row[name] for name in (*by, "measure")}
        cell = Cell("abstinence", ReportParams(by=by), "without_screens", at)
        assert open_number(told, cell).number == row["without_screens"]


def test_without_screens_stays_use_by_the_strict_reading(told: Services) -> None:
    row = only(run_report("abstinence", told, ReportParams(by=("program",), measure="first_use")))
    assert (row["numerator"], row["denominator"], row["without_screens"]) == (4, 5, 3)
