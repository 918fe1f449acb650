"""Log scan: read a log page by page, and note the roots at sealed sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set

from infra.eventstore.rows import LogRecorder, LogRow
from infra.eventstore.unavailable import is_damage
from infra.integrity.findings import Finding
from infra.integrity.scan import Scan
from infra.runtime.collector import collector_paused

Reached = dict[int, tuple[str, int]]
"""The root and the last position at a size."""

FROM_THE_START = -(2**63)
_PAGE = 4_096


def read(
    scan: Scan,
    recorder: LogRecorder,
    until: int,
    sizes: Set[int],
    tell: Callable[[int], None] = lambda _: None,
    after: int = FROM_THE_START,
) -> Reached:
    """Scan a log from after one position up to another; what it comes to at each of these sizes."""
    reached: Reached = {}
    stops = sorted(sizes, reverse=True)
    for page in _pages(scan, recorder, after, until):
        with collector_paused():
            start = 0
            while start < len(page):
                while stops and stops[-1] <= scan.tree.size:
                    stops.pop()
                end = min(len(page), start + stops[-1] - scan.tree.size) if stops else len(page)
                scan.take(page[start:end])
                start = end
                if scan.tree.size in sizes:
                    reached[scan.tree.size] = scan.tree.root().hex(), scan.position
        tell(scan.tree.size)
    return reached


def _pages(scan: Scan, recorder: LogRecorder, position: int, until: int) -> Iterator[list[LogRow]]:
    """The rows up to a position. Where the database itself is damaged, that is found, and what follows is left."""
    limit = _PAGE
    while True:
        try:
            with collector_paused():
                page = recorder.page(position, limit)
        except Exception as error:
            if not is_damage(error):
                raise
            if limit > 1:
                limit = max(1, limit // 8)
                continue
            scan.is_readable = False
            what = "the database is damaged after this entry, or altered"
            scan.findings.append(Finding(scan.log, "unreadable", what, position))
            return
        if page and page[-1].position > until:
            page = [row for row in page if row.position <= until]
        if not page:
            return
        yield page
        position = page[-1].position
