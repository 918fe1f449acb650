"""Read one table from ``NAME.csv.gz`` or ``NAME.csv``, every problem named by file, line and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Generic, NamedTuple, TypeVar, cast

from domain.errors import ExpectedError
from infra.interop.importers.packed_files import NOT_WHOLE, PackedTooWellError, opened

R = TypeVar("R")

SHOWN_PROBLEMS = 20
_EXPORT = "export it again from the R package public.ctn0094data"
_FARTHEST_DAY = 36_525


class TablesError(ExpectedError):
    """The tables cannot be read; the message names each file, line and column, and the remedy."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep every problem; the message shows the first ones."""
        self.problems = list(problems)
        more = len(self.problems) - SHOWN_PROBLEMS
        shown = [*self.problems[:SHOWN_PROBLEMS], *([f"… and {more} more"] if more > 0 else [])]
        super().__init__("\n".join(shown))


class Column(NamedTuple):
    """A column: its name in the header, how to read a cell (else ``ValueError``), what it should be."""

    name: str
    parse: Callable[[str], Any]
    meaning: str


@dataclass(slots=True)
class Table(Generic[R]):
    """A table's rows by person, each person's in the order of the file. Rows of no person stand under 0."""

    name: str
    count: int = 0
    by_who: dict[int, list[R]] = field(default_factory=dict[int, list[R]])

    def of(self, who: int) -> list[R]:
        """The rows of a person."""
        return self.by_who.get(who, [])


def text(name: str) -> Column:
    """A column of words; ``NA`` and an empty cell are an empty word."""
    return Column(name, _word, "a text")


def person(name: str = "who") -> Column:
    """A column of people's numbers."""
    return Column(name, _person, "a person's number (1 or more)")


def number(name: str) -> Column:
    """A column of whole numbers from 0."""
    return Column(name, _whole, "a whole number from 0")


def number_or_empty(name: str) -> Column:
    """A column of whole numbers from 0, or empty."""
    return Column(name, _whole_or_none, "a whole number from 0, or empty")


def day(name: str = "when") -> Column:
    """A column of days relative to consent (day 0), or empty."""
    return Column(name, _day_or_none, "a day relative to consent (a whole number within 100 years), or empty")


def one_of(name: str, *words: str) -> Column:
    """A column with a closed list of words (an empty word stands for an empty cell)."""
    known = {word: word for word in words}

    def parse(cell: str) -> str:
        word = known.get("" if cell == "NA" else cell)
        if word is None:
            raise ValueError(cell)
        return word

    return Column(name, parse, "one of " + ", ".join(word or "(empty)" for word in words))


def read_table(
    directory: Path, name: str, columns: Sequence[Column], make: Callable[..., R], problems: list[str]
) -> Table[R]:
    """Read a table; ``make(row number, *cells after who)`` builds a row, the first being 1.

    Problems are added to ``problems``.

    A table without a column of people keeps all its rows under person 0. Blank lines are no rows.
    """
    table = Table[R](name)
    path = _found(directory, name)
    if path is None:
        problems.append(f"{directory / name}.csv.gz: no such file: {_EXPORT}, or give the folder that holds it")
        return table
    try:
        with _opened(path) as file:
            _fill(table, csv.reader(file, strict=True), columns, make, path.name, problems)
    except PackedTooWellError as error:
        problems.append(f"{path.name}: {error}")
    except NOT_WHOLE as error:
        problems.append(f"{path.name}: not a whole gzip file ({error}): copy it again, or {_EXPORT}")
    except UnicodeDecodeError as error:
        problems.append(f"{path.name}: not UTF-8 text ({error.reason}): save it as UTF-8, or {_EXPORT}")
    except OSError as error:
        problems.append(f"{path.name}: {error.strerror}: make the file readable")
    return table


def _fill(
    table: Table[R],
    reader: Any,
    columns: Sequence[Column],
    make: Callable[..., R],
    file: str,
    problems: list[str],
) -> None:
    rows = _rows(reader, file, problems)
    header = next(rows, list[str]())
    missing = [column.name for column in columns if column.name not in header]
    if missing:
        problems.append(f"{file}: column {', '.join(missing)} is missing: {_EXPORT} with all its columns")
        return
    plan = [(column.parse, header.index(column.name)) for column in columns]
    width = len(header)
    by_who = table.by_who
    of_people = columns[0].name == "who"
    for cells in rows:
        if not cells:
            continue
        try:
            values = [parse(cells[place]) for parse, place in plan]
            if len(cells) != width:
                raise IndexError
        except (ValueError, IndexError):
            problems += _diagnosed(cells, columns, header, f"{file}, line {reader.line_num}")
            continue
        table.count += 1
        if of_people:
            by_who.setdefault(values[0], []).append(make(table.count, *values[1:]))
        else:
            by_who.setdefault(0, []).append(make(table.count, *values))


def _rows(reader: Iterator[list[str]], file: str, problems: list[str]) -> Iterator[list[str]]:
    """The rows; broken quoting ends the table with a problem."""
    try:
        yield from reader
    except csv.Error as error:
        line = cast("Any", reader).line_num
        problems.append(f"{file}, line {line}: not CSV ({error}): correct the line, or {_EXPORT}")


def _diagnosed(cells: list[str], columns: Sequence[Column], header: list[str], where: str) -> Iterator[str]:
    if len(cells) != len(header):
        counts = f"{len(cells)} cells where the header has {len(header)}"
        yield f"{where}: {counts}: correct the line, or {_EXPORT}"
        return
    for column in columns:
        cell = cells[header.index(column.name)]
        try:
            column.parse(cell)
        except ValueError:
            yield f"{where}, column {column.name}: {cell[:40]!r} is not {column.meaning}: correct the cell"


def _found(directory: Path, name: str) -> Path | None:
    candidates = (directory / f"{name}.csv.gz", directory / f"{name}.csv")
    return next((path for path in candidates if path.is_file()), None)


@contextmanager
def _opened(path: Path) -> Generator[IO[str]]:
    with opened(path) as raw:
        yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


# Cells repeat by the thousand: a cache reads them once, and equal words become one object.


@lru_cache(maxsize=50_000)
def _word(cell: str) -> str:
    return "" if cell == "NA" else cell.strip()


@lru_cache(maxsize=50_000)
def _whole(cell: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) < 10):
        raise ValueError(cell)
    return int(cell)


@lru_cache(maxsize=50_000)
def _person(cell: str) -> int:
    if _whole(cell) == 0:
        raise ValueError(cell)
    return int(cell)


@lru_cache(maxsize=50_000)
def _whole_or_none(cell: str) -> int | None:
    return None if cell in ("", "NA") else _whole(cell)


@lru_cache(maxsize=50_000)
def _day_or_none(cell: str) -> int | None:
    if cell in ("", "NA"):
        return None
    days = -_whole(cell[1:]) if cell.startswith("-") else _whole(cell)
    if abs(days) > _FARTHEST_DAY:
        raise ValueError(cell)
    return days
