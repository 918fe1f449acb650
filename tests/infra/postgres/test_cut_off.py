"""A writer or projector that is cut from the network, or whose clock is another one, is taken over; what it sends then is refused.

Nothing is closed when a network goes: a proxy stops forwarding with every connection open.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from infra.eventstore.log import Append, EventLog
from infra.eventstore.setup import open_log
from infra.readmodels.leases import LIVE
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from projections.catalogue import READ_MODELS
from tests.day import UTC_DAYS
from tests.depth import by_night
from tests.infra.postgres.cutting import Cutter
from tests.infra.postgres.pausing import CHART, a_note, asleep
from tests.infra.postgres.servers import Server
from tests.spec import KEY, NOW

WRITING, PROJECTING = "tests.infra.postgres.pausing", "tests.infra.postgres.pausing_reads"
DAYS = ["2019-02-03T04:05:06Z", by_night("2031-10-09T08:07:06Z")]


@pytest.fixture
def url(server: Server) -> str:
    return server.url(server.database())


@pytest.fixture
def cutter(server: Server) -> Iterator[Cutter]:
    cutter = Cutter(server.port)
    yield cutter
    cutter.close()


@pytest.fixture
def log(url: str) -> Iterator[EventLog]:
    log = open_log(url, KEY, UTC_DAYS, lambda: NOW)
    log.append(Append(CHART, [a_note("first")]))
    yield log
    log.close()


@pytest.fixture
def projector(log: EventLog, url: str) -> Iterator[Projector]:
    reads = ReadStore(url, READ_MODELS, UTC_DAYS)
    yield Projector(log, reads)
    reads.close()


def through(cutter: Cutter, server: Server, url: str) -> str:
    return url.replace(f":{server.port}/", f":{cutter.port}/")


def lease(url: str) -> tuple[str, int]:
    """Who holds the live rows, and under which token."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT holder, token FROM lease WHERE name = %s", (LIVE,)).fetchone()
    assert row
    return row[0], row[1]


@pytest.mark.parametrize("where", [by_night("after_its_questions"), "before_its_commit"])
def test_a_writer_that_is_cut_off(server: Server, url: str, cutter: Cutter, log: EventLog, where: str) -> None:
    with asleep(WRITING, where, through(cutter, server, url)) as sleeper:
        cutter.hold()
        sleeper.wakes()  # it is awake, and what it sends does not arrive
        assert log.append(Append(CHART, [a_note("meanwhile")])).sequence == 2
        cutter.flow()
        assert sleeper.goes_on() in {"unavailable", "StaleSequenceError"}
    assert [row.sequence for row in log.recorder.page(0, 1_000)] == [1, 2]


def test_a_projector_that_is_cut_off(server: Server, url: str, cutter: Cutter, projector: Projector) -> None:
    there = through(cutter, server, url)
    with asleep(PROJECTING, "within_a_page", there, there) as sleeper:
        cutter.hold()
        sleeper.wakes()
        assert projector.catch_up() == 1
        taken = lease(url)
        assert taken == (projector.reads.leases[LIVE].holder, 2), "the first token was the sleeper's"
        cutter.flow()
        assert sleeper.goes_on() == "refused"
    assert lease(url) == taken
    projector.log.append(Append(CHART, [a_note("second")]))
    assert projector.catch_up() == 2
    assert lease(url) == taken


@pytest.mark.parametrize("day", DAYS)
def test_a_projector_whose_clock_is_another_one(url: str, projector: Projector, day: str) -> None:
    """Neither the past nor the future keeps a lease, or takes one from who is awake."""
    assert projector.catch_up() == 1
    holder, token = lease(url)
    projector.log.append(Append(CHART, [a_note("second")]))
    with asleep(PROJECTING, "within_a_page", url, url, day=day) as sleeper:
        assert projector.catch_up() == 2
        taken = lease(url)
        assert taken == (holder, token + 2), "the token between was the sleeper's"
        assert sleeper.goes_on() == "refused"
    assert lease(url) == taken


@pytest.mark.parametrize("day", DAYS)
def test_a_writer_whose_clock_is_another_one(url: str, log: EventLog, day: str) -> None:
    with asleep(WRITING, "before_its_commit", url, day=day) as sleeper:
        assert log.append(Append(CHART, [a_note("meanwhile")])).sequence == 2
        assert sleeper.goes_on() in {"unavailable", "StaleSequenceError"}
    assert [row.sequence for row in log.recorder.page(0, 1_000)] == [1, 2]
