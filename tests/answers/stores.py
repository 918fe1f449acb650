"""The two stores that are asked: the same in every process, on every day, in every time zone."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from uuid import UUID

import orjson
from pydantic import SecretStr

from infra.bootstrap import Services, open_services
from infra.eventstore import log as stored
from infra.interop.importers.ctn0094.run import import_ctn0094
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import prepare
from infra.interop.importers.events.origin import Origin
from infra.settings import Settings
from infra.simulator import SITES, simulate
from tests import real_tables

NOW: Final = datetime(2026, 6, 30, 12, tzinfo=UTC)
CLIENTS, SEED = 64, 11
TRIALS_NOW: Final = datetime(2014, 12, 31, 12, tzinfo=UTC)
DAY_ZERO: Final = date(2012, 1, 2)
ONE_IN = 10
# The duplicate of a chart is merged into it; the third pair was merged in error and is apart again.
MERGES: Final = (
    ("SIM-000005", "SIM-000021", "2026-02-02"),
    ("SIM-000012", "SIM-000034", "2026-06-05"),
    ("SIM-000007", "SIM-000040", "2026-05-04"),
)
UNMERGED: Final = "2026-05-20"
# These let their records go to one recipient; the simulator's consents cover parts of a record only.
RECIPIENT: Final = "County Health (simulated)"
CONSENTING: Final = range(1, 16)


@contextmanager
def programme(folder: Path) -> Generator[Services]:
    """A simulated programme at two sites, with late entries, corrections, and charts that were merged."""
    with _opened(folder, "programme", NOW) as services:
        lines = [dict(line) for own in simulate(CLIENTS, SEED, until=NOW, sites=SITES[:2]) for line in own]
        prepared = [
            prepare(number, orjson.dumps(line), b"answers", NOW, keep_recorded_at=True)
            for number, line in enumerate([*lines, *_consents(), *_merges()], start=1)
        ]
        written = write_batch(services.log, prepared, Origin("tests", "0" * 32))
        assert not written.refused
        services.catch_up()
        yield services


@contextmanager
def trials(folder: Path) -> Generator[Services]:
    """A tenth of the real people of CTN-0094; left out where nobody has their tables."""
    tables = real_tables.some_of(real_tables.needed(), folder / "tables", ONE_IN)
    with _opened(folder, "trials", TRIALS_NOW) as services:
        import_ctn0094(services.log, tables, DAY_ZERO)
        services.catch_up()
        yield services


STORES: Final[dict[str, Callable[[Path], Any]]] = {"programme": programme, "trials": trials}


@contextmanager
def _opened(folder: Path, name: str, now: datetime) -> Generator[Services]:
    """Client ids are keyed hashes of chart numbers: with one key for all runs they, and what is in their order, stay."""
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{folder / name}.db"),
        master_key=SecretStr("ab" * 32),
        demo=True,
        requests_per_minute=1_000_000,
    )
    with patch.object(stored, "uuid4", lambda: UUID(int=1)):
        services = open_services(settings, lambda: now)
    yield services
    services.close()


def _consents() -> list[dict[str, Any]]:
    given = {"recipient": RECIPIENT, "purpose": "treatment", "expires_on": "2027-03-31"}
    return [
        _line(
            100 + number, f"SIM-{number:06d}", "ConsentGiven", "2026-01-20", {"consent_id": f"whole-{number}", **given}
        )
        for number in CONSENTING
    ]


def _merges() -> list[dict[str, Any]]:
    lines = [
        _line(number, survivor, "ChartsMerged", day, {"other_client": other})
        for number, (survivor, other, day) in enumerate(MERGES, start=1)
    ]
    undone = {"target": str(UUID(int=len(MERGES))), "reason": "Two people"}
    return [*lines, _line(len(MERGES) + 1, MERGES[-1][0], "EntryRetracted", UNMERGED, undone)]


def _line(number: int, client: str, kind: str, day: str, data: dict[str, Any]) -> dict[str, Any]:
    at = f"{day}T15:00:00Z"
    line = {"client": client, "type": kind, "occurred_at": at, "recorded_at": at, "event_id": str(UUID(int=number))}
    return {**line, "actor": "tests", "data": data}
