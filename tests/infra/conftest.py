"""A simulated programme in a store, shared by the tests of reports and exports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.bootstrap import Services, open_services
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.depth import cases

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
CLIENTS = cases(75, 150)  # by day as few as have every type of entry, and rows in every report


def services_at(folder: Path, name: str = "store") -> Services:
    """An embedded store whose clock stands still at NOW."""
    url = SecretStr(f"sqlite:///{folder / name}.db")
    return open_services(Settings(database_url=url, master_key=SecretStr("ab" * 32)), lambda: NOW)


@pytest.fixture(scope="session")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Simulated clients, projected."""
    services = services_at(tmp_path_factory.mktemp("programme"))
    fill(services.log, CLIENTS, 3)
    services.catch_up()
    yield services
    services.close()
