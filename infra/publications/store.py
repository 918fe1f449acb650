"""Where publications are kept: beside the log of care, numbered without a gap, each naming the one before it.

The tables are kept as they were signed, byte for byte. What they were made of is kept sealed under a key of the log's
own: it is health data, and later publications are protected against it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson

from domain.errors import ExpectedError
from infra.eventstore.keyring import Cipher, MasterKeyError
from infra.eventstore.rows import LogRecorder
from infra.migrations.steps import PUBLICATIONS
from infra.publications.basis import Basis

PURPOSE = "publications"
NO_PUBLICATION = "0" * 64
_COLUMNS = "number, made_at, position, digest, previous, key_id, signature"
_ALTERED = "publication {number} is not as it was signed: see `publication verify`, and restore a backup"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PublicationError(ExpectedError):
    """A publication cannot be made or read; the message says why and what to do."""


class NoSuchPublicationError(PublicationError, kind="not-found"):
    """There is no such publication, or it has no such table."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication: when it was made (µs UTC), up to which entry of the log, its digest and signature (hex).

    ``previous`` is the digest of the publication before it.
    """

    number: int
    made_at: int
    position: int
    digest: str
    previous: str
    key_id: str
    signature: str = ""

    def statement(self) -> bytes:
        """The bytes that are signed."""
        parts = (self.number, self.made_at, self.position, self.digest, self.previous, self.key_id)
        return "\n".join(["carejourney publication 1", *map(str, parts), ""]).encode()

    @property
    def moment(self) -> datetime:
        """When it was made, aware."""
        return _EPOCH + timedelta(microseconds=self.made_at)


@dataclass
class Publications:
    """The publications of one log."""

    recorder: LogRecorder
    cipher: Cipher
    _contents: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    _bases: dict[int, Basis] = field(default_factory=dict[int, Basis])

    @classmethod
    def opened(cls, recorder: LogRecorder, key: bytes) -> Publications:
        """Open them, creating the table if it is missing.

        Raises:
            MigrationError: the table is missing and this login may not make it.
        """
        recorder.migrate(PUBLICATIONS)
        return cls(recorder, Cipher(key))

    def all(self) -> list[Publication]:
        """Every publication, oldest first."""
        return [Publication(*row) for row in self.recorder.query(f"SELECT {_COLUMNS} FROM publication ORDER BY number")]

    def get(self, number: int) -> Publication:
        """One publication.

        Raises:
            NoSuchPublicationError: there is none of this number.
        """
        rows = self.recorder.query(f"SELECT {_COLUMNS} FROM publication WHERE number=?", (number,))
        if not rows:
            raise NoSuchPublicationError(f"there is no publication {number}: see the list of publications")
        return Publication(*rows[0])

    def raw(self, number: int) -> bytes:
        """The content of a publication as it was signed."""
        rows = self.recorder.query("SELECT content FROM publication WHERE number=?", (number,))
        if not rows:
            raise NoSuchPublicationError(f"there is no publication {number}: see the list of publications")
        return unpacked(number, bytes(rows[0][0]))

    def content(self, number: int) -> dict[str, Any]:
        """What a publication says, once it is found to be what was signed. It never changes, so it is kept.

        Raises:
            PublicationError: there is none, or its content is not what was signed.
        """
        if number not in self._contents:
            self._contents[number] = signed_content(number, self.raw(number), self.get(number).digest)
        return self._contents[number]

    def table(self, number: int, name: str) -> dict[str, Any]:
        """One table of a publication.

        Raises:
            NoSuchPublicationError: there is no such publication or table.
        """
        for table in self.content(number)["tables"]:
            if table["name"] == name:
                return table
        raise NoSuchPublicationError(f"publication {number} has no table of this name: see its list of tables")

    def basis(self, number: int) -> Basis:
        """What a publication was made of."""
        if number not in self._bases:
            rows = self.recorder.query("SELECT basis FROM publication WHERE number=?", (number,))
            sealed = bytes(rows[0][0])
            if sha256(sealed).hexdigest() != self.content(number)["basis"]:
                raise PublicationError(f"publication {number}: what it was made of was altered: restore a backup")
            try:
                self._bases[number] = Basis.of_bytes(self.cipher.open(sealed, f"publication {number}".encode()))
            except MasterKeyError:
                raise PublicationError(f"publication {number}: what it was made of is another one's") from None
        return self._bases[number]

    def sealed(self, number: int, basis: Basis) -> bytes:
        """A basis as it is kept."""
        return self.cipher.seal(basis.as_bytes(), f"publication {number}".encode())

    def add(self, publication: Publication, raw: bytes, basis: bytes) -> None:
        """Keep a publication; durable when this returns.

        Raises:
            PublicationError: another one was made meanwhile.
        """
        with self.recorder.writing() as tx:
            [(newest,)] = tx.rows("SELECT COALESCE(MAX(number), 0) FROM publication")
            if newest != publication.number - 1:
                raise PublicationError("another publication was made meanwhile: look at it, then publish again")
            row: Sequence[Any] = (
                publication.number,
                publication.made_at,
                publication.position,
                publication.digest,
                publication.previous,
                publication.key_id,
                publication.signature,
                zlib.compress(raw),
                basis,
            )
            tx.many(f"INSERT INTO publication ({_COLUMNS}, content, basis) VALUES (?,?,?,?,?,?,?,?,?)", [row])


def unpacked(number: int, packed: bytes) -> bytes:
    """The content of a publication from the column that keeps it.

    Raises:
        PublicationError: the column was altered.
    """
    try:
        return zlib.decompress(packed)
    except zlib.error:
        raise PublicationError(_ALTERED.format(number=number)) from None


def signed_content(number: int, raw: bytes, digest: str) -> dict[str, Any]:
    """What a publication says, once its bytes are found to have the digest that was signed.

    Raises:
        PublicationError: they do not.
    """
    if sha256(raw).hexdigest() != digest:
        raise PublicationError(_ALTERED.format(number=number))
    return orjson.loads(raw)
