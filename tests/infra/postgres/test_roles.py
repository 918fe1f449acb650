"""Each role may do what its work needs, and nothing else: logged in as each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import infra.bootstrap
from api.cli.main import app
from domain.commands import Draft
from domain.events import NoteAdded
from infra.bootstrap import Services, open_services
from infra.eventstore.log import Append, Author, NewEntry
from infra.history.as_of.dependencies import models_of
from infra.history.as_of.overlay import OverlaidReads
from infra.history.as_of.store import store_as_of
from infra.kafka.leader import Leadership
from infra.kafka.relay_position import Relayed, relayed
from infra.migrations.model import MigrationError
from infra.migrations.roles import PROJECTOR, READER, REPORTING, WRITER
from infra.migrations.steps import RELAY
from infra.ops import database
from infra.privacy.erasure.completion import unscrubbed
from infra.privacy.erasure.requests import confirm
from infra.readmodels.verify import verify
from infra.reporting.reports import ReportParams, run_report
from infra.simulator.demo import fill
from tests.infra.conftest import NOW
from tests.infra.postgres.conftest import MASTER, settings_of
from tests.infra.postgres.servers import Server, psql
from tests.infra.privacy.erasure.erasures import CONFIRMS, ask
from tests.infra.readmodels.releases import release

CLIENTS = 30


@dataclass
class Separated:
    """A migrated database with its roles and a login for each process."""

    server: Server
    name: str

    def url(self, login: str) -> str:
        return self.server.url(self.name, login, login)

    def services(self, login: str) -> Services:
        ledger = self.server.folder / "erasures"  # not where the tests are run: it would be there next time
        return open_services(settings_of(self.url(login), erasure_ledger=ledger), lambda: NOW)


@pytest.fixture(scope="module")
def separated(server: Server) -> Iterator[Separated]:
    name = server.database()
    owner = settings_of(server.url(name))
    database.migrate(owner)
    database.apply_roles(settings_of(server.admin(name)))
    for login, roles in {
        "cj_api": (WRITER, READER),
        "cj_projector": (PROJECTOR,),
        "cj_projector_two": (PROJECTOR,),
        "cj_reader": (READER,),
        "cj_reporting": (REPORTING,),
    }.items():
        server.login(login, *roles)
    here = Separated(server, name)
    api = here.services("cj_api")
    fill(api.log, CLIENTS, 11)
    api.close()
    projector = here.services("cj_projector")
    projector.catch_up()
    projector.close()
    yield here


def refused(separated: Separated, login: str, sql: str) -> bool:
    answer = psql(separated.url(login), sql)
    return answer.returncode != 0 and "permission denied" in answer.stderr


# In a transaction that is rolled back: a publication without its entry in the access log would be found.
PUBLISHING = "BEGIN; INSERT INTO publication VALUES (1, 1, 1, '', '', '', '', '', ''); ROLLBACK"
WORKS = [
    ("cj_api", "SELECT count(*) FROM carejourney_events"),
    ("cj_api", "SELECT count(*) FROM stay"),
    ("cj_api", "SELECT carejourney_events_begin_writing()"),
    ("cj_api", "SELECT count(*) FROM publication"),
    ("cj_api", PUBLISHING),
    ("cj_api", "CREATE TEMP TABLE mine (id int)"),  # gone with the session, and seen by nobody else
    ("cj_projector", "SELECT count(*) FROM carejourney_events"),
    ("cj_projector", "SELECT count(*) FROM stay"),
    ("cj_projector", "SELECT count(*) FROM publication"),
    ("cj_projector", "SELECT count(*) FROM reporting.numbers"),
    ("cj_reporting", "SELECT count(*) FROM reporting.numbers"),
    ("cj_reader", "SELECT count(*) FROM stay"),
    ("cj_reader", "SELECT count(*) FROM client_status"),
]

REFUSED = [
    ("cj_api", "UPDATE carejourney_events SET topic = topic"),
    ("cj_api", "DELETE FROM carejourney_events"),
    ("cj_api", "TRUNCATE carejourney_events"),
    ("cj_api", "UPDATE carejourney_access_events SET topic = topic"),
    ("cj_api", "DELETE FROM carejourney_access_events"),
    ("cj_api", "UPDATE event_index SET position = 0"),
    ("cj_api", "DELETE FROM command"),
    ("cj_api", "UPDATE publication SET digest = digest"),
    ("cj_api", "DELETE FROM publication"),
    ("cj_api", "TRUNCATE publication"),
    ("cj_api", "UPDATE secret SET wrapped = wrapped"),
    ("cj_api", "UPDATE generation SET position = 0"),
    ("cj_api", "DELETE FROM stay"),
    ("cj_api", "CREATE TABLE mine (id int)"),
    ("cj_projector", "INSERT INTO carejourney_events SELECT * FROM carejourney_events"),
    ("cj_projector", "UPDATE carejourney_events SET topic = topic"),
    ("cj_projector", "UPDATE chart SET wrapped_key = wrapped_key"),
    ("cj_projector", "SELECT count(*) FROM carejourney_access_events"),
    ("cj_projector", "SELECT count(*) FROM web_session"),
    ("cj_projector", "SELECT carejourney_events_begin_writing()"),
    ("cj_reader", "SELECT count(*) FROM carejourney_events"),
    ("cj_reader", "SELECT count(*) FROM chart"),
    ("cj_projector", "INSERT INTO publication SELECT * FROM publication"),
    ("cj_projector", "UPDATE publication SET digest = digest"),
    ("cj_projector", "DELETE FROM publication"),
    ("cj_reader", "SELECT count(*) FROM publication"),
    ("cj_reporting", "SELECT count(*) FROM public.publication"),
    ("cj_reader", "DELETE FROM stay"),
    ("cj_reader", "CREATE TABLE mine (id int)"),
    ("cj_reporting", "SELECT count(*) FROM public.carejourney_events"),
    ("cj_reporting", "SELECT count(*) FROM public.stay"),
    ("cj_reporting", "SELECT count(*) FROM public.generation"),
    ("cj_reporting", "CREATE TEMP TABLE mine (id int)"),
]


@pytest.mark.parametrize(("login", "sql"), WORKS)
def test_what_each_may(separated: Separated, login: str, sql: str) -> None:
    answer = psql(separated.url(login), sql)
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize(("login", "sql"), REFUSED)
def test_what_each_may_not(separated: Separated, login: str, sql: str) -> None:
    assert refused(separated, login, sql)


def test_api_and_projectors_work_together_each_with_its_login(separated: Separated) -> None:
    api, one, two = (separated.services(login) for login in ("cj_api", "cj_projector", "cj_projector_two"))
    try:
        assert (api.projects, one.projects) == (False, True)
        receipt = api.log.append(
            Append("R-1", [NewEntry(Draft(NoteAdded(text="seen"), NOW), Author("a", "clinician"))])
        )
        assert not api.wait_for(receipt.position, 0.0)
        one.catch_up()
        assert api.wait_for(receipt.position, 5.0)
        assert api.people.log.page() == []
        one.projector.rebuild()
        assert api.catch_up() == api.log.head()
        two.projector.rebuild()  # drops what the first one made
        assert verify(two.projector) == []
        with api.reads.reading() as connection:
            known = {row[0] for row in connection.exec_driver_sql("SELECT client_id FROM client_status")}
        assert api.log.client_id("R-1") in known
        assert len(known - {api.log.client_id("E-1")}) == CLIENTS + 1  # that one is another test's
    finally:
        for services in (api, one, two):
            services.close()


def test_two_releases_each_with_its_logins(separated: Separated, monkeypatch: pytest.MonkeyPatch) -> None:
    api, projector = separated.services("cj_api"), separated.services("cj_projector")
    projector.catch_up()
    before = run_report("completion", api, ReportParams())
    monkeypatch.setattr(infra.bootstrap, "READ_MODELS", release(1, renames=True))
    newer = separated.services("cj_projector_two")
    try:
        newer.catch_up()
        assert {row.state for row in api.projector.status() if row.projection == "stays"} == {"newer"}
        assert run_report("completion", api, ReportParams()) == before
        assert api.reads.missing() == []
        assert projector.projector.rollback() == ["stays"]
        assert run_report("completion", api, ReportParams()) == before
        assert verify(projector.projector) == []
    finally:
        for services in (api, projector, newer):
            services.close()


def test_a_relay_leads_and_stores_with_the_projectors_role(separated: Separated) -> None:
    services = separated.services("cj_projector")
    services.log.recorder.migrate(RELAY)
    leadership = Leadership(separated.url("cj_projector"), "topic")
    try:
        assert leadership.won()
        assert leadership.begin("id-1").position == 0
        leadership.store("id-1", 7, {0: 3})
        assert relayed(services.log.recorder, "topic") == Relayed("id-1", 7, {0: 3})
    finally:
        leadership.close()
        services.close()


def test_an_erasure_by_the_api_is_cleared_from_files_by_the_owner(separated: Separated, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    api = open_services(settings_of(separated.url("cj_api"), erasure_ledger=ledger))
    try:
        note = NewEntry(Draft(NoteAdded(text="seen"), NOW), Author("a", "clinician"))
        api.log.append(Append("E-1", [note]))
        ask(api, "E-1")
        confirm(api.log, "E-1", author=CONFIRMS, now=api.now())
        assert not api.complete_erasures()
        assert unscrubbed(api.log)
        projector = open_services(settings_of(separated.url("cj_projector"), erasure_ledger=ledger))
        projector.catch_up()
        projector.close()
        env = {
            "CAREJOURNEY_DATABASE_URL": separated.server.url(separated.name),
            "CAREJOURNEY_MASTER_KEY": MASTER,
            "CAREJOURNEY_ERASURE_LEDGER": str(ledger),
        }
        done = CliRunner().invoke(app, ["database", "migrate"], env=env)
        assert done.exit_code == 0, done.output
        assert not unscrubbed(api.log)
    finally:
        api.close()


def test_it_can_be_applied_again_and_takes_back_what_was_given_by_hand(separated: Separated) -> None:
    admin = separated.server.admin(separated.name)
    assert psql(admin, f"GRANT UPDATE ON carejourney_events TO {WRITER}").returncode == 0
    assert not refused(separated, "cj_api", "UPDATE carejourney_events SET topic = topic WHERE false")
    database.migrate(settings_of(separated.server.url(separated.name)))
    assert refused(separated, "cj_api", "UPDATE carejourney_events SET topic = topic")
    assert psql(separated.url("cj_projector"), "SELECT count(*) FROM stay").returncode == 0


def test_a_login_without_rights_is_told_to_migrate(separated: Separated) -> None:
    name = separated.server.database()
    with pytest.raises(MigrationError, match="database migrate"):
        open_services(settings_of(separated.server.url(name, "cj_api", "cj_api")))


def test_roles_need_a_database_that_was_migrated(separated: Separated) -> None:
    name = separated.server.database()
    with pytest.raises(MigrationError, match="migrate"):
        database.apply_roles(settings_of(separated.server.admin(name)))


def test_roles_are_not_for_an_embedded_store() -> None:
    with pytest.raises(MigrationError, match="PostgreSQL"):
        database.apply_roles(settings_of("sqlite:////nowhere/care.db"))


def laid_over(separated: Separated) -> bool:
    """Whether a moment is asked for over the live read models, with the login of the web server."""
    api = separated.services("cj_api")
    try:
        with api.past.at(NOW - timedelta(days=30), models_of("completion")) as then:
            rows = run_report("completion", then, ReportParams())
            is_laid = isinstance(then.reads, OverlaidReads)
        with store_as_of(api, NOW - timedelta(days=30)) as judge:
            assert run_report("completion", judge, ReportParams()) == rows
        return is_laid
    finally:
        api.close()


def test_a_moment_is_laid_over_the_live_rows_where_the_login_may_make_tables_of_a_session(separated: Separated) -> None:
    """Without that right, as where the roles were made by an older release, all is replayed, and rightly."""
    assert laid_over(separated)
    taken = f"TEMPORARY ON DATABASE {separated.name}"
    assert psql(separated.server.admin(separated.name), f"REVOKE {taken} FROM {READER}").returncode == 0
    assert not laid_over(separated)
    assert psql(separated.server.admin(separated.name), f"GRANT {taken} TO {READER}").returncode == 0
