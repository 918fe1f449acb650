"""A worker of Kafka counts a client without an entry that was set aside, as whoever follows the log itself does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from domain.commands import SetAside, TakeUp
from domain.events import LevelOfCareEnded, LevelOfCareStarted
from infra.bootstrap import Services
from infra.eventstore.log import Author
from infra.kafka.batch import Batch, Folder
from infra.kafka.records import EntryPlace
from infra.ops.set_aside import record_aside
from infra.readmodels.ownership import Moved, claim
from infra.readmodels.verify import verify
from tests.infra.postgres.pausing_locks import TOPIC, opened
from tests.poison import BAD_ID, poison
from tests.spec import NOW, ago, fact, record, shown

ADMIN = Author("an admin", "admin")
BAD = UUID(hex=BAD_ID)


@pytest.fixture
def services(postgres_url: str, tmp_path: Path) -> Iterator[Services]:
    services = opened(postgres_url, tmp_path)
    yield services
    services.close()


def stay(services: Services, since: int, until: int) -> None:
    record(services.log, fact(LevelOfCareStarted(level="residential"), ago(since), client="C-1"))
    record(services.log, fact(LevelOfCareEnded(level="residential", reason="completed"), ago(until), client="C-1"))


def worked(services: Services) -> tuple[int, int]:
    """Fold what the log holds as a worker; how many stays are counted then, and how many read models are stopped."""
    client_id = services.log.client_id("C-1")
    last = services.log.recorder.streams([client_id])[-1]
    with services.reads.noting() as connection:
        epoch = claim(connection, TOPIC, "t-1", [0])[0].epoch
    place = EntryPlace(client_id, last.sequence, last.position)
    batch = Batch({0: Moved(epoch, last.position, last.position)}, {client_id: place}, 1)
    Folder(services.log, services.reads, TOPIC, threading.Event()).take(batch)
    assert verify(services.projector) == []
    return len(shown(services.reads, "stay")), len(services.projector.quarantined())


def test_a_batch_counts_the_client_without_the_entry_until_it_is_taken_up(services: Services) -> None:
    stay(services, 60, 50)
    poison(services.log, "C-1")
    stay(services, 40, 30)
    stays, stopped = worked(services)
    assert stays == 1
    assert stopped > 0
    record_aside(services.log, SetAside(BAD, "damaged"), author=ADMIN, now=NOW)
    assert worked(services) == (2, 0)
    record_aside(services.log, TakeUp(BAD, "known now"), author=ADMIN, now=NOW)
    assert worked(services) == (1, stopped)
