"""Which ids of imported entries tell a chart number to who tries numbers on a copy of the log, as docs/privacy.md says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.importers.events.lines import file_fingerprint, line_id
from infra.interop.importers.events.run import import_file
from infra.interop.importers.fhir.patients import Sending
from infra.interop.importers.fhir.run import import_fhir
from infra.interop.importers.tables.mapping import read_mapping
from infra.interop.importers.tables.run import import_table
from tests.day import UTC_DAYS
from tests.infra.interop.importers.event_lines import ID, line
from tests.infra.interop.importers.fhir_parts import patient, stay
from tests.spec import KEY, NOW

Import = Callable[[EventLog, Path, str], Any]
MAPPING = """
client = "chart"
time_zone = "America/Chicago"
{more}
[[entry]]
type = "UseReported"
occurred_at = {{ column = "day" }}
data = {{ substance = "alcohol", on = {{ column = "day" }} }}
"""


def events(**more: Any) -> Import:
    def run(log: EventLog, folder: Path, number: str) -> Any:
        path = folder / "in.ndjson"
        path.write_bytes(orjson.dumps(line() | more | {"client": number}) + b"\n")
        return import_file(log, str(path))

    return run


def table(more: str) -> Import:
    def run(log: EventLog, folder: Path, number: str) -> Any:
        (folder / "t.csv").write_text(f"chart,row,day\n{number},7,2026-01-05\n")
        (folder / "m.toml").write_text(MAPPING.format(more=more))
        return import_table(log, folder / "t.csv", read_mapping(folder / "m.toml"))

    return run


def fhir(source: str) -> Import:
    def run(log: EventLog, folder: Path, number: str) -> Any:
        path = folder / "in.ndjson"
        path.write_bytes(b"\n".join(map(orjson.dumps, (patient(number=number), stay()))))
        return import_fhir(log, [path], sending=Sending(source))

    return run


SAYS_NOTHING = {
    "lines with an event_id": events(event_id=ID),
    "tables with an id": table('id = "row"'),
    "FHIR of a named source": fhir("north"),
}
MADE_OF_IT = {
    "lines without an event_id": events(),
    "tables without an id": table(""),
    "tables whose ids are each client's own": table('id = "row"\nid_per_client = true'),
    "FHIR of an unnamed source": fhir(""),
}


def ids(run: Import, folder: Path, number: str) -> set[str]:
    """The ids that one import gives its entries where the chart has this number."""
    folder.mkdir()
    log = open_log(f"sqlite:///{folder}/log.db", KEY, UTC_DAYS, lambda: NOW)
    run(log, folder, number)
    found = {entry.event_id for entry in log.stream(log.client_id(number))}
    log.close()
    assert found
    return found


@pytest.mark.parametrize("way", [*SAYS_NOTHING, *MADE_OF_IT])
def test_the_ids_of_an_import_are_made_of_the_chart_number_or_not(tmp_path: Path, way: str) -> None:
    run = (SAYS_NOTHING | MADE_OF_IT)[way]
    one, other = (ids(run, tmp_path / number, number) for number in ("A-1", "B-2"))
    assert (one == other) == (way in SAYS_NOTHING)


def test_who_knows_the_rest_of_a_line_finds_its_chart_number_without_a_key(tmp_path: Path) -> None:
    def said(number: int) -> dict[str, Any]:
        used = {"substance": "alcohol", "on": "2026-01-05"}
        return {"client": f"C-{number:04}", "type": "UseReported", "occurred_at": "2026-01-05T09:00:00Z", "data": used}

    def tried(number: int) -> str:
        guess = orjson.dumps(said(number))
        return line_id(file_fingerprint(guess), 1, guess)

    [found] = ids(events(**said(377)), tmp_path / "log", "C-0377")
    assert [number for number in range(1_000) if tried(number) == found] == [377]
