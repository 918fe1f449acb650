"""MACs of rows that decide something, against whoever can write the table alone.

A code is HMAC-SHA-256 over the table's name and every other column of the row, in order. A row without a right code is
as if it were not there. What a code cannot tell is that a row was removed, or put back as it once was.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import structlog


@dataclass(frozen=True, slots=True)
class RowCodes:
    """The codes of one table's rows, under a key that stands in no table."""

    table: str
    key: bytes

    def code(self, row: Sequence[Any]) -> str:
        """The code of a row: texts, whole numbers and nulls, in the order of the columns."""
        return hmac.digest(self.key, orjson.dumps([self.table, *row]), hashlib.sha256).hex()

    def holds(self, row: Sequence[Any], code: object) -> bool:
        """Whether a row is as this service wrote it; one that is not is reported to operators, without its content."""
        try:
            right = isinstance(code, str) and hmac.compare_digest(self.code(row).encode(), code.encode())
        except (TypeError, ValueError):  # a value of a kind that this service never writes
            right = False
        if not right:
            structlog.get_logger("access").warning("a row without a right code was passed over", table=self.table)
        return right
