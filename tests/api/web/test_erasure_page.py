"""Erasure on a page: one administrator asks, another confirms by typing the number, and no chart is shown."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.access.conftest import House

PAGE = "/administration/erasure"
ASK = {"do": "request", "chart": "A-1", "ground": "court_order", "basis": "file 12"}


def send(browser: TestClient, **typed: str) -> Any:
    csrf = re.findall(r'name="csrf" value="(\w+)"', browser.get(PAGE).text)[0]
    return browser.post(PAGE, data={**typed, "csrf": csrf})


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>|[⁨⁩]", " ", page.partition("<main")[2])).split())


@pytest.fixture
def asked(house: House) -> House:
    """A chart that the first administrator asked to erase."""
    house.admit("A-1", "north")
    answer = send(house.browser("admin", name="a.meyer"), **ASK)
    assert answer.status_code == 303, words(answer.text)
    return house


def test_it_says_what_is_destroyed_and_that_nothing_waits(house: House) -> None:
    page = words(house.browser("admin").get(PAGE).text)
    for text in (
        "What is destroyed",
        "nobody can ever read its names",
        "index of names",
        "No request waits.",
        "within 72 hours",
    ):
        assert text in page


def test_two_people_erase(asked: House) -> None:
    own, other = asked.browser("admin", name="a.meyer"), asked.browser("admin", name="b.okafor")
    assert "You asked for it yourself" in words(own.get(PAGE).text)
    assert "Erase for good" not in own.get(PAGE).text
    refused = send(own, do="confirm", client="A-1", typed="A-1")
    assert refused.status_code == 422
    assert "you asked for it yourself" in words(refused.text)
    page = words(other.get(PAGE).text)
    for text in ("Chart A-1", "waits for a confirmation", "Court order", "a.meyer", "2 Mar 2026", "5 Mar 2026"):
        assert text in page
    assert "file 12" not in page
    wrong = send(other, do="confirm", client="A-1", typed="A-2")
    assert wrong.status_code == 422
    [field] = re.findall(r'<input[^>]*aria-invalid="true"[^>]*>', wrong.text)
    assert 'id="f-typed"' in field
    assert 'value="A-2"' in field
    assert "<title>Not saved: Erasure" in wrong.text
    answer = send(other, do="confirm", client="A-1", typed=" a-1 ")
    assert answer.status_code == 303
    after = words(other.get(answer.headers["location"]).text)
    assert "Erased." in after
    for text in ("No request waits.", "a.meyer", "b.okafor"):
        assert text in after
    assert "A-1" not in after
    assert asked.browser("auditor").get("/clients/A-1").status_code in {200, 410}
    assert asked.browser("clinician").get("/clients/A-1").status_code == 410
    assert send(other, do="confirm", client="A-1", typed="A-1").status_code == 422


def test_a_request_is_withdrawn_with_a_reason(asked: House) -> None:
    admin = asked.browser("admin", name="b.okafor")
    refused = send(admin, do="withdraw", client="A-1", reason=" ")
    assert (refused.status_code, "Say why it is withdrawn." in words(refused.text)) == (422, True)
    answer = send(admin, do="withdraw", client="A-1", reason="not meant")
    assert "Withdrawn: the chart stays." in words(admin.get(answer.headers["location"]).text)
    assert "No request waits." in words(admin.get(PAGE).text)
    again = send(admin, do="withdraw", client="A-1", reason="not meant")
    assert (again.status_code, "no request waits" in words(again.text)) == (422, True)


def test_a_request_runs_out(asked: House) -> None:
    asked.hands.move(hours=73)
    admin = asked.browser("admin", name="b.okafor")
    page = words(admin.get(PAGE).text)
    assert "ran out" in page
    assert "ask anew" in page
    assert "Erase for good" not in page
    assert send(admin, do="confirm", client="A-1", typed="A-1").status_code == 422
    assert send(admin, **ASK).status_code == 303


@pytest.mark.parametrize(
    ("typed", "name", "text"),
    [
        ({"chart": ""}, "chart", "Fill this in."),
        ({"chart": "NOBODY"}, "chart", "NOBODY"),
        ({"chart": "provider:site:North"}, "chart", "provider:site:North"),
        ({"ground": ""}, "ground", "Input should be"),
        ({}, "chart", "asked for by a.meyer"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(asked: House, typed: dict[str, str], name: str, text: str) -> None:
    answer = send(asked.browser("admin", name="b.okafor"), **{**ASK, **typed})
    assert answer.status_code == 422
    page = unescape(answer.text)
    [field] = re.findall(r'<(?:input|select|textarea)[^>]*aria-invalid="true"[^>]*>', page)
    assert f'id="f-{name}"' in field
    assert text in re.findall(rf'id="e-{name}">([^<]*)<', page)[0] or text in field
    assert ">file 12</textarea>" in page


@pytest.mark.parametrize("role", ["clinician", "intake", "auditor", "analyst", "reporting"])
def test_others_see_nothing_of_it(house: House, role: str) -> None:
    assert house.browser(role).get(PAGE).status_code == 403
