"""Charts decoded in part say of what was decoded what whole charts say."""

from __future__ import annotations

from datetime import date

import pytest

from infra.bootstrap import Services
from infra.drilldown.case_charts import charts_read
from infra.drilldown.meaning import basis_of
from infra.drilldown.number import Listing, read_number
from infra.readmodels.fold import load_chart
from infra.reporting.reports import ReportParams
from projections.drilldown.evidence import evidence, types_read
from projections.stays.tables import STAY
from tests.infra.drilldown.cells import cells_of, opens, tables

CASES = {
    "index": [{"measure": "iet_initiation"}, {"measure": "readmission_30"}],
    "time": [{"start": "admission", "event": "use", "outcome": "event"}],
}


@pytest.mark.parametrize("kind", [*CASES, "stay", "scores", "screens", "sessions", "milestone"])
def test_entries_of_the_types_read_are_those_of_the_whole_chart(programme: Services, kind: str) -> None:
    with programme.reads.reading() as connection:
        ids = sorted({row[0] for row in connection.execute(STAY.select())})[::4]
    types = types_read(kind, CASES.get(kind, ()))
    part = charts_read(programme.log, ids, types)
    amended = 0
    for client_id, rows in programme.log.streams(ids):
        whole = load_chart(programme.log, client_id, rows)
        amended += any(entry.amended_by for entry in whole.entries)
        expected = [entry for entry in whole.entries if entry.type in types]
        assert [entry for entry in part[client_id].entries if entry.type in types] == expected
        assert part[client_id].journey == whole.journey
    assert amended


@pytest.mark.parametrize(("report", "show"), [table for table in tables() if opens(*table)])
def test_the_evidence_is_that_of_the_whole_chart(programme: Services, report: str, show: str) -> None:
    start = date(2026, 3, 1) if report == "census" else None
    cells = [cell for cell, shown in cells_of(programme, report, ReportParams(show=show, start=start)) if shown]
    for cell in cells[:: len(cells) // 5 + 1]:
        number = basis_of(programme, cell).number
        listed = read_number(programme, cell, listing=Listing(limit=6)).listed
        assert listed is not None
        for row in listed.page.rows:
            case = listed.of(row)
            ((client_id, rows),) = programme.log.streams([case["client_id"]])
            part = charts_read(programme.log, [client_id], types_read(listed.kind, [case]))[client_id]
            whole = load_chart(programme.log, client_id, rows)
            assert evidence(part, listed.kind, number, case) == evidence(whole, listed.kind, number, case)
