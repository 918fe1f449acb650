"""Tables that are no tables, or only nearly: what is wrong is said before a row is recorded, and no cell is shown."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from infra.eventstore.log import EventLog
from infra.interop.importers.events.run import ImportFileError
from infra.interop.importers.tables.mapping import read_mapping
from infra.interop.importers.tables.run import TableResult, import_table, preview

HEAD = "chart,id,day,note,other\n"
GOOD = "A-1,1,2026-01-05,seen,\n"
MAPPING = """
client = "chart"
time_zone = "America/New_York"
id = "id"
id_per_client = true
[[entry]]
type = "NoteAdded"
occurred_at = { column = "day" }
data = { text = { column = "note" } }
"""


def imported(log: EventLog, folder: Path, raw: bytes | str, name: str = "t.csv") -> TableResult:
    table, mapping = folder / name, folder / "m.toml"
    table.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    mapping.write_text(MAPPING)
    return import_table(log, table, read_mapping(mapping))


WRONG: dict[str, tuple[bytes | str, str]] = {
    "t.csv": ("", r"line 1 names no column chart, .*: it is empty: give the table a header there"),
    "blank.csv": ("\n" + HEAD + GOOD, "it is empty: give the table a header there"),
    "semicolon.csv": ((HEAD + GOOD).replace(",", ";"), r'it holds no ",": give the mapping delimiter = ";"'),
    "tab.csv": ((HEAD + GOOD).replace(",", "\t"), r'it holds no ",": give the mapping delimiter = "\\t"'),
    "headless.csv": (GOOD * 2, "give the table a header there, or name its columns in the mapping"),
    "same.csv": ("A-1,A-1,A-1\n", "give the table a header there, or name its columns in the mapping"),
    "open.csv": (
        HEAD + GOOD * 1500 + 'A-1,2,2026-01-05,"seen\n' + GOOD,
        "line 1502: .*: close the quotes of each cell",
    ),
    "within.csv": (HEAD + GOOD * 1500 + 'A-1,2,2026-01-05,"a"b"\n', "line 1502: .*: .* double those within"),
    "nul.csv": (HEAD + GOOD * 1500 + "A-1,2,2026-01-05,a\0b,\n", "is not written in utf-8-sig"),
    "cut.csv.gz": (gzip.compress((HEAD + GOOD).encode())[:-6], "not a whole gzip file .*: pack it again"),
    "none.csv.gz": (HEAD + GOOD, "not a whole gzip file .*: pack it again"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_table_is_said_before_a_row_is_recorded(embedded: EventLog, tmp_path: Path, name: str) -> None:
    raw, why = WRONG[name]
    with pytest.raises(ImportFileError, match=rf"^{name}: .*{why}") as caught:
        imported(embedded, tmp_path, raw, name)
    assert embedded.head() == 0
    assert not any(cell in str(caught.value) for cell in ("A-1", "2026", "seen"))


def test_a_table_is_read_more_than_once_and_no_pipe_is(embedded: EventLog, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "m.toml").write_text(MAPPING)
    mapping = read_mapping(tmp_path / "m.toml")
    for read in (
        lambda: preview(tmp_path / "pipe.csv", mapping),
        lambda: import_table(embedded, tmp_path / "pipe.csv", mapping),
    ):
        with pytest.raises(ImportFileError, match=r"pipe\.csv: is a pipe, .*: save it as a file"):
            read()


@pytest.mark.parametrize(("name", "said"), [("none.csv", "No such file or directory"), ("folder", "Is a directory")])
def test_a_table_that_cannot_be_opened_is_said_in_words(
    embedded: EventLog, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "m.toml").write_text(MAPPING)
    with pytest.raises(ImportFileError, match=rf"^{name}: {said}: give the path of a CSV file$"):
        import_table(embedded, tmp_path / name, read_mapping(tmp_path / "m.toml"))


def test_a_cell_of_a_million_letters_is_that_row_s_matter_alone(embedded: EventLog, tmp_path: Path) -> None:
    long = "x" * 1_000_000
    table = f"{HEAD}A-1,1,2026-01-05,{long},\nA-1,2,2026-01-05,seen,{long}\n"
    result = imported(embedded, tmp_path, table)
    assert (result.recorded, [one.place for one in result.left]) == (1, ["line 2"])
    assert "xx" not in result.left[0].reason
