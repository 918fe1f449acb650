"""Workers of two releases in one group: the older ones leave it when the newer one's read models are live."""

from __future__ import annotations

import pytest

import infra.bootstrap
from infra.bootstrap import Services
from infra.kafka.connection import TopicAddress
from infra.kafka.relay import Relay
from infra.kafka.worker import Worker
from infra.readmodels.verify import verify
from tests.infra.kafka.conftest import Open
from tests.infra.kafka.test_worker import publish, stay, working
from tests.infra.kafka.waiting import until
from tests.infra.readmodels.releases import live, programs, release, states

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
ROUNDS = 4


def test_workers_of_two_releases_and_back(
    services: Services, another: Open, relay: Relay, place: TopicAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(infra.bootstrap, "READ_MODELS", release(2, renames=True))
    newer = [another(), another()]
    old, new = services.projector, newer[0].projector
    stay(services, "C-0")
    publish(relay)
    with working(Worker(old, place)):
        until(lambda: old.reached() == services.log.head())
        with working(*(Worker(each.projector, place) for each in newer)):
            until(lambda: not states(new) and states(old) == {"stays": "newer"})
            switched = live(new)
            for number in range(1, ROUNDS):
                stay(services, f"C-{number}")
                publish(relay)
                until(lambda: new.reached() == services.log.head())
                assert programs(new) == {"v2": number + 1}
            assert live(new) == switched, "built again"
            until(lambda: old.rests)
            assert verify(new) == verify(old) == []
            old.rollback()
            until(lambda: new.rests)
            stay(services, f"C-{ROUNDS}")
            publish(relay)
            until(lambda: old.reached() == services.log.head())
        assert states(new) == {"stays": "rolled_back"}
    assert len(programs(old)) == 1
    assert sum(programs(old).values()) == ROUNDS + 1
    assert verify(old) == []


def test_a_log_that_was_put_back_is_counted_anew(services: Services, relay: Relay, place: TopicAddress) -> None:
    for number in range(4):
        stay(services, f"C-{number}")
    publish(relay)
    with working(Worker(services.projector, place)):
        until(lambda: services.projector.reached() == services.log.head())
        first = live(services.projector)
        with services.reads.noting() as connection:
            connection.exec_driver_sql("UPDATE generation SET position=999")
        until(lambda: live(services.projector) != first and not states(services.projector))
    assert verify(services.projector) == []
