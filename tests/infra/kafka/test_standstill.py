"""A consumer that gets nothing although there is something says so; one that has nothing to do does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition

from domain.events import NoteAdded
from infra.bootstrap import Services
from infra.kafka import consumer as consuming
from infra.kafka.connection import TopicAddress
from infra.kafka.consumer import Member, StandstillError
from infra.kafka.relay import Relay
from infra.simulator.demo import fill
from tests.infra.kafka.waiting import until
from tests.spec import ago, fact, record

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


class Consumers(list[KafkaConsumer]):
    """The client's consumers as they are made, so that a test can make one deaf."""

    def __call__(self, **options: Any) -> KafkaConsumer:
        self.append(KafkaConsumer(**options))
        return self[-1]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Consumers:
    found = Consumers()
    monkeypatch.setattr(consuming, "KafkaConsumer", found)
    monkeypatch.setattr(consuming, "_LOOK_SECONDS", -1.0)  # at every batch, and at once
    monkeypatch.setattr(consuming, "_STILL_SECONDS", -1.0)
    return found


@pytest.fixture
def member(services: Services, relay: Relay, place: TopicAddress, made: Consumers) -> Iterator[Member]:
    fill(services.log, 3, 1)
    relay.run(until_caught_up=True)
    found = Member(place, services.reads)
    try:
        until(lambda: bool(_got(found)))
        yield found
    finally:
        found.close()


def _got(member: Member) -> int:
    """Records of one batch; joining takes a while, and is a standstill until then."""
    try:
        return member.batch().records
    except StandstillError:
        return 0


def test_nothing_to_do_is_no_standstill(member: Member) -> None:
    until(lambda: _got(member) == 0)
    assert member.batch().records == 0


def test_a_consumer_that_gets_nothing_of_what_there_is_stands_still(
    member: Member, made: Consumers, services: Services, relay: Relay
) -> None:
    until(lambda: _got(member) == 0)
    deaf: list[TopicPartition] = list(made[-1].assignment())
    made[-1].pause(*deaf)
    record(services.log, fact(NoteAdded(text="simulated"), ago(2), client="C-1"))
    relay.stop.clear()
    relay.run(until_caught_up=True)
    with pytest.raises(StandstillError):
        member.batch()
