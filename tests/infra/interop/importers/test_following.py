"""What comes under the number of a merged chart follows the survivor, and goes back with its chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from infra.bootstrap import Services
from infra.eventstore.client_chart import open_chart
from infra.eventstore.log import Author
from infra.history.as_of.store import store_as_of
from infra.history.changes.numbers import report_difference
from infra.interop.exporters.events import export_lines
from infra.interop.importers.events.run import ImportResult, import_file
from infra.privacy.erasure.requests import confirm, request
from infra.readmodels.verify import verify
from infra.reporting.reports import ReportParams, run_report
from tests.infra.conftest import services_at
from tests.spec import ago, shown

STARTS = {"type": "LevelOfCareStarted", "data": {"level": "residential"}}


def line(client: str, number: int, days: float, kind: str = "NoteAdded", **data: Any) -> dict[str, Any]:
    """An import line, its id by its number."""
    data = data or {"text": "seen"}
    return {
        "client": client,
        "type": kind,
        "occurred_at": ago(days).isoformat(),
        "event_id": str(UUID(int=0xF0_1105 << 96 | number)),
        "data": data,
    }


def merge(survivor: str, other: str, number: int) -> dict[str, Any]:
    return line(survivor, number, 5, "ChartsMerged", other_client=other)


def undo(client: str, target: int, number: int) -> dict[str, Any]:
    """A line that retracts another."""
    return line(client, number, 4, "EntryRetracted", target=line("", target, 0)["event_id"], reason="two people")


STAY = line("B-2", 2, 20, "LevelOfCareStarted", level="residential")
END = line("B-2", 4, 3, "LevelOfCareEnded", level="residential", reason="completed")
MERGED = [line("A-1", 1, 9), STAY, merge("A-1", "B-2", 3)]
LED = (("B-2", -2), ("A-1", -1))  # what closes the one, and what takes over in the other


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Services]:
    services = services_at(tmp_path)
    yield services
    services.close()


def take(services: Services, tmp_path: Path, lines: Sequence[dict[str, Any]], **how: Any) -> ImportResult:
    """Import lines from a file of their own; every time the tables must equal a replay."""
    file = tmp_path / "in.ndjson"
    file.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in lines))
    result = import_file(services.log, str(file), **how)
    services.catch_up()
    assert verify(services.projector) == []
    assert services.names.differences() == []
    return result


def stays(services: Services) -> dict[str, str | None]:
    """Whose stays ended, and why; who is in one still has none."""
    found = shown(services.reads, "stay")
    numbers = services.log.references([row["client_id"] for row in found])
    return {numbers[row["client_id"]]: row["reason"] for row in found}


def census(services: Services) -> int:
    """Who is in a level today."""
    today = services.now().date()
    return sum(row["census"] for row in run_report("census", services, ReportParams(start=today, end=today)))


def completed(services: Services) -> int:
    """The completed stays of the report, all together."""
    return sum(row["completed"] for row in run_report("completion", services, ReportParams()))


def types(services: Services, client: str) -> list[str]:
    return [entry.type for entry in services.log.stream(services.log.client_id(client))]


def test_a_late_line_counts_in_the_survivor_until_the_merge_is_taken_back(house: Services, tmp_path: Path) -> None:
    take(house, tmp_path, MERGED)
    assert (stays(house), census(house)) == ({"A-1": None}, 1)
    result = take(house, tmp_path, [END])
    assert (result.recorded, result.derived, result.followed) == (1, 1, 1)
    assert types(house, "B-2")[-2:] == ["ChartClosed", "LevelOfCareEnded"]
    assert types(house, "A-1")[-2:] == ["ChartsMerged", "MergedChartContinued"]
    assert (stays(house), census(house), completed(house)) == ({"A-1": "completed"}, 0, 1)
    causes = [house.log.stream(house.log.client_id(client))[place].meta.get("k") for client, place in LED]
    assert causes == [UUID(one["event_id"]).hex for one in (MERGED[2], END)]
    chart = open_chart(house.log, "A-1")
    assert chart.history.journey.closed_into is None
    assert [entry.event_id for entry in chart.entries][-2] == UUID(END["event_id"]).hex
    take(house, tmp_path, [undo("A-1", 3, 6)])
    assert (stays(house), completed(house)) == ({"B-2": "completed"}, 1)


def test_what_followed_earlier_lines_of_the_same_file(house: Services, tmp_path: Path) -> None:
    """A merge and what comes after it may stand in one batch, even before the survivor is known."""
    result = take(house, tmp_path, [STAY, merge("A-1", "B-2", 3), END, line("B-2", 9, 2)])
    assert (result.recorded, result.derived, result.followed) == (4, 3, 2)
    assert stays(house) == {"A-1": "completed"}
    assert take(house, tmp_path, [STAY, merge("A-1", "B-2", 3), END, line("B-2", 9, 2)]).known == 4


def test_a_chain_of_merges_sees_it_at_its_end(house: Services, tmp_path: Path) -> None:
    take(house, tmp_path, [*MERGED, line("C-3", 5, 9), merge("C-3", "A-1", 6)])
    result = take(house, tmp_path, [END])
    assert (result.derived, result.followed) == (2, 1)
    assert [types(house, client)[-1] for client in ("A-1", "C-3")] == ["MergedChartContinued"] * 2
    assert stays(house) == {"C-3": "completed"}
    take(house, tmp_path, [undo("C-3", 6, 7)])
    assert stays(house) == {"A-1": "completed"}
    take(house, tmp_path, [undo("A-1", 3, 8)])
    assert stays(house) == {"B-2": "completed"}


def test_a_merge_undone_at_the_end_of_a_chain(house: Services, tmp_path: Path) -> None:
    """The one that took over all may take back a merge that an earlier one had made."""
    take(house, tmp_path, [*MERGED, line("C-3", 5, 9), merge("C-3", "A-1", 6), END])
    take(house, tmp_path, [undo("C-3", 3, 7)])
    assert stays(house) == {"B-2": "completed"}


def test_a_merge_under_the_number_of_a_merged_chart(house: Services, tmp_path: Path) -> None:
    """It is the survivor that takes the third chart over."""
    take(house, tmp_path, [line("A-1", 1, 9), line("C-3", 5, 9), merge("C-3", "A-1", 6), STAY, END])
    assert stays(house) == {"B-2": "completed"}
    take(house, tmp_path, [merge("A-1", "B-2", 3)])
    assert stays(house) == {"C-3": "completed"}


def test_a_merge_that_counts_again_takes_along_what_came_meanwhile(house: Services, tmp_path: Path) -> None:
    take(house, tmp_path, [*MERGED, undo("A-1", 3, 6)])
    take(house, tmp_path, [END])
    assert stays(house) == {"B-2": "completed"}
    take(house, tmp_path, [undo("A-1", 6, 7)])
    assert stays(house) == {"A-1": "completed"}


def test_charts_merged_in_a_circle_stop_no_import(house: Services, tmp_path: Path) -> None:
    take(house, tmp_path, [*MERGED, merge("B-2", "A-1", 6)])
    assert take(house, tmp_path, [line("A-1", 8, 1), END]).recorded == 2


def test_strict_refuses_it_as_live_commands_do(house: Services, tmp_path: Path) -> None:
    take(house, tmp_path, MERGED)
    result = take(house, tmp_path, [END], strict=True)
    assert (result.recorded, result.rejected) == (0, 1)


def test_it_counts_since_it_was_known(house: Services, tmp_path: Path) -> None:
    """As known once: before the late line, before the merge, and after both."""
    times = {1: ago(9), 2: ago(9), 3: ago(5), 4: ago(2)}
    lines = [one | {"recorded_at": times[number].isoformat()} for number, one in enumerate([*MERGED, END], start=1)]
    take(house, tmp_path, lines, keep_recorded_at=True)
    found: dict[int, dict[str, str | None]] = {}
    for days in (6, 4, 1):
        with store_as_of(house, ago(days)) as then:
            found[days] = stays(then)
    assert found == {6: {"B-2": None}, 4: {"A-1": None}, 1: {"A-1": "completed"}}


def test_the_late_entry_is_what_moved_the_number(house: Services, tmp_path: Path) -> None:
    times = {1: ago(9), 2: ago(9), 3: ago(5), 4: ago(2)}
    lines = [one | {"recorded_at": times[number].isoformat()} for number, one in enumerate([*MERGED, END], start=1)]
    take(house, tmp_path, lines, keep_recorded_at=True)
    found = report_difference(house, "completion", ReportParams(), ago(3), ago(1))
    assert [(one.type, one.client_id) for one in found.entries] == [("LevelOfCareEnded", house.log.client_id("B-2"))]


def test_an_export_gives_the_same_log_elsewhere(house: Services, tmp_path: Path) -> None:
    """In batches of any size: what survivors take over is derived line by line, and stands in no export."""
    take(house, tmp_path, [*MERGED, line("C-3", 5, 9), merge("C-3", "A-1", 6)])
    for late in (END, line("B-2", 9, 2), undo("C-3", 6, 7), undo("A-1", 3, 8), line("B-2", 10, 1)):
        take(house, tmp_path, [late])
    lines = list(export_lines(house.log))
    assert not any(b"MergedChartContinued" in one for one in lines)
    other = services_at(tmp_path, "other")
    assert take(other, tmp_path, [orjson.loads(one) for one in lines], keep_recorded_at=True).rejected == 0
    there, here = ([(row.topic, row.sequence) for row in s.log.recorder.page(0, 99)] for s in (house, other))
    assert there == here
    assert list(export_lines(other.log)) == lines
    other.close()


def test_an_erased_survivor_is_the_same_after_an_export(house: Services, tmp_path: Path) -> None:
    """An erasure reaches merged charts by entries of their own, which no survivor takes over."""
    take(house, tmp_path, [*MERGED, END])
    request(
        house.log,
        "A-1",
        author=Author("m.rivera", "administrator"),
        ground="client_request",
        basis=None,
        now=house.now(),
        hours=1,
    )
    confirm(house.log, "A-1", author=Author("c.lopez", "administrator"), now=house.now())
    house.catch_up()
    lines = list(export_lines(house.log))
    other = services_at(tmp_path, "other")
    take(other, tmp_path, [orjson.loads(one) for one in lines], keep_recorded_at=True)
    assert other.log.head() == house.log.head()
    other.close()
