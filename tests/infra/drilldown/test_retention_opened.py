"""What retention counts and what its numbers open to are the same, said in whatever words."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from domain.events import ClientDied
from infra.reporting.reports import ReportParams, run_report
from projections.time_to_event.definition import Endpoint
from tests.infra.drilldown.cells import cells_of, open_number
from tests.projections.telling import ends, opened, starts
from tests.spec import NOW, ago, fact, record

# Nobody is admitted after the death: one of the two is wrong, and the stay counts nowhere.
FACTS = (starts(100), fact(ClientDied(), ago(90)), starts(80, "residential"), ends(70, "residential"))


@pytest.mark.parametrize(
    "endpoint",
    [Endpoint(), Endpoint(censor="today"), Endpoint(competing=("transferred",)), Endpoint(censor="last_contact")],
)
def test_a_stay_after_the_death_is_none_of_those_that_ended(endpoint: Endpoint) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), NOW.date()) as services:
        for given in FACTS:
            record(services.log, given)
        services.catch_up()
        rows = run_report("retention", services, ReportParams(show="curve", by=("all",), endpoint=endpoint))
        assert [(row["day"], row["ended"]) for row in rows] == [(0, 0), (10, 1)]
        for show in ("", "curve"):
            for cell, shown in cells_of(services, "retention", ReportParams(show=show, endpoint=endpoint)):
                assert open_number(services, cell).number == shown
