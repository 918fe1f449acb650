"""What a simulated provider says of itself: importable, and all that its clients name."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from domain.days import Calendar
from domain.events import LevelOfCareStarted
from infra.interop.importers.events.run import import_file
from infra.simulator import definitions, simulate
from infra.simulator.demo import fill
from tests.projections.telling import opened
from tests.spec import NOW

UNTIL = datetime(2026, 2, 20, 12, tzinfo=UTC)
LINES = list(definitions(until=UNTIL, calendar=Calendar("America/Denver")))


def test_a_strict_import_takes_every_definition(tmp_path: Path) -> None:
    file = tmp_path / "provider.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    with opened(tmp_path, NOW.date()) as services:
        result = import_file(services.log, str(file), strict=True, keep_recorded_at=True)
        assert (result.recorded, result.rejected) == (len(LINES), 0)


def test_the_groups_sites_and_programs_of_clients_are_defined() -> None:
    said = {(line["type"], *(line["data"].get(name, "") for name in ("group_id", "site", "program"))) for line in LINES}
    groups = {one[1] for one in said if one[0] == "GroupDefined"}
    sites = {one[2] for one in said if one[0] == "SiteDefined"}
    programs = {one[3] for one in said if one[0] == "ProgramDefined"}
    lines = [line for own in simulate(60, 3, until=UNTIL) for line in own]
    assert {line["data"]["group_id"] for line in lines if line["type"] == "GroupJoined"} <= groups
    assert {line["site"] for line in lines} <= sites
    started = [line["data"] for line in lines if line["type"] == "LevelOfCareStarted"]
    assert {data["program"] for data in started} <= programs
    first = min(line["occurred_at"] for line in lines)
    assert all(line["occurred_at"] < first for line in LINES)
    assert all(line["source"] == "simulator" and line["kind"] == "provider" for line in LINES)


def test_who_signs_in_to_the_demo_as_clinician_has_a_caseload(tmp_path: Path) -> None:
    with opened(tmp_path, NOW.date()) as services:
        fill(services.log, 100, 7)
        caring = Counter(
            entry.event.clinician
            for number in range(1, 101)
            for entry in services.log.stream(services.log.client_id(f"SIM-{number:06}"))
            if isinstance(entry.event, LevelOfCareStarted)
        )
    assert caring["demo-clinician"] > 1
    assert "sim-mesa-clinician-1" not in caring
    assert sum(name.startswith("sim-") for name in caring if name) > 15
