"""What a login sees that may read the schema `reporting` and nothing else: by psql, as that login."""

from __future__ import annotations

import pytest

from infra.demo import fill
from infra.migrations import database
from infra.migrations.roles import PROJECTOR, REPORTING, WRITER
from infra.services import open_services
from tests.infra.conftest import NOW
from tests.infra.postgres.conftest import settings_of
from tests.infra.postgres.servers import Server, psql

# What a projector puts there, as it may.
VIEW = (
    "SET ROLE carejourney_projector;"
    "INSERT INTO reporting_data.report VALUES ('beds', 'Beds', 'Beds.', 'Handbook', 1, '2026-06-30', now(), '{}');"
    "INSERT INTO reporting_data.report_row VALUES ('beds', 1, '{\"taken\": 40}');"
    "CREATE VIEW reporting.beds AS SELECT (content->>'taken')::bigint AS taken FROM reporting_data.report_row"
)


class World:
    """A database with separate logins, a few simulated clients, and a view in the schema."""

    def __init__(self, server: Server) -> None:
        name = server.database()
        self.owner = settings_of(server.url(name))
        database.migrate(self.owner)
        database.apply_roles(settings_of(server.admin(name)))
        server.login("bi", REPORTING)
        server.login("worker", PROJECTOR)
        server.login("filler", WRITER, PROJECTOR)
        self.bi = server.url(name, "bi", "bi")
        self.admin = server.admin(name)
        filler = open_services(settings_of(server.url(name, "filler", "filler")), lambda: NOW)
        fill(filler.log, 20, 11)
        filler.close()
        worker = open_services(settings_of(server.url(name, "worker", "worker")), lambda: NOW)
        worker.catch_up()
        worker.close()
        answer = psql(server.url(name, "worker", "worker"), VIEW)
        assert answer.returncode == 0, answer.stderr

    def asked(self, sql: str) -> str:
        answer = psql(self.bi, sql)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()


@pytest.fixture(scope="module")
def world(server: Server) -> World:
    return World(server)


def test_a_view_of_the_schema_can_be_read(world: World) -> None:
    assert world.asked("SELECT taken FROM reporting.beds") == "40"


FORBIDDEN = [
    "SELECT * FROM reporting_data.report_row",
    "SELECT * FROM reporting_data.report",
    "SELECT * FROM public.stay",
    "SELECT * FROM public.client_status",
    "SELECT * FROM public.carejourney_events",
    "SELECT * FROM public.chart",
    "SELECT * FROM public.carejourney_access_events",
    "TABLE public.generation",
    "UPDATE reporting.beds SET taken = 0",
    "DELETE FROM reporting.beds",
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
    "COPY reporting.beds FROM STDIN",
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
    assert "<taken" in everything
    assert not any(name in everything for name in ("client_id", "<stay>", "<public>", "report_row"))
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
    plan = world.asked("EXPLAIN SELECT * FROM reporting.beds")
    assert "report_row" in plan
    assert "stay" not in plan
    leaking = "EXPLAIN SELECT * FROM public.stay"
    assert "permission denied" in psql(world.bi, leaking).stderr


def test_an_older_release_leaves_nothing_that_it_showed_by_rules_of_the_question(server: Server) -> None:
    world = World(server)
    older = "DELETE FROM schema_version WHERE component = 'reporting' AND version = 2"
    assert psql(world.admin, older).returncode == 0
    database.migrate(world.owner)
    assert psql(world.admin, "SELECT count(*) FROM reporting_data.report_row").stdout.strip() == "0"
    assert "does not exist" in psql(world.bi, "SELECT * FROM reporting.beds").stderr
