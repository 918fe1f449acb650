"""Thousands of ended stays from NDJSON give exact counts per level, program and reason."""

from __future__ import annotations

from pathlib import Path

from domain.vocabulary import REASONS
from infra.interop.importers.events.run import import_file
from infra.reporting.reports import ReportParams, run_report
from tests.depth import cases
from tests.infra.conftest import services_at
from tests.scenarios.stays import write_ended_stays

STAYS = cases(3_000, 30_000)  # two lines each: more than one batch of an import


def test_ended_stays_are_counted_exactly(tmp_path: Path) -> None:
    file = tmp_path / "stays.ndjson"
    expected = write_ended_stays(file, STAYS)
    services = services_at(tmp_path)
    result = import_file(services.log, str(file))
    assert (result.recorded, result.rejected) == (2 * STAYS, 0)
    services.catch_up()
    rows = run_report("completion", services, ReportParams(by=("level", "program")))
    found = {(row["level"], row["program"], reason): row[reason] for row in rows for reason in REASONS if row[reason]}
    assert found == dict(expected)
    again = import_file(services.log, str(file))
    assert (again.recorded, again.known) == (0, 2 * STAYS)
    services.close()
