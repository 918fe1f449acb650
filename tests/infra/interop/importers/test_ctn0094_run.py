"""Tables that cannot be read, and the import into a log."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.importers.ctn0094 import TablesError, read_tables
from infra.interop.importers.ctn0094.run import import_ctn0094
from infra.interop.importers.events.run import ImportFileError
from tests.day import UTC_DAYS

Folder = Callable[..., Path]
DAY_ZERO = date(2012, 1, 2)
EXPORT = "export it again from the R package public.ctn0094data"
NOW = datetime(2012, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    """An empty log in a file, its clock standing at NOW."""
    log = open_log(f"sqlite:///{tmp_path}/log.db", bytes(32), UTC_DAYS, lambda: NOW)
    yield log
    log.close()


@pytest.fixture
def small(folder: Folder) -> Path:
    """One client: details, a randomisation, and use reported on two days, one of them twice."""
    return folder(
        everybody="1,27",
        site_masked="1,24",
        demographics="1,43,No,White,,,,,Yes",
        randomization="1,Methadone,1,4",
        tlfb="1,Heroin,1 1,Heroin,1 1,Heroin,2 1,Heroin,",
    )


def problems(directory: Path) -> list[str]:
    with pytest.raises(TablesError) as caught:
        read_tables(directory)
    return caught.value.problems


def test_no_folder_names_every_file(tmp_path: Path) -> None:
    found = problems(tmp_path / "nowhere")
    assert len(found) == 15
    assert all("no such file: export it again from the R package" in problem for problem in found)


def test_missing_file_and_column_are_named_together(folder: Folder) -> None:
    directory = folder()
    (directory / "tlfb.csv").unlink()
    (directory / "uds.csv").write_text("who,when\n1,2\n")
    uds, tlfb = problems(directory)
    assert uds.startswith("uds.csv: column what is missing: export it again")
    assert tlfb.startswith(f"{directory}/tlfb.csv.gz: no such file")


def test_bad_cells_are_collected_with_line_and_column(folder: Folder) -> None:
    directory = folder(
        everybody="1,27 2,99 x,30",
        uds="1,Opioid,1 1,Opioid,soon 0,Opioid,2 1,Opioid,1_0 1,Opioid,99999999 1,Opioid 1,Opioid,٣",
    )
    day = "is not a day relative to consent (a whole number within 100 years), or empty: correct the cell"
    assert problems(directory) == [
        "everybody.csv, line 3, column project: '99' is not one of 27, 30, 51: correct the cell",
        "everybody.csv, line 4, column who: 'x' is not a person's number (1 or more): correct the cell",
        f"uds.csv, line 3, column when: 'soon' {day}",
        "uds.csv, line 4, column who: '0' is not a person's number (1 or more): correct the cell",
        f"uds.csv, line 5, column when: '1_0' {day}",
        f"uds.csv, line 6, column when: '99999999' {day}",
        f"uds.csv, line 7: 2 cells where the header has 3: correct the line, or {EXPORT}",
        f"uds.csv, line 8, column when: '٣' {day}",
    ]


def test_a_long_list_of_problems_is_cut_in_the_message_alone(folder: Folder) -> None:
    with pytest.raises(TablesError, match="… and 10 more") as caught:
        read_tables(folder(tlfb=" ".join(["1,Heroin,x"] * 30)))
    assert len(caught.value.problems) == 30


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"who,what,when\n1,Opioid,2\n", "tlfb.csv.gz: not a whole gzip file (Not a gzipped file"),
        (gzip.compress(b"who,what,when\n" + b"1,Opioid,2\n" * 50)[:-9], "tlfb.csv.gz: not a whole gzip file"),
        (gzip.compress(b"who,what,when\n1,\xff,2\n"), "tlfb.csv.gz: not UTF-8 text"),
        (gzip.compress(b'who,what,when\n1,"Opioid" ,2\n'), "tlfb.csv.gz, line 2: not CSV"),
        (gzip.compress(b""), "tlfb.csv.gz: column who, what, when is missing"),
    ],
    ids=["not gzip", "cut short", "not UTF-8", "stray quote", "empty"],  # gzip stamps the hour: no stable name in bytes
)
def test_a_broken_file_is_named(folder: Folder, content: bytes, why: str) -> None:
    directory = folder()
    (directory / "tlfb.csv.gz").write_bytes(content)
    (problem,) = problems(directory)
    assert problem.startswith(why)


def test_byte_order_mark_windows_lines_blank_lines_and_na_are_read(folder: Folder) -> None:
    directory = folder()
    (directory / "tlfb.csv").write_bytes("\ufeffwho,what,when\r\n1,Heroin,NA\r\n\r\n2,Thc,-3\r\n".encode())
    tlfb = read_tables(directory).tlfb
    assert tlfb.count == 2
    assert (tlfb.of(1)[0].day, tlfb.of(2)[0].day) == (None, -3)


def test_an_import_is_recorded_once(log: EventLog, small: Path, tmp_path: Path) -> None:
    leftovers = tmp_path / "leftovers.csv"
    done: list[tuple[int, int]] = []
    first = import_ctn0094(log, small, DAY_ZERO, leftovers, lambda people, of: done.append((people, of)))
    assert first[-1]["events"] == "recorded now 6; recorded before 0"
    assert done == [(1, 1)]
    assert leftovers.read_text() == "table,row_number,who,reason\ntlfb,4,1,no day\n"
    again = import_ctn0094(log, small, DAY_ZERO)
    assert again[-1]["events"] == "recorded now 0; recorded before 6"
    assert again[:-1] == first[:-1]
    stream = log.stream(log.client_id("ctn0094-1"))
    assert [entry.sequence for entry in stream] == [1, 2, 3, 4, 5, 6]
    assert {(entry.meta.get("s"), entry.claimed_source) for entry in stream} == {("import", "public.ctn0094data")}
    assert {entry.meta.get("f") for entry in stream} == {"24"}


def test_rows_in_are_rows_used_and_rows_left_over(log: EventLog, small: Path) -> None:
    report = {row["table"]: row for row in import_ctn0094(log, small, DAY_ZERO)}
    assert report["tlfb"] == {
        "table": "tlfb",
        "rows_in": 4,
        "rows_used": 3,
        "merged": 0,
        "left_over": 1,
        "events": "UseReported 3",
        "left_over_because": "no day 1",
        "remarks": "",
    }
    assert (report["all"]["rows_in"], report["all"]["rows_used"], report["all"]["left_over"]) == (8, 7, 1)


@pytest.mark.parametrize("day_zero", [date(2012, 2, 29), date(1900, 1, 1), date(9999, 12, 31)])
def test_a_day_zero_out_of_reach_is_refused_and_nothing_recorded(log: EventLog, small: Path, day_zero: date) -> None:
    with pytest.raises(ImportFileError, match="choose a date from 1910-01-01 to 2012-02-25"):
        import_ctn0094(log, small, day_zero)
    assert log.head() == 0


def test_unreadable_tables_and_unwritable_leftovers_are_refused_and_nothing_recorded(
    log: EventLog, small: Path, tmp_path: Path
) -> None:
    with pytest.raises(ImportFileError, match="leftovers"):
        import_ctn0094(log, small, DAY_ZERO, tmp_path / "no" / "such" / "leftovers.csv")
    (small / "visit.csv").write_text("who\n")
    with pytest.raises(ImportFileError, match=r"visit\.csv: column visit, what, when, is_no_note"):
        import_ctn0094(log, small, DAY_ZERO)
    assert log.head() == 0
