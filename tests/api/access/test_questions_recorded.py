"""Every question of an analyst is in the access log before it is answered: which report, with which filters."""

from __future__ import annotations

import pytest

from api.web.dashboards.report_sections import SECTIONS
from infra.access_log.log import AccessLog
from infra.reporting.reports import REPORTS
from tests.api.access.conftest import House

NUMBER = "number=clients&by=level&at=level=residential"
THEN = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def house(house: House) -> House:
    house.admit("A-1", "north")
    return house


def asked(house: House) -> list[dict[str, str]]:
    return [dict(entry.asked) for entry in house.services.people.log.every() if entry.kind == "NumbersAsked"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/api/v1/reports/status", {}),
        ("/api/v1/reports/status?format=csv&by=level", {"by": "level"}),
        ("/api/v1/reports/status?where=level=residential", {"where": "level=residential"}),
        ("/api/v1/reports/status?as_of=2026-01-01T00:00:00Z&position=1", {"as_of": THEN, "position": "1"}),
        (
            f"/api/v1/reports/status/number?{NUMBER}",
            {"by": "level", "number": "clients", "at": "level=residential"},
        ),
        ("/api/v1/audit/reports/status/difference?known_from=2026-01-01T00:00:00Z", {"known_from": THEN}),
    ],
)
def test_a_question_of_the_api(house: House, address: str, told: dict[str, str]) -> None:
    assert house.api("analyst").get(address).status_code == 200
    assert asked(house) == [{"report": "status", **told}]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/dashboards/status?by=level", {"by": "level"}),
        ("/dashboards/status.csv?site=north", {"where": "site=north"}),
        (f"/dashboards/status/number?{NUMBER}", {"by": "level", "number": "clients", "at": "level=residential"}),
    ],
)
def test_a_question_of_the_pages(house: House, address: str, told: dict[str, str]) -> None:
    assert house.browser("analyst").get(address).status_code == 200
    assert asked(house) == [{"report": "status", **told}]


def test_every_report_and_dashboard(house: House) -> None:
    api, browser = house.api("analyst"), house.browser("analyst")
    names = [name for name, report in REPORTS.items() if not report.of_clients]
    for name in names:
        assert api.get(f"/api/v1/reports/{name}").status_code == 200
    for name in SECTIONS:
        assert browser.get(f"/dashboards/{name}").status_code == 200
        assert browser.get(f"/dashboards/{name}.csv").status_code == 200
    assert [one["report"] for one in asked(house)] == [*names, *(name for name in SECTIONS for _ in range(2))]


def test_what_is_not_answered_and_what_others_ask_is_no_question(house: House) -> None:
    house.api("analyst").get("/api/v1/reports/status?where=level=spa")
    for role in ("clinician", "auditor", "reporting"):
        house.api(role).get("/api/v1/reports/status")
    assert asked(house) == []


def test_nothing_is_answered_when_it_cannot_be_recorded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    api, browser = house.api("analyst"), house.browser("analyst")

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(AccessLog, "record", fail)
    for answer in (api.get("/api/v1/reports/status"), browser.get("/dashboards/status")):
        assert answer.status_code == 500
        assert "residential" not in answer.text


def test_auditors_read_the_questions(house: House) -> None:
    house.api("analyst").get("/api/v1/reports/completion?by=program&from=2026-01-01")
    said = "report completion; by program; from 2026-01-01"
    page = house.browser("auditor").get("/audit/access-log?kind=NumbersAsked").text
    assert "asked for numbers" in page
    assert "<small>Completion; Groups: program; From: 1 Jan 2026</small>" in page  # in words; what programs read is not
    assert said in house.browser("auditor").get("/audit/access-log.csv?kind=NumbersAsked").text
    entries = house.api("auditor").get("/api/v1/audit/access?limit=200").json()["entries"]
    [entry] = [entry for entry in entries if entry["kind"] == "NumbersAsked"]
    assert entry["asked"] == {"report": "completion", "by": "program", "from": "2026-01-01"}
    assert (entry["role"], entry["clients"]) == ("analyst", [])
