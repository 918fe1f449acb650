"""What is measured upon: simulated charts (about 150 entries each), ended stays (2 entries each), open stores."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import orjson
from pydantic import SecretStr

from infra.bootstrap import Services, open_services
from infra.settings import Settings
from infra.simulator import simulate
from tests.scenarios.stays import write_ended_stays

UNTIL = datetime(2026, 6, 30, 12, tzinfo=UTC)
KEY = "ab" * 32


def charts(folder: Path, clients: int) -> Path:
    """NDJSON of simulated clients."""
    path = folder / f"charts-{clients}.ndjson"
    if not path.exists():
        with path.open("wb") as file:
            for lines in simulate(clients, 7, until=UNTIL):
                file.writelines(orjson.dumps(line) + b"\n" for line in lines)
    return path


def ended_stays(folder: Path, stays: int) -> Path:
    """NDJSON of ended stays, two entries a client."""
    path = folder / f"stays-{stays}.ndjson"
    if not path.exists():
        write_ended_stays(path, stays)
    return path


def settings_for(path: Path) -> Settings:
    """An embedded store of its own."""
    return Settings(database_url=SecretStr(f"sqlite:///{path}"), master_key=SecretStr(KEY), demo=True)


@contextmanager
def opened(folder: Path, name: str = "") -> Generator[Services]:
    """A store, new unless it is named; a new one is removed afterwards."""
    path = folder / f"{name or uuid4().hex}.db"
    services = open_services(settings_for(path))
    try:
        yield services
    finally:
        services.close()
        if not name:
            for file in folder.glob(f"{path.stem}.*"):
                file.unlink()


def environment(path: Path) -> dict[str, str]:
    """What tells a process of ours to use this store, which may have a key of its own beside it."""
    key = {} if path.with_suffix(".key").exists() else {"CAREJOURNEY_MASTER_KEY": KEY}
    return {"CAREJOURNEY_DATABASE_URL": f"sqlite:///{path}", "CAREJOURNEY_DEMO": "true", **key}
