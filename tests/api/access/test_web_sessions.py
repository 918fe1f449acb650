"""Sessions end when idle, when old, when revoked; what is stored opens none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.sessions import COOKIE
from infra.identity.people import Principal
from infra.identity.sessions import ReplayedSignInError, SignedIn
from tests.api.access.conftest import House

WHO = Principal("somebody", "clinician", frozenset({"north"}))
ISSUER = "https://idp.example"
ONE = Principal("somebody", "clinician", frozenset({"north"}), issuer=ISSUER, subject="s")
OTHER = Principal("other", "auditor", issuer=ISSUER, subject="t")


def test_a_session_is_its_person_with_role_and_sites(house: House) -> None:
    sessions = house.services.people.sessions
    found = sessions.read(sessions.begin(SignedIn(WHO, id_token="x.y.z")))
    assert found
    assert (found.who.name, found.who.role, found.who.sites, found.id_token) == (
        "somebody",
        "clinician",
        WHO.sites,
        "x.y.z",
    )
    assert found.began == house.hands.now


def test_it_ends_when_idle_and_is_kept_by_use(house: House) -> None:
    browser = house.browser("clinician")
    for _ in range(4):
        house.hands.move(minutes=29)
        assert browser.get("/definitions").status_code == 200
    house.hands.move(minutes=30)
    assert browser.get("/definitions").status_code == 303


def test_what_a_page_asks_by_itself_does_not_keep_it(house: House) -> None:
    browser = house.browser("clinician")
    house.hands.move(minutes=29)
    assert browser.get("/definitions", headers={"X-Unattended": "live"}).status_code == 200
    house.hands.move(minutes=1)
    assert browser.get("/definitions").status_code == 303


def test_it_ends_when_old_however_much_it_is_used(house: House) -> None:
    browser = house.browser("clinician")
    for _ in range(10 * 3 - 1):
        house.hands.move(minutes=20)
        assert browser.get("/definitions").status_code == 200
    house.hands.move(minutes=20)
    assert browser.get("/definitions").status_code == 303


def test_what_is_stored_opens_no_session(house: House) -> None:
    sessions = house.services.people.sessions
    token = sessions.begin(SignedIn(WHO, id_token="the-id-token"))
    rows = house.services.people.log.recorder.query("SELECT * FROM web_session")
    assert token not in str(rows)
    assert "the-id-token" not in str(rows)
    for value in rows[0]:
        assert sessions.read(str(value)) is None


def test_a_renewed_session_has_one_id(house: House) -> None:
    sessions = house.services.people.sessions
    old = sessions.begin(SignedIn(WHO))
    new = sessions.renew(old)
    assert sessions.read(old) is None
    assert sessions.read(new)


def test_a_person_can_be_signed_out_everywhere(house: House) -> None:
    sessions = house.services.people.sessions
    mine = [sessions.begin(SignedIn(ONE, provider_session=f"p{n}")) for n in range(3)]
    other = sessions.begin(SignedIn(OTHER, provider_session="q"))
    sessions.end_of_provider_session("https://elsewhere.example", "p0")
    sessions.end_of_person("https://elsewhere.example", "s")
    assert all(sessions.read(token) for token in mine)
    sessions.end_of_provider_session(ISSUER, "p0")
    assert [sessions.read(token) is None for token in mine] == [True, False, False]
    sessions.end_of_person(ISSUER, "s")
    assert [sessions.read(token) is None for token in mine] == [True, True, True]
    assert sessions.read(other)
    sessions.end_of_name("other")
    assert sessions.read(other) is None


def test_a_state_begins_one_session_also_after_it_ended(house: House) -> None:
    sessions = house.services.people.sessions
    token = sessions.begin(SignedIn(WHO, state="state"))
    sessions.end(token)
    with pytest.raises(ReplayedSignInError):
        sessions.begin(SignedIn(WHO, state="state"))


def test_old_rows_are_cleared(house: House) -> None:
    sessions = house.services.people.sessions
    sessions.begin(SignedIn(WHO))
    house.hands.move(hours=11)
    sessions.begin(SignedIn(WHO))
    assert len(house.services.people.log.recorder.query("SELECT 1 FROM web_session")) == 1


@pytest.mark.parametrize("token", ["", "x", "A" * 10_000, "' OR 1=1 --", "ended x"])
def test_nonsense_is_nobody(house: House, token: str) -> None:
    browser = house.nobody()
    browser.cookies.set(COOKIE, token)
    assert browser.get("/definitions").status_code == 303
    assert house.services.people.sessions.read(token) is None


def test_reading_does_not_mean_writing(house: House) -> None:
    """A session is marked as used once a minute at most."""
    sessions = house.services.people.sessions
    token = sessions.begin(SignedIn(WHO))
    before = house.services.people.log.recorder.query("SELECT seen FROM web_session")
    house.hands.now += timedelta(seconds=59)
    sessions.read(token)
    assert house.services.people.log.recorder.query("SELECT seen FROM web_session") == before
