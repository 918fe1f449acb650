"""The board of hand-offs: who waits, with whom and how long; assigned, closed, undone; at one's own sites."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from projections.agenda.board import SECTIONS, Board, rows_of
from tests.api.access.conftest import House, house as house, make_house
from tests.api.web.test_flag_acts import press
from tests.api.web.test_today_agenda import section


def ended(house: House, reference: str, site: str = "north", days: int = 8) -> None:
    """Residential care is over, and standard outpatient care has not begun."""
    house.admit(reference, site, "residential")
    house.record(reference, "end-level", level="residential", reason="completed", next_level="standard_outpatient")
    house.hands.move(days=days)
    house.services.catch_up()


def board(house: House, query: str = "", **who: Any) -> str:
    answer = house.browser("clinician", **who).get(f"/handoffs{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_who_waits_stands_with_name_levels_and_clock(house: House) -> None:
    ended(house, "A-1")
    said = section(board(house), "pending")
    assert "A-1" in said and "Residential → Standard outpatient" in said
    assert "Day 8 over 7 days" in said and "nobody yet" in said
    house.hands.move(days=7)
    page = board(house)
    assert "Day 15 over 14 days" in section(page, "lapsed") and "None." in section(page, "pending")
    assert "1 waits" in page
    today = section(house.browser("clinician").get("/today").text, "waiting")
    assert "1 hand-off waits , 1 of them over 7 days, 1 over 14 days." in today


def test_who_lapsed_stands_last_and_folded(house: House) -> None:
    waited = (40, 20, 15, 13, 9, 6, 1)
    for days, before in zip(waited, (*waited[1:], 0), strict=True):
        ended(house, f"A-{days}", days=days - before)
    page = board(house)
    order = list(dict.fromkeys(re.findall(r"A-\d+", section(page, "pending"))))
    assert order == ["A-13", "A-9", "A-6", "A-1"]
    lapsed = section(page, "lapsed")
    assert lapsed.startswith("Waiting over 14 days 3")
    assert list(dict.fromkeys(re.findall(r"A-\d+", lapsed))) == ["A-15", "A-20", "A-40"]
    assert re.search(r'id="lapsed"><details class="fold"><summary>', page)
    assert re.search(r'id="lapsed"><details class="fold" open>', board(house, "?section=lapsed"))
    today = section(house.browser("clinician").get("/today").text, "waiting")
    assert list(dict.fromkeys(re.findall(r"A-\d+", today))) == order
    assert "All 7" in today and "5 of them over 7 days, 3 over 14 days." in today


def test_a_section_shows_its_first_rows_and_how_many_it_has(house: House) -> None:
    for number in range(7):
        ended(house, f"A-{number}", days=0)
    page = board(house)
    assert "All 7" in section(page, "pending") and len(set(re.findall(r"A-\d", section(page, "pending")))) == 5
    more = re.search(r'href="(/handoffs\?section=pending)"', page)
    assert more is not None
    assert len(set(re.findall(r"A-\d", section(board(house, "?section=pending"), "pending")))) == 7


def test_a_referral_says_to_whom_and_from_whom(house: House) -> None:
    house.admit("A-1", "north", "standard_outpatient")
    house.record("A-1", "refer-to-community", partner="Harbor House", service="housing")
    house.record("A-1", "receive-referral", referrer="County court", referral_kind="court")
    house.services.catch_up()
    page = board(house)
    assert "Referral to Harbor House, housing" in section(page, "made")
    assert "Referral from County court → Intensive outpatient (IOP)" in section(page, "pending")
    assert "Referral from County court" in section(house.browser("clinician").get("/today").text, "waiting")
    link = re.search(r'href="(/clients/A-1/handoffs/[0-9a-f]{32})"', page)
    assert link is not None
    assert "Referral from <bdi>County court</bdi>" in house.browser("clinician").get(link[1]).text


def test_it_is_assigned_to_me_or_to_a_person_and_undone(house: House) -> None:
    ended(house, "A-1")
    browser = house.browser("clinician", name="dr-a")
    answer = press(browser, browser.get("/handoffs").text, "take")
    assert answer.status_code == 303 and answer.headers["location"].endswith("#board")
    assert "dr-a" in section(board(house), "owned") and "None." in section(board(house), "pending")
    assert "A-1" in section(board(house, "?mine=1", name="dr-a"), "owned")
    assert "A-1" not in board(house, "?mine=1", name="dr-b")
    given = press(browser, browser.get("/handoffs").text, "give", owner="dr-b")
    assert "dr-b" in section(browser.get(given.headers["location"]).text, "owned")
    press(browser, browser.get(given.headers["location"]).text, "undo")
    assert "dr-a" in section(board(house), "owned")


def test_it_is_closed_with_what_care_went_on_with(house: House) -> None:
    ended(house, "A-1")
    house.record("A-1", "contact-alumni")
    browser = house.browser("clinician")
    link = re.search(r'href="(/clients/A-1/handoffs/[0-9a-f]{32})"', browser.get("/handoffs").text)
    assert link is not None
    page = browser.get(link[1]).text
    form = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
    refused = browser.post(link[1], data=form)
    assert refused.status_code == 422 and "Not recorded yet" in refused.text
    closed = browser.post(link[1], data={**form, "outcome": "lost"})
    assert closed.status_code == 303, closed.text
    said = section(browser.get(closed.headers["location"]).text, "ended")
    assert "A-1" in said and "lost" in said.lower() and "after 8 days" in said
    assert browser.get(link[1]).status_code == 404
    house.hands.move(days=31)
    assert "None." in section(board(house), "ended")


def test_kept_names_the_first_session(house: House) -> None:
    ended(house, "A-1")
    browser = house.browser("clinician")
    house.record("A-1", "complete-assessment", recommended_level="standard_outpatient")
    house.record("A-1", "start-level", level="standard_outpatient", site="north")
    house.services.catch_up()
    page = board(house)
    said = section(page, "kept")
    assert "the next level began" in said and "Name the first session" in said and "Close it" not in said
    link = re.search(r'href="(/clients/A-1/handoffs/[0-9a-f]{32})"', page)
    assert link is not None
    page = browser.get(link[1]).text
    assert "<h1>Name the first session</h1>" in page and '<option value="kept" selected>' in page
    form = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
    refused = browser.post(link[1], data={**form, "outcome": "kept"})
    assert refused.status_code == 422 and "Name the first session" in refused.text
    first = re.search(r'<select id="f-first".*?<option value="([0-9a-f-]{36})"[^>]*>([^<]*)<', page, re.DOTALL)
    assert first is not None and "Standard outpatient started" in first[2]
    assert browser.post(link[1], data={**form, "outcome": "kept", "first_session": first[1]}).status_code == 303
    assert "Kept" in section(board(house), "kept")


def test_only_charts_of_one_s_sites(house: House) -> None:
    ended(house, "A-1", "north", 0)
    ended(house, "A-2", "south")
    page = board(house, sites=frozenset({"north"}))
    assert "A-1" in page and "A-2" not in page and "1 waits" in page
    assert "A-2" not in board(house, "?site=south", sites=frozenset({"north"}))
    assert "A-1" not in section(board(house, "?site=south"), "pending")
    house.erase("A-1")
    assert "A-1" not in board(house)


def test_a_look_at_the_board_is_recorded(house: House) -> None:
    ended(house, "A-1")
    before = len(house.entries("A-1"))
    board(house)
    assert len(house.entries("A-1")) == before + 1


def test_who_writes_nothing_sees_it_without_forms(house: House) -> None:
    ended(house, "A-1")
    page = house.browser("auditor").get("/handoffs").text
    assert "A-1" in page and "Assign to me" not in page
    assert house.browser("intake").get("/handoffs").status_code == 403


def test_pages_of_a_section_go_on(house: House) -> None:
    for number in range(5):
        ended(house, f"A-{number}", days=1)
    seen: list[str] = []
    with house.services.reads.reading() as connection:
        asked, after = Board(house.services.today().toordinal()), None
        for _ in range(3):
            rows, after = rows_of(connection, asked, "pending", 2, after)
            seen += [row["client_id"] for row in rows]
    assert after is None
    assert len(seen) == len(set(seen)) == 5


def test_who_can_still_come_back_stands_first(house: House) -> None:
    """The nearest to the end of the clock; of those whose time is over the latest; so page after page."""
    for reference, days in (("LONG", 20), ("LATE", 11), ("SOON", 7), ("NEW", 3)):
        ended(house, reference, days=days)
    house.services.catch_up()
    names = {house.services.log.client_id(reference): reference for reference in ("LONG", "LATE", "SOON", "NEW")}
    today = Board(house.services.today().toordinal())
    for name, order in (("pending", ["SOON", "NEW"]), ("lapsed", ["LATE", "LONG"])):
        said = section(board(house), name)
        assert sorted(order, key=said.index) == order
        for size in (1, 2, 3):
            seen, after = list[str](), None
            with house.services.reads.reading() as connection:
                for _ in range(2 // size + (2 % size > 0)):
                    rows, after = rows_of(connection, today, name, size, after)
                    seen += [names[row["client_id"]] for row in rows]
            assert (seen, after) == (order, None)


@pytest.mark.parametrize("asked", [Board(738_000), Board(738_000, site="north"), Board(738_000, owner="c-1")])
def test_the_board_is_read_from_an_index(house: House, asked: Board) -> None:
    steps: list[str] = []
    with house.services.reads.reading() as connection:
        for name in SECTIONS:
            seen: list[Any] = []
            connection.connection.driver_connection.set_trace_callback(seen.append)  # type: ignore[union-attr]
            rows_of(connection, asked, name, 10)
            connection.connection.driver_connection.set_trace_callback(None)  # type: ignore[union-attr]
            for query in seen:
                steps += [str(row[3]) for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    assert not [step for step in steps if step.startswith("SCAN")], steps
    assert not [step for step in steps if step == "USE TEMP B-TREE FOR ORDER BY"], steps


def test_postgresql_shows_and_pages_the_board_alike(postgres_url: str) -> None:
    house = make_house(postgres_url, master_key=SecretStr("ab" * 32))
    try:
        test_pages_of_a_section_go_on(house)
        counted = re.search(r"<b>5 wait</b>, 0 of them", board(house, sites=frozenset({"north"})))
        assert counted is not None
        assert "None." in section(board(house, "?mine=1"), "pending")
    finally:
        for client in house.open:
            client.close()
        house.services.close()
