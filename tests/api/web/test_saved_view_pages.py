"""Saved views on pages: kept from a dashboard, opened, renamed, shared, pinned, deleted with an undo; in Spanish too."""

from __future__ import annotations

import io
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from api.http.access import reads_reports
from api.web.dashboards.paper import maker
from domain.people import Person
from infra.access_log.entries import Access
from infra.identity.people import Principal
from infra.views.folder import Writer
from tests.api.access.conftest import House, house as house
from tests.api.test_writing import held

DASHBOARD = "/dashboards/completion?by=level&period=last_quarter"


def send(browser: TestClient, page: str, action: str, **fields: str) -> str:
    """Send a form of a page; gives where it leads, or the page that says why not."""
    token = re.search(r'name="csrf" value="([^"]+)"', browser.get(page).text)
    assert token
    answer = browser.post(action, data={"csrf": token[1], **fields})
    return unescape(answer.headers["location"]) if answer.status_code == 303 else answer.text


def saved(browser: TestClient, name: str = "Board", **more: str) -> str:
    """Keep the dashboard's question; gives the view's id."""
    page = browser.get(DASHBOARD).text
    asked = re.search(r'name="query" value="([^"]*)"', page)
    assert asked
    to = send(browser, DASHBOARD, "/views", report="completion", query=unescape(asked[1]), name=name, **more)
    return parse_qs(urlsplit(to).query)["view"][0]


def test_a_question_is_kept_from_its_dashboard(house: House) -> None:
    browser = house.browser("analyst")
    view = saved(browser)
    page = browser.get("/views").text
    assert "Board" in page and "Period: Last quarter" in page and "Groups: Level" in page
    address = unescape(re.search(rf'href="(/dashboards/[^"]*{view})"', page)[1])  # type: ignore[index]
    opened = browser.get(address)
    assert opened.status_code == 200
    assert "Saved view: <bdi>Board</bdi>" in opened.text
    assert "Period: 1 Oct 2025 to 31 Dec 2025." in opened.text
    assert "Save this view" not in opened.text


def test_another_question_is_no_longer_that_view(house: House) -> None:
    browser = house.browser("analyst")
    view = saved(browser)
    assert "Saved view: " not in browser.get(f"{DASHBOARD}&level=residential&view={view}").text
    assert "Saved view: " not in house.browser("auditor").get(f"{DASHBOARD}&view={view}").text


def test_it_is_renamed_shared_and_pinned(house: House) -> None:
    browser, other = house.browser("clinician"), house.browser("auditor")
    view = saved(browser)
    edited(browser, view, name="By level")
    assert "Board" not in browser.get("/views").text
    assert "By level" not in other.get("/views").text
    assert "done=shared" in send(browser, "/views", f"/views/{view}", do="share", shared="yes")
    page = other.get("/views").text
    assert "By level" in page and "Shared by" in page and "Share or delete" not in page
    assert "By level" not in other.get("/reports").text
    send(other, "/views", f"/views/{view}", do="pin", reports="yes", today="yes")
    assert "By level" in other.get("/reports").text and "By level" in other.get("/today").text
    assert "By level" not in browser.get("/today").text
    send(other, "/views", f"/views/{view}", do="pin")
    assert "By level" not in other.get("/reports").text
    send(browser, "/views", f"/views/{view}", do="share", shared="no")
    assert "By level" not in other.get("/views").text


def edited(browser: TestClient, view: str, **fields: str) -> str:
    """Send the form of the view's own page with what stands in it, but for these fields."""
    form = held(browser.get(f"/views/{view}").text)
    answer = browser.post(f"/views/{view}", data=form | {name.replace("_", "-"): text for name, text in fields.items()})
    return unescape(answer.headers["location"]) if answer.status_code == 303 else answer.text


def test_its_owner_changes_name_filters_and_schedule_in_one_form(house: House, tmp_path: Path) -> None:
    house.services.settings.view_folder = tmp_path
    browser = house.browser("analyst")
    view = saved(browser)
    form = held(browser.get(f"/views/{view}").text)
    assert (form["name"], form["q-by"], form["q-period"], form["when"]) == ("Board", "level", "last_quarter", "")
    assert "done=changed" in edited(browser, view, name="By site", q_by="level,site", q_period="", when="weekly-1")
    page = browser.get("/views").text
    assert "By site" in page and "Groups: Level and site" in page and "Period" not in page and "Each Monday" in page
    assert view in page, "the view is the same"
    since = house.services.papers.every()[view].since
    house.hands.move(days=3)
    browser = house.browser("analyst")  # the session ended meanwhile
    assert "done=changed" in edited(browser, view, q_level="residential")
    assert house.services.papers.every()[view].since == since, "a timing that was not touched goes on"
    assert "done=changed" in edited(browser, view, when="")
    assert view not in house.services.papers.every()


def test_what_cannot_be_kept_changes_nothing_and_stands_in_the_form(house: House) -> None:
    browser = house.browser("analyst")
    view = saved(browser)
    saved(browser, "Other")
    wrong = (("name", {"name": ""}), ("name", {"name": "other"}), ("q-by", {"q_from": "2026-01-01"}))
    for at, fields in wrong:
        page = edited(browser, view, q_level="residential", **fields)
        assert "<title>Not saved: Change a saved view" in page
        assert f'href="#f-{at}"' in page and f'aria-describedby="e-{at}" autofocus' in page
        assert held(page)["q-level"] == "residential"
    assert "Residential" not in browser.get("/views").text


def test_only_its_owner_opens_the_form_of_a_view(house: House) -> None:
    view = saved(house.browser("analyst"), shared="yes")
    other = house.browser("auditor")
    assert other.get(f"/views/{view}").status_code == 404
    assert "No such view" in send(other, "/views", f"/views/{view}", do="change", name="Mine")
    assert f'href="/views/{view}"' not in other.get(f"{DASHBOARD}&view={view}").text
    assert f'href="/views/{view}"' in house.browser("analyst").get(f"{DASHBOARD}&view={view}").text


def test_a_deletion_offers_its_undo(house: House) -> None:
    browser = house.browser("analyst")
    view = saved(browser)
    page = browser.get(send(browser, "/views", f"/views/{view}", do="delete")).text
    assert "Undo: bring <bdi>Board</bdi> back" in page
    assert "done=restored" in send(browser, "/views", f"/views/{view}", do="restore")
    assert "Undo" not in browser.get("/views").text
    assert "Board" in browser.get("/views").text


def test_another_persons_view_is_not_theirs_to_change(house: House) -> None:
    view = saved(house.browser("analyst"), shared="yes")
    other = house.browser("auditor")
    for do in ("share", "delete", "restore", "nothing"):
        assert "No such view" in send(other, "/views", f"/views/{view}", do=do, name="Mine")
    assert "Board" in other.get("/views").text


@pytest.mark.parametrize("name", ["", "Board", "x" * 90])
def test_what_is_refused_keeps_what_was_typed(house: House, name: str) -> None:
    browser = house.browser("analyst")
    saved(browser)
    page = send(browser, DASHBOARD, "/views", report="completion", query="by=level&period=last_month", name=name)
    assert 'aria-invalid="true"' in page and "<title>Not saved: Saved views" in page
    assert f'value="{name}"' in page and "by=level&amp;period=last_month" in page


def test_a_period_beside_days_says_what_to_do(house: House) -> None:
    answer = house.browser("analyst").get(f"{DASHBOARD}&from=2026-01-01")
    assert answer.status_code == 400
    assert "not both" in answer.text


def test_views_speak_spanish(house: House) -> None:
    browser = house.browser("analyst")
    saved(browser)
    page = browser.get("/views", headers={"Accept-Language": "es"}).text
    assert "Vistas guardadas" in page and "Trimestre anterior" in page


def test_a_view_is_a_tagged_document_that_names_no_client(full_house: House) -> None:
    browser = full_house.browser("auditor")
    for report, query in (("completion", "by=level&period=last_year"), ("abstinence", ""), ("census", "by=level")):
        to = send(browser, "/views", "/views", report=report, query=query, name=f"Paper {report}")
        view = parse_qs(urlsplit(to).query)["view"][0]
        answer = browser.get(f"/views/{view}.pdf")
        assert answer.headers["content-type"] == "application/pdf"
        assert b"pdfuaid" in answer.content
        text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        words = " ".join(text.split())
        assert f"Paper {report}" in words and "What it says." in words and "up to entry" in words
        assert "point to single people" in words
        assert "SIM-" not in words
        assert report != "completion" or ("Denominator" in words and "95 %" in words and "Last year" in words)


def test_a_view_that_is_not_theirs_has_no_document(house: House) -> None:
    view = saved(house.browser("analyst"))
    assert house.browser("auditor").get(f"/views/{view}.pdf").status_code == 404
    assert house.browser("analyst").get(f"/views/{view}.pdf").status_code == 200
    [entry] = [one for one in house.entries(kind="NumbersAsked") if one.asked.get("view")]
    assert entry.asked["view"] == view


def test_its_owner_schedules_a_view_where_there_is_a_folder(house: House, tmp_path: Path) -> None:
    browser = house.browser("analyst")
    view = saved(browser)
    assert "Write its PDF" not in browser.get(f"/views/{view}").text
    house.services.settings.view_folder = tmp_path
    assert "done=changed" in edited(browser, view, when="weekly-1")
    assert "Written to the folder: Each Monday" in browser.get("/views").text
    assert "choose a day" in edited(browser, view, when="weekly-9")
    assert "done=changed" in edited(browser, view, when="")
    assert "Written to the folder" not in browser.get("/views").text


def test_a_view_is_named_and_scheduled_in_one_place(house: House, tmp_path: Path) -> None:
    house.services.settings.view_folder = tmp_path
    browser = house.browser("analyst")
    view = saved(browser)
    page = browser.get("/views").text
    assert 'name="when"' not in page and 'value="rename"' not in page
    assert page.count(f'href="/views/{view}"') == 1
    for do in ("rename", "schedule"):
        assert "No such view" in send(browser, "/views", f"/views/{view}", do=do, name="Mine", when="daily-0")


def test_operations_tell_what_was_not_written(house: House, tmp_path: Path) -> None:
    admin = house.browser("admin")
    assert "Documents of saved views" not in admin.get("/operations").text
    browser = house.browser("analyst")
    view = saved(browser)
    (tmp_path / "file").write_text("no folder")
    house.services.settings.view_folder = tmp_path / "file"
    edited(browser, view, when="daily-0")
    Writer(house.services, maker(house.services), reads_reports).turn()
    house.services.jobs.wait()
    page = admin.get("/operations").text
    assert "not all written" in page and f"completion-{view[:8]}-2026-03-02.pdf" in page
    assert re.search(r"Its document for [^<]*2026 could not be written", browser.get("/views").text)
    api = house.api("admin")
    assert [one["not_written"] for one in api.get("/api/v1/schedules").json()] == ["2026-03-02"]
    house.services.settings.view_folder = tmp_path / "folder"
    house.hands.move(hours=1)
    Writer(house.services, maker(house.services), reads_reports).turn()
    house.services.jobs.wait()
    assert "1 document" in house.browser("admin").get("/operations").text
    assert [one["not_written"] for one in api.get("/api/v1/schedules").json()] == [None]
    assert "could not be written" not in house.browser("analyst").get("/views").text
    assert [path.suffix for path in (tmp_path / "folder").iterdir()] == [".pdf"]


def scheduled_by(house: House, role: str, folder: Path) -> tuple[TestClient, str]:
    house.services.settings.view_folder = folder
    browser = house.browser(role)
    view = saved(browser)
    edited(browser, view, when="weekly-1")
    return browser, view


def test_an_administrator_sees_every_schedule_and_stops_one(house: House, tmp_path: Path) -> None:
    owner, view = scheduled_by(house, "analyst", tmp_path)
    admin = house.browser("admin")
    page = admin.get("/administration/schedules").text
    assert "analyst-[]" in page and "Each Monday" in page and "not yet" in page
    assert "Board" not in page, "somebody typed the name"
    asked = send(admin, "/administration/schedules", "/administration/schedules", view=view)
    assert "Stop it?" in asked and "Written to the folder" in owner.get("/views").text
    gone = send(admin, "/administration/schedules", "/administration/schedules", view=view, sure="1")
    assert "done=stopped" in gone
    assert "No view is on a schedule" in admin.get("/administration/schedules").text
    assert "Written to the folder" not in owner.get("/views").text
    again = send(admin, "/administration/schedules", "/administration/schedules", view=view, sure="1")
    assert "done=gone" in again
    assert [entry.asked for entry in house.entries(kind="ScheduleStopped")] == [{"view": view}]
    for role in ("analyst", "auditor", "clinician"):
        assert house.browser(role).get("/administration/schedules").status_code == 403


def test_schedules_are_listed_and_stopped_over_http(house: House, tmp_path: Path) -> None:
    _, view = scheduled_by(house, "analyst", tmp_path)
    admin = house.api("admin")
    [one] = admin.get("/api/v1/schedules").json()
    assert (one["view"], one["report"], one["rests"], one["written"]) == (view, "completion", False, None)
    assert one["schedule"] == {"every": "weekly", "on": 1, "language": "en"} and "Board" not in str(one)
    assert house.api("analyst").get("/api/v1/schedules").status_code == 403
    assert admin.delete(f"/api/v1/schedules/{view}").status_code == 204
    assert admin.get("/api/v1/schedules").json() == []
    assert admin.delete(f"/api/v1/schedules/{view}").status_code == 404
    assert [entry.asked for entry in house.entries(kind="ScheduleStopped")] == [{"view": view}]


def test_a_schedule_that_rests_is_said(house: House, tmp_path: Path) -> None:
    scheduled_by(house, "analyst", tmp_path)
    moved = Principal("analyst-[]", "intake", None)
    house.services.people.log.record([Access("SignedIn", moved, house.hands.now)])
    admin = house.browser("admin")
    assert "rests: its owner may read no reports" in admin.get("/administration/schedules").text
    assert "1 schedule rests" in admin.get("/operations").text
    assert not Writer(house.services, maker(house.services), reads_reports).turn()


def test_a_day_of_no_end_of_digits_is_no_day(house: House, tmp_path: Path) -> None:
    browser = house.browser("analyst")
    view = saved(browser)
    house.services.settings.view_folder = tmp_path
    assert "choose a day of the week" in edited(browser, view, when="weekly-" + "9" * 5_000)


def test_a_view_that_its_report_takes_no_longer_says_so_as_a_document(house: House) -> None:
    browser = house.browser("analyst")
    somebody = Person("Ada", "demo", "one")
    old = house.services.views.save(somebody, "Old", "completion", {"by": "moon"}, shared=True)
    answer = browser.get(f"/views/{old.id}.pdf")
    assert (answer.status_code, "moon" in answer.text) == (422, True)
    to = re.search(r'href="(/dashboards/[^"]*view=[^"]*)"', answer.text)
    assert to and browser.get(unescape(to[1])).status_code == 400
    assert house.api("analyst").get(f"/api/v1/views/{old.id}/answer").status_code in {400, 422}
