"""The mapping file (TOML): which entries a row makes, and of which columns.

Every problem is found before a row is read, and names the key and what it should be.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import orjson

from domain.events import CATALOGUE
from domain.events.catalogue import BOOKKEEPING
from infra.interop.importers.events.run import ImportFileError
from infra.interop.importers.zones import Repeated, ZoneError, zone

_TOP = {
    "client",
    "id",
    "id_per_client",
    "time_zone",
    "repeated_hour",
    "delimiter",
    "encoding",
    "site",
    "actor",
    "entry",
}
_ENTRY = {"type", "when", "occurred_at", "data", "client", "id", "site", "actor"}
_VALUE = {"column", "columns", "value", "values", "otherwise", "format", "split", "date"}


class MappingError(ImportFileError):
    """The mapping file cannot be used; the message names every problem by its key."""


@dataclass(frozen=True, slots=True)
class Value:
    """Where a value comes from: fixed, or from columns (joined by a space), translated, or read as a moment.

    ``values`` translates cells; a cell that it does not hold is an error unless ``otherwise`` is given. ``split`` makes
    a list of a cell. ``format`` (``strptime``) reads it as a moment, with ``date`` as a day. An empty cell is no value.
    """

    columns: tuple[str, ...] = ()
    fixed: Any = None
    values: dict[str, Any] | None = None
    otherwise: Any = None
    format: str = ""
    split: str = ""
    date: bool = False


@dataclass(frozen=True, slots=True)
class EntryRule:
    """One kind of entry that a row may make. ``when`` holds the cells, by column, that make it so."""

    type: str
    occurred_at: Value
    data: dict[str, Value]
    when: dict[str, tuple[str, ...]]
    client: Value
    id: Value | None
    site: Value | None
    actor: Value | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file, checked. ``zone`` is where times without an offset were written, if it says so; ``repeated``
    which of the hour that comes twice is meant. ``per_client``: each client's rows have numbers of their own.
    """

    entries: tuple[EntryRule, ...]
    zone: ZoneInfo | None = None
    repeated: Repeated | None = None
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    per_client: bool = False

    @property
    def columns(self) -> set[str]:
        """Every column that it reads."""
        columns: set[str] = set()
        for entry in self.entries:
            rules = [entry.occurred_at, entry.client, entry.id, entry.site, entry.actor, *entry.data.values()]
            columns.update(*(rule.columns for rule in rules if rule is not None), entry.when)
        return columns


def read_mapping(path: Path) -> Mapping:
    """Read and check a mapping file.

    Raises:
        MappingError: it is missing, not TOML, or says something that cannot be used.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        msg = f"{path.name}: {error.strerror}: give the path of a mapping file"
        raise MappingError(msg) from None
    except UnicodeDecodeError:
        msg = f"{path.name}: is not UTF-8: save it as UTF-8"
        raise MappingError(msg) from None
    return mapping_of(text, path.name)


def mapping_of(text: str, name: str) -> Mapping:
    """Check the text of a mapping file of this name.

    Raises:
        MappingError: it is not TOML, or says something that cannot be used.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name}: is not TOML: {error}"
        raise MappingError(msg) from None
    except RecursionError:
        msg = f"{name}: nests too deep: no mapping has so many levels"
        raise MappingError(msg) from None
    reader = _Reader()
    mapping = reader.mapping(given)
    if reader.problems:
        msg = f"{name}: " + "; ".join(reader.problems)
        raise MappingError(msg)
    return mapping


class _Reader:
    """Reads a mapping and gathers what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def mapping(self, given: dict[str, Any]) -> Mapping:
        self._only(given, _TOP, "")
        entries: Any = given.get("entry")
        if not isinstance(entries, list) or not entries:
            self.problems.append("entry: missing: write at least one [[entry]] with its type")
            entries = []
        self.problems += [
            f"entry {number}: is not a table: write [[entry]] and its keys below"
            for number, entry in enumerate(cast("list[Any]", entries), start=1)
            if not isinstance(entry, dict)
        ]
        rules = tuple(
            self._entry(cast("dict[str, Any]", entry), given, f"entry {number}")
            for number, entry in enumerate(cast("list[Any]", entries), start=1)
            if isinstance(entry, dict)
        )
        delimiter, encoding = str(given.get("delimiter", ",")), str(given.get("encoding", "utf-8-sig"))
        if len(delimiter) != 1 or delimiter in '"\r\n':
            self.problems.append("delimiter: is not one character between cells, as ; or \\t")
            delimiter = ","
        try:
            "".encode(encoding)
        except (LookupError, ValueError):
            self.problems.append(f"encoding: {encoding!r} is none that is known, as utf-8, cp1252 or utf-16")
        per_client = given.get("id_per_client", False)
        if not isinstance(per_client, bool):
            self.problems.append("id_per_client: is neither true nor false")
        return Mapping(rules, self._zone(given), self._repeated(given), delimiter, encoding, per_client is True)

    def _zone(self, given: dict[str, Any]) -> ZoneInfo | None:
        if "time_zone" not in given:
            return None
        try:
            return zone(str(given["time_zone"]))
        except ZoneError as error:
            self.problems.append(f"time_zone: {error}")
            return None

    def _repeated(self, given: dict[str, Any]) -> Repeated | None:
        repeated = given.get("repeated_hour")
        if repeated not in (None, "first", "second"):
            self.problems.append('repeated_hour: is neither "first" nor "second"')
            return None
        return repeated

    def _entry(self, given: dict[str, Any], top: dict[str, Any], place: str) -> EntryRule:
        self._only(given, _ENTRY, f"{place}.")
        kind = str(given.get("type", ""))
        known = {
            name: event_type
            for name, event_type in CATALOGUE.types.items()
            if name not in BOOKKEEPING and not event_type.of_provider
        }
        if kind not in known:
            self.problems.append(f"{place}.type: {kind!r} is no type of entry: docs/events.md lists them")
        fields: set[str] = set()
        if kind in known:
            fields = {field.alias or name for name, field in known[kind].model_fields.items()}
        data = given.get("data", {})
        if not isinstance(data, dict):
            self.problems.append(f"{place}.data: is not a table of fields")
            data = {}
        values: dict[str, Value] = {}
        for name, value in cast("dict[str, Any]", data).items():
            if kind in known and name not in fields:
                self.problems.append(
                    f"{place}.data.{name}: {kind} has no such field: it has {', '.join(sorted(fields))}"
                )
            values[name] = self.value(value, f"{place}.data.{name}")
        return EntryRule(
            type=kind,
            occurred_at=self._needed(given, "occurred_at", place),
            data=values,
            when=self._when(given.get("when", {}), place),
            client=self._needed({**top, **given}, "client", place),
            id=self._optional(given, top, "id", place),
            site=self._optional(given, top, "site", place),
            actor=self._optional(given, top, "actor", place),
        )

    def _needed(self, given: dict[str, Any], name: str, place: str) -> Value:
        if name not in given:
            self.problems.append(f'{place}.{name}: missing: name its column, as {name} = "COLUMN"')
            return Value()
        return self._column(given[name], f"{place}.{name}")

    def _optional(self, given: dict[str, Any], top: dict[str, Any], name: str, place: str) -> Value | None:
        rule = given.get(name, top.get(name))
        return None if rule is None else self._column(rule, f"{place}.{name}")

    def _column(self, given: Any, place: str) -> Value:
        """A bare word is a column here."""
        return Value(columns=(given,)) if isinstance(given, str) else self.value(given, place)

    def value(self, given: Any, place: str) -> Value:
        """What a field's value comes from; a bare value is that value."""
        if not _can_be_written(given):
            self.problems.append(f"{place}: holds a number that no entry can hold: write another, or a text")
            return Value()
        if not isinstance(given, dict):
            return Value(fixed=given)
        table = cast("dict[str, Any]", given)
        self._only(table, _VALUE, f"{place}.")
        if "value" in table:
            return Value(fixed=table["value"])
        columns = table.get("columns", [table["column"]] if "column" in table else [])
        if not isinstance(columns, list) or not columns:
            self.problems.append(f"{place}: names no column and no value")
            columns = []
        values = table.get("values")
        if values is not None and not isinstance(values, dict):
            self.problems.append(f"{place}.values: is not a table of cell = value")
            values = None
        return Value(
            columns=tuple(map(str, cast("list[Any]", columns))),
            values=cast("dict[str, Any] | None", values),
            otherwise=table.get("otherwise"),
            format=str(table.get("format", "")),
            split=str(table.get("split", "")),
            date=bool(table.get("date", False)),
        )

    def _when(self, given: Any, place: str) -> dict[str, tuple[str, ...]]:
        if not isinstance(given, dict):
            self.problems.append(f'{place}.when: is not a table of COLUMN = ["cell", …]')
            return {}
        return {
            str(name): tuple(map(str, cast("list[Any]", cells) if isinstance(cells, list) else [cells]))
            for name, cells in cast("dict[str, Any]", given).items()
        }

    def _only(self, given: dict[str, Any], known: set[str], place: str) -> None:
        for name in sorted(given.keys() - known):
            self.problems.append(f"{place}{name}: no such key: there are {', '.join(sorted(known))}")


def _can_be_written(value: Any) -> bool:
    """Whether JSON has it: TOML knows endless numbers, and any number of digits."""
    try:
        json.dumps(value, allow_nan=False, default=str)
        orjson.dumps(value)
    except (TypeError, ValueError):
        return False
    return True
