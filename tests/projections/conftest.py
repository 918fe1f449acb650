"""A simulated programme, projected once for all the tests that count it by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from domain.entries import Entry, effective
from infra.bootstrap import Services
from infra.simulator.demo import fill
from projections.chart import Chart
from tests.projections.telling import opened

TODAY = date(2026, 6, 30)


@dataclass(frozen=True)
class Programme:
    """Services over simulated clients, and each client's chart as it was recorded."""

    services: Services
    charts: list[Chart]


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programme]:
    """120 simulated clients."""
    with opened(tmp_path_factory.mktemp("simulated"), TODAY) as services:
        fill(services.log, 120, 5)
        services.catch_up()
        clients = sorted({client_id for _, client_id, _ in services.log.recorder.touched(0, 10**7)})
        streams = [(client_id, services.log.stream(client_id)) for client_id in clients]
        yield Programme(services, [Chart(client_id, len(stream), stream) for client_id, stream in streams])


def days_of(chart: Chart, name: str) -> list[int]:
    """The days of a chart's entries of one type, found without the chart's own help."""
    return sorted(entry.day for entry in entries_of(chart, name))


def entries_of(chart: Chart, name: str) -> list[Entry]:
    """A chart's entries of one type, in clinical order."""
    return [entry for entry in effective(chart.entries) if entry.type == name]
