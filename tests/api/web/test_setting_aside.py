"""Operations leads from a dead letter to the decision to go on without its entry, and back; asked twice, admin alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.access.conftest import House
from tests.api.web.test_administration import FORMS, send
from tests.api.web.test_audit_pages import sent, words
from tests.poison import BAD_ID, HIDDEN, poison, poison_definition

PLACE = f"/operations/entries/{BAD_ID}"


@pytest.fixture
def stopped(house: House) -> House:
    house.admit("A-1", "north")
    poison(house.services.log, "A-1")
    house.services.catch_up()
    return house


def stops(house: House) -> bool:
    return bool(house.services.projector.quarantined())


def decided(admin: Any, do: str, reason: str) -> Any:
    """The two steps: what the first answers is sent as it stands."""
    asked = sent(admin, PLACE, do=do, reason=reason, key=f"k-{do}")
    assert asked.status_code == 200, asked.text
    assert 'name="sure" value="1"' in asked.text
    assert f'name="reason" value="{reason}"' in asked.text
    return sent(admin, PLACE, do=do, reason=reason, key=f"k-{do}", sure="1")


def test_a_dead_letter_leads_to_the_decision_for_administrators_alone(stopped: House) -> None:
    assert PLACE in stopped.browser("admin").get("/operations").text
    assert PLACE not in stopped.browser("auditor").get("/operations").text
    for role in ("auditor", "clinician", "analyst"):
        assert stopped.browser(role).get(PLACE).status_code == 403
        assert sent(stopped.browser(role), PLACE, do="set-aside", reason="x", sure="1").status_code == 403


def test_the_page_says_where_it_stands_and_nothing_of_what_it_says(stopped: House) -> None:
    page = stopped.browser("admin").get(PLACE)
    shown = words(page.text)
    assert page.status_code == 200
    assert "Unheard.1" in shown
    assert "unreadable" in shown
    assert "you can take it up again" in shown
    assert "A-1" not in shown
    assert HIDDEN not in page.text


def test_it_is_set_aside_in_two_steps_and_taken_up_again(stopped: House) -> None:
    admin = stopped.browser("admin", name="a.meyer")
    asked = sent(admin, PLACE, do="set-aside", reason="damaged on 3 May", key="k")
    assert "Set the entry aside?" in words(asked.text)
    assert stops(stopped)
    answer = decided(admin, "set-aside", "damaged on 3 May")
    assert answer.status_code == 303
    saved = words(admin.get(answer.headers["location"]).text)
    assert "Set aside. Its client is folded anew without it." in saved
    assert "set aside by a.meyer on" in saved
    assert "damaged on 3 May" in saved
    assert not stops(stopped)
    assert PLACE in admin.get("/operations").text, "the healed letter leads back"
    assert decided(admin, "take-up", "known now").status_code == 303
    assert stops(stopped)


def test_sent_twice_it_is_recorded_once(stopped: House) -> None:
    admin = stopped.browser("admin")
    first = decided(admin, "set-aside", "damaged")
    again = sent(admin, PLACE, do="set-aside", reason="damaged", key="k-set-aside", sure="1")
    assert (first.status_code, again.status_code) == (303, 303)
    timeline = stopped.api("clinician").get("/api/v1/clients/A-1/timeline").json()
    assert timeline["sequence"] == 5


def test_what_is_missing_or_refused_is_said_at_the_form(stopped: House) -> None:
    admin = stopped.browser("admin")
    empty = sent(admin, PLACE, do="set-aside", key="k")
    assert empty.status_code == 422
    assert 'aria-invalid="true"' in empty.text
    assert "Say why" in words(empty.text)
    assert sent(admin, PLACE, do="set-aside", reason="x" * 2_001, key="k").status_code == 422
    early = sent(admin, PLACE, do="take-up", reason="x", key="k")
    assert early.status_code == 422
    assert "the entry is not set aside" in words(early.text)


def test_an_entry_that_can_be_read_is_left_to_the_chart(stopped: House) -> None:
    [item, *_] = stopped.api("clinician").get("/api/v1/clients/A-1/timeline").json()["items"]
    admin, path = stopped.browser("admin"), f"/operations/entries/{item['event_id']}"
    assert "can be read" in words(admin.get(path).text)
    assert sent(admin, path, do="set-aside", reason="x", key="k", sure="1").status_code == 422


def test_no_entry_has_the_id(stopped: House) -> None:
    admin = stopped.browser("admin")
    for wrong in ("0" * 32, "nothing"):
        assert admin.get(f"/operations/entries/{wrong}").status_code == 404
        assert sent(admin, f"/operations/entries/{wrong}", reason="x").status_code == 404


def test_the_look_at_the_chart_is_on_record(stopped: House) -> None:
    before = len(stopped.entries("A-1"))
    decided(stopped.browser("admin", name="a.meyer"), "set-aside", "damaged")
    assert [entry.name for entry in stopped.entries("A-1")[before:]] == ["a.meyer"]


HISTORY = "/administration/site/history?key=North"


@pytest.fixture
def unknown(house: House) -> House:
    """A house whose newest definition of a site is of a release that it does not know."""
    admin = house.browser("admin")
    assert send(admin, "/administration/site/define", FORMS["site"][0]).status_code == 303
    poison_definition(house.services.log, "provider:site:North")
    house.services.catch_up()
    return house


def test_a_definition_that_cannot_be_read_stands_in_the_history_and_leads_to_the_decision(unknown: House) -> None:
    admin = unknown.browser("admin", name="a.meyer")
    page = admin.get(HISTORY).text
    assert "Entries that cannot be read here" in words(page)
    assert PLACE in page
    assert HIDDEN not in page
    assert PLACE not in unknown.browser("clinician").get(HISTORY).text
    assert "What is defined counts again" in words(admin.get(PLACE).text)
    answer = decided(admin, "set-aside", "damaged on 3 May")
    assert answer.status_code == 303
    assert "What is defined is made anew without it." in words(admin.get(answer.headers["location"]).text)
    assert not stops(unknown)
    told = words(admin.get(HISTORY).text)
    assert "Entry set aside" in told
    assert "set aside by a.meyer on" in told
    assert "damaged on 3 May" in told
    assert decided(admin, "take-up", "known now").status_code == 303
    assert stops(unknown)


def test_a_definition_that_can_be_read_is_taken_back_and_not_set_aside(unknown: House) -> None:
    admin = unknown.browser("admin")
    entry = unknown.api("admin").get("/api/v1/provider/site/history?key=North").json()["entries"][0]
    path = f"/operations/entries/{entry['event_id']}"
    assert "it is taken back under Administration" in words(admin.get(path).text)
    assert sent(admin, path, do="set-aside", reason="x", key="k", sure="1").status_code == 422


def test_a_site_is_changed_whose_newest_entry_cannot_be_read(unknown: House) -> None:
    """The form has seen that entry: nobody else changed anything since."""
    admin = unknown.browser("admin")
    address = "/administration/site/define?key=North"
    assert send(admin, address, {**FORMS["site"][0], "name": "North campus"}).status_code == 303
