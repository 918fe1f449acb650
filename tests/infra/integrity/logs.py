"""A small sealed store: charts of several clients, one erased, accesses, three heads, two signing keys; and copies."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from infra.access_log.setup import LOG_NAME
from infra.bootstrap import Services
from infra.eventstore.setup import open_log, open_recorder
from infra.identity.people import operator
from infra.integrity.findings import Report
from infra.integrity.saved_heads import Saved, read_saved
from infra.integrity.seal_setup import rotate_key, seal
from infra.integrity.seal_tables import Seals
from infra.integrity.signing_key import SigningKey
from infra.integrity.verify import Verifier
from infra.integrity.verify_setup import checked_of
from infra.settings import Settings
from tests.day import UTC_DAYS
from tests.infra.privacy.erasure.erasures import KEY, Clock, Place, erase, write

CLIENTS = [f"A-{number}" for number in range(6)]
FILES = ("log.db", "log.access.db", "log.heads", "log.signing")


@dataclass(frozen=True)
class Copy:
    """A store's files in a folder."""

    folder: Path

    @property
    def care(self) -> Path:
        return self.folder / "log.db"

    @property
    def access(self) -> Path:
        return self.folder / "log.access.db"

    @property
    def heads(self) -> Path:
        return self.folder / "log.heads"

    @property
    def signing(self) -> Path:
        return self.folder / "log.signing"

    def to(self, folder: Path) -> Copy:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in FILES:
            shutil.copy(self.folder / name, folder / name)
        return Copy(folder)

    @contextmanager
    def database(self, path: Path) -> Generator[sqlite3.Connection]:
        """The database as somebody has it who can write everything but has no key."""
        with closing(sqlite3.connect(path)) as connection:
            yield connection
            connection.commit()


def verified(copy: Copy, *, key: bool = True, saved: bool = True, own: bool = True) -> Report:
    """What a verification of a copy finds; without key, saved heads or signing key as a stranger has it."""
    log = open_log(f"sqlite:///{copy.care}", bytes.fromhex(KEY), UTC_DAYS)
    access = open_recorder(f"sqlite:///{copy.access}", LOG_NAME)
    try:
        heads = read_saved(copy.heads) if saved else Saved()
        own_key = SigningKey.read(copy.signing).key_id if own else ""
        verifier = Verifier(Seals.opened(log.recorder), log.code_key if key else b"", heads, own_key)
        return verifier.verify(checked_of(log, access))
    finally:
        log.close()
        access.close()


def small_log(folder: Path) -> tuple[Copy, Copy]:
    """The store, and the same store as it was before the last head (its saved heads are the newest)."""
    place = Place(folder, f"sqlite:///{folder}/log.db", Clock())
    with place.opened() as services:
        for client in CLIENTS[:3]:
            write(services, client)
        seal(services)
        look(services, CLIENTS[:2])
        for client in CLIENTS[3:]:
            write(services, client)
        rotate_key(services)
        seal(services)
        erase(services, CLIENTS[1])
    older = Copy(folder).to(folder / "older")
    with place.opened() as services:
        write(services, CLIENTS[0])
        look(services, CLIENTS)
        seal(services)
    shutil.copy(folder / "log.heads", older.heads)
    return Copy(folder), older


def look(services: Services, clients: list[str]) -> None:
    for client in clients:
        services.people.log.read(operator("client timeline"), [services.log.client_id(client)])


def settings_of(copy: Copy) -> Settings:
    return Settings(database_url=SecretStr(f"sqlite:///{copy.care}"), master_key=SecretStr(KEY))
