"""Registry of builds in progress, so that nobody takes their generations for a dead process's leftovers.

A process that fills generations holds a mark on each, which ends with the process however it ends: a shared lock on a
file beside the SQLite file, or an advisory lock of a session of PostgreSQL.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager, suppress
from io import BufferedReader
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from infra.runtime.private_files import make_private

_SPACE = 7_214_093


@contextmanager
def marked(engine: Engine, generations: Iterable[int]) -> Generator[None]:
    """Hold marks within the block. They are to be taken before the generations are committed."""
    with ExitStack() as stack:
        if engine.dialect.name == "sqlite":
            for generation in generations:
                stack.enter_context(_file(_path(engine, generation)))
        else:
            connection = stack.enter_context(engine.connect())
            connection.detach()  # its session ends with it, and the locks with the session
            for generation in generations:
                connection.execute(text(f"SELECT pg_advisory_lock_shared({_SPACE}, {generation:d})"))
            connection.commit()
        yield


def is_marked(connection: Connection, generation: int) -> bool:
    """Whether a process is filling it; asked in a transaction that nobody can begin to fill beside."""
    if connection.dialect.name != "sqlite":
        place = f"{_SPACE}, {generation:d}"
        free = f"CASE WHEN pg_try_advisory_lock({place}) THEN pg_advisory_unlock({place}) ELSE false END"
        return not connection.execute(text(f"SELECT {free}")).scalar_one()
    path = _path(connection.engine, generation)
    if path is None or not path.exists():
        return False
    with path.open("rb") as file:
        return not _removed(file, path)


@contextmanager
def _file(path: Path | None) -> Generator[None]:
    if path is None:  # a database that nobody else can open
        yield
        return
    with _held(path) as file:
        try:
            yield
        finally:
            _removed(file, path)


def _held(path: Path) -> BufferedReader:
    """The file, locked together with others, and still the one of that name."""
    while True:
        make_private(path)
        with suppress(FileNotFoundError):  # who held it until now has just removed it
            file = path.open("rb")
            fcntl.flock(file, fcntl.LOCK_SH)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
            file.close()


def _removed(file: BufferedReader, path: Path) -> bool:
    """Whether nobody else holds the file; then it is gone."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    path.unlink(missing_ok=True)
    return True


def _path(engine: Engine, generation: int) -> Path | None:
    name = engine.url.database
    return Path(f"{name}.filling-{generation}") if name else None
