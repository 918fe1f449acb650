"""Read a CSV file: its header checked, and every row with the line that it stands on."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from infra.interop.importers.events.run import ImportFileError
from infra.interop.importers.packed_files import UNREADABLE, opened, why_unreadable
from infra.interop.importers.tables.mapping import Mapping

if TYPE_CHECKING:
    from _csv import Reader

Row = dict[str, str]
_DELIMITERS = ";\t|,"
csv.field_size_limit(10_000_000)  # a column that no entry is made of may hold a whole document


@dataclass(frozen=True, slots=True)
class Misshapen:
    """A row that has not one cell for each column."""

    cells: int
    columns: int

    def __str__(self) -> str:
        """Why it cannot be read, and the remedy."""
        return f"{self.cells} cells, {self.columns} columns: quote cells that hold a comma, and leave none out"


def rows(path: Path, mapping: Mapping) -> Iterator[tuple[int, Row | Misshapen]]:
    """Each row with the number of its line. The whole file is looked through before the first one, so that another
    encoding than the mapping's, or quotes that are not closed, are found before anything is recorded.

    Raises:
        ImportFileError: the file cannot be read, or its header is not one name for each column.
    """
    _look_through(path, mapping)
    with _opened(path, mapping) as text:
        reader = _reader(text, mapping)
        header = next(reader, list[str]())
        _check_header(path, header, mapping)
        for cells in reader:
            if len(cells) == len(header):
                yield reader.line_num, dict(zip(header, cells, strict=True))
            elif cells:
                yield reader.line_num, Misshapen(len(cells), len(header))


def _reader(text: Iterable[str], mapping: Mapping) -> Reader:
    return csv.reader(text, delimiter=mapping.delimiter, strict=True)


def _check_header(path: Path, header: list[str], mapping: Mapping) -> None:
    missing = sorted(mapping.columns - set(header))
    if missing and not mapping.columns & set(header):  # it may be a row about somebody: nothing of it is shown
        msg = f"{path.name}: line 1 names no column {', '.join(missing)}: {_remedy(header, mapping)}"
        raise ImportFileError(msg)
    problems: list[str] = []
    if any(not name.strip() for name in header):
        problems.append("a column has no name: name each")
    alike = Counter(_read_as(name) for name in header)  # nobody sees which of two names has a blank before it
    used = {name for name in header if alike[_read_as(name)] > 1 and name in mapping.columns}
    twice = sorted(used | {name for name in header if name.strip() and header.count(name) > 1})
    if twice:
        problems.append(f"column {', '.join(twice)} is there more than once: give each column a name of its own")
    if missing:
        problems.append(f"no column {', '.join(missing)}: its columns are {', '.join(header)}")
    if problems:
        msg = f"{path.name}: {'; '.join(problems)}"
        raise ImportFileError(msg)


def _remedy(header: list[str], mapping: Mapping) -> str:
    """What to do about a first line that is no header of this mapping."""
    if not header:
        return "it is empty: give the table a header there"
    other = next((sign for sign in _DELIMITERS if len(header) == 1 and sign in header[0]), "")
    if other:
        ours, theirs = (orjson.dumps(sign).decode() for sign in (mapping.delimiter, other))
        return f"it holds no {ours}: give the mapping delimiter = {theirs}"
    return "give the table a header there, or name its columns in the mapping"


def _read_as(name: str) -> str:
    return " ".join(name.split()).casefold()


def _look_through(path: Path, mapping: Mapping) -> None:
    with _opened(path, mapping) as text:
        reader = _reader(_without_nul(text), mapping)
        begins = 1
        try:
            for _ in reader:
                begins = reader.line_num + 1
        except UnicodeError:
            msg = (
                f"{path.name}: is not written in {mapping.encoding}: save the file as UTF-8, or give the "
                'mapping its encoding, as encoding = "cp1252" or "utf-16"'
            )
            raise ImportFileError(msg) from None
        except csv.Error as error:
            msg = f"{path.name}: line {begins}: {error}: close the quotes of each cell, and double those within"
            raise ImportFileError(msg) from None


def _without_nul(text: Iterable[str]) -> Iterator[str]:
    for line in text:
        if "\x00" in line:
            raise UnicodeError
        yield line


@contextmanager
def _opened(path: Path, mapping: Mapping) -> Generator[io.TextIOWrapper]:
    try:
        if path.is_fifo():
            msg = f"{path.name}: is a pipe, and a table is read more than once: save it as a file"
            raise ImportFileError(msg)
        with opened(path) as raw:
            packed: Any = raw
            yield io.TextIOWrapper(packed, encoding=mapping.encoding, newline="")
    except UNREADABLE as error:
        msg = f"{path.name}: {why_unreadable(error, 'give the path of a CSV file')}"
        raise ImportFileError(msg) from None
