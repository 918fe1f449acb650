"""Who sends a bearer token to the API. A token that was checked is remembered until it expires, or for a minute."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from infra.eventstore.log import Clock
from infra.identity.limits import Buckets
from infra.identity.people import ClaimsError, Principal
from infra.identity.provider import Provider
from infra.identity.tokens import TokenError, access_token

REMEMBERED_SECONDS = 60
BAD_TOKENS = 30  # an address that sent so many bad ones in five minutes is told to wait with the next bad one
_BAD_SECONDS = 300.0
_MOST = 10_000


class LockedOutError(Exception):
    """Too many bad credentials from one address; ``seconds`` until the next may be tried."""

    def __init__(self, seconds: float) -> None:
        """Say how long."""
        self.seconds = seconds
        super().__init__("too many bad credentials")


class Bearers:
    """Checks tokens for one audience."""

    def __init__(
        self, provider: Provider, audience: str, clock: Clock, person: Callable[[Mapping[str, Any]], Principal]
    ) -> None:
        """Take the provider's tokens; ``person`` makes somebody of claims."""
        self._provider, self._audience, self._clock, self._person = provider, audience, clock, person
        self._known: OrderedDict[str, tuple[float, Principal]] = OrderedDict()
        self._bad = Buckets(BAD_TOKENS, _BAD_SECONDS)
        self._lock = threading.Lock()

    def person(self, token: str, address: str) -> Principal:
        """Who the token stands for. A good one is good from every address, whatever others send from there.

        What a bad one costs here, a signature to check, is bounded by the requests that an address may make; where
        there have been many of them, the answer says to wait instead of what was wrong.

        Raises:
            TokenError: it is not good here.
            ClaimsError: its owner has no role here.
            LockedOutError: it is not good, and the address has sent too many such.
            ProviderError: the provider's keys cannot be read.
        """
        name = hashlib.sha256(token.encode()).hexdigest()
        now = self._clock().timestamp()
        with self._lock:
            until, known = self._known.get(name, (0.0, None))
        if known is not None and now < until:
            return known
        try:
            claims = access_token(token, self._provider, self._audience, lambda: now)
            principal = self._person(claims)
        except (TokenError, ClaimsError):
            seconds = self._bad.take(address)
            if seconds:
                raise LockedOutError(seconds) from None
            raise
        self._remember(name, min(float(claims["exp"]), now + REMEMBERED_SECONDS), principal)
        return principal

    def _remember(self, name: str, until: float, principal: Principal) -> None:
        with self._lock:
            self._known[name] = until, principal
            self._known.move_to_end(name)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
