"""Server-sent events from a real server: what moves on is told, to those who may know, until the stream must end."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import create_app
from api.http import routes_live
from domain.events import NoteAdded
from infra.bootstrap import Services, open_services
from infra.readmodels.follower import Follower
from infra.settings import Settings
from tests.browser.conftest import running
from tests.spec import ago, fact, record

CLINICIAN = {"Authorization": "Bearer demo-clinician"}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    found = open_services(Settings(database_url=SecretStr(f"sqlite:///{tmp_path}/log.db"), demo=True))
    record(found.log, fact(NoteAdded(text="simulated"), ago(3), client="C-1"))
    record(found.log, fact(NoteAdded(text="simulated"), ago(3), client="C-2"))
    found.catch_up()
    yield found
    found.close()


@pytest.fixture
def app(services: Services) -> FastAPI:
    return create_app(services)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with running(app) as url:
        yield url


@contextmanager
def listening(address: str, query: str = "", **options: Any) -> Generator[Iterator[str]]:
    """The lines of a stream, once it has begun."""
    options = {"headers": CLINICIAN, **options}
    with httpx2.stream("GET", f"{address}/api/v1/live{query}", timeout=60, **options) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.iter_lines()


def told(lines: Iterator[str]) -> dict[str, int]:
    """The next event's data."""
    return next(orjson.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))


def note(services: Services, client: str) -> None:
    record(services.log, fact(NoteAdded(text="simulated, later"), ago(1), client=client))
    services.catch_up()


def test_each_move_of_the_read_models_is_told(services: Services, address: str) -> None:
    with listening(address) as lines:
        assert told(lines) == {"position": 2}
        note(services, "C-1")
        assert told(lines) == {"position": 3}


def test_what_another_process_records_is_told(migrated_postgres_url: str) -> None:
    settings = Settings(database_url=SecretStr(migrated_postgres_url), master_key=SecretStr("ab" * 32), demo=True)
    with ExitStack() as stack:
        here, there = (open_services(settings) for _ in range(2))
        stack.callback(here.close)
        stack.callback(there.close)
        follower = Follower(here)
        follower.start()
        stack.callback(follower.stop)
        address = stack.enter_context(running(create_app(here)))
        record(there.log, fact(NoteAdded(text="simulated"), ago(3), client="C-1"))
        lines = stack.enter_context(listening(address, "?client=C-1"))
        seen = told(lines)["sequence"]  # the first look may have come before the entry did
        assert seen == 1 or told(lines)["sequence"] == 1
        record(there.log, fact(NoteAdded(text="simulated, later"), ago(1), client="C-1"))
        assert told(lines)["sequence"] == 2


def test_for_one_chart_only_its_own_entries_are_told(services: Services, address: str) -> None:
    with listening(address, "?client=C-1") as lines:
        assert told(lines) == {"position": 2, "sequence": 1}
        note(services, "C-2")
        note(services, "C-1")
        assert told(lines) == {"position": 4, "sequence": 2}


def test_who_has_seen_this_position_is_told_of_the_next_one(services: Services, address: str) -> None:
    with listening(address, headers={**CLINICIAN, "Last-Event-ID": "2"}) as lines:
        note(services, "C-1")
        assert told(lines) == {"position": 3}


def test_a_process_that_is_to_stop_lets_go(app: FastAPI, address: str) -> None:
    with listening(address) as lines:
        told(lines)
        app.state.draining.set()
        assert not [line for line in lines if line.startswith("data")]
    assert app.state.streams.open.total() == 0


def test_a_session_that_ended_hears_no_more(address: str, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes_live, "CHECK_SECONDS", 0.5)
    with httpx2.Client(base_url=address) as browser:
        form = browser.get("/")
        assert form.status_code == 200
        signed_in = browser.post("/sign-in", data={"role": "clinician"}, headers={"Origin": address})
        assert signed_in.status_code in {200, 303}, signed_in.text
        with listening(address, headers={}, cookies=dict(browser.cookies)) as lines:
            assert any(line.startswith(": still here") for line in lines)
            services.people.sessions.end_of_name("demo-clinician")
            note(services, "C-1")  # what moves on does not put the check off
            assert len([line for line in lines if line.startswith("data")]) <= 1  # and the stream has an end


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({}, "", 401),
        ({"Authorization": "Bearer demo-reporting"}, "", 403),
        ({"Authorization": "Bearer demo-analyst"}, "?client=C-1", 403),
        ({"Authorization": "Bearer demo-admin"}, "?client=C-1", 403),
    ],
)
def test_who_may_not_is_refused(address: str, headers: dict[str, str], query: str, status: int) -> None:
    answer = httpx2.get(f"{address}/api/v1/live{query}", headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_there_is_an_end_to_streams(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes_live, "MOST", 0)
    answer = httpx2.get(f"{address}/api/v1/live", headers=CLINICIAN)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
