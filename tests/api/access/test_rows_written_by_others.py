"""Whoever can write a table that decides access, and nothing else, gets no access by it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from api.sessions import COOKIE
from domain.entries import microseconds
from infra.identity.people import Principal
from infra.identity.sessions import SignedIn
from infra.jobs.table import Job
from tests.api.access.conftest import House

NORTH = frozenset({"north"})
WHO = Principal("somebody", "clinician", NORTH, issuer="https://idp.example", subject="7")
REASON = "Client collapsed in our waiting room"
COLUMNS = ["name", "role", "sites", "issuer", "subject", "provider_session", "id_token", "began", "seen", "state_hash"]


def write(house: House, sql: str, *values: object) -> None:
    with house.services.people.log.recorder.writing() as tx:
        tx.many(sql, [values])


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def test_a_planted_session_signs_nobody_in(house: House) -> None:
    now = microseconds(house.hands.now)
    house.services.people.sessions.begin(SignedIn(WHO))
    [(right,)] = house.services.people.log.recorder.query("SELECT code FROM web_session")
    for token, code in (("planted", ""), ("planted-2", right)):
        columns = ("id_hash", *COLUMNS, "code")
        row = (hashed(token), "auditor-1", "auditor", None, "", "", "", "", now, now, token, code)
        write(house, f"INSERT INTO web_session ({','.join(columns)}) VALUES ({','.join('?' * len(row))})", *row)
        browser = house.nobody()
        browser.cookies.set(COOKIE, token)
        assert browser.get("/clients").status_code == 303


@pytest.mark.parametrize("column", COLUMNS)
def test_an_altered_session_is_none(house: House, column: str) -> None:
    """Every column, also those that only say when it ends."""
    sessions = house.services.people.sessions
    token = sessions.begin(SignedIn(WHO))
    value: object = microseconds(house.hands.now) + 1 if column in {"began", "seen"} else '["south"]'
    write(house, f"UPDATE web_session SET {column}=?", value)
    with capture_logs() as logs:
        assert sessions.read(token) is None
        assert sessions.left(token) == 0
        assert not sessions.lasts(hashed(token))
    assert {line["event"] for line in logs} == {"a row without a right code was passed over"}
    assert "somebody" not in str(logs)


def test_a_session_cannot_be_given_another_id(house: House) -> None:
    sessions = house.services.people.sessions
    sessions.begin(SignedIn(WHO))
    write(house, "UPDATE web_session SET id_hash=?", hashed("mine"))
    assert sessions.read("mine") is None
    assert sessions.read(sessions.renew("mine")) is None


def test_a_used_and_renewed_session_holds(house: House) -> None:
    sessions = house.services.people.sessions
    token = sessions.begin(SignedIn(WHO))
    house.hands.move(minutes=5)
    assert sessions.read(token)
    fresh = sessions.renew(token)
    house.hands.move(minutes=26)
    found = sessions.read(fresh)
    assert found is not None
    assert (found.who.issuer, found.who.subject) == ("https://idp.example", "7")


def test_an_index_opens_no_glass(house: House) -> None:
    """The entry that broke it must be about this client, by this person, and carry the log's own code."""
    house.admit("SOUTH-1", "south")
    house.admit("SOUTH-2", "south")
    people, client, other = (
        house.services.people,
        *(house.services.log.client_id(number) for number in ("SOUTH-1", "SOUTH-2")),
    )
    people.glass.break_for(WHO, client, REASON)
    assert people.glass.is_broken(WHO, client)
    [entry] = house.entries("SOUTH-1", "GlassBroken")
    write(house, "INSERT INTO access_client VALUES (?,?)", other, entry.position)
    assert not people.glass.is_broken(WHO, other)


def test_an_entry_without_a_right_code_opens_no_glass(house: House) -> None:
    house.admit("SOUTH-1", "south")
    people, client = house.services.people, house.services.log.client_id("SOUTH-1")
    people.log.recorder.code_key, right = b"x" * 32, people.log.recorder.code_key
    people.glass.break_for(WHO, client, REASON)
    people.log.recorder.code_key = right
    with capture_logs() as logs:
        assert not people.glass.is_broken(WHO, client)
    assert [line["event"] for line in logs] == ["an entry without a right code was passed over"]
    people.glass.break_for(WHO, client, REASON)
    assert people.glass.is_broken(WHO, client)
    house.hands.move(minutes=59)
    for _ in range(250):  # more looks than one window of the index holds
        people.log.read(WHO, [client])
    assert people.glass.is_broken(WHO, client)
    house.hands.move(minutes=1)
    assert not people.glass.is_broken(WHO, client)


def test_a_planted_outcome_of_a_check_is_none(house: House) -> None:
    table = house.services.jobs.table
    house.services.jobs.note("logs", "auditor-1", {"holds": False})
    write(house, "UPDATE job SET outcome=?", '{"holds":true}')
    assert table.newest("logs") == []
    now = table.now()
    running = Job("1" * 32, "logs", "", "running", "auditor-1", now, now)
    assert table.claim(running) == running
    assert table.beat(running.id, 1, 2)
    assert table.newest("logs")[0].total == 2
    write(house, "UPDATE job SET asked_by='auditor-2'")
    assert not table.beat(running.id, 2, 2)


def test_jobs_that_were_silent_are_stopped(house: House) -> None:
    table = house.services.jobs.table
    now = table.now()
    first = table.claim(Job("1" * 32, "logs", "", "running", "auditor-1", now, now))
    house.hands.now += timedelta(minutes=1)
    second = Job("2" * 32, "logs", "", "running", "auditor-1", table.now(), table.now())
    assert table.claim(second) == second
    assert not table.beat(first.id, 1, 1)
    assert [job.state for job in table.newest("logs", 2)] == ["running", "stopped"]
