"""The file of a backup: a header, then chunks of AES-256-GCM, none of which can be altered, moved or left out.

``carejourney-backup 1``, a line of JSON (when, and what opens it), then for each chunk its length in four bytes and
its ciphertext. A chunk's nonce is its number, its associated data the header's hash and whether it is the last one.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.ops.backup.encryption import BackupError

MAGIC = b"carejourney-backup 1\n"
CHUNK_BYTES = 1 << 20
_LARGEST = 1 << 24
_LONGEST_HEADER = 1 << 16


class Writer:
    """Writes lines into chunks; ``finish`` writes the last one."""

    def __init__(self, file: IO[bytes], key: bytes, header: dict[str, Any]) -> None:
        """Write the header."""
        self._file = file
        self._aead = AESGCM(key)
        start = MAGIC + orjson.dumps(header) + b"\n"
        file.write(start)
        self._place = hashlib.sha256(start).digest()
        self._number = 0
        self._lines: list[bytes] = []
        self._size = 0

    def line(self, content: bytes) -> None:
        """Add one line, without its end."""
        self._lines.append(content)
        self._size += len(content) + 1
        if self._size >= CHUNK_BYTES:
            self._write(last=False)

    def finish(self) -> None:
        """Write what is left, marked as the end."""
        self._write(last=True)

    def _write(self, *, last: bool) -> None:
        packed = zlib.compress(b"\n".join(self._lines), 1)
        sealed = self._aead.encrypt(_nonce(self._number), packed, _data(self._place, last=last))
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1
        self._lines, self._size = [], 0


def read_header(path: Path) -> dict[str, Any]:
    """What the header says, unproven until the chunks are read.

    Raises:
        BackupError: it is no backup, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return _header(file)[0]
    except OSError as error:
        msg = f"{path}: {error.strerror}: give a backup file"
        raise BackupError(msg) from None


def read_lines(path: Path, key: bytes) -> Iterator[bytes]:
    """Every line of a backup, in order.

    Raises:
        BackupError: a chunk was altered, moved or left out, or the end is missing.
    """
    aead = AESGCM(key)
    with path.open("rb") as file:
        _, start = _header(file)
        place = hashlib.sha256(start).digest()
        number, last = 0, False
        while not last:
            sealed = _sealed(file, number)
            try:
                packed, last = _opened(aead, number, sealed, place)
            except InvalidTag:
                msg = f"chunk {number} is not as it was written: this copy is damaged, use another one"
                raise BackupError(msg) from None
            yield from zlib.decompress(packed).split(b"\n")
            number += 1
        if file.read(1):
            msg = "something follows the end: this copy is damaged, use another one"
            raise BackupError(msg)


def _opened(aead: AESGCM, number: int, sealed: bytes, place: bytes) -> tuple[bytes, bool]:
    try:
        return aead.decrypt(_nonce(number), sealed, _data(place, last=False)), False
    except InvalidTag:
        return aead.decrypt(_nonce(number), sealed, _data(place, last=True)), True


def _sealed(file: IO[bytes], number: int) -> bytes:
    length = int.from_bytes(file.read(4), "big")
    sealed = file.read(length) if 0 < length <= _LARGEST else b""
    if not sealed or len(sealed) != length:
        msg = f"the backup ends within chunk {number}: it was cut off, use another copy"
        raise BackupError(msg)
    return sealed


def _header(file: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    magic = file.read(len(MAGIC))
    line = file.readline(_LONGEST_HEADER)
    try:
        if magic != MAGIC:
            raise ValueError
        return dict(orjson.loads(line)), magic + line
    except (ValueError, TypeError):
        msg = f"{file.name} is no backup of Care Journey, or of another version of the format"
        raise BackupError(msg) from None


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _data(place: bytes, *, last: bool) -> bytes:
    return place + (b"last" if last else b"more")
