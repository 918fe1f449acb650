"""Publications on a day of each month: when it is time, by one process, once a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from infra.bootstrap import Services, open_services
from infra.publications import schedule
from infra.publications.jobs import PUBLISH
from infra.publications.plan import Plan
from infra.publications.publisher import publications_of
from infra.publications.schedule import WHO, Schedule, is_due, scheduled
from tests.infra.publications.years import END, Hands, published, settings_at

NOTHING_YET = Plan.model_validate({"begin": "2027-01"})


@pytest.mark.parametrize(
    ("day", "today", "newest", "due"),
    [
        (0, date(2026, 3, 20), None, False),
        (16, date(2026, 3, 15), None, False),
        (16, date(2026, 3, 16), None, True),
        (16, date(2026, 3, 31), date(2026, 2, 16), True),
        (16, date(2026, 3, 31), date(2026, 3, 15), True),
        (16, date(2026, 3, 31), date(2026, 3, 16), False),
        (28, date(2026, 3, 1), date(2026, 1, 28), False),
    ],
)
def test_when_it_is_time(day: int, today: date, newest: date | None, due: bool) -> None:
    assert is_due(day, today, newest) == due


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a programme of 150 clients on 2027-01-20; nothing was published."""
    folder = tmp_path_factory.mktemp("programme")
    assert [one for _, one in published(folder, 150, 1, NOTHING_YET)] == [None]
    return folder


@pytest.fixture
def services(programme: Path, tmp_path: Path) -> Iterator[Services]:
    """A copy of that programme, for a test to publish from."""
    services = open_services(settings_at(copytree(programme, tmp_path / "own")), Hands(END))
    services.settings.publish_at_day = 16
    yield services
    services.close()


def turn(services: Services) -> bool:
    begun = Schedule(services).turn()
    services.jobs.wait()
    return begun


def test_it_publishes_once_a_month_under_a_name_of_its_own(services: Services) -> None:
    assert [turn(services) for _ in range(2)] == [True, False]
    assert [one.number for one in publications_of(services).all()] == [1]
    job = services.jobs.newest(PUBLISH)
    assert job is not None
    assert (job.state, job.by) == ("done", WHO.name)
    entries = [entry for entry in services.people.log.every() if entry.kind == "TablesPublished"]
    assert [(entry.name, entry.role, entry.via) for entry in entries] == [("schedule", "system", "schedule")]


def test_where_there_was_nothing_it_tries_again_the_next_day(services: Services, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('begin = "2027-01"')
    services.settings.publication_plan_file = plan
    assert [turn(services) for _ in range(2)] == [True, False]
    clock: Any = services.clock
    clock.now += timedelta(days=1)
    services.settings.publication_plan_file = None
    assert [turn(services) for _ in range(2)] == [True, False]
    assert len(publications_of(services).all()) == 1


def test_two_processes_make_one_publication(services: Services) -> None:
    other = open_services(services.settings, services.clock)
    try:
        begun = [Schedule(services).turn(), Schedule(other).turn()]
        for one in (services, other):
            one.jobs.wait()
        assert begun == [True, False]
    finally:
        other.close()
    assert len(publications_of(services).all()) == 1


def test_without_a_day_nothing_is_published(services: Services) -> None:
    services.settings.publish_at_day = 0
    assert not turn(services)
    assert publications_of(services).all() == []


def test_what_cannot_be_done_is_said_once_and_ends_nothing(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services.settings.publication_plan_file = tmp_path / "missing.toml"
    one = Schedule(services)
    assert [one.turn() for _ in range(3)] == [False] * 3
    said = "".join(capsys.readouterr())
    assert said.count("not published") == 1
    assert "PlanError" in said


def test_a_running_server_takes_turns_until_it_stops(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "EVERY_SECONDS", 0.0)
    with scheduled(services):
        pass
    services.jobs.wait()
    assert len(publications_of(services).all()) == 1
