"""Merkle tree of RFC 9162, section 2.1: leaf and node hashes, roots, inclusion and consistency.

A leaf is an entry at its place: SHA-256 of 0x00, the position (8 bytes, big endian), the entry's hash and its code.
A node is SHA-256 of 0x01 and its two children.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
TILE_LEVEL = 10
TILE = 1 << TILE_LEVEL
RangeHash = Callable[[int, int], bytes]
"""The tree hash of the leaves from one index up to, not including, another."""


def leaf_of(position: int, entry: bytes, code: bytes) -> bytes:
    """The hash of a leaf; ``code`` is empty for an entry from before there were codes."""
    return sha256(b"\x00" + position.to_bytes(8, "big", signed=True) + entry + code).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """The hash of a node."""
    return sha256(b"\x01" + left + right).digest()


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    tree = Growing()
    tree.extend(leaves)
    return tree.root()


class Growing:
    """A tree that only grows: it keeps the roots of its full subtrees, largest first, and each tile that it fills."""

    def __init__(self) -> None:
        """An empty tree."""
        self.size = 0
        self.tiles: list[bytes] = []
        self._full: list[tuple[int, bytes]] = []

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes: whole aligned subtrees at a time."""
        done = 0
        while done < len(leaves):
            level = min((self.size & -self.size).bit_length() - 1 if self.size else TILE_LEVEL, TILE_LEVEL)
            while (1 << level) > len(leaves) - done:
                level -= 1
            self.add_subtree(level, _reduced(leaves[done : done + (1 << level)]))
            done += 1 << level

    def add_subtree(self, level: int, root: bytes) -> None:
        """Add the root of 2^level leaves; the tree's size must be a multiple of that."""
        self.size += 1 << level
        while True:
            if level == TILE_LEVEL:
                self.tiles.append(root)
            if not self._full or self._full[-1][0] != level:
                break
            root = node_of(self._full.pop()[1], root)
            level += 1
        self._full.append((level, root))

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._full:
            return EMPTY
        node = self._full[-1][1]
        for _, left in reversed(self._full[:-1]):
            node = node_of(left, node)
        return node


def _reduced(nodes: Sequence[bytes]) -> bytes:
    while len(nodes) > 1:
        pairs = iter(nodes)
        nodes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return nodes[0]


def inclusion(index: int, size: int, hash_of: RangeHash) -> list[bytes]:
    """The path of a leaf to the root of the first ``size`` leaves, lowest first."""
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start = middle
    return path[::-1]


def root_by(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion path leads to; None when the path does not fit index and size."""
    if not 0 <= index < size:
        return None
    place, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            node = node_of(sibling, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = node_of(node, sibling)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None


def consistency(first: int, second: int, hash_of: RangeHash) -> list[bytes]:
    """What shows that the tree of ``second`` leaves begins with that of ``first`` (both at least 1)."""
    path: list[bytes] = []
    start, end, is_whole = 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start, is_whole = middle, False
    if not is_whole:
        path.append(hash_of(start, end))
    return path[::-1]


def is_consistent(first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a consistency path leads from one root to the other."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    rest = list(path)
    if first & (first - 1) == 0:
        rest.insert(0, first_root)
    if not rest:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = rest[0]
    for sibling in rest[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_of(sibling, old), node_of(sibling, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_of(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1
