"""Seal, verify, prove and rotate on PostgreSQL; what is altered in its tables is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from infra.bootstrap import Services, open_services
from infra.identity.people import operator
from infra.integrity.saved_heads import lines_of
from infra.integrity.seal_setup import rotate_key, seal, seals_of
from infra.integrity.signing_key import SigningKey, SigningKeyError
from infra.integrity.verify_setup import verify
from infra.settings import Settings
from tests.infra.privacy.erasure.erasures import KEY, Clock, erase, write

EVENTS = "carejourney_events"
LATER = "INSERT INTO audit_head SELECT log, number + 1, size, position, root, sealed_at, previous, key_id, signature"


def moved(what: str) -> str:
    """Ids in the small index, as after the import of a large batch, but for ``what`` they are there."""
    return (
        "WITH gone AS (DELETE FROM event_index WHERE position > 2 RETURNING event_id, position), "
        f"moved AS (INSERT INTO event_index_recent SELECT {what} FROM gone) "
    )


# What is done with the tables, and one of the kinds of finding that must come of it.
ALTERATIONS = {
    f"UPDATE {EVENTS} SET state = set_byte(state, 20, 65) WHERE notification_id = 3": "forged",
    f"UPDATE {EVENTS} SET topic = 'NoteAdded.2' WHERE notification_id = 3": "forged",
    f"DELETE FROM {EVENTS} WHERE notification_id = 3": "missing",
    f"DELETE FROM {EVENTS} WHERE notification_id > 6": "rolled-back",
    f"UPDATE {EVENTS} SET notification_id = 1000 WHERE notification_id = 2": "order",
    f"INSERT INTO {EVENTS} SELECT originator_id, 99, topic, state, 99 FROM {EVENTS} LIMIT 1": "altered",
    "UPDATE audit_head SET size = size - 1 WHERE log = 'care' AND number = 1": "head",
    "DELETE FROM audit_head WHERE log = 'care'": "head",
    f"{LATER} FROM audit_head WHERE log = 'care' AND number = 2": "head",
    "UPDATE audit_key SET certificate = repeat('0', 128)": "key",
    "UPDATE event_index SET position = position + 1 WHERE position = 2": "index",
    "INSERT INTO event_index_recent SELECT event_id, position FROM event_index WHERE position = 2": "index",
    moved("event_id, position") + "UPDATE event_index SET position = position + 1 WHERE position = 1": "index",
    moved("event_id, position + 1") + "SELECT 1": "index",
    moved("decode(md5(event_id), 'hex'), position") + "SELECT 1": "index",
    "DELETE FROM chart WHERE client_id = (SELECT client_id FROM chart LIMIT 1)": "chart",
    "DELETE FROM access_client": "index",
}


@pytest.fixture
def settings(migrated_postgres_url: str, tmp_path: Path) -> Settings:
    key = tmp_path / "signing.pem"
    SigningKey.generate().write(key)
    return Settings(
        database_url=SecretStr(migrated_postgres_url),
        master_key=SecretStr(KEY),
        signing_key_file=key,
        heads_file=tmp_path / "heads.ndjson",
        erasure_ledger=tmp_path / "erasures",
    )


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    """Charts, one of them erased, accesses, two heads of the log of care by two keys."""
    services = open_services(settings, Clock())
    write(services, "A-1")
    seal(services)
    rotate_key(services)
    write(services, "A-2")
    erase(services, "A-1")
    write(services, "A-3")
    services.people.log.read(operator("client timeline"), [services.log.client_id("A-2")])
    seal(services)
    yield services
    services.close()


def test_what_is_untouched_is_not_accused(services: Services) -> None:
    report = verify(services)
    assert (report.findings, report.notices) == ([], [])
    assert [log.entries for log in report.logs] == [log.sealed for log in report.logs]
    assert [key.number for key in seals_of(services).public_keys()] == [1, 2]


def test_each_alteration_is_found_and_named(services: Services, settings: Settings) -> None:
    with psycopg.connect(settings.database_url.get_secret_value(), autocommit=True) as session:
        tables = [EVENTS, "audit_head", "audit_key", "event_index", "event_index_recent", "chart", "access_client"]
        for table in tables:
            session.execute(f"CREATE TABLE kept_{table} AS TABLE {table}".encode())
        for statement, kind in ALTERATIONS.items():
            assert session.execute(statement.encode()).rowcount, statement
            assert kind in {finding.kind for finding in verify(services).findings}, statement
            for table in tables:
                session.execute(f"TRUNCATE {table}; INSERT INTO {table} TABLE kept_{table}".encode())
    assert verify(services).findings == []


def test_a_database_that_went_back_is_found_by_heads_kept_elsewhere(services: Services, tmp_path: Path) -> None:
    seals = seals_of(services)
    elsewhere = tmp_path / "elsewhere.ndjson"
    elsewhere.write_bytes(lines_of([*seals.public_keys(), *seals.heads()]))
    services.settings.heads_file.unlink()  # type: ignore[union-attr]
    with services.log.recorder.writing() as tx:
        for table in (EVENTS, "audit_head"):
            column = "notification_id" if table == EVENTS else "position"
            log = "" if table == EVENTS else " AND log='care'"
            tx.rows(f"DELETE FROM {table} WHERE {column}>(SELECT MIN(position) FROM audit_head WHERE log='care'){log}")
    kinds = {finding.kind for finding in verify(services, elsewhere).findings}
    assert {"rolled-back", "head"} <= kinds


def test_without_a_key_nothing_is_sealed(services: Services) -> None:
    services.settings.signing_key_file = None
    write(services, "A-4")
    with pytest.raises(SigningKeyError, match="CAREJOURNEY_SIGNING_KEY_FILE"):
        seal(services)
