"""The real, de-identified tables of CTN-0094: not ours to ship, so whoever has them says where they are."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

VARIABLE = "CAREJOURNEY_SHARED"
LEFT_OUT = (
    f"no CTN-0094 tables: export those of the R package public.ctn0094data (docs/import.md says how), "
    f"and set {VARIABLE} to the folder that holds data/ctn0094"
)


def given() -> Path | None:
    """The folder of the tables, or nothing where nobody named one.

    Raises:
        FileNotFoundError: one was named, and the tables are not there.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    folder = Path(named).resolve() / "data" / "ctn0094"
    if not folder.is_dir():
        msg = f"{VARIABLE} is set, but {folder} does not exist: name the folder that holds data/ctn0094"
        raise FileNotFoundError(msg)
    return folder


def needed() -> Path:
    """The folder of the tables; a test that cannot do without is left out, and the last lines of the run say so."""
    folder = given()
    if folder is None:
        pytest.skip(LEFT_OUT)
    return folder


def some_of(whole: Path, folder: Path, one_in: int) -> Path:
    """The tables with one in so many of their people, written into a new folder."""
    folder.mkdir()
    for table in whole.glob("*.csv.gz"):
        head, *rows = gzip.decompress(table.read_bytes()).splitlines(keepends=True)
        if head.startswith(b"who,"):
            rows = [row for row in rows if int(row.partition(b",")[0]) % one_in == 0]
        (folder / table.name).write_bytes(gzip.compress(head + b"".join(rows)))
    return folder
