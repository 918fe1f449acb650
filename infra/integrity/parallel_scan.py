"""Parallel scan: verify a long log in two processes.

The second one begins where kept tiles say that it should, and with their roots; the first one shows that they are
right. This is for logs with which nothing is wrong: of any other it says so, and one process reads it whole.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from infra.eventstore.rows import LogRecorder
from infra.eventstore.setup import open_recorder
from infra.integrity.log_scan import FROM_THE_START, Reached, read
from infra.integrity.scan import FIRST, Scan
from infra.integrity.seal_tables import NamedLog, Tile
from infra.integrity.side_tables import index_agrees
from infra.integrity.tree import TILE, TILE_LEVEL, Growing

_FIRST_SHARE = 0.55  # the second process takes a while to start


@dataclass(frozen=True, slots=True)
class _Half:
    """Which part of which log, and where its tree begins."""

    log: str
    url: str
    key: bytes
    tiles: tuple[Tile, ...]
    until: int
    sizes: frozenset[int]
    heads: tuple[tuple[int, int], ...]

    @property
    def after(self) -> int:
        """The position after which the part begins."""
        return self.tiles[-1].position if self.tiles else FROM_THE_START


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part came to."""

    reached: Reached
    tree: Growing
    position: int
    starts: dict[str, tuple[int, bytes]]
    ends: dict[str, tuple[int, bytes]]
    erasing: set[str]
    dated_back: Counter[str]


def read_in_two(
    log: NamedLog,
    url: str,
    key: bytes,
    tiles: Sequence[Tile],
    until: int,
    sizes: set[int],
    tell: Callable[[int], None],
    heads: Sequence[tuple[int, int]] = (),
) -> tuple[Scan, Reached] | None:
    """A log read by this process and another; None when anything is wrong with it."""
    share = int(len(tiles) * _FIRST_SHARE)
    begun = tuple(tiles[:share])
    second = _Half(log.name, url, key, begun, until, frozenset(sizes), tuple(heads))
    first = _Half(log.name, url, key, (), begun[-1].position, frozenset(sizes), tuple(heads))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        waiting = pool.submit(_elsewhere, second)
        part = _part(first, log.recorder, lambda done: tell(int(done / _FIRST_SHARE)))
        other = waiting.result()
    if part is None or other is None or not _fit(part, other, begun):
        return None
    scan = Scan(log.name, key, codes_needed=True)
    scan.tree, scan.position, scan.index_agrees = other.tree, other.position, True
    scan.ends, scan.erasing = part.ends | other.ends, part.erasing | other.erasing
    scan.dated_back = part.dated_back + other.dated_back
    return scan, part.reached | other.reached


def _elsewhere(half: _Half) -> _Part | None:
    recorder = open_recorder(half.url)
    try:
        return _part(half, recorder, lambda _: None)
    finally:
        recorder.close()


def _part(half: _Half, recorder: LogRecorder, tell: Callable[[int], None]) -> _Part | None:
    """Read one part; None when anything is wrong with it, or older than links are."""
    scan = Scan(half.log, half.key, codes_needed=True)
    for tile in half.tiles:
        scan.tree.add_subtree(TILE_LEVEL, tile.root)
    scan.starts = {} if half.tiles else None
    scan.heads = list(half.heads)
    begun = scan.tree.size
    reached = read(scan, recorder, half.until, half.sizes, tell, half.after)
    if scan.findings or scan.unlinked or not index_agrees(scan, recorder, half.after, scan.tree.size - begun):
        return None
    return _Part(reached, scan.tree, scan.position, scan.starts or {}, scan.ends, scan.erasing, scan.dated_back)


def _fit(first: _Part, other: _Part, begun: Sequence[Tile]) -> bool:
    """Whether the second part begins where the first one ends: the tree, the position, each stream."""
    if first.tree.tiles != [tile.root for tile in begun] or first.tree.size != len(begun) * TILE:
        return False
    begun_there = other.ends.keys() - other.starts.keys()
    goes_on = all(first.ends.get(client, FIRST) == (last - 1, link) for client, (last, link) in other.starts.items())
    return goes_on and first.position == begun[-1].position and not begun_there & first.ends.keys()
