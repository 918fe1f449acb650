"""CSV by a mapping: each row becomes entries, or is left over with the column and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.importers.events.run import ImportFileError
from infra.importers.tables.mapping import MappingError, read_mapping
from infra.importers.tables.run import import_table, preview
from infra.store.log import EventLog
from tests.infra.conftest import services_at

EXAMPLES = Path(__file__).parents[3] / "docs/examples"
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
    tried = import_table(log, TABLE, mapping, dry_run=True)
    assert (tried.recorded, log.head()) == (3, 0)
    shown = preview(TABLE, mapping, 2)
    assert shown[0] == {
        "place": "line 2",
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
    ],
)
def test_a_mapping_that_cannot_be_used_names_its_keys(tmp_path: Path, mapping: str, problem: str) -> None:
    (tmp_path / "m.toml").write_text(mapping)
    with pytest.raises(MappingError, match=r"m\.toml: ") as caught:
        read_mapping(tmp_path / "m.toml")
    assert problem in str(caught.value)


def test_missing_columns_are_named_before_a_row_is_read(tmp_path: Path, log: EventLog) -> None:
    table, mapping = write(tmp_path, SIMPLE, "chart,datum\nA,2026-01-02\n")
    with pytest.raises(ImportFileError, match="no column day, what: its columns are chart, datum"):
        import_table(log, table, read_mapping(mapping))
    assert log.head() == 0
