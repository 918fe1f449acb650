"""Glass, visits, sessions, limits and reviews are of a person, whatever the name."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.http.examples import EXAMPLES
from api.sessions import COOKIE
from domain.people import DEMO
from infra.access_log.break_glass_review import OwnUseError, mark
from infra.access_log.visits import last_visit
from infra.identity.people import ClaimsError, Principal, operator, principal_of
from infra.identity.sessions import SignedIn
from tests.api.access.conftest import House

NORTH = frozenset({"north"})
REASON = "Client collapsed in our waiting room"
OWN = {"Sec-Fetch-Site": "same-origin"}
IDP = "https://idp.example"


def person(name: str, subject: str, role: str = "clinician") -> Principal:
    return Principal(name, role, NORTH, via="web", issuer=IDP, subject=subject)  # type: ignore[arg-type]


def browser(house: House, who: Principal) -> TestClient:
    client = house.nobody()
    client.cookies.set(COOKIE, house.services.people.sessions.begin(SignedIn(who)))
    return client


def test_a_namesake_has_no_use_of_broken_glass(house: House) -> None:
    house.admit("SOUTH-1", "south")
    one = browser(house, person("a.meyer", "1"))
    path = "/api/v1/clients/SOUTH-1"
    assert one.post(f"{path}/break-glass", json={"reason": REASON}, headers=OWN).status_code == 201
    assert one.get(path).status_code == 200
    assert browser(house, person("a.meyer", "2")).get(path).status_code != 200
    assert browser(house, person("a.meyer-2", "1")).get(path).status_code == 200


def test_nobody_reviews_their_own_use(house: House) -> None:
    house.admit("SOUTH-1", "south")
    client = house.services.log.client_id("SOUTH-1")
    house.services.people.glass.break_for(person("a.meyer", "1"), client, REASON)
    [use] = house.entries("SOUTH-1", "GlassBroken")
    with pytest.raises(OwnUseError):
        mark(house.services, person("a.meyer-auditor", "1", "auditor"), use.position)
    answer = browser(house, person("a.meyer-auditor", "1", "auditor")).post(
        f"/api/v1/audit/broken-glass/{use.position}/review", json={}, headers=OWN
    )
    assert answer.status_code == 403
    assert mark(house.services, person("a.meyer", "2", "auditor"), use.position).mark is not None


def test_a_visit_is_the_persons_own(house: House) -> None:
    house.admit("NORTH-1", "north")
    client, log = house.services.log.client_id("NORTH-1"), house.services.people.log
    log.read(person("a.meyer", "1"), [client])
    seen = house.hands.now
    house.hands.move(hours=1)
    assert last_visit(log, person("renamed", "1"), client, house.hands.now) == seen
    assert last_visit(log, person("a.meyer", "2"), client, house.hands.now) is None


def test_entries_and_the_access_log_say_who_it_was(house: House) -> None:
    house.admit("NORTH-1", "north")
    mine = browser(house, person("a.meyer", "1"))
    body = {"occurred_at": house.hands.now.isoformat(), "data": EXAMPLES["attend-session"]}
    path = "/api/v1/clients/NORTH-1"
    assert mine.post(f"{path}/commands/attend-session", json=body, headers=OWN).status_code == 201
    history = house.api("auditor").get(f"{path}/history").json()["entries"]
    who = {(entry["actor"], entry["issuer"], entry["subject"]) for entry in history}
    assert who == {("demo-clinician", DEMO, "demo-clinician"), ("a.meyer", IDP, "1")}
    [*_, read] = house.entries("NORTH-1", "ChartsRead")
    assert (read.name, read.issuer, read.subject) == ("demo-auditor", DEMO, "demo-auditor")


def test_an_idempotency_key_is_the_persons_own(house: House) -> None:
    house.admit("NORTH-1", "north")
    body = {"occurred_at": house.hands.now.isoformat(), "data": EXAMPLES["attend-session"]}
    path = "/api/v1/clients/NORTH-1/commands/attend-session"
    headers = {**OWN, "Idempotency-Key": "k"}
    first, again, other = (
        browser(house, who).post(path, json=body, headers=headers)
        for who in (person("a.meyer", "1"), person("a.meyer", "1"), person("a.meyer", "2"))
    )
    assert first.json()["sequence"] == again.json()["sequence"]
    assert other.status_code != 201 or other.json()["sequence"] != first.json()["sequence"]


CLAIMS = {"iss": IDP, "sub": "1", "preferred_username": "a.meyer", "roles": ["clinician"]}
NAMES = {"role_claim": "roles", "sites_claim": "sites", "name_claim": "preferred_username"}


def test_claims_make_a_person_of_issuer_and_subject() -> None:
    found = principal_of(CLAIMS, **NAMES, names={}).person
    assert found == ("a.meyer", IDP, "1")


@pytest.mark.parametrize("claim", ["iss", "sub"])
@pytest.mark.parametrize("value", [None, "", 7, "x" * 256, "a\nb"])
def test_claims_that_do_not_say_who_are_refused(claim: str, value: object) -> None:
    with pytest.raises(ClaimsError, match=claim):
        principal_of({**CLAIMS, claim: value}, **NAMES, names={})


def test_the_operator_is_the_systems_user_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    before = operator("x").person
    monkeypatch.setenv("LOGNAME", "somebody-else")
    monkeypatch.setenv("USER", "somebody-else")
    assert operator("x").person == before
    assert before.issuer == "urn:carejourney:operator"
