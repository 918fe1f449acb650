"""A client's page: what each level asks for and why it is closed, with the entries that say so."""

from __future__ import annotations

import re
from html import unescape

from api.http.examples import EXAMPLES
from domain.commands import Retract
from domain.entries import as_uuid
from infra.commands.handle import handle
from infra.eventstore.author import Author
from tests.api.access.conftest import House


def page(house: House, address: str = "/clients/A-1", **params: str) -> str:
    """The page as it is sent."""
    answer = house.browser("clinician").get(address, params=params)
    assert answer.status_code == 200, answer.text
    return answer.text


def words(html: str) -> str:
    """What is read of it."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def level(html: str, name: str) -> str:
    """What the page says of one level of care."""
    found = re.search(rf"<section><h3>{re.escape(name)}.*?</section>", html, re.S)
    assert found, html
    return found.group(0)


def test_each_level_tells_every_criterion_with_its_value_its_entry_and_what_would_help(house: House) -> None:
    house.admit("A-1", "north")
    found = {"recommended_level": "intensive_outpatient", "needs_24h_supervision": False, "home": "unsupportive"}
    house.record("A-1", "complete-assessment", **found)
    html = page(house)
    assert "is there" in level(html, "Residential")
    iop = level(html, "Intensive outpatient (IOP)")
    assert "Every criterion: 7 of 8 met" in words(iop)
    assert "home is unsupportive, substance-free: yes. Arrange sober living" in words(iop)
    [target] = set(re.findall(r'href="#(e\d+)">Assessment completed', iop))
    assert f'id="{target}"' in html
    php = words(level(html, "Partial hospitalization (PHP)"))
    assert "Every criterion: 2 of 3 met" in php
    assert "Start Intensive outpatient (IOP), or reassess if Partial hospitalization (PHP) is right now." in php


def test_nothing_is_said_of_levels_to_who_has_died(house: House) -> None:
    house.admit("A-1", "north")
    house.record("A-1", "record-death", **EXAMPLES["record-death"])
    assert "Which levels are open" not in page(house)


def test_the_head_holds_what_is_wanted_at_every_look(house: House) -> None:
    house.admit("A-1", "north")
    house.record("A-1", "update-details", emergency_contact="Sister, 555-0101")
    house.record("A-1", "start-medication", drug="naltrexone", dose_mg=380, **{"class": "antagonist"})
    house.record("A-1", "start-medication")
    house.record("A-1", "give-medication")
    house.record("A-1", "stop-medication", drug="naltrexone")
    house.record("A-1", "record-incident", kind="overdose")
    house.record("A-1", "set-treatment-plan", review_due_on="2026-03-09", planned_end_on="2026-04-01")
    house.hands.move(days=10)
    house.services.catch_up()
    head = words(page(house)).partition("The journey")[0]
    assert "Residential, day 13 Chart A-1 born 1 Apr 1990 (35 years)" in head
    assert "The treatment plan was due for review 3 days ago Review the plan." in head
    assert "Medication buprenorphine 16 mg, last given 2 Mar 2026 Due next" in head
    assert "Due next 9 Mar 2026, overdue: plan review 1 Apr 2026: planned end" in head
    assert "moderate, 2 of 4" not in head  # the highest of them is told
    assert "severe, 3 of 4: Relapse, continued use assessed 28 Feb 2026" in head
    assert "Overdose, 2 Mar 2026" in head
    assert "Sister, 555-0101" in head


def test_the_storyboard_tells_risks_consents_and_the_next_appointment(house: House) -> None:
    house.admit("A-1", "north")
    house.record(
        "A-1", "give-consent", consent_id="c1", recipient="Sister", purpose="treatment", expires_on="2026-03-31"
    )
    house.record("A-1", "give-consent", consent_id="c2", recipient="Old payer", expires_on="2026-03-02")
    house.record("A-1", "give-consent", consent_id="c3", recipient="Court", expires_on=None)
    house.record("A-1", "revoke-consent", consent_id="c3", expires_on=None)
    house.hands.move(days=1)
    for start in ("2026-03-06T15:00:00Z", "2026-03-04T15:00:00Z"):
        house.record("A-1", "schedule-appointment", appointment_id=start, starts_at=start, kind="individual")
    items = {str(number): number // 9 for number in range(1, 10)}
    house.record("A-1", "score-instrument", instrument="phq9", score=1, items=items)
    head = words(page(house)).partition("The journey")[0]
    assert "Consents in force Sister, Treatment, until 31 Mar 2026 Last known use" in head
    assert "Next appointment 4 Mar 2026, 15:00 Individual" in head
    assert "Risks 3 Mar 2026: thoughts of death or self-harm (PHQ-9)" in head
    house.record("A-1", "score-instrument", instrument="phq9", score=0, items=dict.fromkeys(items, 0))
    assert "thoughts of death" not in words(page(house))


def test_the_journey_comes_before_everything_but_the_storyboard(house: House) -> None:
    house.admit("A-1", "north")
    read = words(page(house))
    places = [read.index(text) for text in ("Record…", "Risks", "The journey", "Which levels are open", "Timeline")]
    assert places == sorted(places)


def test_the_interview_that_is_due_or_next_is_told_until_it_was_held_or_missed(house: House) -> None:
    house.admit("A-1", "north")
    house.record("A-1", "end-level", level="residential", reason="completed", next_level=None)
    house.services.catch_up()
    assert "1 Apr 2026: 30-day interview" in words(page(house))
    house.hands.move(days=31)
    assert "1 Apr 2026, overdue: 30-day interview" in words(page(house))
    house.record("A-1", "complete-follow-up")
    house.services.catch_up()
    assert "Due next 31 May 2026: 90-day interview" in words(page(house))
    house.hands.move(days=60)
    house.record("A-1", "miss-follow-up", milestone_days=90)
    house.services.catch_up()
    assert "Due next 29 Aug 2026: 180-day interview" in words(page(house))


def test_record_offers_first_what_fits_the_moment(house: House) -> None:
    house.admit("A-1", "north")
    house.record("A-1", "start-medication")
    house.services.catch_up()
    offered = re.search(r"Fits now</h2>(.*?)</section>", page(house), re.S)
    assert offered
    assert re.findall(r"record/([a-z-]+)", offered[1]) == [
        "give-medication",
        "add-note",
        "attend-session",
        "result-screen",
        "transfer",
    ]


def test_a_form_opens_with_name_number_level_and_day_in_sight(house: House) -> None:
    house.admit("A-1", "north")
    said = words(page(house, "/clients/A-1/record/add-note"))
    assert "Residential, day 3 Chart A-1 born" in said
    assert said.index("Risks") < said.index("When it happened")
    [entry] = re.findall(r"/clients/A-1/entries/([0-9a-f-]+)", page(house))[:1]
    assert "Residential, day 3 Chart A-1 born" in words(page(house, f"/clients/A-1/entries/{entry}"))


def test_the_last_screen_tells_what_it_found_and_what_is_prescribed(house: House) -> None:
    house.admit("A-1", "north")

    def last(*positive: str, **more: object) -> str:
        house.hands.move(hours=1)
        house.record("A-1", "result-screen", positive=list(positive), **more)
        house.services.catch_up()
        said = re.search(r"Last screen (.*?) \d+ \w+ \d{4}", words(page(house)))
        return said[1] if said else ""

    assert last() == "negative"
    assert last("buprenorphine") == "positive: Buprenorphine"
    house.record("A-1", "start-medication", drug="Suboxone", **{"class": "partial_agonist"})
    assert last("buprenorphine") == "as prescribed: Buprenorphine"
    assert last("buprenorphine", "fentanyl") == "positive: fentanyl"
    assert last("cocaine", valid=False) == "positive: fentanyl"
    assert last() == "negative"


def test_how_many_entries_were_made_in_error_is_said_where_they_are_shown(house: House) -> None:
    house.admit("A-1", "north")
    assert "in error." not in words(page(house))
    assert "0 of them were entered in error." in words(page(house, retracted="1"))
    house.record("A-1", "add-note", text="of somebody else")
    log = house.services.log
    [*_, note] = log.stream(log.client_id("A-1"))
    handle(
        log,
        "A-1",
        Retract(as_uuid(note.event_id), "another client's"),
        author=Author("a.meyer", "clinician", "web"),
        now=house.hands.now,
    )
    house.services.catch_up()
    assert "1 of them was entered in error." in words(page(house, retracted="1"))
