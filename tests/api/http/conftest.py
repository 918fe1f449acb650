"""An API over a real store in a temporary directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from http_support import Api, Clock
from pydantic import SecretStr

from api.http.app import create_app
from infra.bootstrap import open_services
from infra.settings import Settings
from tests.prepared import empty_store


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """An empty store behind the API, in demo mode."""
    clock = Clock()
    url = SecretStr(empty_store(tmp_path))
    services = open_services(Settings(database_url=url, demo=True), clock)
    yield Api(services, clock, create_app(services))
    services.close()
