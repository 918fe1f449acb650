"""What a login sees that may read the schema `reporting` and nothing else: by psql, as that login."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator

import pytest

from domain.commands import Draft
from domain.events import NoteAdded
from domain.vocabulary import REASONS
from infra.demo import fill
from infra.hiding import Hiding
from infra.migrations import database
from infra.migrations.roles import PROJECTOR, REPORTING, WRITER
from infra.report_kinds import Report, ReportParams, by_group
from infra.reporting.refreshing import refresh
from infra.reporting.schedule import refreshing
from infra.reports import REPORTS, run_report
from infra.safe_reports import HIDING
from infra.services import Services, open_services
from infra.settings import SettingsError
from infra.store.log import Append, Author, NewEntry
from projections.suppression import SMALLEST_SHOWN
from tests.infra.conftest import NOW
from tests.infra.postgres.conftest import settings_of
from tests.infra.postgres.servers import Server, psql

WANTED = {"status", "census", "completion", "abstinence", "retention", "flow", "attendance", "quality"}


class World:
    """A database with separate logins, 150 simulated clients, and a projector."""

    def __init__(self, server: Server) -> None:
        name = server.database()
        database.migrate(settings_of(server.url(name)))
        database.apply_roles(settings_of(server.admin(name)))
        server.login("bi", REPORTING)
        server.login("worker", PROJECTOR)
        server.login("filler", WRITER, PROJECTOR)
        self.bi = server.url(name, "bi", "bi")
        self.admin = server.admin(name)
        filler = open_services(settings_of(server.url(name, "filler", "filler")), lambda: NOW)
        fill(filler.log, 150, 11)
        filler.close()
        self.services = open_services(
            settings_of(server.url(name, "worker", "worker"), reporting_seconds=3600), lambda: NOW
        )
        self.services.catch_up()

    def rows(self, view: str) -> list[dict[str, str]]:
        """A view as CSV, which is what reporting tools get."""
        answer = psql(self.bi, f"COPY (SELECT * FROM reporting.{view}) TO STDOUT WITH (FORMAT csv, HEADER)")
        assert answer.returncode == 0, answer.stderr
        return list(csv.DictReader(io.StringIO(answer.stdout)))

    def asked(self, sql: str) -> str:
        answer = psql(self.bi, sql)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[World]:
    world = World(server)
    refresh(world.services)
    yield world
    world.services.close()


def text(value: object) -> str:
    if value is None:
        return ""
    return {True: "t", False: "f"}[value] if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", sorted(WANTED))
def test_a_view_shows_what_the_role_is_shown(world: World, name: str) -> None:
    expected = run_report(name, world.services, ReportParams(suppress=True, limit=1_000_000))
    shown = world.rows(name)
    assert len(shown) == len(expected) > 0
    for row, ours in zip(shown, expected, strict=True):
        for column, value in ours.items():
            if isinstance(value, float):
                assert float(row[column]) == value
            elif not isinstance(value, list | dict):
                assert row[column] == text(value), column
        assert int(row["position"]) == world.services.log.head()
        assert row["computed_at"].startswith("2026-06-30")


def test_no_small_group_is_in_any_view(world: World) -> None:
    counts = {"discharges", "clients", "census", "admissions", "stays", "numerator", "denominator", *REASONS}
    for name in WANTED:
        for row in world.rows(name):
            small = {key for key in counts & row.keys() if row[key] and 0 < float(row[key]) < SMALLEST_SHOWN}
            assert not small, (name, small)


def test_the_real_counts_have_small_groups(world: World) -> None:
    shown = run_report("completion", world.services, ReportParams())
    assert any(0 < row[reason] < SMALLEST_SHOWN for row in shown for reason in REASONS)


def test_every_view_and_column_is_documented(world: World) -> None:
    undocumented = world.asked(
        "SELECT table_name || '.' || coalesce(column_name, '') FROM information_schema.columns "
        "WHERE table_schema = 'reporting' AND table_name <> 'definitions' AND "
        "col_description(format('%I.%I', table_schema, table_name)::regclass, ordinal_position) IS NULL"
    )
    assert undocumented == ""
    said = world.asked("SELECT obj_description('reporting.completion'::regclass)")
    assert said == f"{REPORTS['completion'].definition} Source: {REPORTS['completion'].source}."
    listed = set(world.asked("SELECT report FROM reporting.definitions").splitlines())
    assert listed >= WANTED
    assert "worklist" not in listed


def test_columns_have_types(world: World) -> None:
    kinds = dict(
        line.split("|")
        for line in world.asked(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema='reporting' AND table_name='completion'"
        ).splitlines()
    )
    assert kinds["discharges"] == "bigint"
    assert kinds["completion_rate"] == "double precision"
    assert kinds["suppressed"] == "boolean"
    assert kinds["computed_at"] == "timestamp with time zone"


FORBIDDEN = [
    "SELECT * FROM reporting_data.report_row",
    "SELECT * FROM reporting_data.report",
    "SELECT * FROM public.stay",
    "SELECT * FROM public.client_status",
    "SELECT * FROM public.carejourney_events",
    "SELECT * FROM public.chart",
    "SELECT * FROM public.carejourney_access_events",
    "TABLE public.generation",
    "UPDATE reporting.completion SET position = 0",
    "DELETE FROM reporting.completion",
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
    "COPY reporting.completion FROM STDIN",
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
    assert "<discharges" in everything
    assert not any(name in everything for name in ("client_id", "<stay>", "<public>", "report_row"))
    callable_ = world.asked(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND has_function_privilege(p.oid, 'EXECUTE')"
    )
    assert callable_ == ""


def test_statistics_and_plans_know_suppressed_rows_only(world: World) -> None:
    assert psql(world.admin, "ANALYZE").returncode == 0
    assert (
        world.asked("SELECT count(*) FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')") == "0"
    )
    plan = world.asked("EXPLAIN SELECT * FROM reporting.completion")
    assert "report_row" in plan
    assert "stay" not in plan
    leaking = "EXPLAIN SELECT * FROM public.stay"
    assert "permission denied" in psql(world.bi, leaking).stderr


def test_nothing_is_written_when_nothing_moved_and_a_new_report_joins_by_itself(world: World) -> None:
    assert refresh(world.services) is None
    done = refresh(world.services, force=True)
    assert done is not None
    assert done.position == world.services.log.head()
    REPORTS["beds"] = Report("Beds", "Beds that are taken.", "Programme handbook", _beds, by_group(("beds",)))
    HIDING["beds", ""] = Hiding(lambda *_: {}, lambda _: [])
    try:
        refresh(world.services, force=True)
        assert world.rows("beds")[0]["taken"] == "40"
        assert world.asked("SELECT definition FROM reporting.definitions WHERE report='beds'") == "Beds that are taken."
    finally:
        del REPORTS["beds"], HIDING["beds", ""]
    refresh(world.services, force=True)
    assert "does not exist" in psql(world.bi, "SELECT * FROM reporting.beds").stderr


def _beds(*_: object) -> list[dict[str, object]]:
    return [{"level": "residential", "taken": 40, "share": None}]


def test_the_schedule_refreshes_what_has_moved(world: World, server: Server) -> None:
    before = int(world.rows("completion")[0]["position"])
    url = world.services.settings.database_url.get_secret_value().replace("worker:worker", "filler:filler")
    filler = open_services(settings_of(url), lambda: NOW)
    filler.log.append(Append("R-1", [NewEntry(Draft(NoteAdded(text="seen"), NOW), Author("a", "clinician"))]))
    head = filler.catch_up()
    filler.close()
    assert head > before
    seen = threading.Event()
    with refreshing(world.services):
        while int(world.rows("completion")[0]["position"]) < head:
            assert not seen.wait(0.05)
    assert {row["position"] for row in world.rows("status")} == {str(head)}


def test_an_embedded_store_has_no_such_schema(programme: Services) -> None:
    with pytest.raises(SettingsError, match="PostgreSQL"):
        refresh(programme)
    with refreshing(programme):
        assert not any(thread.name == "reporting" for thread in threading.enumerate())
