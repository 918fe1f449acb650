"""Saved views over the API: whose they are, and that nobody sees more by another's view than by asking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.reporting.question import FILTERS
from tests.api.access.conftest import House

ROOT = "/api/v1/views"
BODY = {"name": "Last quarter", "report": "completion", "question": {"by": "level", "period": "last_quarter"}}


def saved(house: House, role: str = "analyst", **more: Any) -> dict[str, Any]:
    answer = house.api(role).post(ROOT, json={**BODY, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_view_is_kept_changed_taken_away_and_brought_back(house: House) -> None:
    api = house.api("analyst")
    one = saved(house, pinned=["reports"])
    assert (one["own"], one["shared"], one["pinned"], one["deleted_at"]) == (True, False, ["reports"], None)
    assert api.get(ROOT).json() == [one]
    changed = api.patch(f"{ROOT}/{one['view']}", json={"name": "Board", "pinned": []}).json()
    assert (changed["name"], changed["pinned"], changed["question"]) == ("Board", [], BODY["question"])
    assert api.delete(f"{ROOT}/{one['view']}").status_code == 204
    assert api.get(ROOT).json() == []
    assert api.get(f"{ROOT}/{one['view']}").status_code == 404
    assert [two["name"] for two in api.get(f"{ROOT}?deleted=true").json()] == ["Board"]
    assert api.post(f"{ROOT}/{one['view']}/restoration", json={}).json()["name"] == "Board"


def test_a_view_asks_otherwise_and_stays_the_same_view(house: House) -> None:
    api, one = house.api("analyst"), saved(house, shared=True)
    changed = api.patch(f"{ROOT}/{one['view']}", json={"question": {"by": "site"}}).json()
    assert changed == {**one, "question": {"by": "site"}}
    assert api.patch(f"{ROOT}/{one['view']}", json={"question": {"client": "C-1"}}).status_code == 422
    assert house.api("auditor").patch(f"{ROOT}/{one['view']}", json={"question": {}}).status_code == 404
    assert api.get(f"{ROOT}/{one['view']}").json() == changed


def test_nobody_finds_what_is_not_shared(house: House) -> None:
    one = saved(house)
    other = house.api("auditor")
    assert other.get(ROOT).json() == []
    for path in (one["view"], f"{one['view']}/answer", "0" * 32):
        assert other.get(f"{ROOT}/{path}").status_code == 404
    house.api("analyst").patch(f"{ROOT}/{one['view']}", json={"shared": True})
    [found] = other.get(ROOT).json()
    assert (found["own"], found["owner"]) == (False, one["owner"])
    assert other.patch(f"{ROOT}/{one['view']}", json={"name": "Mine"}).status_code == 404
    assert other.delete(f"{ROOT}/{one['view']}").status_code == 404
    assert other.patch(f"{ROOT}/{one['view']}", json={"pinned": ["today"]}).json()["pinned"] == ["today"]
    assert house.api("analyst").get(f"{ROOT}/{one['view']}").json()["pinned"] == []


@pytest.mark.parametrize("role", ["intake", "reporting", "admin"])
def test_who_reads_no_report_reads_no_view(house: House, role: str) -> None:
    one = saved(house, shared=True)
    for path in ("", f"/{one['view']}", f"/{one['view']}/answer"):
        assert house.api(role).get(ROOT + path).status_code == 403
    assert house.browser(role).get("/views").status_code == 403


def test_a_shared_view_answers_as_its_reader_would_be_answered(house: House) -> None:
    house.admit("N-1", "north")
    house.admit("S-1", "south")
    one = saved(house, report="status", question={"by": "level,site"}, shared=True)
    for reader in (house.api("analyst"), house.api("auditor"), house.browser("clinician", frozenset({"north"}))):
        mine = reader.get("/api/v1/reports/status?by=level,site").json()
        assert reader.get(f"{ROOT}/{one['view']}/answer").json()["rows"] == mine["rows"]
    bound = house.browser("clinician", frozenset({"north"}))
    page = bound.get(f"/dashboards/status?by=level,site&view={one['view']}").text
    assert "S-1" not in page
    assert "number" in page


def test_no_view_can_ask_for_rows_of_clients(house: House) -> None:
    api = house.api("clinician")
    for report, question in (
        ("worklist", {}),
        ("status", {"per_client": "true"}),
        ("completion", {"client": "N-1"}),
        ("completion", {"limit": "5"}),
    ):
        answer = api.post(ROOT, json={"name": "x", "report": report, "question": question})
        assert answer.status_code == 422, (report, question)
        assert answer.json()["errors"][0]["field"] == "question"
    assert not any("client" in names for names in FILTERS.values())


def test_an_analysts_view_is_a_question_in_the_access_log(house: House) -> None:
    one = saved(house)
    assert house.entries(kind="NumbersAsked") == []
    house.api("analyst").get(f"{ROOT}/{one['view']}/answer")
    [entry] = house.entries(kind="NumbersAsked")
    assert entry.asked["report"] == "completion"
    assert (entry.asked["from"], entry.asked["to"]) == ("2025-10-01", "2025-12-31")


def test_last_quarter_is_the_one_before_the_day_it_is_asked_on(house: House) -> None:
    house.admit("N-1", "north")
    one = saved(house, report="census", question={"by": "level", "period": "this_month"})
    api, path = house.api("analyst"), f"{ROOT}/{one['view']}/answer"
    assert {row["day"] for row in api.get(path).json()["rows"]} == {"2026-03-01", "2026-03-02"}
    house.hands.move(days=30)
    house.services.catch_up()
    assert {row["day"][:7] for row in api.get(path).json()["rows"]} == {"2026-04"}


def test_a_period_in_words_is_asked_of_a_report_too(house: House) -> None:
    house.admit("N-1", "north")
    api = house.api("analyst")
    said = api.get("/api/v1/reports/census?by=all&period=this_month").json()
    assert said["rows"] == api.get("/api/v1/reports/census?by=all&from=2026-03-01&to=2026-03-02").json()["rows"]
    then = api.get("/api/v1/reports/census?by=all&period=this_month&as_of=2026-03-02T01:00:00Z").json()
    assert {row["day"] for row in then["rows"]} <= {"2026-03-01", "2026-03-02"}
    for query in ("period=next_year", "period=last_month&from=2026-01-01"):
        assert api.get(f"/api/v1/reports/completion?{query}").status_code == 422


def test_what_is_wrong_is_told_by_field(house: House) -> None:
    api = house.api("analyst")
    saved(house)
    for body, field in (
        ({"name": " "}, "name"),
        ({}, "name"),
        ({"name": "Other", "question": {"period": "soon"}}, "question"),
        ({"name": "Other", "question": {"by": "client"}}, "question"),
    ):
        answer = api.post(ROOT, json={**BODY, **body})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), body


def test_a_schedule_is_its_owners_and_needs_a_folder(house: House, tmp_path: Path) -> None:
    one = saved(house, shared=True)
    api, other, path = house.api("analyst"), house.api("auditor"), f"{ROOT}/{one['view']}/schedule"
    assert one["schedule"] is None
    answer = api.put(path, json={"every": "weekly", "on": 1})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "schedule")
    house.services.settings.view_folder = tmp_path
    assert other.put(path, json={"every": "weekly", "on": 1}).status_code == 404
    kept = api.put(path, json={"every": "weekly", "on": 1}).json()
    assert kept["schedule"] == {"every": "weekly", "on": 1, "language": "en"}
    assert other.get(f"{ROOT}/{one['view']}").json()["schedule"] is None
    assert api.put(path, json={"every": "weekly", "on": 28}).status_code == 422
    assert other.delete(path).status_code == 404
    assert api.delete(path).status_code == 204
    assert api.get(f"{ROOT}/{one['view']}").json()["schedule"] is None
