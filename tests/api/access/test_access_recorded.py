"""Who read what and why is durable before the answer leaves: through the API, the pages, lists and reports."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from domain.people import Person
from infra.access_log.entries import Access
from infra.access_log.log import AccessLog, stream_of
from infra.access_log.tables import create_tables
from infra.eventstore.log import utc_now
from infra.eventstore.setup import open_recorder
from infra.identity.people import Principal
from tests.api.access.conftest import House


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("clinician", "/api/v1/clients"),
        ("clinician", "/api/v1/clients/A-1"),
        ("clinician", "/api/v1/clients/A-1/timeline"),
        ("auditor", "/api/v1/clients/A-1/history"),
        ("auditor", "/api/v1/clients/A-1/disclosures"),
        ("clinician", "/api/v1/reports/status?per_client=true"),
    ],
)
def test_each_read_of_the_api_is_recorded(house: House, role: str, path: str) -> None:
    house.admit("A-1", "north")
    before = len(house.entries("A-1"))
    answer = house.api(role).get(path, headers={"Purpose-Of-Use": "operations"})
    assert answer.status_code == 200, answer.text
    entry = house.entries("A-1")[before]
    assert (entry.name, entry.role, entry.via, entry.purpose) == (f"demo-{role}", role, "api", "operations")
    assert entry.at == house.hands.now
    assert entry.doing.startswith("GET /api/v1/")
    assert "A-1" not in entry.doing


@pytest.mark.parametrize("path", ["/clients", "/clients/A-1", "/today"])
def test_each_page_that_shows_a_client_is_recorded(house: House, path: str) -> None:
    house.admit("A-1", "north")
    assert "A-1" in house.browser("clinician").get(path).text
    (entry,) = house.entries("A-1")
    assert (entry.via, entry.kind, entry.purpose) == ("web", "ChartsRead", "treatment")


@pytest.mark.parametrize("path", ["/api/v1/reports/completion", "/api/v1/reports/status", "/dashboards/completion"])
def test_aggregates_are_no_access_to_a_client(house: House, path: str) -> None:
    house.admit("A-1", "north")
    client = house.api("clinician") if path.startswith("/api") else house.browser("clinician")
    assert client.get(path).status_code == 200
    assert house.entries("A-1") == []


def test_without_the_access_log_nothing_is_shown(house: House) -> None:
    house.admit("A-1", "north")
    with house.services.people.log.recorder.writing() as tx:
        tx.rows(f"DROP TABLE {tx.events_table}")
    answer = house.api("clinician").get("/api/v1/clients/A-1/timeline")
    assert answer.status_code == 503
    assert "items" not in answer.json()
    assert house.browser("clinician").get("/clients/A-1").status_code == 503


def test_a_purpose_that_there_is_not_is_refused(house: House) -> None:
    house.admit("A-1", "north")
    answer = house.api("clinician").get("/api/v1/clients/A-1", headers={"Purpose-Of-Use": "curiosity"})
    assert answer.status_code == 400
    assert house.entries("A-1") == []


def test_signing_in_and_out_is_recorded(house: House) -> None:
    browser = house.nobody()
    browser.post("/sign-in", data={"role": "auditor"})
    import re

    form = re.search(r'name="csrf" value="(\w+)"', browser.get("/definitions").text)
    assert form
    browser.post("/sign-out", data={"csrf": form[1]})
    assert [(entry.kind, entry.name) for entry in house.entries()] == [
        ("SignedIn", "demo-auditor"),
        ("SignedOut", "demo-auditor"),
    ]


def test_the_log_holds_no_chart_number_and_no_address(house: House) -> None:
    house.admit("Xanthippe-7", "north")
    house.api("clinician").get("/api/v1/clients/Xanthippe-7/timeline")
    house.browser("clinician").get("/clients/Xanthippe-7")
    rows = b"".join(row.state + row.topic.encode() for row in house.services.people.log.recorder.page(0, 1_000))
    assert rows
    assert b"Xanthippe" not in rows


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_readers_that_come_together_share_commits_and_none_is_lost(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("migrated_postgres_url") if store == "postgres" else f"sqlite:///{tmp_path}/access.db"
    recorder = open_recorder(url, "carejourney_access")
    create_tables(recorder)
    log = AccessLog(recorder, lambda _: None, utc_now)
    together = threading.Barrier(12)

    def read(number: int) -> None:
        who = Principal(f"reader-{number % 3}", "clinician")
        together.wait()
        for place in range(10):
            log.read(who, [f"{number + 1:016x}{place:016x}"])

    readers = [threading.Thread(target=read, args=(number,)) for number in range(12)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    found = list(log.every())
    assert len(found) == 120
    assert len({entry.clients for entry in found}) == 120
    for name in ("reader-0", "reader-1", "reader-2"):
        assert [row.sequence for row in recorder.streams([stream_of(Person(name))])] == list(range(1, 41))
    for number in range(12):
        assert len(log.of_client(f"{number + 1:016x}{3:016x}")) == 1
    recorder.close()


def test_a_reader_whose_commit_fails_is_told_and_the_next_one_goes_on(tmp_path: Path) -> None:
    recorder = open_recorder(f"sqlite:///{tmp_path}/access.db", "carejourney_access")
    create_tables(recorder)
    log = AccessLog(recorder, lambda _: None, utc_now)
    who = Principal("reader", "clinician")
    with recorder.writing() as tx:
        tx.rows("ALTER TABLE access_client RENAME TO away")
    with pytest.raises(Exception, match="access_client"):
        log.read(who, ["0" * 31 + "1"])
    assert list(log.every()) == []
    with recorder.writing() as tx:
        tx.rows("ALTER TABLE away RENAME TO access_client")
    log.record([Access("ChartsRead", who, utc_now(), ("0" * 31 + "1",))])
    assert len(list(log.every())) == 1
    recorder.close()
