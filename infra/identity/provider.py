"""The OpenID provider: where its endpoints are, and the keys that it signs with.

Its documents are read when they are first needed and kept for an hour. A token signed with a key that is not known
makes the keys be read again, but not more often than twice a minute: made-up keys must not turn us against the
provider.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from domain.errors import ExpectedError

Key = RSAKey | ECKey | OKPKey
KEPT_SECONDS = 3_600
REFETCH_SECONDS = 30
_LARGEST = 500_000
_BAD_REQUEST = 400
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class ProviderError(ExpectedError):
    """The provider does not answer, or answers what it may not."""


class CodeRefusedError(Exception):
    """The provider knows no such code: it was used before, it is too old, or it is another browser's."""


class Provider:
    """One issuer. ``ticks`` are seconds that only go forward."""

    def __init__(self, issuer: str, ticks: Callable[[], float] = time.monotonic) -> None:
        """Know the issuer; nothing is asked yet.

        Raises:
            ProviderError: the issuer is not https (http is for this machine and for names without a domain).
        """
        if not _may_be_issuer(issuer):
            msg = "the issuer must be an https address: set CAREJOURNEY_OIDC_ISSUER as the provider names itself"
            raise ProviderError(msg)
        self.issuer = issuer
        self._ticks = ticks
        self._http = httpx2.Client(timeout=10, follow_redirects=False)
        self._reading = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, Key] = {}
        self._metadata_at = self._keys_at = float("-inf")

    def endpoint(self, name: str) -> str:
        """An address of the provider's metadata, or an empty text.

        Raises:
            ProviderError: it does not answer, or calls itself otherwise.
        """
        with self._reading:
            if self._ticks() - self._metadata_at > KEPT_SECONDS:
                metadata = self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if metadata.get("issuer") != self.issuer:
                    msg = "the provider names another issuer than CAREJOURNEY_OIDC_ISSUER"
                    raise ProviderError(msg)
                self._metadata, self._metadata_at = metadata, self._ticks()
        value = self._metadata.get(name, "")
        return value if isinstance(value, str) else ""

    def key(self, kid: str) -> Key | None:
        """The public key of an id, or None when the provider has none.

        Raises:
            ProviderError: the provider does not answer.
        """
        address = self.endpoint("jwks_uri")
        with self._reading:
            age = self._ticks() - self._keys_at
            if age > KEPT_SECONDS or (kid not in self._keys and age > REFETCH_SECONDS):
                self._keys = _keys(self._get(address))
                self._keys_at = self._ticks()
            return self._keys.get(kid)

    def token(self, form: dict[str, str], client: tuple[str, str]) -> dict[str, Any]:
        """Exchange a code at the token endpoint.

        Raises:
            CodeRefusedError: it refuses the code.
            ProviderError: it does not answer, or does not know us.
        """
        address = self.endpoint("token_endpoint")
        try:
            answer = self._http.post(address, data=form, auth=client)
        except httpx2.HTTPError as error:
            raise ProviderError(f"the provider does not answer ({type(error).__name__})") from None
        if answer.status_code == _BAD_REQUEST:
            raise CodeRefusedError
        return _object(answer)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def _get(self, address: str) -> dict[str, Any]:
        try:
            return _object(self._http.get(address))
        except httpx2.HTTPError as error:
            raise ProviderError(f"the provider does not answer ({type(error).__name__})") from None


def _may_be_issuer(issuer: str) -> bool:
    parts = urlsplit(issuer)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(host)
    # names under .localhost are this machine (RFC 6761): so browsers and containers can share one name
    is_here = host in _LOOPBACK or host.endswith(".localhost")
    return parts.scheme == "http" and (is_here or (bool(host) and "." not in host))


def _object(answer: httpx2.Response) -> dict[str, Any]:
    if not answer.is_success or len(answer.content) > _LARGEST:
        raise ProviderError(f"the provider answers {answer.status_code}")
    try:
        document: Any = answer.json()
    except ValueError:
        raise ProviderError("the provider's answer is not JSON") from None
    if not isinstance(document, dict):
        raise ProviderError("the provider's answer is no JSON object")
    return cast("dict[str, Any]", document)


def _keys(document: dict[str, Any]) -> dict[str, Key]:
    """Public keys for signatures by id; what is of another kind, a shared secret above all, is left out."""
    keys: dict[str, Key] = {}
    for given in document.get("keys", ()):
        if given.get("use", "sig") != "sig" or given.get("kty") not in {"RSA", "EC", "OKP"} or "kid" not in given:
            continue
        try:
            key = KeySet.import_key_set({"keys": [given]}).keys[0]
        except (JoseError, ValueError, KeyError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey):
            keys[str(given["kid"])] = key
    return keys
