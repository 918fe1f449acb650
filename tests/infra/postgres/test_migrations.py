"""Tables by version: steps forward, once, by whoever comes first; on both databases."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import MetaData, Table
from typer.testing import CliRunner

from api.cli.main import app
from infra.bootstrap import open_services
from infra.eventstore.row_macs import RowCodes
from infra.eventstore.rows import LogRecorder
from infra.eventstore.setup import open_log, open_recorder
from infra.jobs.table import JobTable
from infra.migrations.model import Component, MigrationError, Step
from infra.migrations.steps import ACCESS, LOG_STEPS
from infra.ops import database
from infra.privacy.names.tables import METADATA
from infra.readmodels.generations import OWN
from infra.readmodels.readstore import ReadStore
from tests.day import UTC_DAYS
from tests.infra.postgres.conftest import MASTER, settings_of
from tests.spec import KEY, NOW

COUNTING = Component(
    "counting",
    (
        Step("a counter", both=("CREATE TABLE counter (n INTEGER NOT NULL)",)),
        Step("its first value", both=("INSERT INTO counter VALUES (1)",)),
    ),
    "counter",
)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/log.db"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def recorder(url: str) -> Iterator[LogRecorder]:
    recorder = open_recorder(url)
    yield recorder
    recorder.close()


def change(recorder: LogRecorder, *statements: str) -> None:
    with recorder.writing() as tx:
        for statement in statements:
            tx.rows(statement)


def versions(recorder: LogRecorder, component: str) -> Sequence[Any]:
    rows = recorder.query("SELECT version FROM schema_version WHERE component=? ORDER BY version", (component,))
    return [row[0] for row in rows]


def test_each_step_is_taken_once_and_written_down(recorder: LogRecorder) -> None:
    first = dataclasses.replace(COUNTING, steps=COUNTING.steps[:1])
    recorder.migrate(first)
    assert versions(recorder, "counting") == [1]
    recorder.migrate(COUNTING)
    recorder.migrate(COUNTING)
    assert versions(recorder, "counting") == [1, 2]
    assert recorder.query("SELECT n FROM counter") == [(1,)]


def test_a_step_that_fails_leaves_nothing(recorder: LogRecorder) -> None:
    wrong = dataclasses.replace(COUNTING, steps=(*COUNTING.steps, Step("no", both=("INSERT INTO nowhere VALUES (1)",))))
    with pytest.raises(Exception, match="nowhere"):
        recorder.migrate(wrong)
    recorder.migrate(COUNTING)
    assert recorder.query("SELECT n FROM counter") == [(1,)]


def test_many_at_once_take_each_step_once(url: str) -> None:
    recorders = [open_recorder(url) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda recorder: recorder.migrate(COUNTING), recorders))
    assert recorders[0].query("SELECT n FROM counter") == [(1,)]
    for recorder in recorders:
        recorder.close()


def test_a_database_from_before_versions_is_of_version_1(url: str) -> None:
    log = open_log(url, KEY, UTC_DAYS, lambda: NOW)
    care = "carejourney_events" if url.startswith("postgres") else "stored_events"
    later = ["DROP TABLE erasure", "DROP TABLE schema_version"]
    if url.startswith("postgres"):
        change(log.recorder, *later, "DROP FUNCTION carejourney_events_begin_writing()")
    else:
        change(log.recorder, *later)
    key = log.recorder.query("SELECT wrapped FROM secret")
    log.close()
    again = open_log(url, KEY, UTC_DAYS, lambda: NOW)
    assert versions(again.recorder, care) == list(range(1, len(LOG_STEPS) + 1))
    assert again.recorder.query("SELECT wrapped FROM secret") == key
    assert again.recorder.query("SELECT COUNT(*) FROM erasure") == [(0,)]
    again.close()


def test_a_newer_database_is_not_touched(url: str) -> None:
    log = open_log(url, KEY, UTC_DAYS, lambda: NOW)
    change(log.recorder, "UPDATE schema_version SET version=99 WHERE version=1")
    log.close()
    with pytest.raises(MigrationError, match=r"version 99, this release knows \d+: install"):
        open_log(url, KEY, UTC_DAYS, lambda: NOW)


def test_steps_make_the_tables_that_the_code_describes(url: str) -> None:
    reads = ReadStore(url, [], UTC_DAYS)
    made = MetaData()
    made.reflect(reads.engine)
    described: list[Table] = [*OWN.sorted_tables, *METADATA.sorted_tables]
    assert described
    for table in described:
        there = made.tables[table.name]
        assert {(c.name, c.nullable, c.primary_key) for c in there.columns} == {
            (c.name, c.nullable, c.primary_key) for c in table.columns
        }, table.name
    reads.close()


def run(url: str, *words: str) -> Any:
    env = {"CAREJOURNEY_DATABASE_URL": url, "CAREJOURNEY_MASTER_KEY": MASTER}
    return CliRunner().invoke(app, ["database", *words], env=env)


def test_the_command_migrates_and_tells(url: str) -> None:
    before = orjson.loads(run(url, "status", "--format", "json").stdout)
    assert {row["version"] for row in before} == {0}
    if url.startswith("sqlite"):
        assert not Path(url.removeprefix("sqlite:///")).exists()
    assert run(url, "migrate").exit_code == 0
    after = orjson.loads(run(url, "status", "--format", "json").stdout)
    assert all(row["version"] == row["newest"] and row["applied_at"] for row in after)
    assert run(url, "migrate").exit_code == 0
    assert orjson.loads(run(url, "status", "--format", "json").stdout) == after


def test_nothing_is_left_to_make_once_it_is_migrated(url: str) -> None:
    settings = settings_of(url)
    database.migrate(settings)
    tables = database.status(settings)
    services = open_services(settings, lambda: NOW)
    services.people.close()
    services.close()
    assert database.status(settings) == tables


def test_the_roles_are_printed_without_a_database() -> None:
    answer = run("postgresql://nobody@127.0.0.1:1/none", "roles", "--print")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("BEGIN;")
    refused = run("sqlite:///var/none.db", "roles")
    assert (refused.exit_code, "PostgreSQL" in refused.output) == (1, True)


def test_older_sessions_end_and_older_jobs_are_passed_over(recorder: LogRecorder) -> None:
    """They carry no code, so nothing says that this service wrote them."""
    before = dataclasses.replace(ACCESS, steps=ACCESS.steps[:2])
    recorder.migrate(before)
    change(
        recorder,
        "INSERT INTO web_session VALUES ('x','x','a.meyer','auditor',NULL,'','','',0,0)",
        "INSERT INTO access_glass VALUES ('a.meyer','0',0)",
        "INSERT INTO job VALUES ('x','logs','','done','a.meyer',0,0,0,0,'{}')",
    )
    recorder.migrate(ACCESS)
    assert recorder.query("SELECT * FROM web_session") == []
    assert JobTable(recorder, RowCodes("job", b"k" * 32), lambda: NOW).newest("logs") == []
    assert versions(recorder, "access") == list(range(1, len(ACCESS.steps) + 1))
