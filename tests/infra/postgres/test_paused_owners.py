"""A worker that is paused with its partitions, or a leader with its lock, keeps no other from taking over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from infra.bootstrap import Services
from infra.kafka.leader import Leadership
from infra.migrations.steps import RELAY
from infra.readmodels.ownership import claim
from infra.readmodels.readstore import ReadStore
from projections.catalogue import READ_MODELS
from tests.day import UTC_DAYS
from tests.infra.kafka.waiting import until
from tests.infra.postgres.pausing import asleep
from tests.infra.postgres.pausing_locks import TOPIC, opened
from tests.infra.postgres.servers import Server

PAUSING = "tests.infra.postgres.pausing_locks"


@pytest.fixture
def url(server: Server) -> str:
    return server.url(server.database())


@pytest.fixture
def services(url: str, tmp_path: Path) -> Iterator[Services]:
    services = opened(url, tmp_path)
    yield services
    services.close()


def epochs(services: Services, *numbers: int) -> dict[int, int]:
    with services.reads.noting() as connection:
        return {number: one.epoch for number, one in claim(connection, TOPIC, "t-1", numbers).items()}


def test_partitions_are_claimed_from_a_worker_that_sleeps_within_its_batch(
    services: Services, url: str, tmp_path: Path
) -> None:
    assert epochs(services, 0, 1) == {0: 1, 1: 1}
    with asleep(PAUSING, "owning_partitions", url, str(tmp_path)) as sleeper:
        assert epochs(services, 1, 2) == {1: 2, 2: 1}
        assert sleeper.goes_on() == "refused"
    assert epochs(services, 1) == {1: 3}


def test_read_models_are_made_after_one_who_paused_before_it_made_any(url: str) -> None:
    with psycopg.connect(url) as paused:
        paused.execute("SELECT pg_advisory_xact_lock(7214091)")
        ReadStore(url, READ_MODELS, UTC_DAYS).close()
        with pytest.raises(psycopg.OperationalError):
            paused.execute("SELECT 1")


def test_a_first_leader_of_a_topic_that_says_nothing_is_followed_by_another(services: Services, url: str) -> None:
    """It has the lock, and was stopped before it wrote down that it leads."""
    services.log.recorder.migrate(RELAY)
    first, second = Leadership(url, TOPIC), Leadership(url, TOPIC)
    assert first.won()
    until(second.won)
    with pytest.raises(psycopg.OperationalError):
        first.beat()
    first.close()
    second.close()


def test_every_session_has_a_limit_within_a_transaction(services: Services) -> None:
    with services.reads.reading() as connection:
        assert connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "2min"
