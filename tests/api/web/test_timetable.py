"""The timetable of groups, and a group charted from it: its members first and present, exceptions marked one by one."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from pydantic import SecretStr

from api.http.examples import DEFINITIONS
from api.web.clients.timetable_page import run_of
from projections.agenda.groups import known_groups
from projections.agenda.lists import member_counts
from tests.api.access.conftest import House, house as house, make_house
from tests.api.test_writing import held
from tests.api.web.test_today_agenda import section

LEVEL = "standard_outpatient"
DAY = "2026-03-02"  # the Monday on which the house's clock stands at noon


def define(house: House, since: str = "2026-01-05T00:00:00Z", **more: Any) -> None:
    data = DEFINITIONS["define-group"] | {"group_id": "eve", "site": "north", "starts": "10:00", "level": LEVEL} | more
    body = {"occurred_at": since, "data": data}
    answer = house.api("admin").post("/api/v1/provider/commands/define-group", json=body)
    assert answer.status_code == 201, answer.text
    house.services.catch_up()


def join(house: House, *references: str) -> None:
    for reference in references:
        house.admit(reference, "north", LEVEL)
    for reference in references[:-1]:
        house.record(reference, "join-group", group_id="eve")
    house.services.catch_up()


def sheet(house: House, day: str = DAY, group: str = "eve", **who: Any) -> Any:
    return house.browser("clinician", **who).get(f"/group-session?group={group}&day={day}")


def charted(house: House, **more: str) -> Any:
    browser = house.browser("clinician")
    fields = held(browser.get(f"/group-session?group=eve&day={DAY}").text)
    return browser.post("/group-session", data=fields | more)


def last(house: House, reference: str, back: int = 1) -> Any:
    return house.services.log.stream(house.services.log.client_id(reference), opened=True)[-back]


def test_an_empty_timetable_says_who_fills_it(house: House) -> None:
    page = house.browser("clinician").get("/groups").text
    assert "No group of yours meets on this day." in page
    assert "An administrator defines groups" in page


def test_the_groups_of_a_day_stand_by_their_time_with_their_members(house: House) -> None:
    define(house)
    define(house, group_id="am", name="IOP, morning", starts="09:00")
    define(house, group_id="far", name="South group", site="south")
    join(house, "A-1", "A-2", "A-3")
    page = house.browser("clinician", frozenset({"north"})).get("/groups").text
    rows = [
        " ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in re.findall(r"<tr><td>.*?</tr>", page, re.S)
    ]
    assert [row.partition(" Standard")[0] for row in rows[:2]] == ["09:00 IOP, morning", "10:00 IOP, evening"]
    assert rows[1].endswith("clinician-7 2 Chart it")
    assert "South group" not in page
    assert "Groups today" in house.browser("clinician").get("/today").text


def test_a_group_meets_on_its_days_and_while_it_is_defined(house: House) -> None:
    define(house)
    pages = {
        day: house.browser("clinician").get(f"/groups?day={day}").text for day in ("2026-03-03", "2025-12-29", DAY)
    }
    assert ["No group of yours meets on this day." in page for page in pages.values()] == [True, True, False]
    assert sheet(house, "2026-03-03").status_code == 422
    assert sheet(house, group="none").status_code == 422
    assert sheet(house, sites=frozenset({"south"})).status_code == 422
    assert house.browser("clinician").get("/groups?day=tomorrow").status_code == 422


def test_members_are_present_until_somebody_says_otherwise(house: House) -> None:
    define(house)
    join(house, "A-1", "A-2", "A-3")
    found = held(sheet(house).text)
    assert {name: value for name, value in found.items() if name.startswith("was:")} == {
        "was:A-1": "there",
        "was:A-2": "there",
        "was:A-3": "",
    }
    assert (found["minutes"], found["slot"], found["topic"], found["clinician"], found["occurred_at"]) == (
        "180",
        "evening",
        "relapse_prevention",
        "clinician-7",
        f"{DAY}T10:00",
    )


def test_late_absent_and_a_note_go_to_the_one_they_are_about(house: House) -> None:
    define(house)
    join(house, "A-1", "A-2", "A-3")
    answer = charted(house, **{"was:A-2": "missed", "minutes:A-1": "150", "note:A-1": "came late"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/groups?day={DAY}&charted=2")
    session, noted = last(house, "A-1", 2), last(house, "A-1")
    assert (session.event.minutes, session.event.group_id, session.meta["f"]) == (150, "eve", "north")
    assert (noted.type, noted.event.text, noted.meta["c"]) == ("NoteAdded", "came late", session.meta["c"])
    assert last(house, "A-2").type == "SessionMissed"
    assert last(house, "A-3").type == "LevelOfCareStarted"
    again = charted(house)
    assert again.status_code == 422
    assert "this session was charted at" in again.text


@pytest.mark.parametrize("minutes", ["0", "2000", "long"])
def test_minutes_that_cannot_be_are_refused_and_nothing_is_written(house: House, minutes: str) -> None:
    define(house)
    join(house, "A-1", "A-2")
    answer = charted(house, **{"minutes:A-1": minutes})
    assert answer.status_code == 422
    assert "A-1: minutes: give a whole number" in unescape(answer.text)
    assert held(answer.text)["minutes:A-1"] == minutes
    assert last(house, "A-1").type == "GroupJoined"


def test_a_later_group_is_shown_and_not_charted_yet(house: House) -> None:
    define(house, starts="18:00")
    join(house, "A-1", "A-2")
    assert "It has not begun yet" in sheet(house).text
    assert charted(house).status_code == 422


def test_everybody_at_a_level_is_marked_at_once_without_scripts(house: House) -> None:
    house.admit("A-1", "north", LEVEL)
    found = held(house.browser("clinician").get(f"/group-session?level={LEVEL}&all=there").text)
    assert found["was:A-1"] == "there"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (["monday", "tuesday", "wednesday", "thursday", "friday"], (["monday", "friday"], True)),
        (["monday", "wednesday", "friday"], (["monday", "wednesday", "friday"], False)),
        (["saturday", "sunday"], (["saturday", "sunday"], False)),
    ],
)
def test_days_in_a_row_are_said_by_their_ends(days: list[str], said: object) -> None:
    assert run_of(days) == said


def test_today_says_which_groups_meet(house: House) -> None:
    define(house)
    said = section(house.browser("clinician").get("/today").text, "groups")
    assert said.startswith("Groups today Time Group Level Site Led by Members Sheet 10:00 IOP, evening")
    assert 'id="groups"' not in house.browser("intake").get("/today").text


@pytest.mark.parametrize(
    ("changed", "starts"),
    [
        (["2026-02-23T11:00:00Z"], "10:00"),  # since it met
        (["2026-02-23T00:00:00Z", "2026-02-23T23:00:00Z"], "09:00"),  # for this day alone
    ],
)
def test_a_group_that_was_changed_within_the_day_is_charted_as_it_met(
    house: House, changed: list[str], starts: str
) -> None:
    define(house)
    join(house, "A-1", "A-2")
    for since, other in zip(changed, ("09:00", "15:00"), strict=False):
        define(house, since, starts=other, topic="changed")
    listed = re.sub(r"<[^>]+>", " ", house.browser("clinician").get("/groups?day=2026-02-23").text)
    assert f"{starts} IOP, evening" in " ".join(unescape(listed).split())
    page = sheet(house, "2026-02-23")
    assert (page.status_code, held(page.text)["occurred_at"]) == (200, f"2026-02-23T{starts}")


def test_a_sheet_is_charted_for_its_own_day(house: House) -> None:
    define(house)
    join(house, "A-1", "A-2")
    answer = charted(house, occurred_at="2026-02-23T10:00")
    assert answer.status_code == 422
    assert "give a time on the day of the sheet" in unescape(answer.text)
    assert last(house, "A-1").type == "GroupJoined"


def test_a_member_in_any_spelling_of_the_group_is_its_member(house: House) -> None:
    join(house, "A-1", "A-2", "A-3")
    define(house, group_id=" EVE ")
    found = held(sheet(house).text)
    assert [found[f"was:{one}"] for one in ("A-1", "A-2", "A-3")] == ["there", "there", ""]
    assert "clinician-7 2 Chart" in " ".join(
        unescape(re.sub(r"<[^>]+>", " ", house.browser("clinician").get("/groups").text)).split()
    )


def counts(house: House, *groups: str) -> tuple[list[str], dict[str, int]]:
    with house.services.reads.reading() as connection:
        return known_groups(connection), member_counts(connection, groups, date.fromisoformat(DAY).toordinal())


def test_who_is_in_a_group_counts_once_and_who_left_it_does_not(house: House) -> None:
    assert counts(house, "eve") == ([], {})
    join(house, "A-1", "A-2", "A-3")
    house.record("A-1", "join-group", group_id=" EVE ")
    house.record("A-2", "join-group", group_id="am")
    house.record("A-2", "leave-group", group_id="eve")
    house.services.catch_up()
    assert counts(house, "eve", "am", "none") == ([" EVE ", "am", "eve"], {"eve": 1, "am": 1})


def test_postgresql_counts_members_alike(migrated_postgres_url: str) -> None:
    house = make_house(migrated_postgres_url, master_key=SecretStr("ab" * 32))
    try:
        test_who_is_in_a_group_counts_once_and_who_left_it_does_not(house)
    finally:
        for client in house.open:
            client.close()
        house.services.close()


def test_today_names_the_groups_with_members_first_and_says_how_many_more_meet(house: House) -> None:
    for number in range(14):
        define(house, group_id=f"early-{number}", name=f"Early {number:02}", starts="08:00")
    define(house)
    join(house, "A-1", "A-2")
    groups = section(house.browser("clinician").get("/today").text, "groups")
    assert "10:00 IOP, evening" in groups, "the one with members, though fourteen begin before it"
    assert "1 of 15 groups that meet today are shown, those with members first. All 15" in groups
    assert "Early 00" not in groups


def test_today_says_that_it_does_not_show_each_group(house: House) -> None:
    for number in range(14):
        define(house, group_id=f"early-{number}", name=f"Early {number:02}", starts="08:00")
    groups = section(house.browser("clinician").get("/today").text, "groups")
    assert groups.count("Chart it") == 5
    assert "5 of 14 groups that meet today are shown, those with members first." in groups
