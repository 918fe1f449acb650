"""Profile of a table before it has a mapping: its columns, some cells, and what they suggest.

A suggestion is shown to a person, who decides: nothing is taken over from one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from infra.interop.importers.events.run import ImportFileError
from infra.interop.importers.packed_files import UNREADABLE, lines, opened, why_unreadable

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8-sig", "cp1252", "utf-16")
FORMATS = (
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%d/%m/%Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%Y%m%d",
)
_ROWS = 500
_LONGEST = 1_000_000
_CELLS = 20
_LONGEST_CELL = 60
# Headers that other systems give, without case and signs; the first that a table has is suggested.
_HEADERS = {
    "client": ("chart", "chartnumber", "chartno", "mrn", "client", "clientid", "patient", "patientid", "recordnumber"),
    "id": ("id", "visit", "visitid", "encounterid", "rowid", "appointmentid", "eventid", "recordid"),
    "site": ("site", "facility", "location", "clinic"),
    "actor": ("staff", "provider", "author", "enteredby", "recordedby", "therapist"),
    "day": ("date", "day", "servicedate", "dateofservice", "dos", "visitdate", "occurredat", "datetime", "start"),
    "time": ("time", "starttime", "begintime"),
    "minutes": ("minutes", "duration", "mins", "durationminutes"),
    "name": ("name", "fullname", "clientname", "patientname"),
    "birth_date": ("birthdate", "dob", "dateofbirth", "birthday"),
    "kind": ("kind", "service", "servicetype", "type", "sessiontype"),
    "clinician": ("clinician", "therapist", "counselor", "provider"),
    "reason": ("reason", "dischargereason"),
    "level": ("level", "levelofcare", "loc"),
    "icd10": ("icd10", "icd", "diagnosis", "diagnosiscode", "dx"),
    "substance": ("substance", "drug"),
    "payer": ("payer", "insurance"),
    "score": ("score", "total"),
    "text": ("note", "text", "comment"),
}
_SIGNS = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class Look:
    """A table's columns, the first cells of each, each different one once, and how the file seems to be written."""

    columns: tuple[str, ...]
    cells: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    delimiter: str = ","
    encoding: str = "utf-8-sig"

    def suggested(self, name: str) -> str:
        """The column that a field of this name is likely to be in; empty where none is."""
        wanted = dict.fromkeys((*_HEADERS.get(name, ()), _plain(name)))
        by_name = {_plain(column): column for column in reversed(self.columns)}
        return next((by_name[header] for header in wanted if header in by_name), "")

    def format_of(self, columns: Sequence[str]) -> str:
        """The only format that all cells of these columns fit; empty for ISO 8601, and where several do."""
        cells = [" ".join(parts) for parts in zip(*(self.cells.get(column, ()) for column in columns), strict=False)]
        if not cells or all(map(_reads(datetime.fromisoformat), cells)):
            return ""
        fitting = [pattern for pattern in FORMATS if all(map(_reads(_by(pattern)), cells))]
        return fitting[0] if len(fitting) == 1 else ""


def looked_at(path: Path, delimiter: str = "", encoding: str = "") -> Look:
    """A look at a table; ``delimiter`` and ``encoding`` where they are given.

    Raises:
        ImportFileError: it cannot be read, or has no header.
    """
    try:
        with opened(path) as file:
            raw = b"".join(islice(lines(file, _LONGEST), _ROWS))
    except UNREADABLE as error:
        msg = f"{path.name}: {why_unreadable(error, 'give a CSV file')}"
        raise ImportFileError(msg) from None
    encoding = encoding if encoding in ENCODINGS else _encoding(raw)
    text = raw.decode(encoding, "replace")
    head = text.partition("\n")[0]
    delimiter = delimiter if delimiter in DELIMITERS else max(DELIMITERS, key=head.count)
    rows = _rows(text, delimiter)
    header = next(rows, list[str]())
    if not any(name.strip() for name in header):
        raise ImportFileError("the first line names no columns: give the table a header")
    cells: dict[str, dict[str, None]] = {name: {} for name in header}
    for row in rows:
        for name, cell in zip(header, row, strict=False):
            if cell.strip() and len(cells[name]) < _CELLS and len(cell) <= _LONGEST_CELL:
                cells[name][cell.strip()] = None
    return Look(
        tuple(dict.fromkeys(header)),
        {name: tuple(column_cells) for name, column_cells in cells.items()},
        delimiter,
        encoding,
    )


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error:
        return  # the import says where


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _plain(name: str) -> str:
    return _SIGNS.sub("", name.casefold())


def _by(form: str) -> Callable[[str], datetime]:
    return lambda cell: datetime.strptime(cell, form)  # noqa: DTZ007 - only whether it can be read


def _reads(read: Callable[[str], datetime]) -> Callable[[str], bool]:
    def reads(cell: str) -> bool:
        try:
            read(cell)
        except ValueError:
            return False
        return True

    return reads
