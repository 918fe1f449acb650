"""Append-only file of signed heads, kept apart from the database.

Who can change the database but not this file cannot take anything back that was sealed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import orjson

from domain.errors import ExpectedError
from infra.integrity.heads import Head, Key, NotAHeadError, line_of, record_of
from infra.integrity.seal_tables import Seals
from infra.integrity.signing_key import settle
from infra.runtime.private_files import make_private, make_private_folder

_END = 1 << 16  # bytes


class SavedHeadsError(ExpectedError):
    """A file of saved heads cannot be read or written."""


class RolledBackError(ExpectedError):
    """The saved heads know more than the database: an older copy of it was put in place, or heads were removed."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a file of heads holds, in its order."""

    heads: list[Head] = field(default_factory=list[Head])
    keys: list[Key] = field(default_factory=list[Key])

    def newest(self, log: str) -> int:
        """The number of a log's newest head in the file; 0 for none."""
        return max((head.number for head in self.heads if head.log == log), default=0)


def read_saved(path: Path) -> Saved:
    """The heads and keys of a file; a last line that was cut off is left out.

    Raises:
        SavedHeadsError: it cannot be read, or a line of it is neither head nor key.
    """
    try:
        return _records(path.name, path.read_bytes().split(b"\n"), 1)
    except OSError as error:
        msg = f"{path}: {error.strerror}: name a file that `carejourney audit heads --out` wrote"
        raise SavedHeadsError(msg) from None


def _records(name: str, lines: Sequence[bytes], number: int) -> Saved:
    saved = Saved()
    for place, line in enumerate(lines[:-1]):
        if not line or _is_cut_off(line, lines[place + 1 :]):
            continue
        try:
            record = record_of(orjson.loads(line))
        except (orjson.JSONDecodeError, NotAHeadError, AttributeError) as error:
            msg = f"{name}, line {number + place}: {error}"
            raise SavedHeadsError(msg) from None
        (saved.heads if isinstance(record, Head) else saved.keys).append(record)  # type: ignore[arg-type]
    return saved


def _is_cut_off(line: bytes, following: Sequence[bytes]) -> bool:
    """Whether a process ended while it wrote the line, so that another one wrote it again."""
    return not line.endswith(b"}") and any(later.startswith(line) for later in following)


def lines_of(records: Iterable[Head | Key]) -> bytes:
    """Heads and keys as the file has them."""
    return b"".join(orjson.dumps(line_of(record)) + b"\n" for record in records)


def save(path: Path, seals: Seals) -> int:
    """Add to the file the heads and keys that it does not have yet; how many lines that were.

    Raises:
        RolledBackError: the newest heads or keys of the file are not in the database.
        SavedHeadsError: it cannot be read or written.
    """
    try:
        is_new = not path.exists()
        make_private_folder(path.parent)
        make_private(path)
        with path.open("ab+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed: another process adds after this one
            added = unsaved(path, seals)
            if added:
                _add(file, lines_of(added))
        if is_new:
            settle(path.parent)
    except OSError as error:
        msg = f"{path}: {error.strerror}: let CAREJOURNEY_HEADS_FILE name a file that can be added to"
        raise SavedHeadsError(msg) from None
    return len(added)


def unsaved(path: Path, seals: Seals) -> list[Head | Key]:
    """What the file does not have yet. Only its end is read, as long as that tells of every log.

    Raises:
        OSError: it cannot be read.
        RolledBackError: the newest heads or keys of the file are not in the database.
        SavedHeadsError: a line of it is neither head nor key.
    """
    keys = seals.public_keys()
    numbers = {key.key_id: key.number for key in keys}
    saved = _end(path)
    if not {head.log for head in saved.heads}.issuperset(seals.logs()):
        saved = read_saved(path)
    newest = {head.log: head for head in saved.heads}  # in the order of the file: the last one stays
    known = [numbers.get(name, 0) for name in (*(key.key_id for key in saved.keys), *(h.key_id for h in saved.heads))]
    there = [head for last in newest.values() for head in seals.heads(last.log, last.number - 1, 1)]
    if 0 in known or not set(saved.keys) <= set(keys) or set(there) != set(newest.values()):
        msg = (
            f"{path} has heads that the database has not: an older copy of it was put in place, or it was altered; "
            "run `carejourney audit verify`. If a backup was restored on purpose, keep the file under another name"
        )
        raise RolledBackError(msg)
    heads = [head for log in seals.logs() for head in seals.heads(log, newest[log].number if log in newest else 0)]
    return [*(key for key in keys if key.number > max(known, default=0)), *heads]


def _end(path: Path) -> Saved:
    """The heads and keys of the end of a file: all of it, unless it is long."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END))
        lines = file.read().split(b"\n")
    return _records(f"the end of {path.name}", lines[1:] if size > _END else lines, 1)


def _add(file: IO[bytes], lines: bytes) -> None:
    end = file.seek(0, os.SEEK_END)
    if end:
        file.seek(end - 1)
        lines = lines if file.read(1) == b"\n" else b"\n" + lines
    file.write(lines)
    file.flush()
    os.fsync(file.fileno())
