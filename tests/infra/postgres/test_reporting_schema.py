"""What a login sees that may read the schema `reporting` and nothing else: by psql, as that login."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.bootstrap import Services, open_services
from infra.integrity.signing_key import SigningKey
from infra.migrations.roles import PROJECTOR, REPORTING, WRITER
from infra.migrations.steps import REPORTING_STEPS
from infra.ops import database
from infra.publications.publisher import publications_of, verify
from infra.publications.reporting_sql import refresh
from infra.publications.rows import row_columns
from tests.infra.postgres.conftest import settings_of
from tests.infra.postgres.servers import Server, psql
from tests.infra.publications.years import PLAN, published


class World:
    """A database with separate logins, and two publications of a programme of 150 clients."""

    def __init__(self, server: Server, folder: Path) -> None:
        name = server.database()
        self.owner = settings_of(server.url(name))
        database.migrate(self.owner)
        database.apply_roles(settings_of(server.admin(name)))
        server.login("bi", REPORTING)
        server.login("worker", PROJECTOR)
        server.login("filler", WRITER, PROJECTOR)
        self.bi, self.admin = server.url(name, "bi", "bi"), server.admin(name)
        self.worker = server.url(name, "worker", "worker")
        key = folder / "signing.pem"
        SigningKey.generate().write(key)
        self.filler = settings_of(server.url(name, "filler", "filler"), signing_key_file=key)
        self.months = published(folder, 150, 2, PLAN, self.filler)
        made = [(services, one) for services, one in self.months_of(2)]
        assert [one is not None for _, one in made] == [True, True]
        self.services: Services = made[-1][0]

    def months_of(self, count: int) -> Iterator[Any]:
        for _ in range(count):
            yield next(self.months)

    def asked(self, sql: str) -> str:
        answer = psql(self.bi, sql)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    def rows(self, sql: str) -> list[dict[str, str]]:
        answer = psql(self.bi, f"COPY ({sql}) TO STDOUT WITH CSV HEADER")
        assert answer.returncode == 0, answer.stderr
        return [*csv.DictReader(io.StringIO(answer.stdout))]

    def views(self) -> set[str]:
        return {*self.asked("SELECT viewname FROM pg_views WHERE schemaname = 'reporting'").splitlines()}

    def close(self) -> None:
        self.months.close()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def world(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(server, tmp_path_factory.mktemp("reporting"))
    yield world
    world.close()


def tables(world: World) -> Iterator[tuple[int, dict[str, Any]]]:
    kept = publications_of(world.services)
    for one in kept.all():
        for table in kept.content(one.number)["tables"]:
            yield one.number, table


def test_publications_and_definitions_are_those_that_were_signed(world: World) -> None:
    kept = publications_of(world.services).all()
    rows = world.rows("SELECT * FROM reporting.publications ORDER BY number")
    assert [(row["digest"], row["signature"]) for row in rows] == [(one.digest, one.signature) for one in kept]
    told = {(row["publication"], row["table_name"]): row for row in world.rows("SELECT * FROM reporting.tables")}
    assert {key: row["definition"] for key, row in told.items()} == {
        (str(number), table["name"]): table["definition"] for number, table in tables(world)
    }


def test_every_number_is_there_once_and_withheld_ones_are_null(world: World) -> None:
    found = world.rows("SELECT * FROM reporting.numbers")
    expected = [
        (str(number), table["name"], row["period"], row["group"], name, row[name])
        for number, table in tables(world)
        for row in table["rows"]
        for name in row_columns(table)[2:]
    ]
    key = ("publication", "table_name", "period", "group_name", "column_name")
    values = {tuple(row[name] for name in key): row["value"] for row in found}
    assert len(values) == len(found) == len(expected)
    for *place, value in expected:
        told = values[tuple(place)]
        assert (told == "") if value is None else float(told) == pytest.approx(value, abs=1e-12), place
    withheld = [row for row in found if row["withheld"] == "t"]
    assert withheld
    assert all(row["value"] == "" for row in withheld)


def test_each_table_is_a_view_over_all_publications(world: World) -> None:
    names = {table["name"].replace("-", "_") for _, table in tables(world)}
    assert world.views() == {"publications", "tables", "numbers", *names}
    rows = world.rows("SELECT * FROM reporting.completion_quarter")
    expected = {
        (str(number), row["period"], row["group"]): row
        for number, table in tables(world)
        if table["name"] == "completion-quarter"
        for row in table["rows"]
    }
    assert {(row["publication"], row["period"], row["group_name"]) for row in rows} == expected.keys()
    for row in rows:
        own = expected[row["publication"], row["period"], row["group_name"]]
        for name in ("discharges", "completed"):
            assert row[name] == ("" if own[name] is None else str(own[name]))


def test_it_is_written_once_and_again_where_it_is_missing(world: World) -> None:
    everything = "SELECT md5(string_agg(n::text, ',' ORDER BY n::text)) FROM reporting.numbers n"
    before = world.asked(everything)
    services = open_services(settings_of(world.worker), world.services.clock)
    try:
        assert refresh(services.log.recorder, services.reads) == 0
        assert psql(world.admin, "DELETE FROM reporting_data.publication WHERE number = 2").returncode == 0
        assert refresh(services.log.recorder, services.reads) == 1
        spoilt = "UPDATE reporting_data.publication SET digest = 'another' WHERE number = 1"
        assert psql(world.admin, spoilt).returncode == 0
        assert refresh(services.log.recorder, services.reads) == 1
        assert refresh(services.log.recorder, services.reads) == 0
    finally:
        services.close()
    assert world.asked(everything) == before


def test_what_was_published_verifies(world: World) -> None:
    assert verify(world.services) == []


FORBIDDEN = [
    "SELECT * FROM public.publication",
    "SELECT * FROM reporting_data.publication",
    "SELECT * FROM reporting_data.published_number",
    "SELECT * FROM public.stay",
    "SELECT * FROM public.client_status",
    "SELECT * FROM public.carejourney_events",
    "SELECT * FROM public.chart",
    "SELECT * FROM public.carejourney_access_events",
    "TABLE public.generation",
    "UPDATE reporting.numbers SET value = 0",
    "DELETE FROM reporting.publications",
    "CREATE TABLE reporting.mine (id int)",
    "CREATE VIEW reporting.mine AS SELECT 1",
    "CREATE TEMP TABLE mine (id int)",
    "CREATE SCHEMA mine",
    "SET ROLE carejourney_projector",
    "SELECT public.carejourney_events_begin_writing()",
    "SELECT query_to_xml('SELECT * FROM public.stay', true, true, '')",
    "SELECT table_to_xml('public.stay', true, true, '')",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_advisory_lock(7214091)",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY reporting.numbers FROM STDIN",
    "CREATE EXTENSION dblink SCHEMA reporting",
    "CREATE FUNCTION reporting.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "DO $$ BEGIN EXECUTE 'SELECT * FROM public.stay'; END $$",
    "SELECT reltuples FROM pg_class",
    "SELECT relpages FROM pg_catalog.pg_class",
    "SELECT pg_total_relation_size((SELECT oid FROM pg_class WHERE relname LIKE 'stay_g%' LIMIT 1))",
    "SELECT n_live_tup FROM pg_stat_user_tables",
    "SELECT pg_stat_get_live_tuples((SELECT oid FROM pg_class WHERE relname LIKE 'stay_g%' LIMIT 1))",
]


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_nothing_else_can_be_read_or_done(world: World, sql: str) -> None:
    answer = psql(world.bi, sql)
    assert answer.returncode != 0, answer.stdout
    refusals = ("permission denied", "must be", "cannot", "violates", "no relation")
    assert any(refusal in answer.stderr for refusal in refusals), answer.stderr


def test_it_may_select_from_the_views_alone(world: World) -> None:
    readable = world.asked(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
        "AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')"
    ).splitlines()
    assert {name.partition(".")[0] for name in readable} == {"reporting"}
    everything = world.asked("SELECT database_to_xml(true, true, '')")
    assert "<digest" in everything
    assert not any(name in everything for name in ("client_id", "<stay>", "<public>", "<basis>", "published_number"))
    callable_ = world.asked(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND has_function_privilege(p.oid, 'EXECUTE')"
    )
    assert callable_ == ""


def test_statistics_and_plans_know_the_rows_of_the_views_only(world: World) -> None:
    assert psql(world.admin, "ANALYZE").returncode == 0
    assert (
        world.asked("SELECT count(*) FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')") == "0"
    )
    plan = world.asked("EXPLAIN SELECT * FROM reporting.completion_quarter")
    assert "published_number" in plan
    assert "stay_" not in plan
    leaking = "EXPLAIN SELECT * FROM public.stay"
    assert "permission denied" in psql(world.bi, leaking).stderr


def test_an_older_release_leaves_nothing_that_it_showed_by_rules_of_the_question(server: Server) -> None:
    """A database of the release whose views held live reports, and then the next."""
    name = server.database()
    owner = settings_of(server.url(name))
    database.migrate(owner)
    older = [
        "DROP SCHEMA reporting CASCADE",
        "DROP SCHEMA reporting_data CASCADE",
        *REPORTING_STEPS[0].statements("postgresql", {}),
        "INSERT INTO reporting_data.report VALUES ('beds', 'Beds', 'Beds.', 'Handbook', 1, '2026-06-30', now(), '{}')",
        "CREATE VIEW reporting.beds AS SELECT content FROM reporting_data.report_row",
        "DELETE FROM schema_version WHERE component = 'reporting' AND version > 1",
    ]
    answer = psql(server.url(name), ";".join(older))
    assert answer.returncode == 0, answer.stderr
    database.migrate(owner)
    assert "does not exist" in psql(server.url(name), "SELECT * FROM reporting.beds").stderr
    assert "does not exist" in psql(server.url(name), "SELECT * FROM reporting_data.report").stderr
    assert psql(server.url(name), "SELECT count(*) FROM reporting.numbers").stdout.strip() == "0"
