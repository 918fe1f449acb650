"""Tables of seals, beside the log of care.

Tiles are the roots of full subtrees of 1,024 leaves, so that a head or a proof does not need the whole log read
again. They are a convenience: what they come to must agree with a signed head, or nothing is made from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import NamedTuple

from infra.eventstore.rows import LogRecorder, Writing
from infra.integrity.heads import Head, Key
from infra.migrations.steps import AUDIT

_HEAD = "log, number, size, position, root, sealed_at, previous, key_id, signature"
_KEY = "number, key_id, public_key, since, certified_by, certificate"


class Tile(NamedTuple):
    """The root over a full subtree, and the position of its last entry."""

    number: int
    position: int
    root: bytes


@dataclass(frozen=True, slots=True)
class NamedLog:
    """A log under the seal: ``care`` or ``access``, and what reads it."""

    name: str
    recorder: LogRecorder


@dataclass(frozen=True, slots=True)
class Seals:
    """Heads, tiles and public keys, in the database of the log of care."""

    recorder: LogRecorder

    @classmethod
    def opened(cls, recorder: LogRecorder) -> Seals:
        """Open them, creating the tables that are missing.

        Raises:
            MigrationError: tables are missing and this login may not make them.
        """
        recorder.migrate(AUDIT)
        return cls(recorder)

    def heads(self, log: str | None = None, after: int = 0, limit: int = 2**62) -> list[Head]:
        """Heads of one log in order after a number, or all heads of all logs."""
        if log is None:
            return [Head(*row) for row in self.recorder.query(f"SELECT {_HEAD} FROM audit_head ORDER BY log, number")]
        sql = f"SELECT {_HEAD} FROM audit_head WHERE log=? AND number>? ORDER BY number LIMIT ?"
        return [Head(*row) for row in self.recorder.query(sql, (log, after, limit))]

    def logs(self) -> list[str]:
        """The logs that have heads."""
        return [name for (name,) in self.recorder.query("SELECT DISTINCT log FROM audit_head ORDER BY log")]

    def last(self, log: str) -> Head | None:
        """The newest head of a log."""
        sql = f"SELECT {_HEAD} FROM audit_head WHERE log=? ORDER BY number DESC LIMIT 1"
        rows = self.recorder.query(sql, (log,))
        return Head(*rows[0]) if rows else None

    def tiles(self, log: str) -> list[Tile]:
        """The tiles of a log, in order."""
        sql = "SELECT number, position, root FROM audit_tile WHERE log=? ORDER BY number"
        return [Tile(number, position, bytes(root)) for number, position, root in self.recorder.query(sql, (log,))]

    def public_keys(self) -> list[Key]:
        """Every public key, oldest first."""
        return [Key(*row) for row in self.recorder.query(f"SELECT {_KEY} FROM audit_key ORDER BY number")]


def add_head(tx: Writing, head: Head, tiles: Sequence[Tile]) -> bool:
    """Keep a head with the tiles that it filled; False when another process has kept one meanwhile."""
    [(newest,)] = tx.rows("SELECT COALESCE(MAX(number), 0) FROM audit_head WHERE log=?", (head.log,))
    if newest != head.number - 1:
        return False
    tx.many("INSERT INTO audit_tile (log, number, position, root) VALUES (?,?,?,?)", [(head.log, *t) for t in tiles])
    tx.many(f"INSERT INTO audit_head ({_HEAD}) VALUES (?,?,?,?,?,?,?,?,?)", [astuple(head)])
    return True


def add_key(tx: Writing, key: Key) -> bool:
    """Keep a public key; False when another process has kept one meanwhile."""
    [(newest,)] = tx.rows("SELECT COALESCE(MAX(number), 0) FROM audit_key")
    if newest != key.number - 1:
        return False
    tx.many(f"INSERT INTO audit_key ({_KEY}) VALUES (?,?,?,?,?,?)", [astuple(key)])
    return True
