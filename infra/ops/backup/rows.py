"""Rows of a database as lines of text that both databases take back, and what a table's rows add up to."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import orjson

_MODULUS = 2**256


def line_of(row: Sequence[Any]) -> bytes:
    """A row as one line of JSON; bytes stand in a list, as text where they are text."""
    return orjson.dumps([_plain(value) for value in row])


def row_of(line: bytes) -> list[Any]:
    """The row of a line."""
    return [_value(cast("list[Any]", value)) if isinstance(value, list) else value for value in orjson.loads(line)]


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if not isinstance(value, bytes):
        return value
    try:
        return [0, value.decode()]
    except UnicodeDecodeError:
        return [1, base64.b64encode(value).decode()]


def _value(marked: list[Any]) -> bytes:
    kind, text = marked
    return str(text).encode() if kind == 0 else base64.b64decode(text)


@dataclass
class Sum:
    """How many rows, and a hash over them that does not depend on their order."""

    rows: int = 0
    total: int = 0

    def add(self, line: bytes) -> None:
        """Count one row."""
        self.rows += 1
        self.total = (self.total + int.from_bytes(hashlib.sha256(line).digest(), "big")) % _MODULUS

    def join(self, other: Sum) -> None:
        """Count what another one has counted."""
        self.rows += other.rows
        self.total = (self.total + other.total) % _MODULUS

    def as_dict(self) -> dict[str, Any]:
        """For the manifest."""
        return {"rows": self.rows, "sha256": f"{self.total:064x}"}
