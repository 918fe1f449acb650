"""Forms that name something of the chart let it be chosen by its name: nobody types a key."""

from __future__ import annotations

import re
from html import unescape

from tests.api.access.conftest import House, house as house
from tests.api.test_writing import held

CONSENT = {"recipient": "Dr. Chen", "purpose": "treatment", "scope": "summary"}


def choices(house: House, command: str, name: str) -> list[tuple[str, str]]:
    """Value and words of what a form's field offers to choose from."""
    page = house.browser("clinician").get(f"/clients/A-1/record/{command}").text
    found = re.search(rf'<select id="f-{name}".*?</select>', page, re.S)
    assert found, f"{name} is no choice"
    return [(key, unescape(text)) for key, text in re.findall(r'<option value="([^"]+)"[^>]*>([^<]*)<', found[0])]


def test_a_goal_is_chosen_in_the_client_s_words(house: House) -> None:
    house.admit("A-1", "north")
    house.record("A-1", "set-treatment-plan", goals=[{"goal_id": "g1", "text": "Sleep through the night"}])
    assert choices(house, "progress-goal", "goal_id") == [("g1", "Sleep through the night")]


def test_without_a_plan_a_goal_is_typed_as_before(house: House) -> None:
    house.admit("A-1", "north")
    page = house.browser("clinician").get("/clients/A-1/record/progress-goal").text
    assert re.search(r'<input id="f-goal_id"', page)


def test_the_consent_to_take_back_is_one_in_force_and_never_guessed_among_several(house: House) -> None:
    house.admit("A-1", "north")
    house.record("A-1", "give-consent", consent_id="C-1", **CONSENT)
    house.record("A-1", "give-consent", consent_id="C-2", **CONSENT | {"recipient": "Court"})
    offered = choices(house, "revoke-consent", "consent_id")
    assert [key for key, _ in offered] == ["C-1", "C-2"]
    assert [text.partition(" · ")[0] for _, text in offered] == ["Dr. Chen", "Court"]
    form = held(house.browser("clinician").get("/clients/A-1/record/revoke-consent").text)
    assert (form.get("consent_id", ""), form.get("recipient", "")) == ("", "")


def test_a_hand_off_is_chosen_by_the_level_that_ended(house: House) -> None:
    house.admit("A-1", "north")
    house.hands.move(days=2)
    house.record("A-1", "end-level", level="residential", reason="completed")
    for command in ("assign-handoff", "close-handoff"):
        [(key, text)] = choices(house, command, "stay")
        assert re.fullmatch("[0-9a-f]{32}", key)
        assert re.fullmatch(r"Residential · \d{1,2} [A-Z][a-z]{2} 20\d\d", text), text


def test_a_chosen_hand_off_is_recorded(house: House) -> None:
    house.admit("A-1", "north")
    house.hands.move(days=2)
    house.record("A-1", "end-level", level="residential", reason="completed")
    [(key, _)] = choices(house, "assign-handoff", "stay")
    browser, at = house.browser("clinician"), "/clients/A-1/record/assign-handoff"
    answer = browser.post(at, data=held(browser.get(at).text) | {"stay": key, "owner": "j.doe"}, follow_redirects=False)
    assert answer.status_code == 303, answer.text


def test_no_form_asks_for_an_id_by_that_word(house: House) -> None:
    house.admit("A-1", "north")
    for command in ("progress-goal", "join-group", "give-consent", "verify-coverage", "complete-follow-up"):
        page = house.browser("clinician").get(f"/clients/A-1/record/{command}").text
        labels = re.findall(r"<label[^>]*><span>([^<]+)", page)
        assert not [label for label in labels if re.search(r"\b(id|ref)\b", label)], labels
