"""Sign-in at the OpenID provider: authorization code flow with PKCE, state and nonce, and sign-out there.

What a sign-in needs until the browser comes back (state, nonce, PKCE verifier, where to go on) is sealed into a
cookie of that browser: an answer of the provider is worth nothing in another browser, and nothing is stored for
people who never come back. Sources: RFC 6749, RFC 7636 (PKCE), RFC 9207 (iss), RFC 9700 (best practice).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from domain.entries import microseconds
from infra.eventstore.keyring import Cipher, MasterKeyError
from infra.eventstore.log import Clock
from infra.identity.people import Principal
from infra.identity.provider import CodeRefusedError, Provider, ProviderError
from infra.identity.sessions import SignedIn
from infra.identity.tokens import id_token

SIGN_IN_SECONDS = 600
_PLACE = b"sign-in"
_OUT_OF_ORDER = frozenset({"server_error", "temporarily_unavailable"})
_NOT_TAKEN = frozenset({"invalid_request", "invalid_scope", "unauthorized_client", "unsupported_response_type"})


class SignInError(Exception):
    """A sign-in cannot be finished; the message is for the person at the browser."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The code flow of one provider. ``callback`` is the address that the provider sends browsers back to."""

    provider: Provider
    client_id: str
    client_secret: str
    scope: str
    callback: str
    cipher: Cipher
    clock: Clock
    person: Callable[[Mapping[str, Any]], Principal]

    def start(self, onward: str) -> tuple[str, str]:
        """Where to send the browser, and the cookie that it must bring back.

        Raises:
            ProviderError: the provider does not answer.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "scope": self.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        kept = {"s": state, "n": nonce, "v": verifier, "o": onward, "t": microseconds(self.clock())}
        sealed = self.cipher.seal(orjson.dumps(kept), _PLACE)
        address = self.provider.endpoint("authorization_endpoint")
        joint = "&" if "?" in address else "?"
        return f"{address}{joint}{urlencode(query)}", base64.urlsafe_b64encode(sealed).decode()

    def finish(self, cookie: str, query: Mapping[str, str]) -> tuple[SignedIn, str]:
        """Who has signed in, and where they wanted to go.

        Raises:
            SignInError: this browser began no such sign-in, or the provider refused.
            TokenError: the provider's ID token does not hold.
            ClaimsError: the person has no role here.
            ProviderError: the provider does not answer.
        """
        kept = self._kept(cookie)
        if not hmac.compare_digest(str(kept["s"]).encode(), query.get("state", "").encode()):
            raise SignInError("This browser began no such sign-in. Sign in again.")
        if query.get("iss", self.provider.issuer) != self.provider.issuer:
            raise SignInError("The answer came from another provider. Sign in again.")
        code = query.get("code")
        if not code:
            raise _refusal(query.get("error", ""))
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": str(kept["v"]),
            "client_id": self.client_id,
        }
        try:
            token = self.provider.token(form, (self.client_id, self.client_secret)).get("id_token", "")
        except CodeRefusedError:
            raise SignInError("This sign-in was used before, or is too old. Sign in again.") from None
        claims = id_token(str(token), self.provider, self.client_id, str(kept["n"]), self.now)
        signed_in = SignedIn(self.person(claims), str(kept["s"]), str(claims.get("sid", "")), str(token))
        return signed_in, str(kept["o"])

    def leave(self, hint: str, back_to: str) -> str:
        """Where to send a browser to sign out at the provider too (RP-initiated logout); empty if it has no such place.

        Raises:
            ProviderError: the provider does not answer.
        """
        address = self.provider.endpoint("end_session_endpoint")
        query = {"client_id": self.client_id, "post_logout_redirect_uri": back_to, "id_token_hint": hint}
        return f"{address}?{urlencode({name: value for name, value in query.items() if value})}" if address else ""

    def now(self) -> float:
        """The moment, in seconds since 1970, as tokens say it."""
        return self.clock().timestamp()

    def _kept(self, cookie: str) -> dict[str, Any]:
        try:
            kept = orjson.loads(self.cipher.open(base64.urlsafe_b64decode(cookie.encode()), _PLACE))
        except (MasterKeyError, ValueError):
            raise SignInError("This browser began no sign-in, or has lost its cookie. Sign in again.") from None
        age = microseconds(self.clock()) - int(kept["t"])
        if age > timedelta(seconds=SIGN_IN_SECONDS) // timedelta(microseconds=1):
            raise SignInError("The sign-in took longer than ten minutes. Sign in again.")
        return kept


def _refusal(error: str) -> Exception:
    """Why the provider gave no code, by its error code (RFC 6749, 4.1.2.1); its own words are for nobody here."""
    if error in _OUT_OF_ORDER:
        return ProviderError(f"the provider answers {error}")
    if error in _NOT_TAKEN:
        return SignInError("The provider does not take this sign-in. Tell your administrator.")
    if error == "access_denied":
        return SignInError(
            "You were not let in there, or ended the sign-in yourself. Sign in again, or ask your administrator."
        )
    return SignInError("The provider did not sign you in. Sign in again, or ask its administrator.")


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
