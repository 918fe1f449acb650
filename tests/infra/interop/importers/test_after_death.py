"""An admission later than the recorded death: listed by every way in, and counted by nothing, whichever way it came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from infra.eventstore.log import EventLog
from infra.interop.exporters.all_charts import charts
from infra.interop.fhir.mapping import resources
from infra.interop.importers.events.rules import unmet_rules
from infra.interop.importers.events.run import import_file
from infra.interop.importers.fhir.run import import_fhir
from infra.interop.importers.tables.mapping import read_mapping
from infra.interop.importers.tables.run import import_table
from projections.status.fold import MODEL as STATUS
from projections.stays.fold import MODEL as STAYS
from projections.stays.tables import STAY
from projections.timeline.fold import AFTER_DEATH, timeline
from tests.infra.interop.importers.event_lines import line
from tests.infra.interop.importers.fhir_parts import bundle, patient, stay, written

STARTS = ("2026-01-05T09:00:00-05:00", "2026-03-05T09:00:00-05:00")
DIED = "2026-01-20T09:00:00-05:00"
MAPPING = """
client = "number"
[[entry]]
type = "ClientRegistered"
when = { what = "registered" }
occurred_at = { column = "at" }
[entry.data]
name = "Pat Sample"
[[entry]]
type = "LevelOfCareStarted"
when = { what = "admitted" }
occurred_at = { column = "at" }
[entry.data]
level = "residential"
[[entry]]
type = "ClientDied"
when = { what = "died" }
occurred_at = { column = "at" }
"""


def of_lines(log: EventLog, folder: Path, told: list[tuple[str, str]]) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "registered": {"type": "ClientRegistered", "data": {"name": "Pat Sample", "birth_date": "1990-02-03"}},
        "admitted": {"type": "LevelOfCareStarted", "data": {"level": "residential"}},
        "died": {"type": "ClientDied", "data": {}},
    }
    target = folder / "in.ndjson"
    target.write_bytes(b"\n".join(orjson.dumps(line(client="N-1", occurred_at=at, **kinds[k])) for k, at in told))
    import_file(log, str(target))


def of_table(log: EventLog, folder: Path, told: list[tuple[str, str]]) -> None:
    (folder / "map.toml").write_text(MAPPING)
    (folder / "in.csv").write_text("\n".join(["number,what,at", *(f"N-1,{kind},{at}" for kind, at in told)]))
    import_table(log, folder / "in.csv", read_mapping(folder / "map.toml"))


def of_fhir(log: EventLog, folder: Path, told: list[tuple[str, str]]) -> None:
    died = [at for kind, at in told if kind == "died"]
    begun = [at for kind, at in told if kind == "admitted"]
    encounters = [stay(f"e{at[5:7]}", status="in-progress", period={"start": at}) for at in begun]
    person = patient(**({"deceasedDateTime": died[0]} if died else {}))
    import_fhir(log, [written(folder, bundle(person, *encounters))])


WAYS = {"lines": of_lines, "table": of_table, "fhir": of_fhir}
ADMITTED, DEAD, AGAIN = ("admitted", STARTS[0]), ("died", DIED), ("admitted", STARTS[1])
REGISTERED = ("registered", "2026-01-04T09:00:00-05:00")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("parts", [[[ADMITTED, DEAD, AGAIN]], [[ADMITTED, AGAIN], [DEAD]], [[DEAD], [AGAIN, ADMITTED]]])
def test_it_is_listed_and_counts_nowhere(
    log: EventLog, tmp_path: Path, way: str, parts: list[list[tuple[str, str]]]
) -> None:
    whole: list[tuple[str, str]] = []
    for part in parts:
        whole += part
        WAYS[way](log, tmp_path, [REGISTERED, *(whole if way == "fhir" else part)])
    [chart] = charts(log, opened=True)
    [only] = STAYS.fold(chart)["stay"]
    assert dict(zip(STAY.columns.keys(), only, strict=True))["reason"] == "died"
    [[_, state, *_]] = STATUS.fold(chart)["client_status"]
    assert state == "died"
    encounters = [one for one in resources(chart, "N-1") if one["resourceType"] == "Encounter"]
    assert [one["status"] for one in encounters] == ["finished"]
    assert "nothing_after_death" in {one.criterion for one in unmet_rules(log, 0) if one.type == "LevelOfCareStarted"}
    items = timeline(log.stream(chart.client_id, opened=True))
    assert [item.not_counted.reason for item in items if item.not_counted] == [AFTER_DEATH]
