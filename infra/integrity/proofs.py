"""Inclusion proofs of entries under a signed head, for outside verifiers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from domain.errors import ExpectedError
from infra.eventstore.event_ids import row_of
from infra.eventstore.rows import LogRow
from infra.integrity.heads import Head, line_of
from infra.integrity.seal import leaf_of_row
from infra.integrity.seal_tables import NamedLog, Seals, Tile
from infra.integrity.tree import TILE, TILE_LEVEL, Growing, consistency, inclusion, is_consistent, root_by, tree_hash

FORMAT = "carejourney proof 1"
_TILES_HELD = 4  # of many proofs in order of position each needs its own tile and the last one
_NOT_SEALED = "the entry is not sealed yet: run `carejourney audit seal`, or wait for the next seal"


class ProofError(ExpectedError):
    """There is nothing to prove, or the log does not come to what was sealed."""


class NoSuchEntryError(ProofError):
    """No entry has this id."""


class NotSealedError(ProofError):
    """The newest head does not cover the entry yet."""


@dataclass
class _Leaves:
    """The leaves of a log by index, from kept tiles where they are full, else from the rows."""

    log: NamedLog
    tiles: list[Tile]
    head: Head
    _read: dict[int, list[LogRow]] = field(default_factory=dict[int, "list[LogRow]"])

    def rows(self, tile: int) -> list[LogRow]:
        """The rows of a tile; the last one may be full only in part."""
        if tile not in self._read:
            after = self.tiles[tile - 1].position if tile else -(2**63)
            while len(self._read) >= _TILES_HELD:
                del self._read[next(iter(self._read))]
            self._read[tile] = self.log.recorder.page(after, TILE)
        return self._read[tile]

    def hash_of(self, start: int, end: int) -> bytes:
        """The tree hash of a range that a proof asks for: it is aligned, or within a tile."""
        tile, within = divmod(start, TILE)
        if end - start < TILE:
            rows = self.rows(tile)[within : within + end - start]
            return tree_hash([leaf_of_row(row) for row in rows])
        tree = Growing()
        for full in self.tiles[tile : end // TILE]:
            tree.add_subtree(TILE_LEVEL, full.root)
        if end % TILE:
            tree.extend([leaf_of_row(row) for row in self.rows(end // TILE)[: end % TILE]])
        return tree.root()

    def index_of(self, position: int) -> int:
        """The index of the leaf at a position, -1 where there is none."""
        tile = bisect_left([tile.position for tile in self.tiles], position)
        positions = [row.position for row in self.rows(tile)]
        return tile * TILE + positions.index(position) if position in positions else -1


def find_entry(log: NamedLog, event_id: str) -> LogRow:
    """The row of an event id (32 hex digits).

    Raises:
        NoSuchEntryError: nothing has this id.
    """
    row = row_of(log.recorder, event_id)
    if row is None:
        raise NoSuchEntryError("no entry has this id")
    return row


def prove(log: NamedLog, seals: Seals, row: LogRow, since: Head | None = None) -> dict[str, Any]:
    """The proof that a row is under the newest head; with ``since``, also that the log only grew from that head on.

    Raises:
        NotSealedError: the newest head does not cover the row yet.
        ProofError: the log does not come to the newest head, or not from ``since``.
    """
    return next(prove_each(log, seals, [row], since))


def prove_each(
    log: NamedLog, seals: Seals, rows: Iterable[LogRow], since: Head | None = None
) -> Iterator[dict[str, Any]]:
    """The proofs of several rows under the same head, made one after the other; quickest in order of position.

    Raises:
        NotSealedError: the newest head does not cover a row yet.
        ProofError: the log does not come to the newest head, or not from ``since``.
    """
    head = seals.last(log.name)
    if head is None:
        raise NotSealedError(_NOT_SEALED)
    leaves = _Leaves(log, seals.tiles(log.name)[: head.size // TILE], head)
    keys = [line_of(key) for key in seals.public_keys()]
    growth = {} if since is None else _growth(since, head, leaves)
    for row in rows:
        yield _proof(leaves, row) | {"head": line_of(head), "keys": keys} | growth


def _proof(leaves: _Leaves, row: LogRow) -> dict[str, Any]:
    head = leaves.head
    if head.position < row.position:
        raise NotSealedError(_NOT_SEALED)
    index = leaves.index_of(row.position)
    path = inclusion(index, head.size, leaves.hash_of) if 0 <= index < head.size else []
    root = root_by(index, head.size, leaf_of_row(row), path)
    if root is None or root.hex() != head.root:
        msg = "the log does not come to its newest head, so nothing can be proved: run `carejourney audit verify`"
        raise ProofError(msg)
    return {
        "format": FORMAT,
        "entry": {
            "client_id": row.client_id,
            "sequence": row.sequence,
            "topic": row.topic,
            "state": row.state.decode(),
            "position": row.position,
        },
        "index": index,
        "path": [part.hex() for part in path],
    }


def _growth(since: Head, head: Head, leaves: _Leaves) -> dict[str, Any]:
    """That the log under ``head`` begins with the log under ``since``.

    Raises:
        ProofError: it does not.
    """
    path: list[bytes] = []
    if since.log == head.log and 0 < since.size <= head.size:
        path = consistency(since.size, head.size, leaves.hash_of)
    first, second = bytes.fromhex(since.root), bytes.fromhex(head.root)
    if since.log != head.log or not is_consistent(since.size, head.size, first, second, path):
        msg = "the log is not one that grew from that head: run `carejourney audit verify --heads` with it"
        raise ProofError(msg)
    return {"from_head": line_of(since), "consistency": [part.hex() for part in path]}
