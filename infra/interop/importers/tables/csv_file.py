"""Read a CSV file: its header checked, and every row with the line that it stands on."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.interop.importers.events.run import ImportFileError
from infra.interop.importers.packed_files import NOT_WHOLE, PackedTooWellError, opened
from infra.interop.importers.tables.mapping import Mapping

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Misshapen:
    """A row that has not one cell for each column."""

    cells: int
    columns: int

    def __str__(self) -> str:
        """Why it cannot be read, and the remedy."""
        return f"{self.cells} cells, {self.columns} columns: quote cells that hold a comma, and leave none out"


def rows(path: Path, mapping: Mapping) -> Iterator[tuple[int, Row | Misshapen]]:
    """Each row with the number of its line. The whole file is decoded before the first one, so that an encoding that is
    not the mapping's is found before anything is recorded.

    Raises:
        ImportFileError: the file cannot be read, or its header is not one name for each column.
    """
    _check_encoding(path, mapping)
    with _opened(path, mapping) as text:
        reader = csv.reader(text, delimiter=mapping.delimiter, strict=True)
        try:
            header = next(reader, list[str]())
            _check_header(path, header, mapping)
            for cells in reader:
                if len(cells) == len(header):
                    yield reader.line_num, dict(zip(header, cells, strict=True))
                elif cells:
                    yield reader.line_num, Misshapen(len(cells), len(header))
        except csv.Error as error:
            msg = f"{path.name}: line {reader.line_num}: {error}: close its quotes; the rows before it were read"
            raise ImportFileError(msg) from None


def _check_header(path: Path, header: list[str], mapping: Mapping) -> None:
    problems: list[str] = []
    if any(not name.strip() for name in header):
        problems.append("a column has no name: name each")
    alike = Counter(_read_as(name) for name in header)  # nobody sees which of two names has a blank before it
    used = {name for name in header if alike[_read_as(name)] > 1 and name in mapping.columns}
    twice = sorted(used | {name for name in header if name.strip() and header.count(name) > 1})
    if twice:
        problems.append(f"column {', '.join(twice)} is there more than once: give each column a name of its own")
    missing = sorted(mapping.columns - set(header))
    if missing:
        problems.append(f"no column {', '.join(missing)}: its columns are {', '.join(header)}")
    if problems:
        msg = f"{path.name}: {'; '.join(problems)}"
        raise ImportFileError(msg)


def _read_as(name: str) -> str:
    return " ".join(name.split()).casefold()


def _check_encoding(path: Path, mapping: Mapping) -> None:
    try:
        with _opened(path, mapping) as text:
            if any("\x00" in line for line in text):
                raise UnicodeError
    except UnicodeError:
        msg = (
            f"{path.name}: is not written in {mapping.encoding}: save the file as UTF-8, or give the "
            'mapping its encoding, as encoding = "cp1252" or "utf-16"'
        )
        raise ImportFileError(msg) from None


@contextmanager
def _opened(path: Path, mapping: Mapping) -> Generator[io.TextIOWrapper]:
    try:
        with opened(path) as raw:
            packed: Any = raw
            yield io.TextIOWrapper(packed, encoding=mapping.encoding, newline="")
    except (OSError, PackedTooWellError, *NOT_WHOLE) as error:
        msg = f"{path.name}: {error}: give the path of a CSV file"
        raise ImportFileError(msg) from None
