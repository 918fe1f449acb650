"""CSV by a mapping: each row becomes entries, or is left over with the column and the remedy."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from infra.eventstore.log import EventLog
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.events.run import ImportFileError
from infra.interop.importers.events.trial import Trial
from infra.interop.importers.source import Source
from infra.interop.importers.tables.mapping import MappingError, read_mapping
from infra.interop.importers.tables.run import TableResult, import_table, preview
from tests.infra.conftest import services_at

EXAMPLES = Path(__file__).parents[4] / "docs/examples"
MAPPING, TABLE = EXAMPLES / "sessions.toml", EXAMPLES / "sessions.csv"


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    """An empty log."""
    return services_at(tmp_path).log


def write(folder: Path, mapping: str, table: str) -> tuple[Path, Path]:
    """A mapping and a table to try."""
    (folder / "m.toml").write_text(mapping)
    (folder / "t.csv").write_text(table)
    return folder / "t.csv", folder / "m.toml"


SIMPLE = """
client = "chart"
[[entry]]
type = "UseReported"
occurred_at = "day"
[entry.data]
substance = { column = "what" }
on = { column = "day" }
"""


def test_the_example_of_the_documents(log: EventLog) -> None:
    result = import_table(log, TABLE, read_mapping(MAPPING))
    assert result.by_type == {"SessionAttended": 2, "SessionMissed": 1}
    assert [(one.place, one.reason) for one in result.left] == [("line 5", "no rule of the mapping takes this row")]
    [first, second] = log.stream(log.client_id("C-1001"))
    assert first.occurred_at.isoformat() == "2026-01-06T18:00:00-06:00"
    assert first.event.model_dump(exclude_none=True) == {"kind": "group", "minutes": 180, "topic": "mindfulness"}
    assert (second.type, second.meta.get("f")) == ("SessionMissed", "North")


def test_a_second_import_and_a_longer_export_record_only_what_is_new(tmp_path: Path, log: EventLog) -> None:
    mapping = read_mapping(MAPPING)
    import_table(log, TABLE, mapping)
    assert import_table(log, TABLE, mapping).recorded == 0
    longer = tmp_path / "sessions.csv"
    longer.write_text(
        TABLE.read_text().replace("C-1001,V-1,", "C-1001,V-9,01/05/2026,18:00,attended,GRP,60,,North\nC-1001,V-1,")
    )
    result = import_table(log, longer, mapping)
    assert (result.recorded, result.known) == (1, 3)


def test_rows_without_an_id_are_told_apart_by_content_and_place_among_equals(tmp_path: Path, log: EventLog) -> None:
    table, mapping = write(tmp_path, SIMPLE, "chart,day,what\nA,2026-01-02,alcohol\nA,2026-01-02,alcohol\n")
    assert import_table(log, table, read_mapping(mapping)).recorded == 2
    assert import_table(log, table, read_mapping(mapping)).recorded == 0


def test_a_dry_run_and_a_preview_record_nothing(log: EventLog) -> None:
    mapping = read_mapping(MAPPING)
    tried = import_table(log, TABLE, mapping, origin=Origin(trial=Trial()))
    assert (tried.recorded, log.head()) == (3, 0)
    shown = preview(TABLE, mapping, 2)
    assert shown[0] == {
        "place": "line 2",
        "client": "C-1001",
        "type": "SessionAttended",
        "occurred_at": "2026-01-06T18:00:00-06:00",
        "data": '{"kind":"group","minutes":"180","topic":"mindfulness"}',
    }


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("A,,alcohol", "column day: is empty: a row needs the time when it happened"),
        (",2026-01-02,alcohol", "column chart: is empty: a row needs its client"),
        ("A,2.1.26,alcohol", "column day: is no ISO 8601 time: give the mapping its format, as %m/%d/%Y %H:%M"),
        ("A,2026-01-02,", "UseReported: substance: Field required"),
        (
            "A,2999-01-02,alcohol",
            "occurred_at: is in the future: give the time when it happened (5 minutes of clock skew are allowed)",
        ),
    ],
)
def test_a_bad_row_is_left_over_with_its_column(tmp_path: Path, log: EventLog, row: str, why: str) -> None:
    table, mapping = write(tmp_path, SIMPLE, f"chart,day,what\n{row}\nB,2026-01-02,alcohol\n")
    result = import_table(log, table, read_mapping(mapping))
    assert result.recorded == 1
    [left] = result.left
    assert left.place == "line 2"
    assert left.reason.startswith(why)


def test_a_cell_that_is_not_translated_is_never_guessed(tmp_path: Path, log: EventLog) -> None:
    mapping = SIMPLE.replace('{ column = "what" }', '{ column = "what", values = { ETOH = "alcohol" } }')
    table, path = write(tmp_path, mapping, "chart,day,what\nA,2026-01-02,ETOH\nA,2026-01-02,COC\n")
    result = import_table(log, table, read_mapping(path))
    assert result.recorded == 1
    assert "does not translate" in result.left[0].reason
    assert "COC" not in result.left[0].reason


def test_lists_and_days_in_other_formats(tmp_path: Path, log: EventLog) -> None:
    mapping = """
client = "chart"
[[entry]]
type = "DrugScreenResulted"
occurred_at = { column = "taken", format = "%d.%m.%Y" }
[entry.data]
specimen = "urine"
positive = { column = "found", split = ";", values = { O = "opioid", C = "cocaine" } }
"""
    table, path = write(tmp_path, mapping, "chart,taken,found\nA,03.01.2026,O; C\n")
    import_table(log, table, read_mapping(path))
    [entry] = log.stream(log.client_id("A"))
    assert entry.event.model_dump(include={"positive"}) == {"positive": ("opioid", "cocaine")}
    assert entry.occurred_at.isoformat() == "2026-01-03T12:00:00+00:00"


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ("entry = 3", "entry: missing"),
        ('client = "c"\ntime_zone = "Mars"\n[[entry]]\ntype = "Nonsense"\noccurred_at = "d"', "time_zone: 'Mars'"),
        ('client = "c"\n[[entry]]\ntype = "Nonsense"\noccurred_at = "d"', "entry 1.type: 'Nonsense' is no type"),
        ('[[entry]]\ntype = "ClientDied"\noccurred_at = "d"', "entry 1.client: missing"),
        ('client = "c"\n[[entry]]\ntype = "ClientDied"', "entry 1.occurred_at: missing"),
        (SIMPLE + 'amuont = { column = "x" }', "entry 1.data.amuont: UseReported has no such field"),
        (SIMPLE + "amount = { colum = 3 }", "entry 1.data.amount.colum: no such key"),
        ("client = ", "is not TOML"),
        ("client = " + "[" * 2_000, "nests too deep"),
        ("entry = [3]", "entry 1: is not a table"),
        ('encoding = "base64"' + SIMPLE, "encoding: 'base64' is none that is known"),
        (r'delimiter = "\n"' + SIMPLE, "delimiter: is not one character between cells"),
        (SIMPLE + "amount = 99999999999999999999", "entry 1.data.amount: holds a number that no entry can hold"),
        (SIMPLE + "amount = nan", "entry 1.data.amount: holds a number that no entry can hold"),
        (SIMPLE + 'amount = { column = "x", values = { A = inf } }', "entry 1.data.amount: holds a number"),
        ('encoding = "utf-99"' + SIMPLE, "encoding: 'utf-99' is none that is known"),
        ('repeated_hour = "both"' + SIMPLE, 'repeated_hour: is neither "first" nor "second"'),
    ],
)
def test_a_mapping_that_cannot_be_used_names_its_keys(tmp_path: Path, mapping: str, problem: str) -> None:
    (tmp_path / "m.toml").write_text(mapping)
    with pytest.raises(MappingError, match=r"m\.toml: ") as caught:
        read_mapping(tmp_path / "m.toml")
    assert problem in str(caught.value)


def test_a_mapping_that_windows_wrote_is_read_and_one_in_utf_16_is_said(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SIMPLE.encode())
    assert read_mapping(path).entries
    path.write_bytes(SIMPLE.encode("utf-16"))
    with pytest.raises(MappingError, match=r"^m\.toml: is not UTF-8: save it as UTF-8$"):
        read_mapping(path)


def test_missing_columns_are_named_before_a_row_is_read(tmp_path: Path, log: EventLog) -> None:
    table, mapping = write(tmp_path, SIMPLE, "chart,datum\nA,2026-01-02\n")
    with pytest.raises(ImportFileError, match="no column day, what: its columns are chart, datum"):
        import_table(log, table, read_mapping(mapping))
    assert log.head() == 0


SESSIONS = """
client = "chart"
id = "visit"
time_zone = "America/Chicago"
site = "clinic"
[[entry]]
type = "SessionAttended"
when = { status = ["attended", "late"] }
occurred_at = { columns = ["date", "time"], format = "%m/%d/%Y %H:%M" }
[entry.data]
kind = { column = "service", values = { GRP = "group", IND = "individual", FAM = "family" } }
minutes = { column = "minutes" }
topic = { column = "topic" }
[[entry]]
type = "SessionMissed"
when = { status = "no show" }
occurred_at = { columns = ["date", "time"], format = "%m/%d/%Y %H:%M" }
[entry.data]
kind = { column = "service", values = { GRP = "group", IND = "individual", FAM = "family" } }
cause = "no_show"
"""
HEADER = "chart,visit,date,time,status,service,minutes,topic,clinic"


class TestShape:
    """Rows in = rows used + rows left over; nothing slips into another column."""

    def take(
        self, folder: Path, log: EventLog, *rows: str, mapping: str = SESSIONS, header: str = HEADER
    ) -> TableResult:
        table, path = write(folder, mapping, "\n".join((header, *rows, "")))
        return import_table(log, table, read_mapping(path))

    def test_a_row_with_more_or_fewer_cells_is_left_over_whole(self, tmp_path: Path, log: EventLog) -> None:
        more = "C-1001,V-1,01/06/2026,18:00,attended,GRP,180,coping, relapse,North"
        fewer = "C-1001,V-2,01/06/2026,18:00,attended,GRP,180,coping"
        quoted = 'C-1001,V-3,01/06/2026,18:00,attended,GRP,180,"coping, relapse",North'
        result = self.take(tmp_path, log, more, fewer, quoted)
        assert [(one.place, one.kind, one.reason.partition(":")[0]) for one in result.left] == [
            ("line 2", "row", "10 cells, 9 columns"),
            ("line 3", "row", "8 cells, 9 columns"),
        ]
        assert [entry.event.model_dump()["topic"] for entry in log.stream(log.client_id("C-1001"), opened=True)] == [
            "coping, relapse"
        ]
        assert [row for row in result.rows() if row["what"] == "rows"] == [
            {"what": "rows", "outcome": "read", "count": 3},
            {"what": "rows", "outcome": "used", "count": 1},
            {"what": "rows", "outcome": "left over", "count": 2},
        ]

    @pytest.mark.parametrize(
        ("header", "why"),
        [
            (HEADER + ",minutes", "column minutes is there more than once: give each column a name of its own"),
            (HEADER + ", minutes", "column minutes is there more than once"),
            (HEADER + ",Minutes", "column minutes is there more than once"),
            (HEADER + ",", "a column has no name: name each"),
            (HEADER + ",note,  ", "a column has no name: name each"),
        ],
    )
    def test_a_header_that_does_not_name_each_column_is_refused(
        self, tmp_path: Path, log: EventLog, header: str, why: str
    ) -> None:
        with pytest.raises(ImportFileError, match=why):
            self.take(tmp_path, log, "C-1001,V-1,01/06/2026,18:00,attended,GRP,180,x,North,5", header=header)
        assert log.head() == 0

    def test_an_id_that_comes_again_in_a_file(self, tmp_path: Path, log: EventLog) -> None:
        result = self.take(
            tmp_path,
            log,
            "C-1001,1,01/06/2026,18:00,attended,GRP,180,,North",
            "C-1002,1,01/06/2026,18:00,attended,GRP,60,,North",
            "C-1001,1,01/06/2026,18:00,attended,GRP,180,,North",
            "C-1001,1,01/09/2026,18:00,attended,GRP,45,,North",
            "C-1002,1,01/06/2026,18:00,no show,GRP,,,North",
        )
        assert (result.recorded, result.known) == (2, 1)
        told = [("line 5", "line 2"), ("line 6", "line 3")]
        assert [(one.place, one.reason) for one in result.left] == [
            (place, f"id: is recorded with other content, by {by}: give each row an id of its own")
            for place, by in told
        ]

    def test_a_time_that_is_none_is_left_over_by_its_reason(self, tmp_path: Path, log: EventLog) -> None:
        days = ["03/08/2026,02:30", "11/01/2025,01:30", "11/02/2025,01:30", "02/29/2026,10:00", "13/01/2026,10:00",
                "01/06/26,10:00", "1/6/2026,9:05", "01/06/2026,24:00", "01/06/0026,10:00", "01/06/2099,10:00"]  # fmt: skip
        result = self.take(
            tmp_path, log, *(f"C-1001,V-{n},{day},attended,GRP,60,,North" for n, day in enumerate(days, start=1))
        )
        form = "column date and time: is not written as %m/%d/%Y %H:%M"
        assert [(one.place, one.reason) for one in result.left] == [
            ("line 2", "column date and time: 02:30 does not exist on 2026-03-08 in America/Chicago: "
             "clocks went from 2:00 to 3:00; correct the time"),
            ("line 4", "column date and time: 01:30 on 2025-11-02 comes twice that night in America/Chicago: "
             'give the offset, -05:00 or -06:00, or the mapping repeated_hour = "first" or "second"'),
            ("line 5", form), ("line 6", form), ("line 7", form), ("line 9", form),
            ("line 10", "column date and time: its year is before 1850: write it in full"),
            ("line 11", "occurred_at: is in the future: give the time when it happened (5 minutes of clock skew are allowed)"),
        ]  # fmt: skip
        assert [entry.occurred_at.isoformat() for entry in log.stream(log.client_id("C-1001"))] == [
            "2025-11-01T01:30:00-05:00",
            "2026-01-06T09:05:00-06:00",
        ]

    def test_the_hour_that_comes_twice_is_told(self, tmp_path: Path, log: EventLog) -> None:
        row = "C-1001,V-2,11/02/2025,01:30,attended,GRP,60,,North"
        self.take(tmp_path, log, row, mapping='repeated_hour = "second"' + SESSIONS)
        assert [one.occurred_at.isoformat() for one in log.stream(log.client_id("C-1001"))] == [
            "2025-11-02T01:30:00-06:00"
        ]


@pytest.mark.parametrize(("said", "offset"), [("", "-05:00"), ('time_zone = "America/Denver"', "-07:00")])
def test_a_zone_is_for_times_that_have_none_and_the_mapping_knows_better(
    tmp_path: Path, log: EventLog, said: str, offset: str
) -> None:
    table, path = write(
        tmp_path,
        said + SIMPLE.replace('on = { column = "day" }', 'on = "2026-01-02"'),
        "chart,day,what\nA,2026-01-02,alcohol\nA,2026-01-03T09:00Z,alcohol\n",
    )
    result = import_table(log, table, read_mapping(path), source=Source(ZoneInfo("America/New_York")))
    assert result.left == []
    assert [one.occurred_at.isoformat() for one in log.stream(log.client_id("A"))] == [
        f"2026-01-02T12:00:00{offset}",
        "2026-01-03T09:00:00+00:00",
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_another_encoding_is_found_before_a_row_is_recorded(tmp_path: Path, log: EventLog, encoding: str) -> None:
    table, path = write(tmp_path, SIMPLE, "")
    table.write_bytes(
        ("chart,day,what\n" + "A,2026-01-02,alcohol\n" * 2499 + "A,2026-01-02,K\u00f6ln\n").encode(encoding)
    )
    with pytest.raises(ImportFileError, match=r"t\.csv: is not written in utf-8-sig: .*\"cp1252\" or \"utf-16\""):
        import_table(log, table, read_mapping(path))
    assert log.head() == 0


def test_an_encoding_that_the_mapping_names_is_read(tmp_path: Path, log: EventLog) -> None:
    table, path = write(tmp_path, 'encoding = "utf-16"' + SIMPLE, "")
    table.write_bytes("chart,day,what\nA,2026-01-02,alcohol\n".encode("utf-16"))
    assert import_table(log, table, read_mapping(path)).recorded == 1
