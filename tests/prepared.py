"""Embedded stores that are made once for a process, and copied as files for whoever writes: an empty one, and a programme.

The copies have one key for client ids, as the same log has: no test may compare two of them as two logs.
"""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from pydantic import SecretStr

from infra.bootstrap import open_services
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.day import DAY


def empty_store(folder: Path, name: str = "log", key: str = "") -> str:
    """The URL of an empty store in a folder; its key is in a file beside it, unless one is given in hex."""
    for file in _made(name, key).iterdir():
        shutil.copy(file, folder)
    return _url(folder, name)


def filled_store(folder: Path, clients: int, seed: int) -> str:
    """The URL of a store in a folder, with a simulated programme up to the day of the tests in its read models too."""
    for file in _filled(clients, seed).iterdir():
        shutil.copy(file, folder)
    return _url(folder, "log")


@cache
def _filled(clients: int, seed: int) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="filled-"))
    services = open_services(Settings(database_url=SecretStr(_url(folder, "log")), demo=True), lambda: DAY)
    fill(services.log, clients, seed)
    services.catch_up()
    services.close()
    return folder


@cache
def _made(name: str, key: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="empty-"))
    open_services(
        Settings(database_url=SecretStr(_url(folder, name)), master_key=SecretStr(key) if key else None)
    ).close()
    return folder


def _url(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.db"
