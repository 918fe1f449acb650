"""Check a provider's signed tokens: signature by its published keys, algorithm, issuer, audience, times.

Sources: RFC 7519 (JWT), RFC 8725 (its best practice: fixed algorithms, no ``none``, keys of the right kind),
RFC 9068 (access tokens), OpenID Connect Core 3.1.3.7 (ID tokens), OpenID Connect Back-Channel Logout 2.6.
"""

from __future__ import annotations

import binascii
import time
from collections.abc import Callable
from typing import Any

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from infra.identity.provider import Provider

# Asymmetric only: with a shared secret, whoever can check a token could make one.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
SKEW_SECONDS = 30
_LONGEST = 16_384
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_OF_ID_TOKENS = ("nonce", "at_hash", "c_hash", "events")

Now = Callable[[], float]


class TokenError(Exception):
    """A token is not good here; the message says why and repeats nothing of it."""


def access_token(token: str, provider: Provider, audience: str, now: Now = time.time) -> dict[str, Any]:
    """The claims of an access token for this API.

    Raises:
        TokenError: it is not one, not for us, expired, or not signed by the provider.
        ProviderError: the provider's keys cannot be read.
    """
    header, claims = _checked(token, provider, audience, now)
    kind = str(header.get("typ") or "").lower().removeprefix("application/")
    if kind not in {"", "jwt", "at+jwt"} or any(name in claims for name in _OF_ID_TOKENS):
        raise TokenError("it is no access token")
    return claims


def id_token(token: str, provider: Provider, client_id: str, nonce: str, now: Now = time.time) -> dict[str, Any]:
    """The claims of the ID token that a sign-in brought.

    Raises:
        TokenError: it is not one, not for us, expired, of another sign-in, or not signed by the provider.
        ProviderError: the provider's keys cannot be read.
    """
    _, claims = _checked(token, provider, client_id, now)
    if not nonce or claims.get("nonce") != nonce:
        raise TokenError("it belongs to another sign-in")
    if claims.get("azp", client_id) != client_id:
        raise TokenError("it was issued to another client")
    return claims


def logout_token(token: str, provider: Provider, client_id: str, now: Now = time.time) -> dict[str, Any]:
    """The claims of a back-channel logout: ``sid`` or ``sub`` say whose sessions end.

    Raises:
        TokenError: it is not one, not for us, expired, or not signed by the provider.
        ProviderError: the provider's keys cannot be read.
    """
    _, claims = _checked(token, provider, client_id, now, names_person=False)
    if "nonce" in claims or _LOGOUT_EVENT not in (claims.get("events") or {}):
        raise TokenError("it is no logout token")
    if not claims.get("sid") and not claims.get("sub"):
        raise TokenError("it names neither session nor person")
    return claims


def _checked(
    token: str, provider: Provider, audience: str, now: Now, *, names_person: bool = True
) -> tuple[dict[str, Any], dict[str, Any]]:
    header = _header(token)
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise TokenError("its algorithm is not allowed")
    key = provider.key(kid) if isinstance(kid, str) else None
    if key is None:
        raise TokenError("the provider has no such key")
    wanted = jwt.JWTClaimsRegistry(
        now=lambda: int(now()),
        leeway=SKEW_SECONDS,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": audience},
        sub={"essential": names_person},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        decoded = jwt.decode(token, key, algorithms=[algorithm])
        wanted.validate(decoded.claims)
    except (JoseError, ValueError, TypeError) as error:
        raise TokenError(f"it does not hold ({type(error).__name__})") from None
    return header, dict(decoded.claims)


def _header(token: str) -> dict[str, Any]:
    """The header of a compact token, before anything in it is believed."""
    if len(token) > _LONGEST or token.count(".") != 2:
        raise TokenError("it is no signed token")
    try:
        header: Any = orjson.loads(urlsafe_b64decode(token.partition(".")[0].encode("ascii")))
    except (ValueError, binascii.Error):
        raise TokenError("it is no signed token") from None
    if not isinstance(header, dict) or "crit" in header:
        raise TokenError("its header is not understood")
    return header  # pyright: ignore[reportUnknownVariableType]
