"""A client's page: what each level asks for and why it is closed, with the entries that say so."""

from __future__ import annotations

import re
from html import unescape

from api.http.examples import EXAMPLES
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
