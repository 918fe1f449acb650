"""The form that says what the columns of a table mean, read as the keys of a mapping file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.i18n.language import translated
from api.web.writing.fields import Field, fields_of
from api.web.writing.submission import Posted
from api.whole_numbers import whole_number
from domain.events import CATALOGUE
from domain.events.catalogue import BOOKKEEPING
from infra.interop.importers.tables.profile import Look

MOST_ENTRIES = 6
TOP = ("client", "id", "site", "actor")
_LISTS = frozenset({"lines", "ratings"})
_CHOSEN = frozenset({"choice", "yes"})
_DATED = "date"


@dataclass(frozen=True, slots=True)
class Filled:
    """A field of an entry as the form shows it: its column, a fixed value, what its cells mean, how it is written."""

    field: Field
    column: str
    fixed: str
    values: str
    written: str
    suggested: bool

    @property
    def is_list(self) -> bool:
        """Whether a cell holds several."""
        return self.field.kind in _LISTS

    @property
    def is_chosen(self) -> bool:
        """Whether it takes certain values only."""
        return self.field.kind in _CHOSEN

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Those values."""
        return (("true", "yes"), ("false", "no")) if self.field.kind == "yes" else self.field.choices


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of entry as the form shows it."""

    number: int
    type: str
    when: str
    cells: str
    day: str
    time: str
    format: str
    fields: tuple[Filled, ...]
    fresh: bool  # its fields were not shown yet, only suggested


@cache
def types() -> tuple[str, ...]:
    """The types of entry that a row may make, those of a client's care."""
    return tuple(
        name for name, cls in sorted(CATALOGUE.types.items()) if name not in BOOKKEEPING and not cls.of_provider
    )


def rules_of(form: Posted | None, look: Look) -> list[Rule]:
    """The rules as they were typed; a new form begins with one, and with what headers suggest."""
    count = min(MOST_ENTRIES, max(1, _number(form.text("entries")))) if form else 1
    return [_rule(form, look, number) for number in range(count)]


def top_of(form: Posted | None, look: Look) -> dict[str, str]:
    """The columns that all entries share, as they were typed or are suggested."""
    return {name: _column(look, form.text(name)) if form else look.suggested(name) for name in TOP}


def _column(look: Look, typed: str) -> str:
    """The column of this name, blanks around it or not; empty where there is none."""
    return next((column for column in look.columns if column.strip() == typed), "") if typed else ""


def _rule(form: Posted | None, look: Look, number: int) -> Rule:
    def typed(name: str) -> str:
        return form.text(f"{number}.{name}") if form else ""

    kind = typed("type") if typed("type") in types() else ""
    fresh = form is None or typed("shown") != kind
    when, day, time = (_column(look, typed(name)) for name in ("when", "day", "time"))
    if form is None or (fresh and not day):
        day, time = look.suggested("day"), look.suggested("time")
    form_of = typed("format") or look.format_of([cell for cell in (day, time) if cell])
    cls = CATALOGUE.types.get(kind)
    fields = [field for field in fields_of(cls) if field.kind != "goals"] if cls else []
    filled = tuple(_filled(field, form, look, number, fresh=fresh) for field in fields)
    return Rule(number, kind, when, typed("cells"), day, time, form_of, filled, fresh and bool(kind))


def _filled(field: Field, form: Posted | None, look: Look, number: int, *, fresh: bool) -> Filled:
    at = f"{number}.f.{field.name}"
    column, fixed, values, written = (form.text(f"{at}.{part}") if form else "" for part in _PARTS)
    column = _column(look, column)
    suggested = fresh and not column and not fixed and bool(look.suggested(field.name))
    column = look.suggested(field.name) if suggested else column
    filled = Filled(field, column, fixed, values, written, suggested)
    if filled.is_chosen and column and not values.strip():
        values = "\n".join(f"{cell} = {_meant(cell, filled)}" for cell in look.cells.get(column, ()))
    if field.kind == _DATED and column and not written:
        written = look.format_of([column])
    return Filled(field, column, fixed, values, written, suggested)


_PARTS = ("column", "fixed", "values", "written")


def _meant(cell: str, filled: Filled) -> str:
    """The value that a cell spells out; empty where it spells none."""
    plain = cell.casefold().replace(" ", "_")
    words = {translated(words).casefold(): value for value, words in filled.choices}
    values = {value.casefold(): value for value, _ in filled.choices}
    return values.get(plain) or words.get(cell.casefold(), "")


def mapping_said(form: Posted, look: Look) -> dict[str, Any]:
    """The keys of a mapping file that a form says; checking them is the mapping's own business."""
    top: dict[str, Any] = {name: column for name, column in top_of(form, look).items() if column}
    for name in ("time_zone", "repeated_hour"):
        if form.text(name):
            top[name] = form.text(name)
    if look.delimiter != ",":
        top["delimiter"] = look.delimiter
    if look.encoding != "utf-8-sig":
        top["encoding"] = look.encoding
    return {**top, "entry": [_entry(rule) for rule in rules_of(form, look) if rule.type]}


def _entry(rule: Rule) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": rule.type}
    cells = [line.strip() for line in rule.cells.splitlines() if line.strip()]
    if rule.when and cells:
        entry["when"] = {rule.when: cells}
    columns = [cell for cell in (rule.day, rule.time) if cell]
    if columns:
        entry["occurred_at"] = _columns(columns) | ({"format": rule.format} if rule.format else {})
    entry["data"] = {filled.field.name: value for filled in rule.fields if (value := _value(filled)) is not None}
    return entry


def _columns(columns: Sequence[str]) -> dict[str, Any]:
    return {"column": columns[0]} if len(columns) == 1 else {"columns": list(columns)}


def _value(filled: Filled) -> Any:
    if not filled.column:
        return _fixed(filled) if filled.fixed else None
    entry: dict[str, Any] = {"column": filled.column}
    pairs = [line.rpartition("=") for line in filled.values.splitlines() if line.strip()]
    values = {cell.strip(): _typed(filled, value.strip()) for cell, _, value in pairs if cell.strip() and value.strip()}
    if values or (pairs and filled.is_chosen):
        entry["values"] = values
    if filled.is_list:
        entry["split"] = filled.written or ";"
    elif filled.field.kind == _DATED and filled.written:
        entry |= {"format": filled.written, "date": True}
    return entry


def _fixed(filled: Filled) -> Any:
    if filled.is_list:
        return [part.strip() for part in filled.fixed.split(";") if part.strip()]
    return _typed(filled, filled.fixed)


def _typed(filled: Filled, text: str) -> Any:
    """A value as TOML has it: what is neither yes nor no, or no number, is left for the entry to refuse."""
    if filled.field.kind == "yes":
        return {"true": True, "false": False}.get(text.casefold(), text)
    if filled.field.kind == "number" or filled.field.whole:
        return text if whole_number(text.removeprefix("-"), 9) is None else _number(text)
    return text


def _number(text: str) -> int:
    return (whole_number(text.removeprefix("-"), 9) or 0) * (-1 if text.startswith("-") else 1)
