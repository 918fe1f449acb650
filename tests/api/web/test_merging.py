"""Two charts of one person on the screen: both side by side, then one; and a merged chart says where it went."""

from __future__ import annotations

import re
from html import unescape

from starlette.testclient import TestClient

from tests.api.access.conftest import House


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def pairs_in(page: str) -> dict[str, list[str]]:
    """The questions of a form, with what can be answered."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="radio" name="([^"]+)" value="([^"]+)"', page):
        found.setdefault(name, []).append(value)
    return found


def two_charts(house: House) -> TestClient:
    house.admit("A-1", "north")
    house.admit("B-2", "south")
    return house.browser("clinician")


def merge(browser: TestClient, choose: int = 0) -> str:
    """Merge B-2 into A-1 where the stay of one of them counts; where the browser is led."""
    page = browser.get("/clients/A-1/merge", params={"other": "B-2"}).text
    chosen = {name: values[choose] for name, values in pairs_in(page).items()}
    answer = browser.post("/clients/A-1/merge", data=hidden(page.split("<main")[1]) | chosen)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def residential(house: House) -> int:
    """Who is counted in residential care."""
    house.services.catch_up()
    rows = house.api("clinician").get("/api/v1/reports/census?by=level").json()["rows"]
    return next(row["census"] for row in reversed(rows) if row["level"] == "residential")


def test_both_are_shown_and_the_overlap_is_asked_before_anything_is_recorded(house: House) -> None:
    browser = two_charts(house)
    found = browser.post(
        "/clients/A-1/merge", data=hidden(browser.get("/clients/A-1/merge").text.split("<main")[1]) | {"other": "B-2"}
    )
    assert found.headers["location"] == "/clients/A-1/merge?other=B-2"
    page = browser.get(found.headers["location"]).text
    said = words(page)
    assert "Are A-1 and B-2 the same person?" in said
    assert "Simulated Person" in said and "north" in said and "south" in said
    assert "Overlap 1: which counts?" in said
    refused = browser.post("/clients/A-1/merge", data=hidden(page.split("<main")[1]))
    assert refused.status_code == 422
    assert "Say which of the two counts." in words(refused.text)
    assert house.api("clinician").get("/api/v1/clients/B-2").json()["merged_into"] is None


def test_one_stay_counts_the_other_stays_on_the_timeline_and_an_undone_merge_brings_it_back(house: House) -> None:
    browser = two_charts(house)
    assert residential(house) == 2
    merged = browser.get(merge(browser, choose=1)).text
    assert residential(house) == 1
    assert "Chart B-2 was merged into this one." in words(merged)
    assert "No measure counts this stay: it overlaps another, and clinician-[] decided so" in words(merged)
    [undo] = re.findall(r'href="([^"]+)">Undo the merge', merged)
    form = hidden(browser.get(undo).text.split("<main")[1])
    assert browser.post(undo, data=form | {"do": "retract", "reason": "two people"}).status_code == 303
    assert residential(house) == 2
    assert browser.get("/clients/B-2").status_code == 200


def test_a_decision_taken_back_is_asked_again_on_the_chart(house: House) -> None:
    browser = two_charts(house)
    page = browser.get(merge(browser)).text
    [back] = set(re.findall(r'href="([^"]+)">Take the decision back', page))
    form = hidden(browser.get(back).text.split("<main")[1])
    assert browser.post(back, data=form | {"do": "retract", "reason": "the other"}).status_code == 303
    assert "Stays of this client overlap" in words(browser.get("/clients/A-1").text)
    asked = browser.get("/clients/A-1/overlaps").text
    form = hidden(asked.split("<main")[1])
    assert browser.post("/clients/A-1/overlaps", data=form).status_code == 422
    [(name, values)] = pairs_in(asked).items()
    assert browser.post("/clients/A-1/overlaps", data=form | {name: values[0]}).status_code == 303
    assert "Stays of this client overlap" not in words(browser.get("/clients/A-1").text)


def test_the_same_form_twice_merges_once(house: House) -> None:
    browser = two_charts(house)
    page = browser.get("/clients/A-1/merge", params={"other": "B-2"}).text
    form = hidden(page.split("<main")[1]) | {name: values[0] for name, values in pairs_in(page).items()}
    first, second = (browser.post("/clients/A-1/merge", data=form) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]


def test_the_merged_chart_says_so_links_and_offers_no_form(house: House) -> None:
    browser = two_charts(house)
    merge(browser)
    answer = browser.get("/clients/B-2")
    main = answer.text.split("<main")[1].split("</main>")[0]
    assert answer.status_code == 200
    assert "It is the same person as chart A-1" in words(main)
    assert 'href="/clients/A-1"' in main
    assert "<form" not in main
    for path in ("record/add-note", "merge", "overlaps"):
        other = browser.get(f"/clients/B-2/{path}")
        assert other.status_code == 409
        assert "<form" not in other.text.split("<main")[1].split("</main>")[0]
    assert browser.get("/clients/A-1/merge", params={"other": "B-2"}).status_code == 409


def test_the_api_says_where_a_merged_chart_went(house: House) -> None:
    merge(two_charts(house))
    api = house.api("clinician")
    assert api.get("/api/v1/clients/B-2").json()["merged_into"] == "A-1"
    assert api.get("/api/v1/clients/B-2/timeline").json()["merged_into"] == "A-1"
    whole = api.get("/api/v1/clients/A-1/timeline").json()
    assert whole["merged_into"] is None
    assert [item["type"] for item in whole["items"] if item["not_counted"]] == ["LevelOfCareStarted"]


def test_a_number_that_is_no_other_chart_and_a_name_that_is(house: House) -> None:
    browser = two_charts(house)
    start = hidden(browser.get("/clients/A-1/merge").text.split("<main")[1])
    for other, said in (("A-1", "That is this chart"), ("Z-9", "No chart that you may open has this number or name")):
        answer = browser.post("/clients/A-1/merge", data=start | {"other": other})
        assert answer.status_code == 404
        assert said in answer.text
    house.services.catch_up()
    named = browser.post("/clients/A-1/merge", data=start | {"other": "simulated pers"})
    assert 'href="?other=B-2"' in named.text


def test_only_clinicians_merge_and_only_what_they_may_see(house: House) -> None:
    two_charts(house)
    assert house.browser("intake").get("/clients/A-1/merge").status_code == 403
    northern = house.browser("clinician", frozenset({"north"}))
    assert northern.get("/clients/A-1/merge", params={"other": "B-2"}).status_code == 404


def test_people_born_on_other_days_are_not_merged_lightly(house: House) -> None:
    browser = two_charts(house)
    assert "dates of birth differ" not in words(browser.get("/clients/A-1/merge", params={"other": "B-2"}).text)
    house.record("B-2", "update-details", birth_date="1955-01-01")
    assert "dates of birth differ" in words(browser.get("/clients/A-1/merge", params={"other": "B-2"}).text)
