"""A refused sign-in says what happened and what to do, in the reader's language, under the number of the request."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import pytest

from api.sessions import COOKIE, SIGN_IN_COOKIE
from api.web.audit.acts import act
from infra.access_log.search import Wanted, browse
from tests.security.conftest import Site

CLASS = re.compile(r"\b\w+Error\b")
BEGAN = ("This browser began no such sign-in. Sign in again.", "Este navegador no comenzó ese inicio de sesión.")
ENDED = ("You were not let in there, or ended the sign-in yourself.", "No se le dejó entrar allí")
AWAY = ("The sign-in provider does not answer. Try again in a moment", "El proveedor de inicio de sesión no responde.")
UNSET = ("The provider does not take this sign-in. Tell your administrator.", "El proveedor no acepta este inicio")
OTHER = ("The answer came from another provider. Sign in again.", "La respuesta vino de otro proveedor.")
CHANGES: dict[str, tuple[dict[str, str], int, tuple[str, str]]] = {
    "another state": ({"state": "x" * 43}, 403, BEGAN),
    "another issuer": ({"iss": "https://evil.example"}, 403, OTHER),
    "refused there": ({"code": "", "error": "access_denied", "error_description": "<b>no</b>"}, 403, ENDED),
    "out of order there": ({"code": "", "error": "temporarily_unavailable"}, 503, AWAY),
    "broken there": ({"code": "", "error": "server_error"}, 503, AWAY),
    "wrongly set up": ({"code": "", "error": "unauthorized_client"}, 403, UNSET),
    "a code of nobody": ({"code": "made-up"}, 403, ("This sign-in was used before, or is too old.", "ya se usó")),
}


def returned(site: Site, browser: Any, change: dict[str, str], user: str = "auditor") -> Any:
    """What the app answers to a provider's answer that was changed on its way."""
    back = site.provider.sign_in(browser.get("/sign-in").headers["location"], user, browser)
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()} | change
    return browser.get(f"/sign-in/callback?{urlencode({name: value for name, value in query.items() if value})}")


def words(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("case", CHANGES)
def test_it_says_what_happened_and_what_to_do(site: Site, case: str, language: str) -> None:
    change, code, texts = CHANGES[case]
    answer = returned(site, site.browser(headers={"Accept-Language": language}), change)
    page = words(answer.text)
    assert answer.status_code == code
    assert texts[language == "es"] in page
    title = ("Not signed in", "No ha iniciado sesión")[language == "es"]
    assert f"<title>{title} – Care Journey</title>" in answer.text
    assert f"<h1>{title}</h1>" in answer.text
    assert not CLASS.search(page)
    assert "<b>no</b>" not in answer.text
    assert answer.headers["x-request-id"] in page
    assert 'href="/sign-in"' in answer.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_whoever_has_no_role_is_told_so_in_their_language(site: Site, language: str) -> None:
    browser = site.browser(headers={"Accept-Language": language})
    answer = returned(site, browser, {}, "nobody")
    said = ("names no role of this app: exactly one of intake,", "no nombra ningún rol de esta aplicación")
    assert said[language == "es"] in words(answer.text)
    assert (answer.status_code, COOKIE in browser.cookies) == (403, False)


def test_a_sign_in_that_was_used_says_so(site: Site) -> None:
    browser = site.browser()
    back = site.provider.sign_in(browser.get("/sign-in").headers["location"], "auditor", browser)
    kept = browser.cookies[SIGN_IN_COOKIE]
    browser.get(back)
    again = site.browser()
    again.cookies.set(SIGN_IN_COOKIE, kept)
    assert "This sign-in was used before, or is too old. Sign in again." in words(again.get(back).text)


def test_the_first_page_has_no_refusal_on_it(site: Site) -> None:
    page = site.browser(headers={"Accept-Language": "en"}).get("/").text
    assert "<title>Sign in – Care Journey</title>" in page
    assert "Request number" not in page


def test_auditors_find_it_by_its_number_and_read_why_in_words(site: Site) -> None:
    number = returned(site, site.browser(), {"state": "x" * 43}).headers["x-request-id"]
    kept = browse(site.services.people.log, Wanted(kinds=frozenset({"SignInRefused"})), limit=5).entries[0]
    assert kept.request == UUID(number).hex
    assert kept.doing == "SignInError"
    for doing in ("SignInError", "TokenError", "ClaimsError", "ReplayedSignInError", "ProviderError"):
        assert not CLASS.search(act(doing)) and act(doing) != doing
    page = words(site.signed_in("admin").get("/operations").text)
    assert not re.search(r"\b(SignIn|Claims|Token|Provider)Error\b", page)
