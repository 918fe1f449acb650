"""Pages of audit and operations: what they show, what they let people do, what is recorded of it."""

from __future__ import annotations

import io
import re
import runpy
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from api.i18n.formats import UNROUNDED
from infra.integrity.seal_setup import seal
from infra.interop.importers.events.run import import_file
from infra.jobs.table import BACKUP, Job
from infra.readmodels.leases import LIVE
from tests.api.access.conftest import House
from tests.conftest import ROOT

SCRIPT = runpy.run_path(str(ROOT / "docs/verify/carejourney_verify.py"))
REASON = "Client collapsed in our waiting room"


@pytest.fixture
def told(house: House) -> House:
    """A client at one site, sealed, and read through broken glass from another."""
    house.admit("A-1", "north")
    seal(house.services)
    sent(house.browser("clinician", frozenset({"south"}), "nurse"), "/clients/A-1/break-glass", reason=REASON)
    return house


def sent(browser: Any, path: str, **fields: str) -> Any:
    """Send a form with the token of the session."""
    [token, *_] = re.findall(r'name="csrf" value="(\w+)"', browser.get("/definitions").text)
    return browser.post(path, data={"csrf": token, **fields})


def words(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_broken_glass_is_reviewed_on_the_page(told: House) -> None:
    auditor = told.browser("auditor")
    page = auditor.get("/audit/access").text
    assert "1 use waits for a review" in words(page)
    [address] = re.findall(r'action="(/audit/broken-glass/\d+)"', page)
    assert sent(auditor, address, note="The emergency room confirms it").status_code == 303
    after = words(auditor.get("/audit/access").text)
    assert "All are reviewed." in after
    assert "The emergency room confirms it" in after
    assert sent(auditor, address).status_code == 303  # sent twice
    assert len(told.entries("A-1", "GlassReviewed")) == 1
    assert sent(auditor, "/audit/broken-glass/9999").status_code == 404
    assert sent(auditor, address, note="x" * 1_001).status_code == 422


def test_a_use_waits_however_old_it_is(told: House) -> None:
    told.hands.move(days=200)
    assert "1 use waits for a review" in words(told.browser("auditor").get("/audit/access").text)


def test_the_access_log_is_filtered_and_leads_back(told: House) -> None:
    auditor = told.browser("auditor", name="ann")
    for _ in range(105):
        auditor.get("/clients/A-1")
    page = auditor.get("/audit/access-log").text
    assert "100 entries, newest first" in words(page)
    [older] = re.findall(r'href="(\?before=\d+)"', page)
    assert "Older entries" not in auditor.get(f"/audit/access-log{older}").text
    only = words(auditor.get("/audit/access-log", params={"kind": "GlassBroken", "role": "clinician"}).text)
    assert "1 entry, newest first" in only
    assert "nurse (clinician)" in only
    assert "No entry fits" in auditor.get("/audit/access-log", params={"person": "nobody"}).text
    assert "No entry fits" in auditor.get("/audit/access-log", params={"to": "2001-01-01"}).text
    assert "100 entries, newest first" in words(auditor.get(f"/audit/access-log?before={10**17}").text)


def test_the_access_log_as_a_file(told: House) -> None:
    answer = told.browser("auditor").get("/audit/access-log.csv", params={"person": "nur"})
    [head, *rows] = answer.text.splitlines()
    assert head.startswith(
        "position,at,kind,name,role,via,doing,purpose,broken_glass,in_a_list,outcome,refused,client,reason"
    )
    assert {row.split(",")[3] for row in rows} == {"nurse"}
    assert REASON not in answer.text  # the words stay sealed here


def test_accounting_and_accesses_of_a_client_as_files(told: House) -> None:
    auditor = told.browser("auditor")
    found = auditor.get("/clients/A-1/disclosures.csv")
    assert found.text == "at,recipient,what,purpose,basis,by,role\n"
    assert "A-1" not in found.headers["content-disposition"]
    assert REASON in auditor.get("/clients/A-1/disclosures.csv", params={"reads": "1"}).text
    assert auditor.get("/clients/NOBODY/disclosures.csv").status_code == 404


@pytest.mark.parametrize("check", ["logs", "replay"])
def test_a_check_runs_in_the_background_and_its_result_stays(told: House, check: str) -> None:
    told.services.catch_up()
    auditor = told.browser("auditor")
    assert "Nobody has started this yet" in auditor.get(f"/audit/checks/{check}").text
    started = sent(auditor, f"/audit/checks/{check}")
    assert (started.status_code, started.headers["location"]) == (303, f"/audit/checks/{check}")
    told.services.jobs.wait()
    page = words(auditor.get(f"/audit/checks/{check}").text)
    assert "done" in page
    assert ("as it was sealed" in page) if check == "logs" else ("row for row" in page)
    assert "The result" in auditor.get("/audit/integrity").text
    assert auditor.get("/audit/checks/none").status_code == sent(auditor, "/audit/checks/none").status_code == 404


def test_running_work_shows_its_progress_and_is_not_started_twice(told: House) -> None:
    now = told.services.jobs.table.now()
    told.services.jobs.table.claim(Job("x", "logs", "", "running", "ann", now - 10_000_000, now, 250, 1_000))
    auditor = told.browser("auditor")
    page = auditor.get("/audit/checks/logs").text
    assert "250 of 1,000 entries (25 %), 25 a second; about 30 seconds left" in words(page)
    assert "data-running" in page
    assert '<form method="post" action="/audit/checks/logs"' not in page
    sent(auditor, "/audit/checks/logs")
    newest = told.services.jobs.newest("logs")
    assert newest is not None
    assert newest.id == "x"
    told.hands.move(minutes=5)
    assert "was cut off; start it again" in auditor.get("/audit/checks/logs").text


def test_differences_are_named_on_the_page(told: House) -> None:
    told.services.catch_up()
    with told.services.reads.writing() as connection:
        generation = next(g for g in told.services.reads.generations(connection) if g.model.name == "status")
        connection.exec_driver_sql(f"UPDATE {generation.own_tables()[0].name} SET program='another'")
    sent(told.browser("auditor"), "/audit/checks/replay")
    told.services.jobs.wait()
    assert "2 differences were found." in words(told.browser("auditor").get("/audit/checks/replay").text)


def test_a_proof_from_the_page_is_believed_by_the_script(told: House) -> None:
    auditor = told.browser("auditor")
    [first, *_] = told.services.log.stream(told.services.log.client_id("A-1"))
    answer = sent(auditor, "/audit/proof", event_id=first.event_id)
    SCRIPT["check_proof"](answer.content)
    heads = auditor.get("/audit/heads.ndjson")
    assert SCRIPT["check_heads"](heads.content)[1]
    assert (
        auditor.get("/audit/carejourney_verify.py").content == (ROOT / "docs/verify/carejourney_verify.py").read_bytes()
    )
    assert sent(auditor, "/audit/proof", event_id="nonsense").status_code == 422
    assert sent(auditor, "/audit/proof", event_id="0" * 32).status_code == 404
    told.record("A-1", "add-note")
    [*_, last] = told.services.log.stream(told.services.log.client_id("A-1"))
    assert sent(auditor, "/audit/proof", event_id=last.event_id).status_code == 409


def test_a_package_from_the_page(told: House) -> None:
    auditor = told.browser("auditor")
    assert "Audit package" in auditor.get("/clients/A-1").text
    answer = sent(auditor, "/clients/A-1/audit-package")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        SCRIPT["check_package"]({name: archive.read(name) for name in archive.namelist()})
    refused = sent(auditor, "/clients/A-1/audit-package", recipient="Somebody", purpose="payment")
    assert (refused.status_code, "no consent of this client" in refused.text) == (403, True)
    assert [entry.kind for entry in told.entries("A-1")][-1] == "DisclosureRefused"
    assert auditor.get("/clients/NOBODY/audit-package").status_code == 404


def test_a_report_at_two_times_with_what_moved_it(told: House) -> None:
    told.services.catch_up()
    before = told.hands.now.isoformat()
    told.hands.move(hours=2)
    told.record("A-1", "end-level", level="residential", reason="completed", next_level=None)
    told.hands.move(hours=2)
    told.services.catch_up()
    auditor = told.browser("auditor")
    page = auditor.get("/audit/numbers", params={"report": "completion", "known_from": before}).text
    assert "Entries that moved them" in page
    assert "Level of care ended" in words(page)
    assert "1 more" in words(page)
    assert page.count('<a href="#e1">') == 1  # the entry moved every number of its group, and is told of once
    assert "as the row above" in words(page)
    assert "95 % interval, from" in words(page)
    assert re.search(r'href="/clients/A-1/history\?after=\d+"', page)
    later = told.hands.now.isoformat()
    told.hands.move(hours=1)
    auditor = told.browser("auditor")
    assert "No number differs" in auditor.get("/audit/numbers", params={"known_from": later}).text
    assert auditor.get("/audit/numbers", params={"known_from": "never"}).status_code == 400
    assert UNROUNDED not in words(page)  # no number stands on both sides that is not whole
    told.admit("A-9", "north")
    told.hands.move(hours=1)
    told.record("A-9", "end-level", level="residential", reason="left_against_advice", next_level=None)
    told.hands.move(hours=1)
    told.services.catch_up()
    auditor = told.browser("auditor")
    page = words(auditor.get("/audit/numbers", params={"report": "completion", "known_from": later}).text)
    assert "50 points lower" in page
    assert page.count(UNROUNDED) == 1


def test_operations_for_administrators(told: House) -> None:
    told.services.catch_up()
    admin = told.browser("admin")
    page = words(admin.get("/operations").text)
    for said in ("in step", "nobody is stopped", "none noted", "Not configured", "CAREJOURNEY_DATABASE_URL"):
        assert said in page
    assert "A-1" not in page
    assert f"Who projects now process {told.services.reads.leases[LIVE].holder}" in page
    told.services.jobs.note(
        BACKUP, "os:cron", {"created_at": told.hands.now.isoformat(), "rows": 7, "bytes": 9, "read_back": True}
    )
    assert "fresh" in words(admin.get("/operations").text)
    told.hands.move(days=2)
    again = told.browser("admin")
    assert "more than 26 hours old" in again.get("/operations").text
    assert "CAREJOURNEY_DATABASE_URL" not in told.browser("auditor").get("/operations").text


def test_a_stopped_client_is_retried_from_the_page(told: House) -> None:
    told.services.catch_up()
    with told.services.reads.writing() as connection:
        generation = told.services.reads.generations(connection)[0]
        row = (generation.id, told.services.log.client_id("A-1"), 3, 3, "ValueError: Jane Roe", 3, 3, 1, 1, 1)
        connection.exec_driver_sql("INSERT INTO quarantine VALUES (?,?,?,?,?,?,?,?,?,?)", row)
    admin = told.browser("admin")
    page = admin.get("/operations").text
    assert "needs somebody today" in words(page)
    assert "LevelOfCareStarted.1" in page
    assert "Jane Roe" not in page
    assert "Retry now" not in told.browser("auditor").get("/operations").text
    assert sent(admin, "/operations/work/retry").status_code == 303
    told.services.jobs.wait()
    assert "1 healed, 0 still stopped." in words(admin.get("/operations/work/retry").text)
    assert "1 was healed" in words(admin.get("/operations").text)
    assert [entry.doing for entry in told.entries(kind="WorkStarted")] == ["POST /operations/work/{work}"]


def test_a_read_model_is_rebuilt_from_the_page(told: House) -> None:
    told.services.catch_up()
    admin = told.browser("admin")
    assert sent(admin, "/operations/work/rebuild", subject="stays").status_code == 303
    told.services.jobs.wait()
    assert "Rebuilt and switched: stays" in words(admin.get("/operations/work/rebuild").text)
    assert sent(admin, "/operations/work/rebuild", subject="none").status_code == 422
    assert sent(admin, "/operations/work/none").status_code == 404
    assert sent(told.browser("auditor"), "/operations/work/rebuild").status_code == 403
    told.services.reads.may_write = False
    assert sent(admin, "/operations/work/rebuild").status_code == 409
    assert "carejourney project rebuild" in admin.get("/operations").text


IMPORTED = (
    '{"client":"I-1","type":"NoteAdded","occurred_at":"2026-01-05T10:00:00Z","recorded_at":"2026-01-06T10:00:00Z",'
    '"actor":"dr-other","source":"old system","data":{"text":"n"}}'
)


def test_the_history_says_which_import_brought_an_entry(told: House, tmp_path: Path) -> None:
    (tmp_path / "old.ndjson").write_text(IMPORTED)
    import_file(told.services.log, str(tmp_path / "old.ndjson"), keep_recorded_at=True)
    [row] = told.api("auditor").get("/api/v1/clients/I-1/history").json()["entries"]
    assert (row["source"], row["claimed_source"], row["recorded_at"]) == (
        "import",
        "old system",
        "2026-01-06T10:00:00Z",
    )
    assert row["imported_by"].startswith("os:")
    page = words(told.browser("auditor").get("/clients/I-1/history").text)
    assert f"Imported by {row['imported_by']}, " in page
    assert f"batch {row['import_batch'].replace('-', '')[:8]}; says it came through old system" in page


def test_what_would_hide_or_move_text_is_shown_by_its_code(told: House, tmp_path: Path) -> None:
    hiding = IMPORTED.replace('"n"', '"seen\\u202enees \\u200f\u05e9\u05dc\u05d5\u05dd"').replace(
        "dr-other", "dr\\u2066other"
    )
    (tmp_path / "old.ndjson").write_text(hiding)
    assert import_file(told.services.log, str(tmp_path / "old.ndjson")).recorded == 1
    browser = told.browser("auditor")
    history = browser.get("/clients/I-1/history").text
    assert "<bdi>seen[U+202E]nees [U+200F]\u05e9\u05dc\u05d5\u05dd</bdi>" in history
    assert "<bdi>dr[U+2066]other</bdi>" in history
    page = told.browser("clinician").get("/clients/I-1").text
    assert "seen[U+202E]nees" in page
    assert "\u202e" not in history + page


@pytest.mark.parametrize(
    ("change", "block", "state"),
    [
        ("version=version+1", "this release rests", "of a newer release: this one rests"),
        ("position=999", "ahead of the log", "The log was put back from a copy"),
    ],
)
def test_operations_say_whose_read_models_are_live(told: House, change: str, block: str, state: str) -> None:
    told.services.catch_up()
    admin = told.browser("admin")
    assert "kept by this release" in words(admin.get("/operations").text)
    with told.services.reads.writing() as connection:
        connection.exec_driver_sql(f"UPDATE generation SET {change} WHERE name='stays'")
    page = words(admin.get("/operations").text)
    assert block in page
    assert state in page


def test_who_only_looks_on_is_told_who_starts_the_work(house: House) -> None:
    page = words(house.browser("auditor").get("/operations/work/rebuild").text)
    assert "For: admin." in page
    assert "carejourney project rebuild" not in house.browser("auditor").get("/operations").text
    assert "For: admin." not in words(house.browser("admin").get("/operations/work/rebuild").text)
