"""What the tests of erasure share: a store with clients whose every personal field is a word that can be searched."""

from __future__ import annotations

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from pydantic import SecretStr

from domain.commands import Draft
from domain.events import (
    ClientDetailsUpdated,
    ClientRegistered,
    Event,
    LevelOfCareEnded,
    LevelOfCareStarted,
    NoteAdded,
    SessionAttended,
)
from infra.bootstrap import Services, open_services
from infra.eventstore.log import Append, Author, NewEntry
from infra.privacy.erasure.requests import confirm, request
from infra.settings import Settings
from tests.conftest import ROOT

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
ASKS, CONFIRMS = Author("a.meyer", "admin", "cli"), Author("b.okafor", "admin", "cli")
KEY = "ab" * 32


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Place:
    """A folder with an embedded store, or a PostgreSQL database, and the key and ledger in that folder."""

    folder: Path
    url: str
    clock: Clock

    @contextmanager
    def opened(self) -> Generator[Services]:
        services = open_services(self.settings(), self.clock)
        try:
            yield services
        finally:
            services.close()

    def settings(self, url: str = "") -> Settings:
        ledger = self.folder / "erasures"
        return Settings(database_url=SecretStr(url or self.url), master_key=SecretStr(KEY), erasure_ledger=ledger)

    def stored(self) -> bytes:
        """Every byte of the store: files of SQLite, or the files of the PostgreSQL tables."""
        found = b"".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())
        if not self.url.startswith("sqlite"):
            found += tables_on_disk(self.url)
        return found


def tables_on_disk(url: str) -> bytes:
    """The files of every table and index of a PostgreSQL database, after they were written out."""
    parts = urlsplit(url)
    asked = subprocess.run([ROOT / "tools" / "postgres-local", "status"], capture_output=True, text=True, check=True)
    folder = asked.stderr.rpartition(" ")[2].strip()  # files are read as the server's own administrator, at its socket
    where = {"host": folder, "port": parts.port, "user": "postgres", "dbname": parts.path.strip("/")}
    with psycopg.connect(**where, autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute("CHECKPOINT")
        paths = connection.execute(
            "SELECT pg_relation_filepath(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'i', 't') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        files = [connection.execute("SELECT pg_read_binary_file(%s)", row).fetchone() for row in paths]
    return b"".join(bytes(file[0]) for file in files if file)


def words(client: str) -> list[str]:
    """Every personal word of a client."""
    return [
        f"{part}{client.replace('-', '')}"
        for part in ("Zebulon", "Quillfeather", "whispered", "Hidden-Lane", "summed-up")
    ]


def write(services: Services, client: str) -> str:
    """A client's whole stay, with all of the words in it; gives the stream."""
    first, last, note, street, summary = words(client)
    at = START - timedelta(days=40)
    events: list[tuple[Event, datetime]] = [
        (ClientRegistered(name=f"{first} {last}", birth_date=date(1931, 2, 3), address=street), at),
        (LevelOfCareStarted(level="residential", program="P", site="north"), at),
        (SessionAttended(kind="group", minutes=60), at + timedelta(days=1)),
        (NoteAdded(text=note), at + timedelta(days=1)),
        (ClientDetailsUpdated(phone=note), at + timedelta(days=2)),
        (LevelOfCareEnded(level="residential", reason="completed", summary=summary), at + timedelta(days=20)),
    ]
    entries = [NewEntry(Draft(event, moment), Author("c-1", "clinician")) for event, moment in events]
    receipt = services.log.append(Append(client, entries))
    services.catch_up()
    return receipt.client_id


def ask(services: Services, client: str, by: Author = ASKS) -> None:
    request(services.log, client, author=by, ground="court_order", basis="by letter", now=services.now(), hours=72)


def erase(services: Services, client: str) -> None:
    """Ask, confirm, complete, follow."""
    ask(services, client)
    receipts = confirm(services.log, client, author=CONFIRMS, now=services.now())
    services.names.forget([receipt.client_id for receipt in receipts])
    assert services.complete_erasures(60.0)  # transactions of other tests may hold the server back
    services.catch_up()
