"""Workers of two releases in one group: the older ones leave it when the newer one's read models are live."""

from __future__ import annotations

import pytest

import infra.services
from infra.projector.verify import verify
from infra.services import Services
from infra.streaming.place import Place
from infra.streaming.relay import Relay
from infra.streaming.worker import Worker
from tests.infra.projector.releases import live, programs, release, states
from tests.infra.streaming.conftest import Open
from tests.infra.streaming.test_worker import publish, stay, working
from tests.infra.streaming.waiting import until

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
ROUNDS = 4


def test_workers_of_two_releases_and_back(
    services: Services, another: Open, relay: Relay, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(infra.services, "READ_MODELS", release(2, renames=True))
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


def test_a_log_that_was_put_back_is_counted_anew(services: Services, relay: Relay, place: Place) -> None:
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
