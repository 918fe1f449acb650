"""Forms offer what the provider defines and the codes of its list of diagnoses, and take other text all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from domain.events import CATALOGUE, ProviderEvent
from infra.eventstore.log import Author
from infra.eventstore.stream import read_stream
from infra.provider.define import define
from infra.provider.icd10 import OrderFileError, read_codes
from tests.api.access.conftest import House, house as house, make_house
from tests.api.test_writing import held
from tests.prepared import empty_store


def line(number: int, code: str, billable: int, title: str) -> str:
    return f"{number:05} {code:<7} {billable} {title[:60]:<60} {title}\n"


ORDER = (
    line(1, "A000", 1, "Cholera")
    + line(2, "F11", 0, "Opioid related disorders")
    + line(3, "F1120", 1, "Opioid dependence, uncomplicated")
    + line(4, "F70", 1, "Mild intellectual disabilities")
)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "order.txt").write_text(ORDER)
    found = make_house(empty_store(tmp_path), icd10_file=tmp_path / "order.txt")
    found.admit("A-1", "north")
    site = CATALOGUE.parse("SiteDefined", {"site": "North", "name": "North House", "zone": "America/Chicago"})
    assert isinstance(site, ProviderEvent)
    define(found.services.log, site, author=Author("a.meyer", "admin", "web"), now=found.services.now())
    found.services.catch_up()
    yield found
    for client in found.open:
        client.close()
    found.services.close()


def offers(page: str, name: str) -> list[str]:
    [found] = re.findall(rf'<datalist id="o-{name}">(.*?)</datalist>', page, re.S)
    return re.findall(r'<option value="([^"]*)"', unescape(found))


def test_a_diagnosis_is_offered_by_its_code_and_title(office: House) -> None:
    page = office.browser("clinician").get("/clients/A-1/record/record-diagnosis").text
    assert offers(page, "icd10") == ["F11.20", "F70"]
    assert 'value="F11.20">Opioid dependence, uncomplicated</option>' in page
    assert re.search(r'<input id="f-icd10"[^>]* list="o-icd10"', page)


def test_a_word_is_no_code_and_the_refusal_says_what_helps(office: House) -> None:
    browser = office.browser("clinician")
    at = "/clients/A-1/record/record-diagnosis"
    form = dict(re.findall(r'name="(csrf|key|seen|occurred_at)" value="([^"]*)"', browser.get(at).text))
    answer = browser.post(at, data={**form, "icd10": "opioid", "category": "substance_use"})
    assert answer.status_code == 422
    assert "Give the code as F11.20" in unescape(answer.text)


def test_sites_are_offered_where_a_level_starts(office: House) -> None:
    page = office.browser("clinician").get("/clients/A-1/record/start-level").text
    assert offers(page, "site") == ["North"]
    assert "o-program" not in page  # none is defined


def test_a_code_is_looked_up_by_words_and_chosen_without_scripts(office: House) -> None:
    browser, at = office.browser("clinician"), "/clients/A-1/record/record-diagnosis"
    page = browser.get(at).text
    assert page.index(">Record</button>") < page.index('name="find-code"'), "Enter records"
    before = len(office.services.log.stream(office.services.log.client_id("A-1")))
    typed = held(page) | {"icd10": "OPIOID dep", "severity": "severe"}
    found = browser.post(at, data=typed | {"find-code": "1"})
    assert found.status_code == 200
    assert re.findall(r'name="choose-code" value="([^"]+)"', found.text) == ["F11.20"]
    assert (held(found.text)["icd10"], held(found.text)["severity"]) == ("OPIOID dep", "severe")
    chosen = browser.post(at, data=held(found.text) | {"choose-code": "F11.20"})
    assert "Chosen: F11.20 Opioid dependence, uncomplicated." in unescape(chosen.text)
    assert (held(chosen.text)["icd10"], held(chosen.text)["severity"]) == ("F11.20", "severe")
    assert len(office.services.log.stream(office.services.log.client_id("A-1"))) == before
    recorded = browser.post(at, data=held(chosen.text) | {"category": "substance_use"})
    assert recorded.status_code == 303, recorded.text


@pytest.mark.parametrize(("words", "told"), [("joy", "No code of the list has these words"), ("", "Type a word")])
def test_words_that_no_code_has_are_told(office: House, words: str, told: str) -> None:
    browser, at = office.browser("clinician"), "/clients/A-1/record/record-diagnosis"
    found = browser.post(at, data=held(browser.get(at).text) | {"icd10": words, "find-code": "1"})
    assert told in unescape(found.text)
    assert "choose-code" not in found.text


def test_a_code_is_looked_up_in_an_admission_too(office: House) -> None:
    office.register("N-1")
    browser, at = office.browser("clinician"), "/clients/N-1/admission"
    typed = held(browser.get(at).text) | {"record-diagnosis.icd10": "f1120", "verify-coverage.payer": "County"}
    found = browser.post(at, data=typed | {"find-code": "1"})
    assert re.findall(r'name="choose-code" value="([^"]+)"', found.text) == ["F11.20"]
    chosen = held(browser.post(at, data=held(found.text) | {"choose-code": "F11.20"}).text)
    assert (chosen["record-diagnosis.icd10"], chosen["verify-coverage.payer"]) == ("F11.20", "County")
    assert len(office.services.log.stream(office.services.log.client_id("N-1"))) == 1


def test_without_a_list_there_is_nothing_to_look_through(house: House) -> None:
    house.admit("A-1", "north")
    assert "find-code" not in house.browser("clinician").get("/clients/A-1/record/record-diagnosis").text


def test_substances_are_offered_by_the_names_that_measures_know(office: House) -> None:
    browser = office.browser("clinician")
    for command in ("record-lapse", "record-relapse", "report-use", "record-diagnosis"):
        page = browser.get(f"/clients/A-1/record/{command}").text
        found = offers(page, "substance")
        assert "fentanyl" in found and "alcohol" in found and len(found) == len(set(found)), command
        assert 'value="fentanyl">opioid</option>' in page
    spanish = browser.get("/clients/A-1/record/record-lapse", headers={"Accept-Language": "es"}).text
    assert 'value="fentanyl">opioides</option>' in spanish


def test_purposes_of_consent_are_offered_with_what_they_mean(office: House) -> None:
    page = office.browser("clinician").get("/clients/A-1/record/give-consent").text
    assert offers(page, "purpose") == ["TPO", "treatment", "payment", "operations", "patient_request"]
    assert 'value="treatment">Care of this client</option>' in page


def test_payers_are_offered_once_stays_had_them(office: House) -> None:
    at = "/clients/A-1/record/verify-coverage"
    browser = office.browser("clinician")
    assert "o-payer" not in browser.get(at).text
    office.record("A-1", "verify-coverage", payer="County Plan", level="residential")
    office.services.catch_up()
    assert offers(browser.get(at).text, "payer") == ["County Plan"], "of a stay that is open"
    office.hands.move(minutes=10)
    office.record("A-1", "end-level", level="residential", reason="completed", next_level=None)
    office.services.catch_up()
    assert offers(browser.get(at).text, "payer") == ["County Plan"], "of one that ended"


def test_other_words_are_taken_as_they_are(office: House) -> None:
    office.record("A-1", "record-lapse", substance="bath salts")
    office.record("A-1", "give-consent", purpose="a letter to my landlord")
    office.record("A-1", "verify-coverage", payer="Somebody new")


def test_an_edition_is_adopted_by_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{tmp_path}/adopting.db")
    file = tmp_path / "icd10cm_order_2026.txt"
    file.write_text(ORDER)
    words = ["provider", "adopt-icd10", str(file), "--edition", "2026", "--by", "a.meyer"]
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, done.stdout.partition(":")[0]) == (0, "Recorded as entry 1 of code_list ICD-10-CM")
    file.write_text("code;title\n")
    refused = CliRunner().invoke(app, words)
    assert (refused.exit_code, "give icd10cm_order_YYYY.txt" in refused.stderr) == (1, True)


def test_what_is_no_order_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(OrderFileError, match=r"nothing.txt: cannot be read"):
        read_codes(tmp_path / "nothing.txt")


def entry_of(house: House, kind: str) -> Any:
    log = house.services.log
    return [one for one in read_stream(log, log.client_id("A-1"), opened=True) if one.type == kind][-1]


def test_a_code_is_looked_up_in_a_correction_too(office: House) -> None:
    office.record("A-1", "record-diagnosis", icd10="F70", category="mental_health")
    at = f"/clients/A-1/entries/{UUID(entry_of(office, 'DiagnosisRecorded').event_id)}"
    browser = office.browser("clinician")
    page = browser.get(at).text
    assert page.index(">Correct</button>") < page.index('name="find-code"'), "Enter corrects"
    found = browser.post(at, data=held(page) | {"icd10": "opioid", "reason": "wrong one", "find-code": "1"})
    assert re.findall(r'name="choose-code" value="([^"]+)"', found.text) == ["F11.20"]
    chosen = browser.post(at, data=held(found.text) | {"choose-code": "F11.20", "reason": "wrong one"})
    assert held(chosen.text)["icd10"] == "F11.20"
    assert ">wrong one</textarea>" in chosen.text
    assert entry_of(office, "DiagnosisRecorded").event.icd10 == "F70"
    sent = browser.post(at, data=held(chosen.text) | {"category": "substance_use", "reason": "wrong one"})
    assert sent.status_code == 303, sent.text
    assert entry_of(office, "EntryCorrected").event.replacement.data["icd10"] == "F11.20"


def test_lists_offer_substances_as_boxes_beside_words(office: House) -> None:
    browser, at = office.browser("clinician"), "/clients/A-1/record/result-screen"
    page = browser.get(at).text
    for name in ("positive", "panel"):
        boxes = re.findall(rf'name="{name}:ticked" value="([^"]+)"([^>]*)>', page)
        assert "opioid" in [one for one, _ in boxes] and not any("checked" in rest for _, rest in boxes)
    plain = {name: value for name, value in held(page).items() if not name.endswith(":ticked")}
    typed = plain | {"positive": "fentanyl, opioid", "positive:ticked": ["opioid", "cocaine"], "occurred_at": ""}
    back = browser.post(at, data=typed)
    assert back.status_code == 422
    assert not re.findall(r'name="positive:ticked" value="([^"]+)" checked', back.text), "the text has them now"
    assert re.findall(r'<textarea id="f-positive"[^>]*>([^<]*)<', back.text) == ["fentanyl\nopioid\ncocaine"]
    assert browser.post(at, data=typed | {"occurred_at": plain["occurred_at"]}).status_code == 303
    assert entry_of(office, "DrugScreenResulted").event.positive == ("fentanyl", "opioid", "cocaine")
