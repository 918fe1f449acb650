"""Search by name over HTTP: for care roles, within their sites, recorded, and without a name in an address."""

from __future__ import annotations

import pytest
from http_support import Api

from api.http.routes_search import matching_clients
from infra.identity.people import Principal


def names(api: Api, text: str, role: str = "clinician") -> list[tuple[str, str]]:
    answer = api.as_(role).post("/api/v1/clients/search", json={"text": text})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return [(row["client"], row["name"]) for row in answer.json()["clients"]]


@pytest.fixture
def people(api: Api) -> Api:
    for reference, name in (("A-1", "José Núñez"), ("A-2", "Nuno Marsh"), ("A-3", "Joan Smith")):
        api.done(reference, "register-client", {"name": name, "birth_date": "1990-01-31"})
    return api


def test_a_name_is_found_by_its_beginning_and_by_its_sound(people: Api) -> None:
    assert names(people, "NUN") == [("A-1", "José Núñez"), ("A-2", "Nuno Marsh")]
    assert names(people, "smyth") == [("A-3", "Joan Smith")]
    assert names(people, "nobody") == []
    listed = people.get("/api/v1/clients", params={"q": "jos nun"}).json()["clients"]
    assert [row["client"] for row in listed] == ["A-1"]
    assert "name" in listed[0]


def test_a_chart_number_is_found_too(people: Api) -> None:
    assert [client for client, _ in names(people, " A-2 ")] == ["A-2"]


@pytest.mark.parametrize("role", ["analyst", "reporting", "admin"])
def test_no_names_for_those_who_see_no_charts(people: Api, role: str) -> None:
    assert people.as_(role).post("/api/v1/clients/search", json={"text": "nun"}).status_code == 403
    assert people.get("/api/v1/clients", role, params={"q": "nun"}).status_code == 403


def test_each_chart_that_is_shown_is_in_the_access_log(people: Api) -> None:
    before = people.services.people.log.recorder.head()
    names(people, "nun")
    assert people.services.people.log.recorder.head() > before


def test_a_search_keeps_to_the_sites_of_who_asks(people: Api) -> None:
    people.admit("A-9", "residential")
    who = Principal("x", "clinician", frozenset({"elsewhere"}))
    row = people.get("/api/v1/clients/A-9").json()["status"]
    assert row["site"]
    registered = people.get("/api/v1/clients/A-9/timeline").json()["items"][0]["data"]["name"]
    assert matching_clients(people.services, who, registered, 10).clients == []
    there = Principal("x", "clinician", frozenset({row["site"]}))
    assert [one.client for one in matching_clients(people.services, there, registered, 10).clients] == ["A-9"]


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "x" * 300}, {"text": "x", "limit": 0}, {"text": "x", "no": 1}]
)
def test_a_body_that_does_not_fit_is_named(people: Api, body: dict[str, object]) -> None:
    assert people.as_("clinician").post("/api/v1/clients/search", json=body).status_code == 422
