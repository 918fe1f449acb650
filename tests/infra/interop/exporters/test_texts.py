"""What is no character is in no export: XML parsers, pm4py and JSON readers take every file."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.exporters.flat import export_flat
from infra.interop.exporters.process.ocel import export_ocel
from infra.interop.exporters.process.xes import export_xes
from infra.interop.exporters.texts import all_shown, shown
from infra.interop.fhir.coding import readable
from infra.interop.importers.events.run import import_file
from tests.day import UTC_DAYS
from tests.infra.interop.exporters.test_process_logs import read_log
from tests.spec import KEY, NOW

NONE = ["\x00", "\x08", "\x1f", "\ud800", "\udfff", "\ufdd0", "\ufdef", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff"]
KEPT = "tab\t, line\r\n, é, \x85, \ufdcf\ufdf0, \ufffd, \U0001fffd, 😀, ليلى"


@pytest.mark.parametrize("character", NONE, ids=lambda one: f"U+{ord(one):04X}")
def test_what_is_no_character_is_left_out(character: str) -> None:
    assert shown(f"a{character}b{character}") == "ab"
    assert readable({"text": f"a{character}b"}) == {"text": "ab"}
    assert all_shown({f"k{character}": [f"a{character}", ("b", 1, None)]}) == {"k": ["a", ["b", 1, None]]}


def test_every_other_character_stays() -> None:
    assert shown(KEPT) == KEPT


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    """A log with U+FFFE, and others, in every word of a stay and its session."""
    log = open_log(f"sqlite:///{tmp_path}/log.db", KEY, UTC_DAYS, lambda: NOW)
    lines: list[dict[str, Any]] = [
        _line("LevelOfCareStarted", "05", level="residential", site="No\ufffer\uffffth", program="Day\ufdd0care"),
        _line("SessionAttended", "06", kind="group", minutes=60, topic="To\U0001fffepic", group_id="G\ufffe1"),
        _line("SessionAttended", "07", kind="group", minutes=60, topic="Topic", group_id="G1"),
        _line("LevelOfCareEnded", "08", level="residential", reason="completed"),
    ]
    path = tmp_path / "in.ndjson"
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    assert import_file(log, str(path)).recorded == len(lines)
    yield log
    log.close()


def _line(type_: str, day: str, **data: Any) -> dict[str, Any]:
    at = f"2026-01-{day}T09:00:00-05:00"
    return {"client": "XC-1", "type": type_, "occurred_at": at, "site": "No\ufffeth", "data": data}


@pytest.mark.parametrize("detailed", [False, True])
def test_a_process_log_is_xml_that_pm4py_reads(log: EventLog, tmp_path: Path, detailed: bool) -> None:
    written = export_xes(log, tmp_path / "x.xes", detailed=detailed)
    root = ET.parse(tmp_path / "x.xes").getroot()
    assert {"Daycare", "Noth"} <= {one.get("value") for one in root.iter()}
    assert len(read_log("read_xes", tmp_path / "x.xes")) == written


def test_an_object_centric_log_has_none_and_one_object_of_a_name(log: EventLog, tmp_path: Path) -> None:
    written = export_ocel(log, tmp_path / "x.jsonocel", detailed=True)
    text = (tmp_path / "x.jsonocel").read_text()
    assert shown(text) == text
    found = read_log("read_ocel2_json", tmp_path / "x.jsonocel")
    assert len(found.events) == written
    assert list(found.objects["ocel:oid"]).count("group:G1") == 1


def test_flat_tables_have_none(log: EventLog, tmp_path: Path) -> None:
    export_flat(log, tmp_path / "csv", "csv")
    export_flat(log, tmp_path / "parquet", "parquet")
    text = (tmp_path / "csv" / "level_of_care_started.csv").read_text()
    assert shown(text) == text
    [row] = csv.DictReader(text.splitlines())
    [same] = pq.read_table(tmp_path / "parquet" / "level_of_care_started.parquet").to_pylist()
    assert row["program"] == same["program"] == "Daycare"
