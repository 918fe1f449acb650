"""Bearer tokens: what the provider signed for this API is good, and nothing that only looks like it."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import RSAKey

from infra.identity.bearer import BAD_TOKENS
from tests.security.conftest import Site
from tests.security.provider import AUDIENCE, CLIENT, fresh_key

GOOD = 200


def get(site: Site, token: str) -> httpx2.Response:
    return site.browser().get("/api/v1/reports/status", headers={"Authorization": f"Bearer {token}"})


def claims(site: Site, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    found = {"iss": site.provider.issuer, "aud": AUDIENCE, "sub": "auditor", "preferred_username": "auditor"}
    found |= {"iat": now, "exp": now + 600, "roles": ["auditor"], **changes}
    return {name: value for name, value in found.items() if value is not None}


def signed(site: Site, header: dict[str, Any] | None = None, key: RSAKey | None = None, **changes: Any) -> str:
    """A token that the provider's own key signs, but for the changes."""
    key = key or site.provider.keys[0]
    return jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": key.kid, **(header or {})}, claims(site, **changes), key)


@pytest.fixture(autouse=True)
def forgiven(site: Site) -> None:
    """No test waits for the bad tokens of another."""
    bearers = site.services.people.bearers
    assert bearers
    bearers._bad._levels.clear()


def test_the_providers_own_token_is_good_and_carries_role_and_sites(site: Site) -> None:
    assert site.api("analyst").get("/api/v1/reports/status").status_code == GOOD
    assert site.api("analyst").get("/api/v1/clients").status_code == 403
    assert site.api("north").get("/api/v1/clients").status_code == GOOD


def test_a_token_made_by_hand_with_the_providers_key_is_good(site: Site) -> None:
    """So that the refusals below are for what they change, and for nothing else."""
    assert get(site, signed(site)).status_code == GOOD


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1_000},
        {"exp": None},
        {"iat": None},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"aud": "another-api"},
        {"aud": None},
        {"aud": CLIENT[0]},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"roles": None},
        {"roles": ["root"]},
        {"roles": ["auditor", "clinician"]},
        {"roles": {"auditor": True}},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"preferred_username": "auditor\r\nX-Evil: 1"},
        {"nonce": "as an ID token has"},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
    ],
    ids=str,
)
def test_a_claim_that_does_not_fit_is_refused(site: Site, changes: dict[str, Any]) -> None:
    answer = get(site, signed(site, **changes))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["type"] == "/problems/not-signed-in"


@pytest.mark.parametrize("header", [{"typ": "logout+jwt"}, {"kid": "no-such-key"}, {"kid": 7}], ids=str)
def test_a_header_that_does_not_fit_is_refused(site: Site, header: dict[str, Any]) -> None:
    assert get(site, _raw(site, header)).status_code == 401


def test_a_token_signed_outside_of_the_library_is_good(site: Site) -> None:
    assert get(site, _raw(site, {})).status_code == GOOD


def test_an_unsigned_token_is_refused(site: Site) -> None:
    for name in ("none", "None", "NONE", "nOnE"):
        head = _encoded({"alg": name, "typ": "at+jwt", "kid": site.provider.keys[0].kid})
        for signature in ("", "AAAA"):
            assert get(site, f"{head}.{_encoded(claims(site))}.{signature}").status_code == 401


def test_a_public_key_is_no_shared_secret(site: Site) -> None:
    """Algorithm confusion: HS256 with the published RSA key, in every way to write it down, as the secret."""
    key = site.provider.keys[0]
    head = f"{_encoded({'alg': 'HS256', 'typ': 'at+jwt', 'kid': key.kid})}.{_encoded(claims(site))}"
    for secret in (
        key.as_pem(private=False),
        json.dumps(key.as_dict(private=False)).encode(),
        key.as_der(private=False),
    ):
        signature = hmac.digest(secret, head.encode(), "sha256")
        assert get(site, f"{head}.{_text(signature)}").status_code == 401


def test_somebody_elses_key_does_not_do_under_the_providers_name(site: Site) -> None:
    stranger = fresh_key(str(site.provider.keys[0].kid))
    assert get(site, signed(site, key=stranger)).status_code == 401
    with_key = {"jwk": stranger.as_dict(private=False)}
    assert get(site, signed(site, with_key, key=stranger)).status_code == 401


def test_an_altered_token_is_refused(site: Site) -> None:
    head, body, signature = signed(site).split(".")
    more = _encoded(claims(site, roles=["admin"]))
    for token in (
        f"{head}.{more}.{signature}",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}.",
        f"{head}.{body}",
    ):
        assert get(site, token).status_code == 401


@pytest.mark.parametrize("token", ["x", "a.b.c", ". .", "é.é.é", "A" * 40_000, "e30.e30.e30", "bnVsbA.e30.x"])
def test_nonsense_is_refused_in_words(site: Site, token: str) -> None:
    answer = site.browser().get("/api/v1/reports/status", headers=[(b"Authorization", b"Bearer " + token.encode())])
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_id_token_opens_nothing(site: Site) -> None:
    assert get(site, site.provider.tokens("auditor")["id_token"]).status_code == 401


def test_a_demo_token_opens_nothing_outside_the_demo(site: Site) -> None:
    assert get(site, "demo-auditor").status_code == 401
    assert site.browser().post("/sign-in", data={"role": "admin"}).status_code == 403


def test_an_address_with_many_bad_tokens_waits_and_a_good_token_goes_on(site: Site) -> None:
    known = site.api("auditor")
    assert known.get("/api/v1/reports/status").status_code == GOOD
    codes = [get(site, f"a.b.{number}").status_code for number in range(BAD_TOKENS + 3)]
    assert codes[:BAD_TOKENS] == [401] * BAD_TOKENS
    assert set(codes[BAD_TOKENS:]) == {429}
    assert int(get(site, "a.b.c").headers["retry-after"]) >= 1
    assert get(site, signed(site, exp=1_000)).status_code == 429
    # one that was never seen before, too: others of its address send the bad ones
    assert get(site, signed(site, jti="fresh")).status_code == GOOD
    assert known.get("/api/v1/reports/status").status_code == GOOD


def test_the_provider_may_change_its_keys(site: Site) -> None:
    old = site.api("auditor")
    assert old.get("/api/v1/reports/status").status_code == GOOD
    site.provider.rotate("second")
    people = site.services.people
    assert people.bearers
    assert people.sign_in
    people.sign_in.provider._keys_at -= 31  # the keys are read again half a minute after the last time
    assert site.api("auditor").get("/api/v1/reports/status").status_code == GOOD
    people.bearers._known.clear()
    assert old.get("/api/v1/reports/status").status_code == 401


def test_made_up_keys_do_not_turn_us_against_the_provider(site: Site) -> None:
    people = site.services.people
    assert people.sign_in
    get(site, _raw(site, {"kid": "made-up"}))
    read_at = people.sign_in.provider._keys_at
    for number in range(20):
        get(site, _raw(site, {"kid": f"made-up-{number}"}))
    assert people.sign_in.provider._keys_at == read_at


def _raw(site: Site, header: dict[str, Any]) -> str:
    """A token with a header that no library would write, signed all the same."""
    key = site.provider.keys[0]
    head = f"{_encoded({'alg': 'RS256', 'typ': 'at+jwt', 'kid': key.kid, **header})}.{_encoded(claims(site))}"
    assert key.private_key
    return f"{head}.{_text(key.private_key.sign(head.encode(), PKCS1v15(), SHA256()))}"


def _encoded(value: Any) -> str:
    return _text(json.dumps(value).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
