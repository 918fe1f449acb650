"""Possible duplicates on the screen: before somebody is registered, and as a list."""

from __future__ import annotations

import re

from tests.api.access.conftest import House
from tests.api.web.test_merging import hidden, words

NEW = {
    "chart_number": "A-9",
    "name": "Simulated Persson",
    "birth_date": "1990-04-01",
    "occurred_at": "2026-03-02T08:00",
}


def test_the_form_of_a_new_client_shows_who_looks_alike_and_a_way_on(house: House) -> None:
    house.admit("A-1", "north")
    browser = house.browser("intake")
    form = hidden(browser.get("/clients/new").text.split("<main")[1]) | NEW
    asked = browser.post("/clients/new", data=form)
    assert asked.status_code == 409
    main = asked.text.split("<main")[1]
    assert 'href="/clients/A-1"' in main and "This person may have a chart already" in words(main)
    assert 'value="Simulated Persson"' in main
    done = browser.post("/clients/new", data=form | hidden(main) | {"confirm_new_person": "yes"})
    assert done.status_code == 303, done.text


def test_charts_of_other_sites_are_only_counted(house: House) -> None:
    house.admit("A-1", "north")
    browser = house.browser("intake", frozenset({"south"}))
    form = hidden(browser.get("/clients/new").text.split("<main")[1]) | NEW
    asked = browser.post("/clients/new", data=form)
    assert asked.status_code == 409
    assert "A-1" not in asked.text
    assert "1 more chart looks alike at a site where you do not work." in words(asked.text)


def test_the_list_leads_to_the_merge_and_tells_two_people_apart(house: House) -> None:
    house.admit("A-1", "north")
    house.admit("B-2", "south")
    browser = house.browser("clinician")
    assert "/duplicates" in browser.get("/today").text
    page = browser.get("/duplicates").text
    assert "sounds alike, born on the same day" in words(page)
    assert 'href="/clients/A-1/merge?other=B-2"' in page
    assert house.browser("intake").get("/duplicates").status_code == 403
    form = hidden(re.findall(r'<form method="post" action="/duplicates">.*?</form>', page, re.S)[0])
    assert browser.post("/duplicates", data=form).status_code == 303
    house.services.catch_up()
    assert "No charts look alike." in words(browser.get("/duplicates").text)
    shown = words(browser.get("/clients/A-1").text)
    assert "Not same person" in shown


def test_pairs_of_other_sites_are_counted(house: House) -> None:
    house.admit("A-1", "north")
    house.admit("B-2", "south")
    page = house.browser("clinician", frozenset({"north"})).get("/duplicates").text
    assert "B-2" not in page
    assert "1 more pair has a chart at a site where you do not work." in words(page)
