"""The usual question of time to event, kept as counts: use after admission, by level, until the last contact.

It is the one whose answer no day moves: who is censored is so at a day on the record. Any other question reads the
starts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from projections.base import Cells, Row, Rows, fetch
from projections.filters import Filters
from projections.time_to_event.definition import USE_AFTER_ADMISSION, Endpoint, is_substance
from projections.time_to_event.durations import USE, Counted, Group, until
from projections.time_to_event.tables import COUNT, EVENT, START

_ALL = ""
_NEVER = 10**9  # no day stops what is on the record
_FACTS = [column.name for column in START.c]
_N, _START, _LEVEL, _DAY, _CONTACT, _DEATH = (
    _FACTS.index(name) for name in ("n", "start", "level", "start_day", "contact_day", "death_day")
)


def is_usual(filters: Filters, endpoint: Endpoint) -> bool:
    """Whether the counts answer a question."""
    whole = not filters.where and filters.start is None and filters.end is None
    return whole and tuple(filters.by) in {(), ("level",)} and endpoint == USE_AFTER_ADMISSION


def counted(connection: Connection, filters: Filters) -> dict[Group, Counted]:
    """Clients by group, of a question that is the usual one."""
    of_level = COUNT.c.level != _ALL if filters.by else COUNT.c.level == _ALL
    durations: dict[Group, Counter[tuple[int, int]]] = defaultdict(Counter)
    unseen: Counter[Group] = Counter()
    for level, days, ended, seen, n in fetch(connection, select(*COUNT.c).where(of_level)):
        group = (level,) if filters.by else ()
        durations[group][days, ended] += n
        unseen[group] += 0 if seen else n
    return {group: Counted(counts, unseen[group]) for group, counts in durations.items()}


def cells(rows: Rows) -> Cells:
    """What clients add: each once for each level, and once for all."""
    used: dict[tuple[str, int], int] = {}
    for client_id, n, event, detail, day in rows.get(EVENT.name, ()):
        if event in USE and is_substance(detail, ""):
            used[client_id, n] = min(day, used.get((client_id, n), day))
    counts: Counter[Row] = Counter()
    for level, row in _firsts(rows.get(START.name, ())):
        death = row[_DEATH]
        stops = [] if death is None else [death]
        day, outcome = until(USE_AFTER_ADMISSION, row[_DAY], _NEVER, row[_CONTACT], used.get((row[0], row[_N])), stops)
        counts[level, max(0, day - row[_DAY]), int(outcome == "event"), int(row[_CONTACT] is not None)] += 1
    return {COUNT.name: counts}


def _firsts(starts: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    """The first admission of each client to each level, and to any; alumni is none."""
    known: set[tuple[str, str]] = set()
    for row in sorted(starts, key=lambda row: row[_N]):
        if row[_START] == USE_AFTER_ADMISSION.start and row[_LEVEL] != "alumni":
            for level in (row[_LEVEL], _ALL):
                if (row[0], level) not in known:
                    known.add((row[0], level))
                    yield level, row
