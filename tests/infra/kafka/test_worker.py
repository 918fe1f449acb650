"""Workers: whatever the topic does to them, the read models are a replay of the log."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from kafka import KafkaAdminClient

from domain.events import ChartsMerged, LevelOfCareEnded, LevelOfCareStarted, NoteAdded
from infra.bootstrap import Services
from infra.kafka.connection import TopicAddress
from infra.kafka.relay import Relay
from infra.kafka.worker import Worker
from infra.readmodels.verify import verify
from infra.reporting.reports import REPORTS, ReportParams, run_report
from infra.simulator.demo import fill
from tests.depth import cases
from tests.infra.conftest import services_at
from tests.infra.kafka.conftest import Open
from tests.infra.kafka.waiting import until
from tests.spec import ago, fact, record, shown

# a client of Kafka that is closed while it connects leaves its socket to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

CLIENTS = cases(16, 60)  # of whom every report has rows


def stay(services: Services, client: str) -> None:
    record(services.log, fact(LevelOfCareStarted(level="residential"), ago(20), client=client))
    record(services.log, fact(LevelOfCareEnded(level="residential", reason="completed"), ago(9), client=client))


def publish(relay: Relay) -> None:
    relay.stop.clear()
    relay.run(until_caught_up=True)


def fold(services: Services, place: TopicAddress) -> Worker:
    worker = Worker(services.projector, place)
    worker.run(until_caught_up=True)
    return worker


@contextmanager
def working(*workers: Worker) -> Generator[None]:
    """Workers at work, each in a thread of its own."""
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.stop.set()
        for thread in threads:
            thread.join()


def test_reports_are_those_of_the_embedded_store(
    services: Services, relay: Relay, place: TopicAddress, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fill(services.log, CLIENTS, 3)
    publish(relay)
    fold(services, place)
    embedded = services_at(tmp_path_factory.mktemp("embedded"))
    try:
        fill(embedded.log, CLIENTS, 3)
        embedded.catch_up()
        for name in REPORTS:
            ours, theirs = run_report(name, services, ReportParams()), run_report(name, embedded, ReportParams())
            assert ours == theirs != [], name
    finally:
        embedded.close()
    assert verify(services.projector) == []


def test_status_is_exact(services: Services, relay: Relay, place: TopicAddress) -> None:
    stay(services, "C-1")
    assert {row.lag for row in services.projector.status()} == {2}
    publish(relay)
    assert {row.lag for row in services.projector.status()} == {2}
    fold(services, place)
    assert {(row.position, row.lag) for row in services.projector.status()} == {(2, 0)}
    stay(services, "C-2")
    publish(relay)
    assert {row.position for row in services.projector.status()} == {2}


def test_a_topic_that_is_replayed_changes_nothing(services: Services, relay: Relay, place: TopicAddress) -> None:
    for number in range(4):
        stay(services, f"C-{number}")
    publish(relay)
    fold(services, place)
    before = shown(services.reads, "stay")
    with services.log.recorder.writing() as tx:
        tx.many("UPDATE relay SET position=?", [(0,)])
    publish(relay)
    record(services.log, fact(NoteAdded(text="x"), client="C-1"))
    publish(relay)
    fold(services, place)
    assert shown(services.reads, "stay") == before
    assert verify(services.projector) == []


def test_a_topic_that_was_made_anew_is_followed(services: Services, relay: Relay, place: TopicAddress) -> None:
    stay(services, "C-1")
    publish(relay)
    worker = Worker(services.projector, place)
    with working(worker):
        until(lambda: services.projector.reached() == services.log.head())
        admin = KafkaAdminClient(bootstrap_servers=place.bootstrap)
        admin.delete_topics([place.topic])
        admin.close()
        stay(services, "C-2")
        publish(relay)
        until(lambda: services.projector.reached() == services.log.head())
    assert verify(services.projector) == []


def test_workers_share_the_work_and_take_over(
    services: Services, another: Open, relay: Relay, place: TopicAddress
) -> None:
    workers = [Worker(each.projector, place) for each in (services, another(), another())]
    for number in range(12):
        stay(services, f"C-{number}")
    publish(relay)
    with working(*workers[1:]):
        with working(workers[0]):
            until(lambda: services.projector.reached() == services.log.head())
            for number in range(6, 18):
                stay(services, f"C-{number}")
            publish(relay)
        until(lambda: services.projector.reached() == services.log.head())
    assert verify(services.projector) == []


def test_merged_charts_are_counted_once(services: Services, another: Open, relay: Relay, place: TopicAddress) -> None:
    with working(*(Worker(each.projector, place) for each in (services, another()))):
        for number in range(4):
            stay(services, f"C-{number}")
        publish(relay)
        for number in range(0, 4, 2):
            record(services.log, fact(ChartsMerged(other_client=f"C-{number}"), ago(1), client=f"C-{number + 1}"))
        publish(relay)
        for number in range(0, 4, 2):  # under the number of a merged chart
            record(services.log, fact(LevelOfCareStarted(level="alumni"), ago(0.5), client=f"C-{number}"))
        publish(relay)
        until(lambda: services.projector.reached() == services.log.head())
    assert sum(row["level"] == "alumni" for row in shown(services.reads, "stay")) == 2
    owners = {row["client_id"] for row in shown(services.reads, "stay")}
    assert owners == {services.log.client_id("C-1"), services.log.client_id("C-3")}
    assert verify(services.projector) == []


def test_a_poison_entry_stops_one_client_until_it_is_retried(
    services: Services, relay: Relay, place: TopicAddress
) -> None:
    for client in ("C-1", "C-2"):
        stay(services, client)
    with services.log.recorder.writing() as tx:
        state = b'{"i":"%s","a":0,"r":0,"d":{}}' % (b"e" * 32)
        tx.insert([(services.log.client_id("C-1"), 3, "Unheard.1", state)])
    record(services.log, fact(LevelOfCareStarted(level="alumni"), ago(2), client="C-2"))
    publish(relay)
    fold(services, place)
    assert {row["client_id"] for row in services.projector.quarantined()} == {services.log.client_id("C-1")}
    stays = {row["client_id"] for row in shown(services.reads, "stay")}  # up to the entry before the bad one
    assert stays == {services.log.client_id(client) for client in ("C-1", "C-2")}
    assert {row.lag for row in services.projector.status()} == {0}
    with services.log.recorder.writing() as tx:
        tx.many(f"UPDATE {tx.events_table} SET topic=? WHERE topic=?", [("AlumniContacted.1", "Unheard.1")])
    assert services.projector.retry()[1] == 0
    assert services.projector.quarantined() == []
    assert verify(services.projector) == []
