"""The relay: what is in the topic is the log, and nothing that is personal."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from kafka import KafkaAdminClient

from domain.events import ClientRegistered, NoteAdded
from infra.bootstrap import Services
from infra.eventstore.rows import LogRow
from infra.kafka import relay as relaying
from infra.kafka.connection import TopicAddress
from infra.kafka.records import place_of
from infra.kafka.relay import Relay
from infra.kafka.relay_position import relayed
from tests.infra.kafka.conftest import Listener, Open
from tests.infra.kafka.waiting import until
from tests.spec import fact, record

NAME = "Ada Example"

# a client of Kafka that is closed while it connects leaves its socket to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def write(services: Services, clients: int, each: int) -> None:
    for number in range(clients):
        record(services.log, fact(ClientRegistered(name=NAME, birth_date=date(1990, 1, 1)), client=f"C-{number}"))
        for _ in range(each - 1):
            record(services.log, fact(NoteAdded(text="told in confidence"), client=f"C-{number}"))


def published(listener: Listener) -> list[LogRow]:
    """The topic as rows of the log, in the log's order."""
    rows = []
    for found in listener.records():
        place = place_of(found.headers)
        headers = dict(found.headers)
        assert place is not None
        topic = ".".join(headers["ce_dataschema"].decode().split("/")[-2:])
        rows.append(LogRow(place.position, place.client_id, place.sequence, topic, found.value))
    return sorted(rows)


def test_the_topic_holds_the_log(services: Services, relay: Relay, listener: Listener) -> None:
    write(services, 5, 3)
    assert relay.run(until_caught_up=True) == services.log.head()
    assert published(listener) == services.log.recorder.page(0, 100)


def test_records_are_cloudevents_and_clients_keep_their_order(
    services: Services, relay: Relay, listener: Listener
) -> None:
    write(services, 3, 4)
    relay.run(until_caught_up=True)
    seen: dict[bytes, list[int]] = {}
    for found in listener.records():
        headers = {key: value.decode() for key, value in found.headers}
        assert headers["ce_specversion"] == "1.0"
        assert headers["content-type"] == "application/json"
        assert headers["ce_subject"] == headers["ce_partitionkey"] == found.key.decode()
        assert headers["ce_source"] == f"/carejourney/clients/{found.key.decode()}"
        assert headers["ce_type"] in {"ClientRegistered", "NoteAdded"}
        assert headers["ce_time"].endswith("+00:00")
        assert len(headers["ce_id"]) == 32
        seen.setdefault(found.key, []).append(int(headers["ce_sequence"]))
    assert sorted(seen) == sorted(services.log.client_id(f"C-{n}").encode() for n in range(3))
    assert all(sequences == [1, 2, 3, 4] for sequences in seen.values())


def test_no_record_says_who_a_client_is(services: Services, relay: Relay, listener: Listener) -> None:
    write(services, 2, 2)
    relay.run(until_caught_up=True)
    for found in listener.records():
        everything = found.key + found.value + b"".join(value for _, value in found.headers)
        for word in (NAME.encode(), b"1990-01-01", b"confidence", b"C-0", b"C-1"):
            assert word not in everything


def test_a_second_run_publishes_what_is_new(
    services: Services, relay: Relay, listener: Listener, place: TopicAddress
) -> None:
    write(services, 2, 2)
    relay.run(until_caught_up=True)
    write(services, 2, 2)
    relay.run(until_caught_up=True)
    assert len(listener.records()) == 8
    state = relayed(services.log.recorder, place.topic)
    assert state.position == services.log.head()
    assert sum(offset + 1 for offset in state.last_offsets.values()) == 8


def test_an_entry_that_nobody_can_read_is_published(services: Services, relay: Relay, listener: Listener) -> None:
    with services.log.recorder.writing() as tx:
        tx.insert([("a" * 32, 1, "Unheard.1", b"not JSON}")])  # the log puts its link before the last brace
    relay.run(until_caught_up=True)
    [found] = listener.records()
    assert found.value.startswith(b"not JSON")


def test_one_leads_and_the_other_takes_over(
    services: Services, another: Open, place: TopicAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    relays = [Relay(each.log, each.settings.database_url.get_secret_value(), place) for each in (services, another())]
    threads = [threading.Thread(target=each.run) for each in relays]
    for thread in threads:
        thread.start()
    try:
        until(lambda: any(each.leads for each in relays))
        first = next(each for each in relays if each.leads)
        second = next(each for each in relays if each is not first)
        assert not second.leads
        write(services, 1, 1)
        until(lambda: relayed(services.log.recorder, place.topic).position == services.log.head())
        first.stop.set()
        until(lambda: second.leads)
        write(services, 1, 1)
        until(lambda: relayed(services.log.recorder, place.topic).position == services.log.head())
    finally:
        for each in relays:
            each.stop.set()
        for thread in threads:
            thread.join()


def test_a_leader_that_lost_its_connection_stops_and_begins_anew(
    services: Services, relay: Relay, listener: Listener, place: TopicAddress
) -> None:
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        until(lambda: relay.leads)
        services.log.recorder.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name='carejourney relay'"
            " AND datname=current_database()"
        )
        write(services, 2, 2)
        until(lambda: relayed(services.log.recorder, place.topic).position == services.log.head())
    finally:
        relay.stop.set()
        thread.join()
    assert {row.position for row in published(listener)} == {row.position for row in services.log.recorder.page(0, 9)}


def test_a_topic_that_was_made_anew_gets_the_whole_log(
    services: Services, relay: Relay, listener: Listener, place: TopicAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_TOPIC_SECONDS", 0.2)
    write(services, 3, 2)
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        until(lambda: relayed(services.log.recorder, place.topic).position == services.log.head())
        before = relayed(services.log.recorder, place.topic).topic_id
        admin = KafkaAdminClient(bootstrap_servers=place.bootstrap)
        admin.delete_topics([place.topic])
        admin.close()
        until(lambda: relayed(services.log.recorder, place.topic).topic_id != before)
        until(lambda: relayed(services.log.recorder, place.topic).position == services.log.head())
    finally:
        relay.stop.set()
        thread.join()
    assert {row.position for row in published(listener)} == {row.position for row in services.log.recorder.page(0, 9)}
