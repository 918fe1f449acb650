"""A process that is paused, or cut off, while it writes the index of names keeps nobody out, and writes nothing later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.event import listen

from domain.commands import Draft
from domain.events import ClientRegistered
from infra.bootstrap import Services
from infra.eventstore.log import Append, Author, NewEntry
from infra.privacy.names.search import search
from infra.publications.reporting_sql import refresh
from tests.depth import by_night
from tests.infra.postgres.cutting import Cutter
from tests.infra.postgres.pausing import CHART, asleep
from tests.infra.postgres.pausing_locks import opened
from tests.infra.postgres.servers import Server
from tests.spec import NOW

PAUSING = "tests.infra.postgres.pausing_locks"


@pytest.fixture
def url(server: Server) -> str:
    return server.url(server.database())


@pytest.fixture
def services(url: str, tmp_path: Path) -> Iterator[Services]:
    services = opened(url, tmp_path)
    register(services, CHART, "Katherine Marsh")
    services.catch_up()
    yield services
    services.close()


@pytest.fixture
def cutter(server: Server) -> Iterator[Cutter]:
    cutter = Cutter(server.port)
    yield cutter
    cutter.close()


def register(services: Services, reference: str, name: str) -> None:
    event = ClientRegistered(name=name, birth_date=date(1990, 1, 31))
    entry = NewEntry(Draft(event, NOW), Author("a-1", "clinician"))
    services.log.append(Append(reference, [entry]))


def found(services: Services, words: str) -> list[str]:
    return [match.reference for match in search(services, words)]


@pytest.mark.parametrize("where", [by_night("in_the_midst"), "between_two_statements"])
def test_others_index_names_while_one_sleeps_with_the_index(
    services: Services, url: str, tmp_path: Path, where: str
) -> None:
    with asleep(PAUSING, where, url, str(tmp_path)) as sleeper:
        register(services, "A-2", "Ruth Moore")
        services.catch_up()
        assert found(services, "moore") == ["A-2"]
        assert sleeper.goes_on() == "refused"
    assert services.names.differences() == []


def test_others_index_names_while_one_is_cut_off(
    server: Server, services: Services, url: str, cutter: Cutter, tmp_path: Path
) -> None:
    there = url.replace(f":{server.port}/", f":{cutter.port}/")
    with asleep(PAUSING, "in_the_midst", there, str(tmp_path)) as sleeper:
        cutter.hold()
        sleeper.wakes()
        services.names.rebuild()
        cutter.flow()
        assert sleeper.goes_on() == "refused"
    assert services.names.differences() == []


def test_the_index_sends_no_statement_without_a_sync(services: Services) -> None:
    """As where the holder's login is another one than that of who waits: the server's own limit ends it."""
    many: list[str] = []

    def note(*told: object) -> None:
        if told[-1]:
            many.append(str(told[2]))

    listen(services.reads.engine, "before_cursor_execute", note)
    register(services, "A-2", "Ruth Moore")
    services.catch_up()
    services.names.rebuild()
    services.names.forget([services.log.client_id("A-2")])
    assert [sql for sql in many if "name_" in sql] == []


def test_others_publish_while_one_sleeps_with_the_schema(services: Services, url: str, tmp_path: Path) -> None:
    refresh(services.log.recorder, services.reads)
    with asleep(PAUSING, "publishing", url, str(tmp_path)) as sleeper:
        assert refresh(services.log.recorder, services.reads) == 0
        assert sleeper.goes_on() == "refused"
