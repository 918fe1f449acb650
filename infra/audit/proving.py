"""Prove to somebody who has no access to the log that an entry stands in it, under a signed head.

The proof is one JSON object, always written the same way, so that a reader can refuse any other spelling.
docs/verify/carejourney_verify.py checks it without this code.
"""

from __future__ import annotations

from base64 import b64encode
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from infra.audit.heads import Head, line_of
from infra.audit.sealing import AlteredLogError, leaf_of_row
from infra.audit.seals import NamedLog, Seals, Tile
from infra.audit.tree import TILE, TILE_LEVEL, Growing, RangeHash, inclusion, root_by, tree_hash
from infra.store.log import id_bytes
from infra.store.rows import LogRow

FORMAT = "carejourney proof 1"
_START = -(2**63)


class ProofError(Exception):
    """There is nothing to prove: no such entry, or no head over it."""


class Proof(NamedTuple):
    """A proof as it is written, and whose entry it shows."""

    client_id: str
    content: bytes


def prove(seals: Seals, log: NamedLog, event_id: str, against: Head | None = None) -> Proof:
    """The proof that an entry (``event_id``: 32 hex digits) stands in the log, under ``against`` or the newest head.

    Raises:
        AlteredLogError: the log does not come to the head's root.
        ProofError: no such entry, or it is not under that head.
    """
    head = against or seals.last(log.name)
    if head is None:
        raise ProofError("nothing is sealed yet: run `carejourney audit seal`")
    position = position_of(log, event_id)
    if position > head.position:
        msg = f"the entry came after head {head.number}: run `carejourney audit seal`, or name a later head"
        raise ProofError(msg)
    tiles = seals.tiles(log.name)[: head.size // TILE]
    place = bisect_left([tile.position for tile in tiles], position)
    near = _rows(log, tiles, place, head.size)
    ranks = [rank for rank, row in enumerate(near) if row.position == position]
    if not ranks:
        raise _altered(log)
    leaves = [leaf_of_row(row) for row in near]
    last = leaves if place == len(tiles) else [leaf_of_row(row) for row in _rows(log, tiles, len(tiles), head.size)]
    if len(leaves) != min(TILE, head.size - place * TILE) or len(last) != head.size - len(tiles) * TILE:
        raise _altered(log)
    index = place * TILE + ranks[0]
    path = inclusion(index, head.size, _hashes(tiles, place, leaves, last))
    if root_by(index, head.size, leaves[ranks[0]], path) != bytes.fromhex(head.root):
        raise _altered(log)
    return _written(seals, log, near[ranks[0]], index, path, head)


def position_of(log: NamedLog, event_id: str) -> int:
    """Where an entry stands in the log.

    Raises:
        ProofError: no such entry.
    """
    rows = log.recorder.query("SELECT position FROM event_index WHERE event_id=?", (id_bytes(event_id),))
    if not rows:
        raise ProofError("no entry has this id")
    return int(rows[0][0])


def _rows(log: NamedLog, tiles: Sequence[Tile], place: int, size: int) -> list[LogRow]:
    """The entries of one tile, or those after the last full one."""
    after = tiles[place - 1].position if place else _START
    wanted = min(TILE, size - place * TILE)
    return log.recorder.page(after, wanted) if wanted else []


def _hashes(tiles: Sequence[Tile], place: int, near: Sequence[bytes], last: Sequence[bytes]) -> RangeHash:
    """Tree hashes from tiles, the leaves of one tile, and the leaves after the last tile."""
    first, whole = place * TILE, len(tiles) * TILE

    def hash_of(start: int, end: int) -> bytes:
        if start >= first and end <= first + len(near):
            return tree_hash(near[start - first : end - first])
        tree = Growing()
        for tile in tiles[start // TILE : min(end, whole) // TILE]:
            tree.add_subtree(TILE_LEVEL, tile.root)
        tree.extend(last[max(start - whole, 0) : max(end - whole, 0)])
        return tree.root()

    return hash_of


def _written(seals: Seals, log: NamedLog, row: LogRow, index: int, path: Sequence[bytes], head: Head) -> Proof:
    keys = seals.public_keys()
    signer = next((key.number for key in keys if key.key_id == head.key_id), 0)
    proof: dict[str, Any] = {
        "format": FORMAT,
        "entry": {
            "log": log.name,
            "position": row.position,
            "client_id": row.client_id,
            "sequence": row.sequence,
            "topic": row.topic,
            "state": b64encode(row.state).decode(),
        },
        "index": index,
        "path": [node.hex() for node in path],
        "head": line_of(head),
        "keys": [line_of(key) for key in keys if key.number <= signer],
    }
    return Proof(row.client_id, orjson.dumps(proof, option=orjson.OPT_INDENT_2) + b"\n")


def _altered(log: NamedLog) -> AlteredLogError:
    return AlteredLogError(f"the log {log.name} is not what its head says: run `carejourney audit verify`")
