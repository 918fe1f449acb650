"""Pages speak the reader's language: chosen by a link, else by the browser."""

from __future__ import annotations

import re
from html import unescape

import pytest
from jinja2.filters import FILTERS

from api.http.access import ROLES, may
from api.i18n.language import _, languages, ngettext, speaking, translated
from api.web.dashboards.report_sections import SECTIONS
from api.web.frame.pages import Pages
from api.web.frame.places import places_of
from domain.phrases import Phrase, joined
from tests.api.access.conftest import House
from tests.api.web.test_places import PAGES
from tests.api.web.walking import texts_of

LANGUAGE = "carejourney_language"


def test_a_figure_speaks_spanish(full_house: House) -> None:
    browser = full_house.browser("clinician")
    browser.cookies.set(LANGUAGE, "es")
    page = browser.get("/dashboards/retention").text
    for text in ("Días desde la admisión", "Proporción que sigue en el nivel", "Ambulatorio intensivo (IOP)"):
        assert text in page
    assert "Days since admission" not in page


def test_refusals_and_problems_speak_spanish(house: House) -> None:
    house.admit("A-1", "north")
    browser = house.browser("clinician")
    browser.cookies.set(LANGUAGE, "es")
    page = browser.get("/clients/A-1/record/start-level").text
    token = re.search(r'name="csrf" value="(\w+)"', page)
    assert token
    form = {"csrf": token[1], "occurred_at": "2026-03-02T12:00", "level": "intensive_outpatient", "key": "k"}
    refused = browser.post("/clients/A-1/record/start-level", data=form)
    assert refused.status_code == 422
    for text in ("Residencial está abierto desde hace 2 días", "la última evaluación recomienda Residencial"):
        assert text in refused.text
    faulty = browser.post("/clients/A-1/record/start-level", data={**form, "level": ""})
    assert "Nivel: obligatorio" in faulty.text


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en-US,en;q=0.9,es;q=0.1", "en"),
        ("fr, de;q=0.5", "en"),
        ("fr, es;q=0.2", "es"),
        ("es;q=0, en", "en"),
        ("es;q=nonsense, en;q=0.1", "en"),
        ("", "en"),
    ],
)
def test_the_browser_says_which_language(house: House, asked: str, spoken: str) -> None:
    page = house.nobody().get("/", headers={"Accept-Language": asked})
    assert f'<html lang="{spoken}">' in page.text
    assert "Accept-Language" in page.headers["vary"]


def test_a_link_chooses_and_is_remembered(house: House) -> None:
    browser = house.nobody()
    first = browser.get("/?next=/today", headers={"Accept-Language": "en"})
    link = re.search(r'href="([^"]*language=es)"', first.text)
    assert link
    chosen = browser.get(link[1].replace("&amp;", "&"))
    assert '<html lang="es">' in chosen.text
    assert 'name="next" value="/today"' in chosen.text
    cookie = chosen.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("carejourney_language=es", "httponly", "samesite=lax", "path=/"))
    assert '<html lang="es">' in browser.get("/", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("role", ROLES)
def test_each_page_of_a_role_is_read_in_another_language_and_clock_by_its_links(full_house: House, role: str) -> None:
    browser = full_house.browser(role)
    pages = {link.to for to in PAGES for place in places_of(role, to) for link in (place.link, *place.pages)}
    numbers = {f"/dashboards/{name}?from=2026-01-01" for name in SECTIONS} if may(role, "reports") else set[str]()
    for path in sorted(pages | numbers):
        page = browser.get(path)
        links = re.findall(r'href="([^"]*[?;](?:language=es|utc=1))"', page.text)
        assert [link.rpartition("=")[0][-3:] for link in links] == ["age", "utc"], path
        assert [browser.get(unescape(link)).status_code for link in links] == [page.status_code] * 2, links
        browser.get("/definitions?language=en&utc=0")


def test_an_unknown_language_changes_nothing(house: House) -> None:
    browser = house.nobody()
    answer = browser.get("/?language=<script>", headers={"Cookie": f"{LANGUAGE}=../../etc"})
    assert '<html lang="en">' in answer.text
    assert "set-cookie" not in answer.headers
    assert "<script>&" not in answer.text


def test_no_word_of_a_template_keeps_the_language_of_its_first_reader(full_house: House) -> None:
    environment = Pages(full_house.services).environment
    source = '{{ "site"|words }} {{ "residential"|level }} {{ ["site"]|map("words")|first }} {{ "Clients"|translated }}'
    with speaking("es"):
        template = environment.from_string(source)
        assert template.render() == "Sede Residencial Sede Clientes"
    assert template.render() == "Site Residential Site Clients"
    ours = environment.filters.items() - FILTERS.items()
    assert [name for name, one in ours if not hasattr(one, "jinja_pass_arg")] == []


def test_the_api_speaks_english(house: House) -> None:
    answer = house.api("clinician").get("/api/v1/definitions", headers={"Accept-Language": "es"})
    assert "Current status" in answer.text


def test_what_somebody_recorded_is_never_translated(house: House) -> None:
    house.admit("A-1", "Today")
    house.record("A-1", "add-note", text="Clients")
    browser = house.browser("clinician")
    browser.cookies.set(LANGUAGE, "es")
    seen = texts_of(browser.get("/clients/A-1").text)
    assert "Clients" in " ".join(seen)
    assert any("Today" in text for text in seen)


def test_plurals_follow_the_language() -> None:
    one, many = "%(total)s client", "%(total)s clients"
    with speaking("es"):
        assert [ngettext(one, many, count) % {"total": count} for count in (0, 1, 2)] == [
            "0 clientes", "1 cliente", "2 clientes",
        ]  # fmt: skip
    assert ngettext(one, many, 1) % {"total": 1} == "1 client"


def test_a_phrase_says_phrases_in_it_and_leaves_the_rest() -> None:
    phrase = joined(" · ", [Phrase("{kind} session attended", kind=Phrase("Group")), "Group"])
    assert phrase == "Group session attended · Group"
    with speaking("es"):
        assert translated(phrase) == "Sesión asistida: Grupo · Group"
        assert translated(Phrase("{not a field")) == "{not a field"


def test_words_with_two_meanings_have_the_right_one_in_spanish(house: House) -> None:
    house.admit("A-1", "north")
    house.record("A-1", "refer-to-community", partner="Job Centre", service="employment")
    house.record("A-1", "assign-flag", flag="no_contact", since="2026-03-01", to="dr-b")
    browser = house.browser("clinician")
    browser.cookies.set(LANGUAGE, "es")
    seen = texts_of(browser.get("/clients/A-1").text)
    assert {"Entidad colaboradora", "Asignado a", "Empleo"} <= set(seen)
    assert "Asignado a" in " ".join(texts_of(browser.get("/clients/A-1/record/assign-flag").text))
    assert not {"Pareja", "employment"} & set(seen)


def test_an_unknown_language_is_english() -> None:
    assert set(languages()) == {"en", "es"}
    with speaking("xx"):
        assert _("Sign out") == "Sign out"
