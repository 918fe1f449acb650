"""Heads saved apart from the database: a file that is only ever added to, one head or key a line.

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

from infra.audit.heads import Head, Key, NotAHeadError, line_of, record_of
from infra.audit.signing import settle


class SavedHeadsError(Exception):
    """A file of saved heads cannot be read or written."""


class RolledBackError(Exception):
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
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        msg = f"{path}: {error.strerror}: name a file that `carejourney audit heads --out` wrote"
        raise SavedHeadsError(msg) from None
    found = Saved()
    for number, line in enumerate(lines[:-1], start=1):
        if not line or _is_cut_off(line, lines[number:]):
            continue
        try:
            record = record_of(orjson.loads(line))
        except (orjson.JSONDecodeError, NotAHeadError, AttributeError) as error:
            msg = f"{path.name}, line {number}: {error}"
            raise SavedHeadsError(msg) from None
        (found.heads if isinstance(record, Head) else found.keys).append(record)  # type: ignore[arg-type]
    return found


def _is_cut_off(line: bytes, following: Sequence[bytes]) -> bool:
    """Whether a process ended while it wrote the line, so that another one wrote it again."""
    return not line.endswith(b"}") and any(later.startswith(line) for later in following)


def lines_of(records: Iterable[Head | Key]) -> bytes:
    """Heads and keys as the file has them."""
    return b"".join(orjson.dumps(line_of(record)) + b"\n" for record in records)


def save(path: Path, keys: Sequence[Key], heads: Sequence[Head]) -> int:
    """Add to the file what it does not have yet of all keys and heads; how many lines that were.

    Raises:
        RolledBackError: the file has newer heads or keys than these, or others.
        SavedHeadsError: it cannot be read or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        with path.open("ab+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed: another process adds after this one
            added = _missing(path, keys, heads)
            if added:
                _add(file, lines_of(added))
        if is_new:
            settle(path.parent)
    except OSError as error:
        msg = f"{path}: {error.strerror}: let CAREJOURNEY_HEADS_FILE name a file that can be added to"
        raise SavedHeadsError(msg) from None
    return len(added)


def _missing(path: Path, keys: Sequence[Key], heads: Sequence[Head]) -> list[Head | Key]:
    saved = read_saved(path)
    here: set[Head | Key] = {*keys, *heads}
    if not here.issuperset([*saved.keys, *saved.heads]):
        msg = (
            f"{path} has heads that the database has not: an older copy of it was put in place, or it was altered; "
            "run `carejourney audit verify`. If a backup was restored on purpose, keep the file under another name"
        )
        raise RolledBackError(msg)
    there: set[Head | Key] = {*saved.keys, *saved.heads}
    return [record for record in (*keys, *heads) if record not in there]


def _add(file: IO[bytes], lines: bytes) -> None:
    end = file.seek(0, os.SEEK_END)
    if end:
        file.seek(end - 1)
        lines = lines if file.read(1) == b"\n" else b"\n" + lines
    file.write(lines)
    file.flush()
    os.fsync(file.fileno())
