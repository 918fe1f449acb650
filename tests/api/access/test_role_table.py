"""Each role on each route: exactly what the one table says, and no route that is not in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.http import routes_live
from api.http.access import AREAS, PUBLIC, ROLES, ROUTES, may
from tests.api.access.conftest import House, make_house

# The catch-alls of API and FHIR answer every method with 404 or 405; a command is one of a stage of others.
UNLISTED = {"/api/{rest:path}", "/fhir/{rest:path}", "/api/v1/clients/{reference}/commands/{name}"}
PROTECTED = sorted(route for route, area in ROUTES.items() if area != PUBLIC)


def routes_of(app: Any) -> Iterator[str]:
    """Method and template of every route of an app."""

    for route in app.routes:
        if route.path not in UNLISTED:
            yield from (f"{method} {route.path}" for method in route.methods if method not in {"HEAD", "OPTIONS"})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("roles")
    house = make_house(f"sqlite:///{folder}/log.db")
    house.admit("A-1", "north")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes_live, "LONGEST_SECONDS", 0.0)
        yield house
    for client in house.open:
        client.close()
    house.services.close()


def test_every_route_is_in_the_table_and_every_line_is_a_route(world: House) -> None:
    assert sorted(set(routes_of(world.app))) == sorted(ROUTES)


def test_every_area_of_the_table_is_known() -> None:
    assert set(ROUTES.values()) - {PUBLIC} <= set(AREAS)


def ask(client: TestClient, route: str) -> int:
    """The status of a request that is empty but for the place of a real chart."""
    method, _, path = route.partition(" ")
    values = {
        "reference": "A-1",
        "report": "status",
        "name": "status",
        "rest:path": "nowhere",
        "key": "x",
        "kind": "Patient",
        "command": "give-consent",
        "event_id": "00000000-0000-4000-8000-000000000000",
        "version": "1",
        "check": "logs",
        "work": "retry",
        "position": "1",
        "number": "1",
        "table": "completion-quarter",
        "making": "nothing",
        "handoff": "0" * 32,
        "view": "0" * 32,
        "upload": "0" * 32,
        "step": "preview",
    }
    if path.startswith("/administration/"):
        values["kind"] = "site"
    address = re.sub(r"{([^}]+)}", lambda match: values[match[1]], path)
    if method == "GET":
        # FHIR wants to know who receives the records; to staff they go without a consent
        params = {"_recipient": "within-programme"} if path.startswith("/fhir") else {}
        return client.get(address, params=params).status_code
    if path.startswith("/api/"):
        return client.request(method, address, json={}).status_code
    form = re.search(r'name="csrf" value="(\w+)"', client.get("/definitions").text)
    fields = {"csrf": form[1] if form else "", "chart": "A-1", "reason": "Client collapsed in our waiting room"}
    return client.post(address, data=fields).status_code


@pytest.mark.parametrize("route", PROTECTED)
def test_each_role_gets_what_the_table_says(world: House, route: str) -> None:
    is_api = " /api/" in route or " /fhir" in route
    for role in ROLES:
        client = world.api(role) if is_api else world.browser(role)
        code = ask(client, route)
        assert (code not in {401, 403, 429}) == may(role, ROUTES[route]), (role, code)
        assert code < 500


@pytest.mark.parametrize("route", PROTECTED)
def test_nobody_gets_nothing(world: House, route: str) -> None:
    method, _, path = route.partition(" ")
    expected = {401} if path.startswith(("/api/", "/fhir")) else {303 if method == "GET" else 403}
    assert {ask(world.nobody(), route)} == expected


@pytest.mark.parametrize("role", ROLES)
def test_a_session_of_the_web_may_do_in_the_api_what_its_role_may(world: House, role: str) -> None:
    browser = world.browser(role)
    for route in (route for route in PROTECTED if route.startswith("GET /api/")):
        assert (ask(browser, route) != 403) == may(role, ROUTES[route])
