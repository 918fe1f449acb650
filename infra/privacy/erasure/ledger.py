"""The erasure ledger: which streams were erased, in a file apart from the log and its backups.

An older backup still holds the key of somebody who was erased since. What is restored or put back is held against
this file, so that it stays erased. Each line carries a keyed hash over itself and the line before it: a line that was
altered, removed or put in is found. Lines of several logs may share a file.
"""

from __future__ import annotations

import fcntl
import hmac
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from domain.errors import ExpectedError
from infra.eventstore.log import EventLog
from infra.runtime.private_files import make_private_folder


class LedgerError(ExpectedError):
    """The ledger was altered or cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erased stream: no name, no chart number. ``erased_at`` is µs UTC."""

    client_id: str
    request_id: str
    requested_by: str
    confirmed_by: str
    ground: str
    erased_at: int


class Ledger:
    """The ledger of one log."""

    PURPOSE = "erasure-ledger"

    def __init__(self, path: Path, key: bytes) -> None:
        """Use a file, which need not exist yet, and the log's own key for this purpose."""
        self.path = path
        self._key = key
        self._log_id = hmac.digest(self._key, b"log", "sha256")[:8].hex()

    def read(self) -> list[Erasure]:
        """Every erasure of this log, in order.

        Raises:
            LedgerError: a line was altered, removed or put in.
        """
        return self._read()[0]

    def add(self, erasures: Sequence[Erasure]) -> int:
        """Add those that are not in it; durable when this returns. Gives how many were added.

        Raises:
            LedgerError: the ledger was altered, or cannot be written.
        """
        have = {erasure.client_id for erasure in self.read()}
        if all(erasure.client_id in have for erasure in erasures):
            return 0
        try:
            make_private_folder(self.path.parent)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            msg = f"{self.path} cannot be written ({error.strerror}): set CAREJOURNEY_ERASURE_LEDGER to a file that can"
            raise LedgerError(msg) from None
        with os.fdopen(descriptor, "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _without_broken_end(file)
            known, last = self._read()
            have = {erasure.client_id for erasure in known}
            fresh = [erasure for erasure in erasures if erasure.client_id not in have]
            for erasure in fresh:
                content = asdict(erasure)
                last = self._mac(last, content)
                file.write(orjson.dumps({"log": self._log_id, **content, "mac": last}) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return len(fresh)

    def _read(self) -> tuple[list[Erasure], str]:
        erasures: list[Erasure] = []
        last = ""
        lines = self.path.read_bytes().splitlines() if self.path.exists() else []
        for number, raw in enumerate(lines, start=1):
            line = self._line(raw, number, whole=number < len(lines))
            if line is None or line.pop("log", "") != self._log_id:
                continue
            mac = line.pop("mac", "")
            if not hmac.compare_digest(mac, self._mac(last, line)):
                msg = f"{self.path}: line {number} is not as it was written: put the file back from its copy"
                raise LedgerError(msg)
            erasures.append(Erasure(**line))
            last = mac
        return erasures, last

    def _line(self, raw: bytes, number: int, *, whole: bool) -> dict[str, Any] | None:
        try:
            return dict(orjson.loads(raw))
        except (ValueError, TypeError):
            if not whole:  # it was cut off while it was written: what it said is still in the log
                return None
            msg = f"{self.path}: line {number} cannot be read: put the file back from its copy"
            raise LedgerError(msg) from None

    def _mac(self, last: str, content: dict[str, Any]) -> str:
        payload = orjson.dumps([last, content], option=orjson.OPT_SORT_KEYS)
        return hmac.digest(self._key, payload, "sha256").hex()


def _without_broken_end(file: BinaryIO) -> None:
    """Take off a line that was cut off while it was written: what it said comes again."""
    content = os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)
    file.truncate(content.rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)


def ledger_of(log: EventLog, path: Path) -> Ledger:
    """The ledger of a log, in this file.

    Raises:
        MasterKeyError: there is no master key.
    """
    return Ledger(path, log.derived_key(Ledger.PURPOSE))


def recorded(log: EventLog) -> list[Erasure]:
    """The erasures that the log's own table notes."""
    sql = (
        "SELECT client_id, request_id, requested_by, confirmed_by, ground, erased_at FROM erasure "
        "WHERE state='erased' ORDER BY erased_at, client_id"
    )
    return [_erasure(row) for row in log.recorder.query(sql)]


def _erasure(row: Sequence[Any]) -> Erasure:
    return Erasure(bytes(row[0]).hex(), *row[1:])
