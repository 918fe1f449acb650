"""As of a knowledge time every report answers what it answered live then, and nothing is left of it."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import orjson
import pytest
from pydantic import SecretStr

from domain.entries import microseconds
from infra.bootstrap import Services, open_services
from infra.eventstore.client_chart import NoSuchChartError, NotKnownThenError, open_chart
from infra.history.as_of.clients import status_at
from infra.history.as_of.reports import report_at
from infra.history.as_of.store import store_as_of
from infra.history.changes.client import ClientEntries
from infra.history.changes.entries import Change, learned
from infra.history.changes.numbers import report_difference
from infra.history.changes.rows import changed_rows
from infra.interop.exporters.events import export_lines
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import prepare
from infra.readmodels.projector import ProjectionStatus
from infra.reporting.reports import REPORTS, ReportParams, run_report
from infra.settings import Settings
from projections.status.queries import client_status
from projections.timeline.fold import timeline
from tests.depth import cases

TIMES = cases(4, 120)  # how often a simulation is stopped and asked
ASKED = {(name, show): ReportParams(show=show) for name, report in REPORTS.items() for show in ("", *report.shows)} | {
    ("completion", "by program"): ReportParams(by=("level", "program")),
    ("completion", "of episodes"): ReportParams(unit="episode"),
    ("status", "of each"): ReportParams(per_client=True),
    ("followback", "of each"): ReportParams(per_client=True),
    ("abstinence", "of each"): ReportParams(per_client=True, measure="first_use"),
    ("abstinence", "patterns"): ReportParams(per_client=True, measure="weekly_pattern"),
}
CLIENTS = ("SIM-000003", "SIM-000017", "SIM-000042")


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = datetime(2020, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def answers(services: Services) -> dict[tuple[str, str], object]:
    """Every report with all its tables, and rows of each client where it has them."""
    return {asked: run_report(asked[0], services, params) for asked, params in ASKED.items()}


def charts(services: Services) -> dict[str, object]:
    """The status and the timeline of some clients."""
    found: dict[str, object] = {}
    for client in CLIENTS:
        client_id = services.log.client_id(client)
        with services.reads.reading() as connection:
            status = client_status(connection, client_id, services.today())
        found[client] = status, timeline(services.log.stream(client_id, opened=True)) if status else []
    return found


def charts_at(services: Services, at: datetime) -> dict[str, object]:
    """The same, asked later as of a moment."""
    found: dict[str, object] = {}
    for client in CLIENTS:
        status = status_at(services, services.log.client_id(client), at)
        try:
            items = timeline(open_chart(services.log, client, as_of=microseconds(at)).entries)
        except (NoSuchChartError, NotKnownThenError):
            items = []
        found[client] = status, items
    return found


Answers = dict[tuple[str, str], object]
Told = tuple[Services, list[tuple[datetime, Answers, dict[str, object]]]]


@pytest.fixture(scope="module")
def lived(programme: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A programme recorded entry by entry, in the order of recording, with what was answered live on the way."""
    clock = Clock()
    url = SecretStr(f"sqlite:///{tmp_path_factory.mktemp('lived')}/log.db")
    services = open_services(Settings(database_url=url, master_key=SecretStr("cd" * 32)), clock)
    lines = [orjson.loads(line) for line in export_lines(programme.log)]
    lines = [line for line in lines if "kind" in line or int(line["client"].rpartition("-")[2]) <= 60]
    lines.sort(key=lambda line: datetime.fromisoformat(line["recorded_at"]))
    # whole commits: what was recorded at one moment is known together
    between = [n for n in range(50, len(lines)) if lines[n - 1]["recorded_at"] != lines[n]["recorded_at"]]
    stops = sorted(random.Random(5).sample(between, TIMES))
    told: list[tuple[datetime, Answers, dict[str, object]]] = []
    begun = 0
    for stop in stops:
        part, begun = lines[begun:stop], stop
        later = datetime.fromisoformat(lines[stop]["recorded_at"]) + timedelta(days=1)
        prepared = [
            prepare(n, orjson.dumps(one), b"", later, keep_recorded_at=True) for n, one in enumerate(part, start=1)
        ]
        write_batch(services.log, prepared)
        clock.now = datetime.fromisoformat(part[-1]["recorded_at"])
        services.catch_up()
        told.append((clock.now, answers(services), charts(services)))
    clock.now += timedelta(days=400)
    yield services, told
    services.close()


def test_as_of_answers_what_was_answered_live_then(lived: Told) -> None:
    services, told = lived
    turns = cycle(ASKED.items())
    for at, live, seen in told:
        with store_as_of(services, at) as then:
            assert answers(then) == live
        assert charts_at(services, at) == seen
        asked, params = next(turns)  # in turn, from no more read models than the report needs
        assert report_at(services, asked[0], params, at) == live[asked]


def standing(services: Services) -> list[ProjectionStatus]:
    """Where the read models are, whenever it is asked."""
    return [replace(one, heartbeat_age=None) for one in services.projector.status()]


def test_nothing_of_it_is_seen_elsewhere_nor_left(lived: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services, told = lived
    for name in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = answers(services), standing(services)
    with store_as_of(services, told[0][0]) as then:
        assert answers(then) == told[0][1]
        assert not list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())
    assert (answers(services), standing(services)) == before


@pytest.mark.parametrize("asked", ASKED, ids="-".join)
def test_a_report_reads_no_other_read_models_than_it_is_given(lived: Told, asked: tuple[str, str]) -> None:
    services, told = lived
    at, live, _ = told[-1]
    assert report_at(services, asked[0], ASKED[asked], at) == live[asked]


def test_a_time_to_come_is_now_and_one_before_everything_is_empty(programme: Services) -> None:
    with store_as_of(programme, programme.now() + timedelta(days=900)) as then:
        assert answers(then) == answers(programme)
    with store_as_of(programme, datetime(1990, 1, 1, tzinfo=UTC)) as then:
        assert run_report("status", then, ReportParams(per_client=True)) == []


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Services]:
    """Two clients; the second one's stay is found out later to have ended otherwise."""
    clock = Clock()
    url = SecretStr(f"sqlite:///{tmp_path}/log.db")
    services = open_services(Settings(database_url=url, master_key=SecretStr("cd" * 32)), clock)
    start = {"level": "residential", "program": "R"}
    end = {"level": "residential", "reason": "completed"}
    lines = [
        ("A", "LevelOfCareStarted", "2026-01-01", "2026-01-02", start, 1),
        ("B", "LevelOfCareStarted", "2026-01-01", "2026-01-02", start, 2),
        ("A", "LevelOfCareEnded", "2026-02-01", "2026-02-01", end, 3),
        ("B", "LevelOfCareEnded", "2026-02-10", "2026-02-10", end, 4),
        ("A", "SessionAttended", "2026-01-15", "2026-03-05", {"kind": "group", "minutes": 60}, 5),
        (
            "B",
            "EntryCorrected",
            "2026-03-10",
            "2026-03-10",
            {
                "target": f"{4:032x}",
                "reason": "left on the ninth",
                "replacement": {
                    "type": "LevelOfCareEnded",
                    "occurred_at": "2026-02-09T12:00:00Z",
                    "data": {"level": "residential", "reason": "left_against_advice"},
                },
            },
            6,
        ),
    ]
    clock.now = datetime(2026, 6, 1, tzinfo=UTC)
    prepared = [
        prepare(
            number,
            orjson.dumps(
                {
                    "client": client,
                    "type": kind,
                    "occurred_at": f"{at}T12:00:00Z",
                    "recorded_at": f"{known}T12:00:00Z",
                    "event_id": f"{number:032x}",
                    "data": data,
                }
            ),
            b"",
            clock.now,
            keep_recorded_at=True,
        )
        for client, kind, at, known, data, number in lines
    ]
    write_batch(services.log, prepared)
    services.catch_up()
    yield services
    services.close()


MARCH_1, JUNE_1 = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def test_a_number_that_changed_names_the_entries_that_changed_it(small: Services) -> None:
    found = report_difference(small, "completion", ReportParams(by=("level",)), MARCH_1, JUNE_1)
    values = {cell.name: (cell.then, cell.now) for cell in found.cells}
    assert values["completed"] == (2, 1)
    assert values["left_against_advice"] == (0, 1)
    assert values["completion_rate"] == (1.0, 0.5)
    assert [(entry.effect, entry.sequence) for entry in found.entries] == [("corrected", 3)]
    assert small.log.client_id("B") == found.entries[0].client_id


def test_a_number_that_stayed_names_nobody(small: Services) -> None:
    before = datetime(2026, 3, 2, tzinfo=UTC)
    found = report_difference(small, "completion", ReportParams(by=("level",)), before, before + timedelta(days=4))
    assert (found.cells, found.entries) == ([], [])


def learned_of(services: Services, reference: str) -> list[Change]:
    chart = open_chart(services.log, reference)
    return [learned(entry, chart.entries) for entry in chart.entries if entry.recorded > microseconds(MARCH_1)]


def test_what_was_learned_of_a_client_says_before_and_after(small: Services) -> None:
    [entry] = learned_of(small, "B")
    assert entry.effect == "corrected"
    assert entry.before == {"occurred_at": "2026-02-10T12:00:00+00:00", "reason": "completed"}
    assert entry.after == {"occurred_at": "2026-02-09T12:00:00+00:00", "reason": "left_against_advice"}
    client = ClientEntries(small.log, small.log.client_id("B"))
    rows = changed_rows(client, microseconds(MARCH_1), microseconds(JUNE_1))
    changed = {(row["table"], row["change"]): row["row"] for row in rows}
    assert (changed["stay", "went"]["reason"], changed["stay", "went"]["end_day"]) == ("completed", "2026-02-10")
    assert changed["stay", "came"]["reason"] == "left_against_advice"
    [late] = learned_of(small, "A")
    assert (late.effect, late.late_days) == ("learned", 49)
