"""Verify logs: compute everything again, and report each difference with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from infra.integrity.findings import MOST, Finding, LogReport, Report
from infra.integrity.heads import Head, Key
from infra.integrity.log_scan import Reached, read
from infra.integrity.parallel_scan import read_in_two
from infra.integrity.saved_heads import Saved
from infra.integrity.scan import Scan
from infra.integrity.seal_tables import NamedLog, Seals, Tile
from infra.integrity.tree import TILE
from infra.integrity.trust import is_valid, notices_of, unlike_saved, wrong_heads, wrong_keys

Progress = Callable[[int, int], None]
Side = Callable[[Scan], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A log to verify. ``side`` compares the tables beside it; ``codes_needed``: every entry must have a code.

    With a database ``url``, a second process reads half of a log that has so many tiles.
    """

    log: NamedLog
    side: Side
    codes_needed: bool = True
    url: str = ""
    tiles_for_two: int = 300


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was sealed of a log, as it was when the verification began."""

    heads: list[Head]
    tiles: list[Tile]
    head: int


@dataclass
class Verifier:
    """Verifies logs against their seals, against heads that were saved elsewhere, and against the tables beside them.

    ``key`` makes the codes of entries; without it codes cannot be checked, which is said. ``own_key`` is the id of
    the key that signs on this installation, if it is known.
    """

    seals: Seals
    key: bytes
    saved: Saved = field(default_factory=Saved)
    own_key: str = ""

    def verify(self, logs: Sequence[Checked], progress: Progress | None = None) -> Report:
        """Compute everything again; what is recorded meanwhile is left for the next time."""
        keys = self.seals.public_keys()
        before = {
            checked.log.name: self._sealed(checked.log) for checked in logs
        }  # heads first: entries are older than they
        report = Report()
        report.findings += wrong_keys(keys, self.saved, self.own_key)
        report.notices += notices_of(keys, self.saved, self.own_key)
        if not self.key:
            report.notices.append("without the master key, codes of entries and keys of charts were not checked")
        total, done = sum(sealed.head for sealed in before.values()), 0
        for checked in logs:
            scan = self._one(
                checked, before[checked.log.name], keys, report, lambda n, done=done: _tell(progress, done + n, total)
            )
            done += scan.tree.size
        return report

    def _sealed(self, log: NamedLog) -> Sealed:
        heads, tiles = self.seals.heads(log.name), self.seals.tiles(log.name)
        return Sealed(heads, tiles, log.recorder.head())

    def _one(
        self, checked: Checked, sealed: Sealed, keys: list[Key], report: Report, tell: Callable[[int], None]
    ) -> Scan:
        name = checked.log.name
        public = {key.key_id: key for key in (*keys, *self.saved.keys)}
        of_log = [head for head in self.saved.heads if head.log == name]
        believed = {head.digest(): head for head in (*sealed.heads, *of_log) if is_valid(head, public)}
        sizes = {head.size for head in believed.values()} | {(place + 1) * TILE for place in range(len(sealed.tiles))}
        in_order = sorted(believed.values(), key=lambda head: head.size)
        scan, reached = self._read(checked, sealed, in_order, sizes, tell)
        report.findings += wrong_heads(name, sealed.heads, keys)
        report.findings += unlike_saved(name, sealed.heads, keys, self.saved)
        report.findings += scan.findings
        if scan.is_readable:
            report.findings += _wrong_roots(scan, in_order, reached)
            report.findings += _wrong_tiles(scan, sealed, reached)
            report.findings += _some(checked.side(scan))
        report.notices += _notices(scan, sealed.heads, of_log)
        covered = sealed.heads[-1].size if sealed.heads else 0
        report.logs.append(LogReport(name, scan.tree.size, len(scan.ends), len(sealed.heads), covered))
        return scan

    def _read(
        self, checked: Checked, sealed: Sealed, believed: Sequence[Head], sizes: set[int], tell: Callable[[int], None]
    ) -> tuple[Scan, Reached]:
        """Read a log whole; a long one by two processes, as long as nothing is wrong with it."""
        heads = [(head.position, head.sealed_at) for head in believed]
        if checked.url and len(sealed.tiles) >= checked.tiles_for_two:
            in_two = read_in_two(checked.log, checked.url, self.key, sealed.tiles, sealed.head, sizes, tell, heads)
            if in_two is not None:
                return in_two
        scan = Scan(checked.log.name, self.key, codes_needed=checked.codes_needed)
        scan.heads = heads
        return scan, read(scan, checked.log.recorder, sealed.head, sizes, tell)


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _wrong_roots(scan: Scan, heads: Sequence[Head], reached: Reached) -> Iterator[Finding]:
    """Heads that the log does not come to. After the first, every later one differs too."""
    good = 0
    for head in heads:
        if head.size > scan.tree.size:
            missing = head.size - scan.tree.size
            which = "1 entry" if missing == 1 else f"{missing} entries"
            are = "is" if missing == 1 else "are"
            what = f"{which} under head {head.number} {are} missing: the end was removed, or a copy put back"
            yield Finding(scan.log, "rolled-back", what, scan.position)
            return
        if reached.get(head.size) != (head.root, head.position):
            what = f"{_not_those(good + 1, head.size)} that head {head.number} sealed"
            yield Finding(scan.log, "root", what, head.position)
            return
        good = head.size


def _wrong_tiles(scan: Scan, sealed: Sealed, reached: Reached) -> Iterator[Finding]:
    if len(sealed.tiles) != (sealed.heads[-1].size // TILE if sealed.heads else 0):
        yield Finding(scan.log, "tile", "kept sums over entries are missing, or there are more than were sealed")
    for place, tile in enumerate(sealed.tiles):
        first, last = place * TILE + 1, (place + 1) * TILE
        if tile.number != place:
            yield Finding(scan.log, "tile", f"the kept sum over entries {first} to {last} is missing")
            return
        if place < len(scan.tree.tiles) and (scan.tree.tiles[place], reached[last][1]) != (tile.root, tile.position):
            what = f"entries {first} to {last} of the log are not those of the kept sum over them"
            yield Finding(scan.log, "tile", what, tile.position)
            return


def _not_those(first: int, last: int) -> str:
    if first == last:
        return f"entry {first} of the log is not the one"
    return f"entries {first} to {last} of the log are not those"


def _some(findings: Iterator[Finding]) -> list[Finding]:
    return [finding for finding, _ in zip(findings, range(MOST), strict=False)]


def _notices(scan: Scan, heads: Sequence[Head], saved: Sequence[Head]) -> Iterator[str]:
    log = scan.log
    if scan.unlinked:
        yield f"{log}: entries from before entries had links, which the seal covers: {scan.unlinked}"
    if scan.uncoded:
        shown = ", ".join(map(str, scan.uncoded[:5])) + (" …" if len(scan.uncoded) > 5 else "")
        yield f"{log}: entries recorded without a master key: {len(scan.uncoded)}, at positions {shown}"
    for batch, count in scan.dated_back.items():
        what = "entries with knowledge times before a head that was signed before them, brought by an import"
        yield f"{log}: {what} ({batch}): {count}"
    if len(scan.findings) >= MOST:
        yield f"{log}: more than {MOST} entries differ, the first ones are listed"
    if scan.tree.size and not heads and not saved:
        yield f"{log}: nothing was sealed yet (`carejourney audit seal`)"
    elif heads and heads[-1].size < scan.tree.size:
        left = scan.tree.size - heads[-1].size
        yield f"{log}: the last {'entry is' if left == 1 else f'{left} entries are'} not sealed yet"
