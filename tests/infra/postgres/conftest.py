"""A private server, and the settings of a database on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from infra.settings import Settings
from tests.infra.postgres.servers import Server

MASTER = "cd" * 32


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server; whoever stops it starts it again."""
    server = Server()
    server.start()
    yield server
    server.remove()


def settings_of(url: str, **more: object) -> Settings:
    """Settings for everything in one database."""
    return Settings(database_url=SecretStr(url), master_key=SecretStr(MASTER), **more)  # type: ignore[arg-type]
