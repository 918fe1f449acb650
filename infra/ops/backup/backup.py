"""Make a backup: every row at one moment, sealed, and read back before the file gets its name."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from infra.eventstore.keyring import KEY_BYTES
from infra.ops.backup.container import Writer, read_header, read_lines
from infra.ops.backup.databases import reading
from infra.ops.backup.encryption import BackupError, Closing
from infra.ops.backup.retention import PART, clear_leftovers
from infra.ops.backup.rows import Sum, line_of

Progress = Callable[[int, int], None]


@dataclass
class Manifest:
    """What a backup holds: when it was made, rows and hash of each table, and how many erasures were known.

    Tables are named ``log.events``: the database's part, then the table.
    """

    created_at: str = ""
    erasures: int = 0
    tables: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(int(table["rows"]) for table in self.tables.values())


def make(
    databases: Mapping[str, str],
    path: Path,
    closing: Closing,
    now: datetime,
    *,
    erasures: int = 0,
    progress: Progress | None = None,
) -> Manifest:
    """Write a backup of these databases (part to URL) to a file; it appears whole and checked, or not at all.

    Raises:
        BackupError: the file cannot be written (disk full, no such folder), or does not read back.
    """
    key = os.urandom(KEY_BYTES)
    header = {"created_at": now.isoformat(timespec="seconds"), "closed_with": closing.close(key)}
    part = path.with_name(path.name + PART)
    try:
        try:
            clear_leftovers(path.parent)
            manifest = _write(part, key, header, databases, erasures, progress)
            if _checked(part, key, None) != manifest:
                msg = "the backup does not read back as it was written: check the disk, then make it again"
                raise BackupError(msg)
            part.replace(path)
            _settle(path.parent)
        except OSError as error:
            msg = f"{path}: {error.strerror}: free space or choose another folder; nothing was left there"
            raise BackupError(msg) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return manifest


def check(path: Path, closing: Closing, progress: Progress | None = None) -> Manifest:
    """Read a backup to its end, and compare its rows with its manifest.

    Raises:
        BackupError: it does not open, is damaged, or is not what its manifest says.
    """
    return _checked(path, closing.open(read_header(path)["closed_with"]), progress)


def _checked(path: Path, key: bytes, progress: Progress | None) -> Manifest:
    sums: dict[str, Sum] = {}
    current = Sum()
    manifest: Manifest | None = None
    done = 0
    for line in read_lines(path, key):
        if line.startswith(b"["):
            current.add(line)
            done += 1
            if progress and done % 5_000 == 0:
                progress(done, 0)
        elif line.startswith(b'{"table"'):
            current = sums.setdefault(orjson.loads(line)["table"], Sum())
        elif line.startswith(b'{"manifest"'):
            manifest = Manifest(**orjson.loads(line)["manifest"])
    counted = {name: checksum.as_dict() for name, checksum in sums.items()}
    if manifest is None or counted != {name: _counted(table) for name, table in manifest.tables.items()}:
        msg = "the backup holds other rows than its manifest says: use another copy"
        raise BackupError(msg)
    return manifest


def _counted(table: Mapping[str, Any]) -> dict[str, Any]:
    return {"rows": table["rows"], "sha256": table["sha256"]}


def _write(
    part: Path,
    key: bytes,
    header: dict[str, Any],
    databases: Mapping[str, str],
    erasures: int,
    progress: Progress | None,
) -> Manifest:
    manifest = Manifest(header["created_at"], erasures)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # says that somebody is at work on it
        writer = Writer(file, key, header)
        done = 0
        for name, url in databases.items():
            with reading(url) as snapshot:
                tables = snapshot.tables()
                total = done + sum(snapshot.count(table.name) for table in tables)
                for table in tables:
                    title = f"{name}.{table.name}"
                    writer.line(orjson.dumps({"table": title, "columns": table.columns}))
                    counted = Sum()
                    for row in snapshot.rows(table):
                        line = line_of(row)
                        counted.add(line)
                        writer.line(line)
                        done += 1
                        if progress and done % 5_000 == 0:
                            progress(done, total)
                    manifest.tables[title] = {**counted.as_dict(), "columns": list(table.columns)}
        writer.line(orjson.dumps({"manifest": {**vars(manifest)}}))
        writer.finish()
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _settle(folder: Path) -> None:
    """Make a file's name durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
