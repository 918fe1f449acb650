"""The same code on PostgreSQL: a whole programme gives the same answers as on the embedded store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.bootstrap import Services, open_services
from infra.readmodels.verify import verify
from infra.reporting.reports import REPORTS, ReportParams, run_report
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.depth import cases
from tests.infra.conftest import NOW, services_at

QUESTIONS = [(name, ReportParams()) for name in REPORTS] + [
    ("completion", ReportParams(by=("level", "program", "site"))),
    ("completion", ReportParams(by=("month", "level"), cohort="admission")),
    ("abstinence", ReportParams(per_client=True)),
    ("status", ReportParams(per_client=True)),
    ("retention", ReportParams(show="curve")),
    ("worklist", ReportParams(show="flags", limit=100_000)),
    ("worklist", ReportParams(where={"flag": "consent_expiring"}, limit=100_000)),
]
CLIENTS = cases(30, 150)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Services]:
    services = services_at(tmp_path)
    fill(services.log, CLIENTS, 11)
    services.catch_up()
    yield services
    services.close()


def test_postgresql_answers_as_the_embedded_store_does(embedded: Services, migrated_postgres_url: str) -> None:
    settings = Settings(database_url=SecretStr(migrated_postgres_url), master_key=SecretStr("cd" * 32))
    services = open_services(settings, lambda: NOW)
    try:
        fill(services.log, CLIENTS, 11)
        services.catch_up()
        for name, params in QUESTIONS:
            ours, theirs = run_report(name, services, params), run_report(name, embedded, params)
            assert sorted(map(str, ours)) == sorted(map(str, theirs)), name
        assert verify(services.projector) == []
        services.projector.rebuild()
        assert verify(services.projector) == []
    finally:
        services.close()
