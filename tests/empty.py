"""An empty embedded store: its tables are made once for a process, and copied as files for whoever writes.

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


def empty_store(folder: Path, name: str = "log", key: str = "") -> str:
    """The URL of an empty store in a folder; its key is in a file beside it, unless one is given in hex."""
    for file in _made(name, key).iterdir():
        shutil.copy(file, folder)
    return _url(folder, name)


@cache
def _made(name: str, key: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="empty-"))
    open_services(
        Settings(database_url=SecretStr(_url(folder, name)), master_key=SecretStr(key) if key else None)
    ).close()
    return folder


def _url(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.db"
