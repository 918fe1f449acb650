"""Read a CSV file by its mapping: each row makes the entries that its rules say, or is left over with the reason."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from domain.numbers import canonical
from infra.eventstore.log import EventLog
from infra.interop.importers.bare_days import at_clock, clock_of
from infra.interop.importers.converted import RESULT_COLUMNS, ConvertedResult, line, record
from infra.interop.importers.events.known import OTHER_CONTENT
from infra.interop.importers.events.lines import prepare
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.events.parts import RejectedLineError
from infra.interop.importers.items import Converted, LeftOver, Line, entry_id
from infra.interop.importers.source import Source
from infra.interop.importers.tables.csv_file import Misshapen, Row, rows
from infra.interop.importers.tables.mapping import EntryRule, Mapping, Value
from infra.interop.importers.zones import ZoneError

EARLIEST = 1850  # years before it are typing errors, as 0026
PREVIEW_COLUMNS = ("place", "client", "type", "occurred_at", "data")


class CellError(Exception):
    """A cell cannot be read; the message names the column and the remedy, never the cell."""


@dataclass
class TableResult(ConvertedResult):
    """What an import of a table came to. ``read`` rows = rows used + rows of which something was left over."""

    read: int = 0

    def rows(self) -> list[dict[str, object]]:
        """The report: entries, what was left over by reason, and the rows."""
        left = len({item.place for item in self.left})
        counts = (("read", self.read), ("used", self.read - left), ("left over", left))
        account = (dict[str, object](zip(RESULT_COLUMNS, ("rows", what, n), strict=True)) for what, n in counts)
        return [*super().rows(), *account]


@dataclass
class Reading:
    """A table that is being read: by which mapping, what is known of its source, its rows so far and their ids."""

    mapping: Mapping
    source: Source
    read: int = 0
    repeats: Counter[str] = field(default_factory=Counter[str])
    ids: dict[bytes, tuple[int, bytes]] = field(default_factory=dict[bytes, tuple[int, bytes]])

    def of(self, path: Path) -> Iterator[Converted | LeftOver]:
        """The entries of each row, in the file's order."""
        for number, row in rows(path, self.mapping):
            self.read += 1
            place = f"line {number}"
            if isinstance(row, Misshapen):
                yield LeftOver(place, "row", str(row))
            else:
                yield from self._row(number, place, row)

    def _row(self, number: int, place: str, row: Row) -> Iterator[Converted | LeftOver]:
        outcomes: list[tuple[str, Converted | LeftOver]] = []
        for nth, rule in enumerate(self.mapping.entries):
            if all((row.get(column) or "").strip() in cells for column, cells in rule.when.items()):
                row_id = _text(row, rule.id) if rule.id else ""
                try:
                    outcomes.append((row_id, self._converted(row, rule, nth, row_id, place)))
                except CellError as error:
                    outcomes.append((row_id, LeftOver(place, rule.type, str(error))))
        if not outcomes:
            yield LeftOver(place, "row", "no rule of the mapping takes this row")
        for row_id in {row_id: None for row_id, _ in outcomes}:
            made = [outcome for other, outcome in outcomes if other == row_id]
            taken = self._taken(number, row_id, made) if row_id else None
            yield from made if taken is None else [taken]

    def _others(self, client: str, number: int, row_id: str) -> tuple[str, ...]:
        """The ids of the entries that the row would make if another rule took it: a visit missed, not attended."""
        rules = enumerate(self.mapping.entries) if row_id else ()
        others = [(nth, rule) for nth, rule in rules if nth != number]
        return tuple(key for nth, rule in others for key in self._keys(client, rule.type, row_id, nth))

    def _keys(self, client: str, *parts: object) -> list[str]:
        """The ids of an entry of a row with an id, the one that counts first; earlier releases knew those of clients.

        A row that was moved to another client is known by an id without one; where each client's rows have numbers of
        their own, it tells two rows apart.
        """
        spellings = dict.fromkeys((canonical(client), client))
        of_client = [entry_id("table", spelling, *parts) for spelling in spellings]
        of_table = [entry_id("table", *parts)]
        return of_client + of_table if self.mapping.per_client else of_table + of_client

    def _taken(self, number: int, row_id: str, made: list[Converted | LeftOver]) -> LeftOver | None:
        """Why a row is left over whose id an earlier row with other content has; None where none has."""
        lines = [item.line for item in made if isinstance(item, Converted)]
        if not lines:
            return None
        key = _digest([canonical(lines[0]["client"]), row_id])
        digest = _digest([{**line, "client": canonical(line["client"])} for line in lines])
        earlier, before = self.ids.setdefault(key, (number, digest))
        if before == digest:
            return None
        reason = f"id: {OTHER_CONTENT}, by line {earlier}: give each row an id of its own"
        return LeftOver(f"line {number}", lines[0]["type"], reason)

    def _converted(self, row: Row, rule: EntryRule, number: int, row_id: str, place: str) -> Converted:
        """The entry that a rule makes of a row; its id is the same however the chart number is spelled.

        Earlier releases made it of the spelling.
        """
        line = self._line(row, rule)
        client = line["client"]
        keys = self._keys(client, rule.type, row_id, number) if row_id else self._by_content(line)
        others = self._others(client, number, row_id)
        return Converted(place, {**line, "event_id": keys[0]}, formerly=tuple(keys[1:]), others=others)

    def _by_content(self, line: Line) -> list[str]:
        """The ids of an entry of a row without an id: what it says, and its place among equals."""
        keys: list[str] = []
        for spelling in dict.fromkeys((canonical(line["client"]), line["client"])):
            parts = [spelling, *(line[name] for name in ("type", "occurred_at", "data"))]
            content = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS).decode()
            self.repeats[content] += 1
            keys.append(entry_id("table", content, self.repeats[content]))
        return keys

    def _line(self, row: Row, rule: EntryRule) -> Line:
        client = _text(row, rule.client)
        if not client:
            msg = f"{_named(rule.client)}: is empty: a row needs its client"
            raise CellError(msg)
        data = {name: converted for name, value in rule.data.items() if (converted := _value(row, value)) is not None}
        occurred_at = self._moment(row, rule.occurred_at, clock_of(rule.type, data))
        site = (_text(row, rule.site) if rule.site else "") or self.source.site
        actor = _text(row, rule.actor) if rule.actor else ""
        return line(client, rule.type, occurred_at, data, "", site=site, actor=actor, source="table")

    def _moment(self, row: Row, value: Value, bare: time) -> str:
        """A clinical time with its offset; a day alone is this time of it there."""
        cell = _text(row, value)
        if not cell:
            msg = f"{_named(value)}: is empty: a row needs the time when it happened"
            raise CellError(msg)
        if value.format:
            when = _parsed(cell, value)
            dated = not any(code in value.format for code in ("%H", "%I", "%T", "%X", "%c"))
        else:
            when, dated = _iso(cell, value), _is_day(cell)
        when = at_clock(when, bare) if dated else when
        try:
            return self.source.moment(when, self.mapping.repeated).isoformat()
        except ZoneError as error:
            hint = "" if self.mapping.repeated else ', or the mapping repeated_hour = "first" or "second"'
            msg = f"{_named(value)}: {error}{hint if 'twice' in str(error) else ''}"
            raise CellError(msg) from None


def import_table(
    log: EventLog,
    path: Path,
    mapping: Mapping,
    *,
    source: Source | None = None,
    origin: Origin | None = None,
    progress: Callable[[int], None] | None = None,
) -> TableResult:
    """Import one CSV file. Restartable: a row that was recorded is recognised by its id or its content.

    ``source`` is what is known of where it comes from; times without an offset are in its zone, unless the mapping
    says another, else UTC. ``origin`` says who imports, and whether it is a trial, which records nothing.

    Raises:
        ImportFileError: the file cannot be read, its header names a column twice or none, or lacks columns that the
            mapping names.
    """
    numbered = mapping.per_client or _is_numbered_per_client(path, mapping)
    reading = _reading(replace(mapping, per_client=numbered), source)
    result = record(log, reading.of(path), origin=origin, progress=progress)
    return TableResult(**{field.name: getattr(result, field.name) for field in fields(result)}, read=reading.read)


def _is_numbered_per_client(path: Path, mapping: Mapping) -> bool:
    """Whether rows of two clients have one id in the file."""
    clients: dict[bytes, bytes] = {}
    for _, row in rows(path, mapping):
        if isinstance(row, Misshapen):
            continue
        for rule in mapping.entries:
            row_id = _text(row, rule.id) if rule.id else ""
            client = canonical(_text(row, rule.client)) if row_id else ""
            if client and clients.setdefault(_digest([row_id]), key := _digest([client])) != key:
                return True
    return False


def preview(path: Path, mapping: Mapping, count: int = 5, *, source: Source | None = None) -> list[dict[str, object]]:
    """What the first rows would become, for a look before an import; what would be left over, with the reason."""
    previews: list[dict[str, object]] = []
    for item in islice(_reading(mapping, source).of(path), count * len(mapping.entries)):
        outcome = item if isinstance(item, LeftOver) else _unfit(item) or item.line
        if isinstance(outcome, LeftOver):
            row = (outcome.place, "", "left over", "", outcome.reason)
        else:
            named = (outcome[name] for name in ("client", "type", "occurred_at"))
            row = (item.place, *named, orjson.dumps(outcome["data"]).decode())
        previews.append(dict(zip(PREVIEW_COLUMNS, row, strict=True)))
    return previews


def _unfit(item: Converted) -> LeftOver | None:
    """Why a line is none that can be recorded, whenever it happened."""
    latest = datetime.max.replace(tzinfo=UTC)
    try:
        prepare(0, orjson.dumps(item.line), b"", latest, keep_recorded_at=False)
    except RejectedLineError as error:
        return LeftOver(item.place, item.line["type"], str(error))
    return None


def _reading(mapping: Mapping, source: Source | None) -> Reading:
    known = source or Source()
    return Reading(mapping, replace(known, zone=mapping.zone or known.zone or ZoneInfo("UTC")))


def _digest(content: object) -> bytes:
    return hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _text(row: Row, value: Value) -> str:
    if not value.columns:
        return str(value.fixed or "")
    return " ".join(cell for column in value.columns if (cell := (row.get(column) or "").strip()))


def _value(row: Row, value: Value) -> Any:
    if not value.columns:
        return value.fixed
    cell = _text(row, value)
    if not cell:
        return None
    if value.split:
        return [_translated(part.strip(), value) for part in cell.split(value.split) if part.strip()]
    if value.format:
        when = _parsed(cell, value)
        return when.date().isoformat() if value.date else when.isoformat()
    return _translated(cell, value)


def _translated(cell: str, value: Value) -> Any:
    if value.values is None:
        return cell
    if cell in value.values:
        return value.values[cell]
    if value.otherwise is not None:
        return value.otherwise
    msg = f"{_named(value)}: holds a value that the mapping does not translate: add it to values, or give otherwise"
    raise CellError(msg)


def _parsed(cell: str, value: Value) -> datetime:
    try:
        return _sane(datetime.strptime(cell, value.format), value)  # noqa: DTZ007 - it is located where it is used
    except ValueError:
        msg = f"{_named(value)}: is not written as {value.format}"
        raise CellError(msg) from None


def _sane(when: datetime, value: Value) -> datetime:
    if when.year < EARLIEST:
        msg = f"{_named(value)}: its year is before {EARLIEST}: write it in full"
        raise CellError(msg)
    return when


def _is_day(cell: str) -> bool:
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _iso(cell: str, value: Value) -> datetime:
    try:
        return _sane(datetime.fromisoformat(cell), value)
    except ValueError:
        msg = f"{_named(value)}: is no ISO 8601 time: give the mapping its format, as %m/%d/%Y %H:%M"
        raise CellError(msg) from None


def _named(value: Value) -> str:
    return f"column {' and '.join(value.columns)}" if value.columns else "value"
