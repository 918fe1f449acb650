"""A guided admission: few pages, each part durable by its own command, what is missing in sight, nothing twice."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from tests.api.access.conftest import House
from tests.api.test_writing import held

NEW = {"chart_number": "G-1", "name": "Simulated Person", "birth_date": "1990-02-03"}
PAPERS = {
    "verify-coverage.payer": "Example Health",
    "verify-coverage.member_ref": "M-1",
    "verify-coverage.level": "partial_hospitalization",
    "give-consent.recipient": "Dr. Example",
    "give-consent.scope": "attendance",
    "give-consent.expires_on": "2027-10-14",
    "record-diagnosis.icd10": "F11.20",
}
FOUND = {
    **{f"complete-assessment.asam:{number}": rating for number, rating in enumerate("112232", start=1)},
    "complete-assessment.recommended_level": "partial_hospitalization",
    "complete-assessment.needs_24h_supervision": "no",
    "complete-assessment.mental_health_severity": "mild",
    "complete-assessment.home": "supportive",
    "complete-assessment.substance_free_home": "yes",
    "complete-assessment.motivated": "yes",
}
AT = "/clients/G-1/admission"


@pytest.fixture
def browser(house: House) -> Any:
    browser = house.browser("clinician")
    sent = browser.post("/clients/new", data=held(browser.get("/clients/new").text) | NEW)
    assert sent.headers["location"].startswith(f"{AT}?recorded=")
    return browser


def types(house: House) -> list[str]:
    return [entry.type for entry in house.services.log.stream(house.services.log.client_id("G-1"))]


def send(browser: Any, path: str = AT, **values: str) -> Any:
    return browser.post(AT, data=held(browser.get(path).text) | values)


def test_from_details_to_the_start_on_three_pages(house: House, browser: Any) -> None:
    sent = send(browser, **PAPERS)
    assert sent.headers["location"].startswith(f"{AT}?step=assessment&recorded=")
    started = send(browser, sent.headers["location"], **FOUND, then="start")
    assert started.headers["location"].startswith("/clients/G-1?recorded=")
    assert types(house) == [
        "ClientRegistered", "CoverageVerified", "ConsentGiven", "DiagnosisRecorded", "AssessmentCompleted",
        "LevelOfCareStarted",
    ]  # fmt: skip
    assert browser.get(AT).headers["location"] == "/clients/G-1"


def test_a_second_press_records_nothing_again(house: House, browser: Any) -> None:
    papers = held(browser.get(AT).text) | PAPERS
    assert [browser.post(AT, data=papers).status_code for _ in range(2)] == [303, 303]
    found = held(browser.get(f"{AT}?step=assessment").text) | FOUND | {"then": "start"}
    assert [browser.post(AT, data=found).status_code for _ in range(2)] == [303, 303]
    assert len(types(house)) == 6


def test_who_comes_back_sees_what_is_recorded_and_what_is_missing(house: House, browser: Any) -> None:
    assert "Go on with the admission" in browser.get("/clients/G-1").text
    send(browser, **{name: value for name, value in PAPERS.items() if name.startswith("give-consent")})
    page = browser.get(AT).text
    assert "give-consent.recipient" not in page
    assert "verify-coverage.payer" in page
    assert page.count('class="missing"') == 4
    assert "no assessment is on the chart. Complete a full assessment." in page
    assert types(house) == ["ClientRegistered", "ConsentGiven"]


def test_a_part_that_does_not_fit_is_said_at_its_field_and_nothing_is_recorded(house: House, browser: Any) -> None:
    refused = send(browser, **PAPERS | {"verify-coverage.member_ref": ""})
    assert refused.status_code == 422
    assert 'href="#f-verify-coverage.member_ref"' in refused.text
    assert 'aria-invalid="true" aria-describedby="e-verify-coverage.member_ref" autofocus' in refused.text
    assert held(refused.text)["record-diagnosis.icd10"] == "F11.20"
    assert types(house) == ["ClientRegistered"]


def test_a_part_that_the_rules_refuse_leaves_the_others_recorded(house: House, browser: Any) -> None:
    refused = send(browser, **PAPERS | {"record-diagnosis.icd10": "opioid"})
    assert "it is no ICD-10-CM code" in refused.text
    assert 'aria-invalid="true" aria-describedby="e-record-diagnosis.icd10" autofocus' in refused.text
    assert types(house) == ["ClientRegistered", "CoverageVerified", "ConsentGiven"]
    assert "verify-coverage.payer" not in refused.text
    again = browser.post(AT, data=held(refused.text) | {"record-diagnosis.icd10": "F11.20"})
    assert again.status_code == 303, again.text
    assert types(house)[3:] == ["DiagnosisRecorded"]


def test_a_start_that_the_rules_refuse_keeps_the_assessment_and_says_what_is_unmet(house: House, browser: Any) -> None:
    iop = FOUND | {"complete-assessment.recommended_level": "intensive_outpatient"}
    refused = send(browser, f"{AT}?step=assessment", **iop, then="start")
    assert refused.status_code == 422
    assert types(house) == ["ClientRegistered", "AssessmentCompleted"]
    page = browser.get(f"{AT}?step=level").text
    assert "Prior level completed</b>: no detox, residential or PHP stay is completed" in page
    assert "override_reason" in page
    form = held(page)
    assert form["start-level.level"] == "intensive_outpatient"
    done = browser.post(AT, data=form | {"start-level.override_reason": "a judge asks for it"})
    assert done.headers["location"].startswith("/clients/G-1?recorded=")


def test_a_refused_start_has_buttons_for_what_would_help(house: House, browser: Any) -> None:
    iop = FOUND | {
        "complete-assessment.recommended_level": "intensive_outpatient",
        "complete-assessment.substance_free_home": "no",
    }
    refused = unescape(send(browser, f"{AT}?step=assessment", **iop, then="start").text)
    alert = refused[refused.index("The rules of care refuse this") :]
    assert f'href="{AT}?step=assessment">Assess again</a>' in alert
    assert 'href="/clients/G-1/record/enter-sober-living">Record sober living</a>' in alert
    assert refused.count("Record sober living</a>") == 1
    page = unescape(browser.get(f"{AT}?step=level").text)
    assert 'href="/clients/G-1/record/enter-sober-living">Record sober living</a>' in page
    assert f'href="{AT}?step=assessment">Assess again</a>' in page


def test_another_level_that_would_do_is_started_within_the_admission(browser: Any) -> None:
    send(browser, f"{AT}?step=assessment", **FOUND)
    iop = {"start-level.level": "intensive_outpatient"}
    refused = unescape(send(browser, f"{AT}?step=level", **iop).text)
    assert f'href="{AT}?step=level&level=partial_hospitalization">Start PHP instead</a>' in refused
    form = held(browser.get(f"{AT}?step=level&level=partial_hospitalization").text)
    assert form["start-level.level"] == "partial_hospitalization"
    assert browser.post(AT, data=form).status_code == 303


def test_what_is_missing_leads_to_where_it_is_filled_in_and_not_to_itself(browser: Any) -> None:
    there = f'href="{AT}?step=assessment">Record an assessment</a>'
    assert there in browser.get(AT).text
    assert there not in browser.get(f"{AT}?step=assessment").text


def test_a_way_that_a_role_may_not_take_is_not_offered(house: House, browser: Any) -> None:
    send(browser, f"{AT}?step=assessment", **FOUND | {"complete-assessment.substance_free_home": "no"})
    intake = house.browser("intake").get(f"{AT}?step=level").text
    assert "/record/enter-sober-living" not in intake


def test_somebody_elses_entry_in_between_is_shown(house: House, browser: Any) -> None:
    papers = held(browser.get(AT).text) | PAPERS
    house.record("G-1", "add-note")
    stale = browser.post(AT, data=papers)
    assert stale.status_code == 409
    assert "Somebody else wrote to this chart" in stale.text
    assert browser.post(AT, data=held(stale.text)).status_code == 303
    assert types(house)[2:] == ["CoverageVerified", "ConsentGiven", "DiagnosisRecorded"]


def test_intake_prepares_and_a_clinician_starts(house: House, browser: Any) -> None:
    intake = house.browser("intake")
    page = intake.get(AT).text
    assert "record-diagnosis.icd10" not in page
    found = held(intake.get(f"{AT}?step=assessment").text) | FOUND | {"then": "start"}
    sent = intake.post(AT, data=found)
    assert sent.headers["location"].startswith(f"{AT}?step=level")
    assert "A clinician starts the level." in intake.get(sent.headers["location"]).text
    assert types(house) == ["ClientRegistered", "AssessmentCompleted"]
    assert house.browser("auditor").get(AT).status_code == 403
