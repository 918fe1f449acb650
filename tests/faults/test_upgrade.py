"""An upgrade as docs/operations.md tells it, under a load of commands: two releases that differ in a read model and in an
event's version, each recording, projecting and looking in a process of its own; then back by one command."""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient
from pydantic import SecretStr

import infra.bootstrap
from infra.bootstrap import open_services
from infra.kafka.connection import TopicAddress
from infra.kafka.relay import Relay
from infra.settings import Settings
from tests.depth import by_night, cases
from tests.faults.forked import Child
from tests.infra.readmodels.releases import release
from tests.spec import KEY, NOW

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
CLIENTS = cases(8, 200)  # that each of the two records while the other is there
PATIENCE = 240.0


class Process:
    """One of the two, from outside."""

    def __init__(self, child: Child) -> None:
        self._child = child

    def told(self, word: str) -> dict[str, Any]:
        """Say a word, and give its answer."""
        self._child.stdin.write(f"{word}\n")
        self._child.stdin.flush()
        found = json.loads(next(line for line in self._child.stdout if line.startswith('{"written"')))
        assert found["failed"] == []
        return found

    def until(self, holds: Callable[[dict[str, Any]], object], word: str = "state") -> dict[str, Any]:
        """Ask until it holds."""
        deadline = time.monotonic() + PATIENCE
        while not holds(found := self.told(word)):
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
        return found


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[list[str]]:
    """The words that say where the two releases work."""
    if request.param == "sqlite":
        yield [f"sqlite:///{tmp_path}/log.db", str(tmp_path)]
        return
    words = [request.getfixturevalue("postgres_url"), str(tmp_path)]
    if request.param == "postgres":
        yield words
        return
    bootstrap = os.environ.get("CAREJOURNEY_TEST_KAFKA") or pytest.fail("no Kafka: run through tools/with-kafka")
    name = uuid.uuid4().hex[:12]
    kafka = [bootstrap, f"test.{name}", f"test-{name}"]
    with published(words[0], kafka, tmp_path):
        yield [*words, *kafka]
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.delete_topics([f"test.{name}"])
    admin.close()


@contextmanager
def published(url: str, kafka: list[str], folder: Path) -> Generator[None]:
    """A relay at work."""
    names = dict(zip(("kafka_bootstrap", "kafka_topic", "kafka_group"), kafka, strict=True))
    settings = Settings(
        database_url=SecretStr(url),
        master_key=SecretStr(KEY.hex()),
        erasure_ledger=folder / "erasures",
        **names,  # pyright: ignore[reportArgumentType]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(infra.bootstrap, "READ_MODELS", release(1))  # else it is a third release
        services = open_services(settings, lambda: NOW)
    relay = Relay(services.log, url, TopicAddress.of(settings))
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        yield
    finally:
        relay.stop.set()
        thread.join()
        services.close()


SPARED = {("postgres", "SAME"), ("kafka", "SAME")}
STORES = ("sqlite", "postgres", "kafka")
# A release with other columns does all that one with the same does, and makes its tables anew.
UPGRADES = [
    by_night(store, columns) if (store, columns) in SPARED else (store, columns)
    for store in STORES
    for columns in ("SAME", "OTHER")
]


@pytest.mark.parametrize(("place", "columns"), UPGRADES, indirect=["place"])
def test_an_upgrade_under_load_and_back(place: list[str], columns: str) -> None:
    with Child("tests.faults.child_upgrade", "1", columns, *place) as first:
        old = Process(first)
        old.until(lambda s: s["written"] >= 3)
        before = tuple(old.until(lambda s: not s["states"])["live"])
        with Child("tests.faults.child_upgrade", "2", columns, *place) as second:
            new = Process(second)
            switched = tuple(new.until(lambda s: tuple(s["live"]) > before and not s["states"])["live"])
            for each in (old, new):
                goal = each.told("state")["written"] + CLIENTS
                each.until(lambda s, goal=goal: s["written"] >= goal)
            of_old, of_new = (each.told("stop")["written"] for each in (old, new))
            shown = new.until(lambda s: s["in_step"] and not s["stopped"], "show")
            assert shown["programs"] == {"v2": of_old + of_new}
            assert (shown["differences"], shown["live"], shown["mixed"]) == (0, list(switched), False)
            resting = old.told("show")
            assert resting["states"] == {"stays": "newer"}
            assert (resting["live"], resting["mixed"]) == (list(switched), False)
            seen = {tuple(one) for state in (shown, resting) for one in state["seen"]}
            assert seen <= {before, switched}, "built more than once"
            back(old, new, of_old, of_new)
            second.stdin.close()
        first.stdin.close()


def back(old: Process, new: Process, of_old: int, of_new: int) -> None:
    """The old release counts every client but those whose events it cannot read, which it names; the new one rests.

    Read models of the same version hold such clients as the new one folded them, until the old one rebuilds.
    """
    live = old.told("rollback")["live"]
    shown = old.until(lambda s: s["in_step"] and s["stopped"] == of_new, "show")
    assert (shown["programs"], shown["mixed"]) == ({"v1": of_old}, False)
    new.until(lambda s: s["states"] == {"stays": "rolled_back"})
    assert old.told("state")["live"] == new.told("state")["live"] == live
    old.told("rebuild")
    rebuilt = old.until(lambda s: s["in_step"] and s["stopped"] == of_new, "show")
    assert (rebuilt["programs"], rebuilt["differences"]) == ({"v1": of_old}, 0)
