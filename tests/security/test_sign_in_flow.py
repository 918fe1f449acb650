"""Sign-in at the real provider: what it takes to become somebody here, and what does not do."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from api.sessions import COOKIE, SIGN_IN_COOKIE
from tests.security.conftest import Site
from tests.security.provider import ROLES


@pytest.mark.parametrize("role", ROLES)
def test_each_role_signs_in_and_lands_on_its_page(site: Site, role: str) -> None:
    browser = site.signed_in(role)
    home = browser.get("/")
    assert home.status_code == 303
    page = browser.get(home.headers["location"])
    assert page.status_code == 200
    assert f"<span>{role.capitalize()}</span>" in page.text


def test_the_browser_is_sent_with_state_nonce_and_a_challenge(site: Site) -> None:
    location = site.browser().get("/sign-in").headers["location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    assert min(len(query["state"]), len(query["nonce"]), len(query["code_challenge"])) >= 43


def test_it_goes_on_to_the_page_that_was_asked_for_and_never_to_another_site(site: Site) -> None:
    for asked, leads in {
        "/definitions": "/definitions",
        "//evil.example": "/today",
        "/\\evil.example": "/today",
    }.items():
        browser = site.browser()
        start = browser.get("/sign-in", params={"next": asked})
        back = site.provider.sign_in(start.headers["location"], "clinician", browser)
        assert browser.get(back).headers["location"] == leads


@pytest.mark.parametrize("user", ["nobody", "both"])
def test_whoever_has_no_role_or_two_gets_no_session(site: Site, user: str) -> None:
    browser = site.browser()
    back = site.provider.sign_in(browser.get("/sign-in").headers["location"], user, browser)
    answer = browser.get(back)
    assert answer.status_code == 403
    assert "exactly one of" in answer.text
    assert COOKIE not in browser.cookies


def test_an_answer_for_another_browser_is_refused(site: Site) -> None:
    """Login CSRF: an attacker's own sign-in, finished in the victim's browser."""
    attacker, victim = site.browser(), site.browser()
    back = site.provider.sign_in(attacker.get("/sign-in").headers["location"], "admin", attacker)
    victim.get("/sign-in")
    answer = victim.get(back)
    assert answer.status_code == 403
    assert COOKIE not in victim.cookies


def test_a_sign_in_works_once(site: Site) -> None:
    browser = site.browser()
    back = site.provider.sign_in(browser.get("/sign-in").headers["location"], "auditor", browser)
    kept = browser.cookies[SIGN_IN_COOKIE]
    assert browser.get(back).status_code == 303
    again = site.browser()
    again.cookies.set(SIGN_IN_COOKIE, kept)
    assert again.get(back).status_code == 403


def test_an_answer_with_another_state_or_issuer_is_refused(site: Site) -> None:
    for change in ({"state": "x" * 43}, {"iss": "https://evil.example"}, {"code": ""}):
        browser = site.browser()
        back = site.provider.sign_in(browser.get("/sign-in").headers["location"], "auditor", browser)
        query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()} | change
        assert browser.get(f"/sign-in/callback?{urlencode(query)}").status_code == 403


def test_an_altered_sign_in_cookie_is_refused(site: Site) -> None:
    browser = site.browser()
    back = site.provider.sign_in(browser.get("/sign-in").headers["location"], "auditor", browser)
    kept = browser.cookies[SIGN_IN_COOKIE]
    browser.cookies.clear()
    browser.cookies.set(SIGN_IN_COOKIE, kept[:-8] + "AAAAAAAA")
    assert browser.get(back).status_code == 403


def test_signing_in_gives_a_new_session_whatever_the_browser_had(site: Site) -> None:
    """Session fixation: an id that somebody planted before is worth nothing after."""
    browser = site.browser()
    browser.cookies.set(COOKIE, "planted-by-somebody-else")
    back = site.provider.sign_in(browser.get("/sign-in").headers["location"], "clinician", browser)
    browser.get(back)
    planted = site.browser()
    planted.cookies.set(COOKIE, "planted-by-somebody-else")
    assert planted.get("/today").status_code == 303
    first = browser.cookies.get(COOKIE, path="/", domain="127.0.0.1")
    back = site.provider.sign_in(browser.get("/sign-in").headers["location"], "clinician", browser)
    browser.get(back)
    old = site.browser()
    old.cookies.set(COOKIE, first or "")
    assert old.get("/today").status_code == 303
    assert browser.get("/today").status_code == 200


def test_signing_out_ends_the_session_here_and_at_the_provider(site: Site) -> None:
    browser = site.signed_in("clinician")
    token = browser.cookies[COOKIE]
    csrf = browser.get("/clients").text.partition('name="csrf" value="')[2][:64]
    left = browser.post("/sign-out", data={"csrf": csrf})
    assert left.headers["location"].startswith(f"{site.provider.issuer}/session/end?")
    stolen = site.browser()
    stolen.cookies.set(COOKIE, token)
    assert stolen.get("/clients").status_code == 303
    assert browser.get(left.headers["location"]).status_code == 200


def test_the_provider_ends_sessions_from_its_side(site: Site) -> None:
    """Back-channel logout: signing out at the provider ends the session here, without the browser's help."""
    import re

    browser = site.signed_in("reporting")
    assert browser.get("/definitions").status_code == 200
    page = browser.get(f"{site.provider.issuer}/session/end")
    xsrf = re.search(r'name="xsrf" value="(\w+)"', page.text)
    assert xsrf
    browser.post(f"{site.provider.issuer}/session/end/confirm", data={"xsrf": xsrf[1], "logout": "yes"})
    assert browser.get("/definitions").status_code == 303


def test_a_logout_that_the_provider_did_not_sign_ends_nothing(site: Site) -> None:
    browser = site.signed_in("reporting")
    for token in ("", "x.y.z", site.provider.tokens("reporting")["id_token"]):
        assert site.browser().post("/sign-out/backchannel", data={"logout_token": token}).status_code in {400, 422}
    assert browser.get("/definitions").status_code == 200
