"""No English where Spanish is spoken, no code where people read words; columns that texts of ours name are said in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import pytest
from babel.messages.pofile import read_po

from api.i18n.language import MESSAGES, speaking
from api.web.dashboards.report_sections import SECTIONS
from api.web.frame.plain_words import plainly
from domain import appointments, arrivals
from projections.clinical import handoffs
from projections.prevalence import tables as prevalence
from projections.quality import tables as quality
from projections.timeline.words import words as in_words
from tests.api.access.conftest import House
from tests.api.web.walking import texts_of, walk
from tests.browser.places import numbers_in
from tests.depth import by_night

CODE = re.compile(r"(?<![\w/.-])[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+(?![\w/-])")


@dataclass(frozen=True)
class Read:
    """A page that was read in one language."""

    address: str
    status: int
    page: str


ISO_DAY = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d")
EXAMPLE = re.compile(r"(?:como|as|like) 2026-01-31")  # an error says how to write one
Reading = Callable[[str], list[Read]]


@pytest.fixture(scope="module")
def read(full_house: House, fullest: str) -> Reading:
    """Every page that can be opened, in a language; read once for all tests of this file."""
    addresses = walk(full_house, fullest)

    @cache
    def reading(language: str) -> list[Read]:
        browsers = {
            role: full_house.nobody() if role == "nobody" else full_house.browser(role) for role, _ in addresses
        }
        for browser in browsers.values():
            browser.cookies.set("carejourney_language", language)
        answers = [(address, browsers[role].get(address)) for role, address in addresses]
        assert len(answers) > 100
        return [Read(address, answer.status_code, answer.text) for address, answer in answers]

    return reading


def untranslated() -> set[str]:
    """English texts that read otherwise in Spanish: words of more than one language apart."""
    with (MESSAGES / "es.po").open("rb") as file:
        held = read_po(file, locale="es")
    own = {str(message.string) for message in held}
    return {str(message.id) for message in held if message.id and not message.pluralizable} - own


def said_in(house: House, reference: str) -> set[str]:
    """Every text in the entries of a chart: its record shows them as they were written."""
    entries: Any = house.api("auditor").get(f"/api/v1/clients/{reference}/history?limit=500").json()["entries"]

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, dict | list):
            for part in value.values() if isinstance(value, dict) else value:
                yield from texts(part)
        elif isinstance(value, str):
            yield value

    return {text for entry in entries for text in texts(entry["data"])}


def test_every_page_speaks_spanish_and_nothing_is_left_in_english(
    full_house: House, fullest: str, read: Reading
) -> None:
    english, missed = untranslated(), []
    recorded = re.compile(
        r"[Ss]imulated|_|^[a-z]+$|^[A-Z][a-z]+[A-Z]|^(Alumni|Medical detox|Intensive outpatient|Partial hospitalization)$"
    )
    for one in read("es"):
        assert one.status < 500, one.address
        assert '<html lang="es">' in one.page, one.address
        as_recorded = said_in(full_house, fullest) if "/history" in one.address else set[str]()
        left = [text for text in texts_of(one.page) if text in english - as_recorded and not recorded.search(text)]
        missed += [(one.address, text) for text in left]
    assert sorted({text for _, text in missed}) == [], sorted({(text, page.partition("?")[0]) for page, text in missed})


@pytest.mark.parametrize("language", [by_night("en"), "es"])
def test_no_page_shows_a_code(read: Reading, language: str) -> None:
    found = {(code, text[:90]) for one in read(language) for text in texts_of(one.page) for code in CODE.findall(text)}
    assert "\n".join(sorted(f"{code}: {text}" for code, text in found)) == ""


@pytest.mark.parametrize("language", [by_night("en"), "es"])
def test_no_page_shows_a_day_as_programs_write_it(read: Reading, language: str) -> None:
    texts = {(page.address.partition("?")[0], text) for page in read(language) for text in texts_of(page.page)}
    shown = [(address, text[:120]) for address, text in texts if ISO_DAY.search(EXAMPLE.sub("", text))]
    assert "\n".join(sorted(f"{address}: {text}" for address, text in shown)) == ""


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_no_drill_down_shows_a_code(full_house: House, name: str) -> None:
    browser = full_house.browser("auditor")
    browser.cookies.set("carejourney_language", "es")
    found = [(address, text) for address, text in numbers_in(browser.get(f"/dashboards/{name}").text) if text != "0"]
    of_each_kind = {re.sub(r"(at|whole)=[^&]*", "", address): address for address, _ in found}
    pages = {address: browser.get(address).text for address in of_each_kind.values()}
    assert {(code, at) for at, page in pages.items() for text in texts_of(page) for code in CODE.findall(text)} == set()


def test_the_words_of_states_have_their_spanish() -> None:
    with (MESSAGES / "es.po").open("rb") as file:
        held = {str(message.id) for message in read_po(file, locale="es") if message.string}
    kept = (appointments.State, arrivals.State, handoffs.State, handoffs.Kind, quality.State, prevalence.State)
    states = [state for one in kept for state in get_args(one)]
    assert [state for state in states if in_words(state) not in held] == []


def test_a_column_in_a_definition_is_said_in_words() -> None:
    text = "Lower bound of retained_30; those of left_against_advice are counted apart (not_yet). See docs/a_b.md."
    said = "Lower bound of the share at 30 days; those of left against advice are counted apart (not yet). See docs/a_b.md."
    assert plainly(text) == said
    with speaking("es"):
        assert plainly("(not_yet)") == "(aún no)"
