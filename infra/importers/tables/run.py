"""Read a CSV file by its mapping: each row makes the entries that its rules say, or is left over with the reason."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from infra.importers.converted import ConvertedResult, line, record
from infra.importers.events.run import ImportFileError
from infra.importers.items import Converted, LeftOver, Line, entry_id
from infra.importers.tables.mapping import EntryRule, Mapping, Value
from infra.store.log import EventLog

Row = dict[str, str]
PREVIEW_COLUMNS = ("place", "type", "occurred_at", "data")


class CellError(ValueError):
    """A cell cannot be read; the message names the column and the remedy, never the cell."""


def import_table(log: EventLog, path: Path, mapping: Mapping, *, dry_run: bool = False) -> ConvertedResult:
    """Import one CSV file. Restartable: a row that was recorded is recognised by its id or its content.

    Raises:
        ImportFileError: the file cannot be read, or lacks columns that the mapping names.
    """
    return record(log, converted(path, mapping), dry_run=dry_run)


def preview(path: Path, mapping: Mapping, rows: int = 5) -> list[dict[str, object]]:
    """What the first rows would become, for a look before an import."""
    found: list[dict[str, object]] = []
    for item in islice(converted(path, mapping), rows * len(mapping.entries)):
        if isinstance(item, LeftOver):
            found.append({"place": item.place, "type": "left over", "occurred_at": "", "data": item.reason})
        else:
            said = orjson.dumps(item.line["data"]).decode()
            occurred_at = item.line["occurred_at"]
            found.append({"place": item.place, "type": item.line["type"], "occurred_at": occurred_at, "data": said})
    return found


def converted(path: Path, mapping: Mapping) -> Iterator[Converted | LeftOver]:
    """The entries of each row, in the file's order."""
    repeats: Counter[str] = Counter()
    with _opened(path, mapping) as reader:
        for row in reader:
            place = f"line {reader.line_num}"
            yield from _row(place, row, mapping, repeats)


@contextmanager
def _opened(path: Path, mapping: Mapping) -> Generator[csv.DictReader[str]]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as raw:
            packed: Any = raw
            text = io.TextIOWrapper(packed, encoding=mapping.encoding, newline="")
            reader = csv.DictReader(text, delimiter=mapping.delimiter, strict=True)
            missing = sorted(mapping.columns - set(reader.fieldnames or ()))
            if missing:
                have = ", ".join(reader.fieldnames or ())
                msg = f"{path.name}: no column {', '.join(missing)}: its columns are {have}"
                raise ImportFileError(msg)
            yield reader
    except (OSError, EOFError, UnicodeDecodeError, LookupError, csv.Error) as error:
        msg = f"{path.name}: {error}: give a CSV file of the mapping's encoding and delimiter"
        raise ImportFileError(msg) from None


def _row(place: str, row: Row, mapping: Mapping, repeats: Counter[str]) -> Iterator[Converted | LeftOver]:
    made = False
    for number, rule in enumerate(mapping.entries):
        if not all((row.get(column) or "").strip() in cells for column, cells in rule.when.items()):
            continue
        made = True
        try:
            yield Converted(place, _line(row, rule, number, mapping, repeats))
        except CellError as error:
            yield LeftOver(place, rule.type, str(error))
    if not made:
        yield LeftOver(place, "row", "no rule of the mapping takes this row")


def _line(row: Row, rule: EntryRule, number: int, mapping: Mapping, repeats: Counter[str]) -> Line:
    client = _text(row, rule.client)
    if not client:
        msg = f"{_named(rule.client)}: is empty: a row needs its client"
        raise CellError(msg)
    occurred_at = _moment(row, rule.occurred_at, mapping)
    data = {name: found for name, value in rule.data.items() if (found := _value(row, value)) is not None}
    own = _text(row, rule.id) if rule.id else ""
    said = orjson.dumps([client, rule.type, occurred_at, data], option=orjson.OPT_SORT_KEYS).decode()
    repeats[said] += 0 if own else 1
    key = entry_id("table", client, rule.type, own, number) if own else entry_id("table", said, repeats[said])
    site = _text(row, rule.site) if rule.site else ""
    actor = _text(row, rule.actor) if rule.actor else ""
    return line(client, rule.type, occurred_at, data, key, site=site, actor=actor, source="table")


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
        found = _parsed(cell, value)
        return found.date().isoformat() if value.date else found.isoformat()
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
        return datetime.strptime(cell, value.format)  # noqa: DTZ007 - the mapping's zone is given to it where it is used
    except ValueError:
        msg = f"{_named(value)}: is not written as {value.format}"
        raise CellError(msg) from None


def _moment(row: Row, value: Value, mapping: Mapping) -> str:
    """A clinical time with its offset; a day alone is noon there."""
    cell = _text(row, value)
    if not cell:
        msg = f"{_named(value)}: is empty: a row needs the time when it happened"
        raise CellError(msg)
    if value.format:
        found = _parsed(cell, value)
        dated = not any(code in value.format for code in ("%H", "%I", "%T", "%X", "%c"))
    else:
        found, dated = _iso(cell, value), len(cell) == len("2026-01-31")
    found = found.replace(hour=12) if dated else found
    return (found if found.tzinfo else found.replace(tzinfo=mapping.zone)).isoformat()


def _iso(cell: str, value: Value) -> datetime:
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        msg = f"{_named(value)}: is no ISO 8601 time: give the mapping its format, as %m/%d/%Y %H:%M"
        raise CellError(msg) from None


def _named(value: Value) -> str:
    return f"column {' and '.join(value.columns)}" if value.columns else "value"
