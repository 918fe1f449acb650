"""Signed tree heads, each naming the one before it, and their signing keys.

A statement is lines of text, so that anybody can make it again from the fields and check its signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from typing import Any

NO_HEAD = "0" * 64
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Head:
    """What a log was at a moment: ``size`` entries, the last of them at ``position``, under one root.

    ``sealed_at`` is in µs UTC. ``previous`` is the digest of the head before it. Hashes and signatures
    are in hex.
    """

    log: str
    number: int
    size: int
    position: int
    root: str
    sealed_at: int
    previous: str
    key_id: str
    signature: str = ""

    def statement(self) -> bytes:
        """The bytes that are signed."""
        parts = (self.log, self.number, self.size, self.position, self.root, self.sealed_at, self.previous, self.key_id)
        return "\n".join(["carejourney head 1", *map(str, parts), ""]).encode()

    def digest(self) -> str:
        """What the next head calls this one."""
        return sha256(self.statement()).hexdigest()


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, certified by the one before it; the first one by itself. ``since`` is in µs UTC."""

    number: int
    key_id: str
    public_key: str
    since: int
    certified_by: str
    certificate: str = ""

    def statement(self) -> bytes:
        """The bytes that the certificate signs."""
        parts = (self.number, self.key_id, self.public_key, self.since, self.certified_by)
        return "\n".join(["carejourney key 1", *map(str, parts), ""]).encode()

    @property
    def begins_anew(self) -> bool:
        """Whether no earlier key vouches for it."""
        return self.certified_by == self.key_id


class NotAHeadError(ValueError):
    """What should be a head or a key is not one."""


def key_id_of(public_key: str) -> str:
    """The name of a public key: the start of its SHA-256."""
    return sha256(bytes.fromhex(public_key)).hexdigest()[:32]


def line_of(record: Head | Key) -> dict[str, Any]:
    """A head or a key as one JSON object."""
    return {"kind": "head" if isinstance(record, Head) else "key", **asdict(record)}


def record_of(line: Mapping[str, Any]) -> Head | Key:
    """The head or key of a JSON object.

    Raises:
        NotAHeadError: it is neither; unknown members are none of ours.
    """
    cls = {"head": Head, "key": Key}.get(str(line.get("kind")))
    if cls is None:
        msg = 'neither "kind": "head" nor "kind": "key"'
        raise NotAHeadError(msg)
    given = {name: value for name, value in line.items() if name != "kind"}
    wanted = {field.name: int if field.type == "int" else str for field in fields(cls)}
    wrong = [name for name, kind in wanted.items() if type(given.get(name)) is not kind]
    if wrong or set(given) != set(wanted):
        msg = f"a {line['kind']} has exactly {', '.join(wanted)}"
        raise NotAHeadError(msg)
    return cls(**given)
