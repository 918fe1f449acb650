"""Review of access: broken glass, refused attempts, and reading that stands out.

Reading stands out when a person opened many more charts in a day than they usually do, read at hours when they
otherwise never do, met many refusals, or broke the glass often. These are questions to ask, not findings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from infra.access_log.break_glass import TOO_OFTEN
from infra.access_log.entries import REFUSALS, Accessed

MANY_CHARTS = 20  # fewer in a day never stand out
TIMES_USUAL = 3
USUAL_DAYS = 5  # days of reading before a day can be compared with them
MANY_REFUSALS = 5
MANY_GLASSES = 5
NIGHT = frozenset({22, 23, 0, 1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True)
class Unusual:
    """One thing that stands out: who, on which day, what, and the numbers that say so."""

    name: str
    day: str
    what: str
    found: int
    usual: float


@dataclass(frozen=True, slots=True)
class Review:
    """Broken glass and refusals as they were recorded, newest first, and what stands out."""

    broken: list[Accessed]
    refused: list[Accessed]
    unusual: list[Unusual]


def review(entries: Iterable[Accessed], zone: ZoneInfo, since: datetime | None = None) -> Review:
    """Review a stretch of the access log. Days and hours are those of ``zone``; ``since`` limits what is shown."""
    shown: list[Accessed] = []  # the log is long and read once: only what is shown is held
    unusual = _unusual(_noting(entries, since, shown), zone)
    shown.reverse()
    first = since.astimezone(zone).date().isoformat() if since is not None else ""
    return Review(
        [entry for entry in shown if entry.broken],
        [entry for entry in shown if entry.kind in REFUSALS],
        [row for row in unusual if row.day >= first],
    )


def _noting(entries: Iterable[Accessed], since: datetime | None, shown: list[Accessed]) -> Iterator[Accessed]:
    for entry in entries:
        if (entry.broken or entry.kind in REFUSALS) and (since is None or entry.at >= since):
            shown.append(entry)
        yield entry


def _unusual(entries: Iterable[Accessed], zone: ZoneInfo) -> list[Unusual]:
    charts: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    nights: dict[str, Counter[str]] = defaultdict(Counter)
    days: dict[str, Counter[str]] = defaultdict(Counter)
    refusals: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, str] = {}
    glasses: dict[str, Counter[str]] = defaultdict(Counter)
    stopped: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        who = entry.person.key
        names[who] = entry.name
        local = entry.at.astimezone(zone)
        day = local.date().isoformat()
        if entry.kind == "ChartRefused":
            (stopped if entry.refused == TOO_OFTEN else refusals)[who][day] += 1
        elif entry.kind == "GlassBroken":
            glasses[who][day] += 1
        elif entry.kind == "ChartsRead" and len(entry.clients) == 1:  # a chart opened, not a row of a list
            charts[who][day].update(entry.clients)
            (nights if local.hour in NIGHT else days)[who][day] += 1
    rows = [row for who, of_person in charts.items() for row in _many(names[who], of_person)]
    rows += [
        Unusual(names[who], day, "read at night, otherwise by day", n, 0.0)
        for who, of_days in nights.items()
        for day, n in of_days.items()
        if len(days[who]) >= USUAL_DAYS and len(of_days) * TIMES_USUAL <= len(days[who])
    ]
    rows += [Unusual(names[who], day, "met many refusals", n, 0.0) for who, day, n in _often(refusals, MANY_REFUSALS)]
    rows += [
        Unusual(names[who], day, "broke the glass many times", n, 0.0) for who, day, n in _often(glasses, MANY_GLASSES)
    ]
    rows += [
        Unusual(names[who], day, "was stopped at the limit of broken glass", n, 0.0)
        for who, day, n in _often(stopped, 1)
    ]
    return sorted(rows, key=lambda row: (row.day, row.name), reverse=True)


def _often(by_day: dict[str, Counter[str]], least: int) -> Iterator[tuple[str, str, int]]:
    """(who, day, how often), where it was that often."""
    return ((who, day, n) for who, by_day in by_day.items() for day, n in by_day.items() if n >= least)


def _many(name: str, by_day: dict[str, set[str]]) -> list[Unusual]:
    """Days on which a person opened three times as many charts as on their median day, and at least twenty."""
    if len(by_day) < USUAL_DAYS:
        return []
    usual = median(len(clients) for clients in by_day.values())
    limit = max(MANY_CHARTS, TIMES_USUAL * usual)
    return [
        Unusual(name, day, "opened many charts", len(clients), usual)
        for day, clients in by_day.items()
        if len(clients) >= limit
    ]
