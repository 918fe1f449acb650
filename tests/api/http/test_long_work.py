"""Checks and work in the background over HTTP, operations, audit packages, and the review of broken glass."""

from __future__ import annotations

import io
import threading
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from http_support import Api

from infra.bootstrap import open_services
from infra.identity.people import Principal
from infra.integrity.seal_setup import seal
from infra.jobs.table import Job
from infra.ops.works import start

AUDITOR = Principal("demo-auditor", "auditor")


def ended(api: Api, path: str, role: str) -> dict[str, Any]:
    """Start work, wait for its thread, and read what it came to."""
    api.clock.now += timedelta(seconds=1)
    answer = api.as_(role).post(path, json={})
    assert answer.status_code == 202, answer.text
    api.services.jobs.wait()
    return api.get(path, role).json()


def test_the_logs_are_verified_in_the_background(api: Api) -> None:
    api.admit("A-1")
    seal(api.services)
    path = "/api/v1/audit/checks/logs"
    assert api.get(path, "auditor").status_code == 404
    found = ended(api, path, "auditor")
    assert (found["state"], found["outcome"]["holds"], found["outcome"]["findings"]) == ("done", True, [])
    assert [log["log"] for log in found["outcome"]["logs"]] == ["care", "access"]
    assert found["done"] == found["total"] > 0


def test_live_tables_are_compared_with_a_replay(api: Api) -> None:
    api.admit("A-1")
    api.services.catch_up()
    path = "/api/v1/audit/checks/replay"
    found = ended(api, path, "auditor")
    assert (found["state"], found["outcome"]["holds"]) == ("done", True)
    assert (found["done"], found["total"]) == (1, 1)  # the client
    with api.services.reads.writing() as connection:
        generation = next(g for g in api.services.reads.generations(connection) if g.model.name == "status")
        connection.exec_driver_sql(f"UPDATE {generation.own_tables()[0].name} SET program='another'")
    found = ended(api, path, "auditor")
    assert (found["state"], found["outcome"]["holds"], found["outcome"]["found"]) == ("done", False, 2)
    assert {row["projection"] for row in found["outcome"]["findings"]} == {"status"}


def test_one_of_a_kind_runs_at_a_time(api: Api) -> None:
    going_on = threading.Event()

    def work(tell: Any) -> dict[str, Any]:
        tell(1, 4)
        going_on.wait(10)
        return {"holds": True}

    api.services.jobs.start("logs", "somebody", work)
    answer = api.as_("auditor").post("/api/v1/audit/checks/logs", json={}).json()
    assert (answer["started"], answer["job"]["by"], answer["job"]["state"]) == (False, "somebody", "running")
    assert api.as_("auditor").post("/api/v1/audit/checks/replay", json={}).json()["started"] is True
    going_on.set()
    api.services.jobs.wait()
    assert api.as_("auditor").post("/api/v1/audit/checks/logs", json={}).json()["started"] is True
    api.services.jobs.wait()


def test_work_whose_process_is_gone_can_be_started_again(api: Api) -> None:
    now = api.services.jobs.table.now()
    api.services.jobs.table.claim(Job("x", "logs", "", "running", "somebody", now, now))
    assert api.as_("auditor").post("/api/v1/audit/checks/logs", json={}).json()["started"] is False
    api.clock.now += timedelta(seconds=31)
    assert api.get("/api/v1/audit/checks/logs", "auditor").json()["state"] == "stopped"
    assert api.as_("auditor").post("/api/v1/audit/checks/logs", json={}).json()["started"] is True
    api.services.jobs.wait()


def test_a_job_that_was_silent_for_long_gives_up_when_another_server_took_its_place(api: Api) -> None:
    """Two servers on the same databases: the first one's process stood still, and the second one started anew."""
    other = open_services(api.services.settings, api.services.clock)
    table, begun, outcome = api.services.jobs.table, threading.Event(), {"holds": True}
    now = table.now()
    first = table.claim(Job("first", "logs", "", "running", "somebody", now, now))
    assert other.jobs.start("logs", "another", lambda tell: outcome)[1] is False
    api.clock.now += timedelta(seconds=31)
    taken, started = other.jobs.start("logs", "another", lambda tell: outcome if begun.wait(10) else {})
    assert started
    assert table.beat(first.id, 1, 2) is False
    table.end(first.id, "done", {"holds": False})
    begun.set()
    other.jobs.wait()
    newest = table.newest("logs", 2)
    assert [(job.id, job.state) for job in newest] == [(taken.id, "done"), ("first", "stopped")]
    other.close()


def test_work_is_given_up_once_another_took_its_place(api: Api) -> None:
    begun = threading.Event()

    def work(tell: Any) -> dict[str, Any]:
        while True:
            tell(1, 2)
            begun.set()

    job, _ = api.services.jobs.start("replay", "somebody", work)
    assert begun.wait(10)
    api.services.jobs.table.end(job.id, "stopped", {})
    api.services.jobs.wait()  # the next beat finds out
    newest = api.services.jobs.newest("replay")
    assert newest is not None
    assert newest.state == "stopped"


def test_progress_says_rate_and_time_left() -> None:
    job = Job("x", "logs", "", "running", "somebody", 0, 4_000_000, 200, 1_000)
    assert (job.rate, job.seconds_left) == (50.0, 16.0)
    assert Job("x", "logs", "", "running", "somebody", 0, 0).rate is None


def test_an_error_keeps_its_kind_and_not_its_text(api: Api) -> None:
    def work(_: Any) -> dict[str, Any]:
        raise ValueError("Jane Roe")

    api.services.jobs.start("logs", "somebody", work)
    api.services.jobs.wait()
    found = api.get("/api/v1/audit/checks/logs", "auditor").json()
    assert (found["state"], found["outcome"]) == ("failed", {"error": "ValueError"})


def test_closing_gives_work_up(api: Api) -> None:
    begun = threading.Event()

    def work(tell: Any) -> dict[str, Any]:
        while True:
            begun.set()
            tell(1, 2)

    api.services.jobs.start("replay", "somebody", work)
    begun.wait(10)
    api.services.jobs.close()
    newest = api.services.jobs.newest("replay")
    assert newest is not None
    assert newest.state == "stopped"


def test_what_is_started_is_in_the_access_log(api: Api) -> None:
    assert ended(api, "/api/v1/operations/work/retry", "admin")["outcome"] == {"healed": 0, "left": 0}
    [entry] = [entry for entry in api.services.people.log.every() if entry.kind == "WorkStarted"]
    assert (entry.role, entry.doing) == ("admin", "POST /api/v1/operations/work/{work}")


def test_read_models_are_rebuilt_for_administrators_alone(api: Api) -> None:
    api.admit("A-1")
    api.services.catch_up()
    before = {row.projection: row.generation for row in api.services.projector.status()}
    path = "/api/v1/operations/work/rebuild"
    assert api.as_("auditor").post(path, json={"subject": "stays"}).status_code == 403
    assert api.as_("admin").post(path, json={"subject": "none"}).status_code == 422
    assert api.as_("admin").post(path, json={"subject": "stays"}).status_code == 202
    api.services.jobs.wait()
    assert api.get(path, "auditor").json()["outcome"] == {"rebuilt": ["stays"]}
    after = {row.projection: row.generation for row in api.services.projector.status()}
    assert {name for name in after if after[name] != before[name]} == {"stays"}


def test_operations_in_one_answer(api: Api) -> None:
    api.admit("A-1")
    api.services.catch_up()
    seal(api.services)
    found = api.get("/api/v1/operations", "admin").json()
    assert {row["lag"] for row in found["projections"]} == {0}
    assert next((row["log"], row["waiting"], row["late"]) for row in found["seals"]) == ("care", 0, False)
    assert (found["stream"], found["backup"], found["stopped"]) == (None, None, [])
    api.clock.now += timedelta(hours=1)
    api.admit("A-2")
    fresh = api.get("/api/v1/operations", "auditor").json()["seals"][0]
    assert (fresh["waiting"], fresh["late"]) == (3, False)  # the last head is old, what waits is not
    api.clock.now += timedelta(hours=1)
    late = api.get("/api/v1/operations", "auditor").json()["seals"][0]
    assert (late["waiting"], late["late"]) == (3, True)


def test_a_stopped_client_is_shown_without_a_value(api: Api) -> None:
    api.admit("A-1")
    api.services.catch_up()
    client_id = api.services.log.client_id("A-1")
    with api.services.reads.writing() as connection:
        live = api.services.reads.generations(connection)
        stops = (
            ("ValueError: Jane Roe", 3),
            ("UnreadableEntryError: entry 2 (X.1) at position 2 cannot be read: y", 2),
        )
        for generation, (error, place) in zip(live, stops, strict=False):
            row = (generation.id, client_id, 3, 3, error, place, place, 1, 1, 1)
            connection.exec_driver_sql("INSERT INTO quarantine VALUES (?,?,?,?,?,?,?,?,?,?)", row)
    first, second = api.get("/api/v1/operations", "admin").json()["stopped"]
    assert (first["error"], first["sequence"], first["type"]) == ("ValueError", 3, "LevelOfCareStarted.1")
    assert (second["sequence"], second["type"]) == (2, "AssessmentCompleted.1")
    assert second["recorded_at"].startswith("20")
    assert ended(api, "/api/v1/operations/work/retry", "admin")["outcome"] == {"healed": 2, "left": 0}


def test_a_package_comes_as_an_archive(api: Api) -> None:
    api.admit("A-1")
    answer = api.as_("auditor").post("/api/v1/clients/A-1/audit-package", json={})
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-package.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {"README.txt", "history.json", "carejourney_verify.py"} <= set(archive.namelist())
    refused = api.as_("auditor").post("/api/v1/clients/A-1/audit-package", json={"recipient": "Somebody"})
    assert (refused.status_code, "consent" in refused.json()["detail"]) == (403, True)
    assert api.as_("auditor").post("/api/v1/clients/NOBODY/audit-package", json={}).status_code == 404


@pytest.mark.parametrize("role", ["intake", "clinician", "analyst", "reporting", "admin"])
def test_packages_and_checks_are_for_auditors(api: Api, role: str) -> None:
    for path in ("clients/A-1/audit-package", "audit/checks/logs", "audit/broken-glass/1/review"):
        assert api.as_(role).post(f"/api/v1/{path}", json={}).status_code == 403


def test_work_that_this_login_may_not_do_is_refused(api: Api) -> None:
    api.services.reads.may_write = False
    refused = api.as_("admin").post("/api/v1/operations/work/rebuild", json={})
    assert (refused.status_code, "projectors" in refused.json()["detail"]) == (403, True)
    job, started = start(api.services, AUDITOR, "logs")
    assert (job.kind, started) == ("logs", True)
    api.services.jobs.wait()
