"""Seal: extend the trees, and sign new heads.

A head is signed only when the log still comes to the root of the head before it. Kept sums stand for most of
the log then; the newest entries and a part that moves on with each head are computed anew from their bytes, so that
within ``ROUND`` heads every entry was read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from domain.entries import microseconds
from domain.errors import ExpectedError
from infra.eventstore.hash_links import CODE_FROM, CODE_TO, entry_hash, is_linked
from infra.eventstore.log import Clock
from infra.eventstore.rows import LogRow
from infra.integrity.heads import NO_HEAD, Head, Key
from infra.integrity.seal_tables import NamedLog, Seals, Tile, add_head, add_key
from infra.integrity.signing_key import SigningKey, SigningKeyError, is_signed
from infra.integrity.tree import TILE, TILE_LEVEL, Growing, leaf_of, tree_hash

_PAGE = 4_096
NEWEST = 8  # tiles that are read again before every head: at least so many thousand entries
ROUND = 128  # heads within which every other tile is read again


class AlteredLogError(ExpectedError):
    """A log is not what its newest head says: nothing is signed."""


def leaf_of_row(row: LogRow) -> bytes:
    """The leaf of a stored row."""
    code = row.state[CODE_FROM:CODE_TO] if is_linked(row.state) else b""
    return leaf_of(row.position, entry_hash(*row[1:]), code)


def _leaves(log: NamedLog, rows: Sequence[LogRow]) -> list[bytes]:
    """The leaves of rows.

    Raises:
        AlteredLogError: a row is none that this system writes.
    """
    try:
        return [leaf_of_row(row) for row in rows]
    except (TypeError, AttributeError, ValueError, OverflowError):
        first, last = rows[0].position, rows[-1].position
        msg = (
            f"a row of the log {log.name} at positions {first} to {last} is no entry: nothing is signed; "
            "run `carejourney audit verify`"
        )
        raise AlteredLogError(msg) from None


@dataclass(frozen=True, slots=True)
class Notary:
    """Seals logs with one key."""

    seals: Seals
    key: SigningKey
    clock: Clock

    def seal(self, logs: Sequence[NamedLog]) -> list[Head]:
        """A new head for each log that has grown; durable when this returns.

        Raises:
            AlteredLogError: a log is not what its newest head says.
            SigningKeyError: another key signs here.
        """
        self.introduce()
        heads = [self._seal(log) for log in logs]
        return [head for head in heads if head is not None]

    def introduce(self) -> None:
        """Make the key known: the first one certifies itself.

        Raises:
            SigningKeyError: another key signs here.
        """
        keys = self.seals.public_keys()
        if not keys:
            first = certified(Key(1, self.key.key_id, self.key.public_key, microseconds(self.clock()), ""), self.key)
            with self.seals.recorder.writing() as tx:
                add_key(tx, first)
            keys = self.seals.public_keys()
        if keys[-1].key_id != self.key.key_id:
            msg = (
                f"the signing key {self.key.key_id} is not the one in use, {keys[-1].key_id}: put that one in its place"
            )
            raise SigningKeyError(msg)

    def _seal(self, log: NamedLog) -> Head | None:
        last = self.seals.last(log.name)
        if last is not None and log.recorder.head() == last.position:
            return None
        tree, position, kept = self._as_sealed(log, last)
        _check_anew(log, kept, last.number if last is not None else 0)
        tiles = [tile.number for tile in kept]
        filled: list[Tile] = []
        while page := log.recorder.page(position, _PAGE):
            for part in _up_to_tiles(page, tree.size):
                tree.extend(_leaves(log, part))
                position = part[-1].position
                if tree.size % TILE == 0:
                    filled.append(Tile(len(tiles) + len(filled), position, tree.tiles[-1]))
        if not tree.size or (last is not None and tree.size == last.size):
            return None
        return self._sign(log.name, last, tree, position, filled)

    def _as_sealed(self, log: NamedLog, last: Head | None) -> tuple[Growing, int, list[Tile]]:
        """The tree as its newest head has it, and the position of its last entry."""
        tree = Growing()
        if last is None:
            return tree, -(2**63), []
        tiles = self.seals.tiles(log.name)
        for tile in tiles:
            tree.add_subtree(TILE_LEVEL, tile.root)
        position = tiles[-1].position if tiles else -(2**63)
        missing = last.size - tree.size
        if 0 < missing < TILE:
            rows = log.recorder.page(position, missing)
            tree.extend(_leaves(log, rows))
            position = rows[-1].position if rows else position
        signer = {key.key_id: key.public_key for key in self.seals.public_keys()}.get(last.key_id, "")
        is_same = (tree.size, tree.root().hex(), position) == (last.size, last.root, last.position)
        is_whole = len(tiles) == last.size // TILE
        if not is_same or not is_whole or not is_signed(last.statement(), last.signature, signer):
            msg = f"the log {log.name} is not what its newest head says: run `carejourney audit verify`"
            raise AlteredLogError(msg)
        return tree, position, tiles

    def _sign(self, name: str, last: Head | None, tree: Growing, position: int, tiles: list[Tile]) -> Head | None:
        number, previous, since = (last.number, last.digest(), last.sealed_at) if last else (0, NO_HEAD, 0)
        now = max(microseconds(self.clock()), since)
        head = Head(name, number + 1, tree.size, position, tree.root().hex(), now, previous, self.key.key_id)
        head = replace(head, signature=self.key.sign(head.statement()))
        with self.seals.recorder.writing() as tx:
            return head if add_head(tx, head, tiles) else None


def due(number: int, tiles: int) -> list[int]:
    """The tiles that are read again before the head after ``number``, of so many.

    A tile's turn does not depend on how many there are: a log that grows leaves none out.
    """
    turn = range(number % ROUND, tiles, ROUND)
    return sorted({*turn, *range(max(0, tiles - NEWEST), tiles)})


def _check_anew(log: NamedLog, tiles: Sequence[Tile], number: int) -> None:
    """Compute the sums over a part of the log from its entries.

    Raises:
        AlteredLogError: entries are not those that were sealed.
    """
    for place in due(number, len(tiles)):
        after = tiles[place - 1].position if place else -(2**63)
        rows = log.recorder.page(after, TILE)
        root = tree_hash(_leaves(log, rows))
        if not rows or (root, rows[-1].position) != (tiles[place].root, tiles[place].position):
            first, last = place * TILE + 1, (place + 1) * TILE
            msg = (
                f"entries {first} to {last} of the log {log.name} are not those that were sealed: nothing is signed; "
                "run `carejourney audit verify`"
            )
            raise AlteredLogError(msg)


def certified(key: Key, by: SigningKey) -> Key:
    """The key with a certificate."""
    key = replace(key, certified_by=by.key_id)
    return replace(key, certificate=by.sign(key.statement()))


def _up_to_tiles(rows: Sequence[LogRow], size: int) -> list[list[LogRow]]:
    """Rows cut where tiles end, in a tree of that size."""
    rest = iter(rows)
    parts: list[list[LogRow]] = []
    while part := list(islice(rest, TILE - size % TILE)):
        parts.append(part)
        size += len(part)
    return parts
