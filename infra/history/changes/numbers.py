"""Change attribution: entries that moved a report's numbers between two recorded times.

Every number of a report comes from sums over clients. What one client adds to it is what the report answers of that
client alone. So whoever's own answer is the same at both times has moved nothing. Of the others, the entries that were
recorded in between are added one after the other, in the order in which they became known: those at which the client's
part of a number moves are the ones that moved it. All is asked on the day of the later moment: that days went by moves
numbers too (people stay longer), and no entry did that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.entries import Entry, microseconds
from infra.eventstore.mapper import recorded_of
from infra.eventstore.merge import continuing_id
from infra.history.as_of.dependencies import models_asked
from infra.history.as_of.reports import report_at
from infra.history.as_of.store import put, store_as_of
from infra.history.changes.client import ClientEntries, rows_of
from infra.history.changes.entries import Change, learned
from infra.history.changes.groups import Group, Numbers, by_group, changed
from infra.history.context import HasPast
from infra.readmodels.fold import Folded
from infra.reporting.reports import REPORTS, ReportParams, run_report
from projections.filters import FilterError

_PAGE = 20_000
Progress = Callable[[int, int], None]
Moved = dict[Group, list[str]]


@dataclass(frozen=True)
class Cell:
    """One number of a report, then and now; ``group`` names its row, ``entries`` are the ids of what moved the row."""

    group: dict[str, Any]
    name: str
    then: Any
    now: Any
    entries: list[str] = field(default_factory=list[str])


@dataclass
class ReportDifference:
    """What changed in a report between two knowledge times, and the entries that changed it.

    A cell without entries moved because days went by.
    """

    cells: list[Cell] = field(default_factory=list[Cell])
    entries: list[Change] = field(default_factory=list[Change])
    clients: int = 0


def report_difference(
    services: HasPast,
    name: str,
    params: ReportParams,
    start: datetime,
    end: datetime,
    progress: Progress | None = None,
    most: int | None = None,
) -> ReportDifference:
    """The numbers of a report that differ between two knowledge times, and the very entries that moved them.

    ``most`` clients are looked into at most, for who has no time to wait.

    Raises:
        FilterError: no such report, or a group, filter or measure that it does not have; rows of clients; too many
            clients changed.
    """
    _check_numbers(name, params)
    then, now = (by_group(report_at(services, name, params, at, progress)) for at in (start, end))
    groups = changed(then, now)
    if not groups:
        return ReportDifference()
    moved: dict[Group, list[str]] = {}
    entries: dict[str, Change] = {}
    clients = 0
    looking = _movers(services, name, params, (start, end), set(groups), most, progress)
    for client, ids_by_group in looking:
        clients += 1
        recorded = client.at(microseconds(end))
        for group, ids in ids_by_group.items():
            moved.setdefault(group, []).extend(ids)
        wanted = {event_id for ids in ids_by_group.values() for event_id in ids}
        entries |= {entry.event_id: learned(entry, recorded) for entry in client.met() if entry.event_id in wanted}
    cells = [cell for group in groups for cell in _cells(group, then.get(group, {}), now.get(group, {}), moved)]
    ordered = sorted(entries.values(), key=lambda entry: (entry.recorded_at, entry.position))
    return ReportDifference(cells, ordered, clients)


def changed_numbers(
    services: HasPast, name: str, params: ReportParams, start: datetime, end: datetime | None
) -> list[Cell]:
    """The numbers that differ between two knowledge times (``None``: now), for whoever is told no entries.

    Raises:
        FilterError: no such report, or something that it cannot answer.
    """
    _check_numbers(name, params)
    before = report_at(services, name, params, start)
    after = run_report(name, services, params) if end is None else report_at(services, name, params, end)
    then, now = by_group(before), by_group(after)
    return [cell for group in changed(then, now) for cell in _cells(group, then.get(group, {}), now.get(group, {}), {})]


def _check_numbers(name: str, params: ReportParams) -> None:
    if params.per_client or (name in REPORTS and REPORTS[name].of_clients):
        raise FilterError("numbers are compared, not rows of clients: ask for the difference of one client instead")


def _cells(group: Group, then: Numbers, now: Numbers, moved: Mapping[Group, list[str]]) -> Iterator[Cell]:
    for name in dict.fromkeys([*then, *now]):
        if then.get(name) != now.get(name):
            yield Cell(dict(group), name, then.get(name), now.get(name), moved.get(group, []))


def _movers(
    services: HasPast,
    name: str,
    params: ReportParams,
    between: tuple[datetime, datetime],
    groups: set[Group],
    most: int | None,
    progress: Progress | None,
) -> Iterator[tuple[ClientEntries, Moved]]:
    """The clients whose own part of one of these groups changed, with the entries that moved it, by group."""
    first, last = (microseconds(at) for at in between)
    looked = 0
    with store_as_of(services, between[1], models_asked(name, params), clients=()) as alone:
        report = _Asked(alone, name, params, groups)
        for client in _touched(services, first, last, progress):
            if not report.differs(client, first, last):
                continue
            looked += 1
            if most is not None and looked > most:
                msg = f"more than {most} clients changed in between: choose times that are closer, or the command line"
                raise FilterError(msg)
            moved = report.moved_by(client, first, last)
            if moved:
                yield client, moved


def _touched(services: HasPast, first: int, last: int, progress: Progress | None) -> Iterator[ClientEntries]:
    """Every client of whom something was recorded in between, and every chart that such a one was merged into."""
    waiting: dict[str, None] = {}
    head = services.log.head()
    for part in services.knowledge.parts(last, 0, head, since=first):
        for row in services.log.recorder.page(part.after, part.size):
            if row.position <= part.last and first < recorded_of(row.state) <= last:
                waiting[row.client_id] = None
    seen: set[str] = set()
    while waiting:
        client = ClientEntries(services.log, waiting.popitem()[0])
        seen.add(client.client_id)
        if progress:
            progress(len(seen), len(seen) + len(waiting))
        waiting |= dict.fromkeys(other for other in client.closed_into() if other not in seen)
        yield client


class _Asked:
    """A report asked of one client at a time, always on the same day: what differs is what was known."""

    def __init__(self, alone: HasPast, name: str, params: ReportParams, groups: set[Group]) -> None:
        self._alone, self._name, self._params, self._groups = alone, name, params, groups
        self._models = models_asked(name, params)

    def differs(self, client: ClientEntries, first: int, last: int) -> bool:
        """Whether the read models have other rows of this client at the two times."""
        then, now = (self._folded(client, client.at(at)) for at in (first, last))
        return _rows(then) != _rows(now)

    def moved_by(self, client: ClientEntries, first: int, last: int) -> Moved:
        """The entries at which the client's part of a group moved, by group; of groups that ended up elsewhere."""
        folded = self._folded(client, client.at(first))
        began = answer = self._answer(folded)
        added: set[str] = set()
        moved: Moved = {}
        fresh = [entry for entry in client.met() if first < entry.recorded <= last]
        ids = {entry.event_id for entry in fresh}
        for entry in sorted(fresh, key=lambda entry: (entry.recorded, entry.position)):
            added.update([entry.event_id, *_continuations(entry.event_id, ids)])
            known = client.where(lambda known_entry: known_entry.recorded <= first or known_entry.event_id in added)
            before, folded = folded, self._folded(client, known)
            if _rows(before) != _rows(folded):
                earlier, answer = answer, self._answer(folded)
                for group in changed(earlier, answer):
                    moved.setdefault(group, []).append(entry.event_id)
        return {group: moved[group] for group in changed(began, answer) if group in self._groups}

    def _folded(self, client: ClientEntries, entries: Sequence[Entry]) -> Folded | None:
        return rows_of(self._models, client.client_id, entries)

    def _answer(self, folded: Folded | None) -> dict[Group, Numbers]:
        put(self._alone.reads, folded)
        return by_group(run_report(self._name, self._alone, self._params))


def _continuations(event_id: str, among: Set[str]) -> Iterator[str]:
    """The entries by which survivors take over a late one: it is that one which moves a number."""
    while (event_id := continuing_id(event_id)) in among:
        yield event_id


def _rows(folded: Folded | None) -> object:
    return folded.rows if folded else {}
