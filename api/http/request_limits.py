"""Request limits: which hosts we answer for, how much one address may ask, how long a body may take.

A reverse proxy in front limits slow headers and connections; what is here holds without one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.access import UPLOADS
from api.http.correlation import request_id
from api.http.identity import too_many
from api.http.problems import ProblemError, answer
from infra.identity.limits import Buckets
from infra.settings import Settings

BODY_SECONDS = 20.0
UPLOAD_SECONDS = 300.0  # of a file to import: read from who is signed in and may send one, from nobody else
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_OPEN = {"/healthz", "/readyz"}  # probes come by address, and often


class RequestLimits:
    """ASGI middleware over every path."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str], requests: Buckets, seconds: float = BODY_SECONDS) -> None:
        """Wrap an app. No ``hosts``: any is answered for. ``seconds`` is how long a whole body may take."""
        self.app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._requests = requests
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] != "http" or scope["path"] in _OPEN:
            await self.app(scope, receive, send)
            return
        try:
            self._check(scope)
        except ProblemError as problem:
            await answer(problem, request_id(scope))(scope, receive, send)
            return
        seconds = max(self._seconds, UPLOAD_SECONDS) if scope["path"] in UPLOADS else self._seconds
        await self.app(scope, _hurried(receive, seconds), send)

    def _check(self, scope: Scope) -> None:
        host = Headers(scope=scope).get("host", "")
        name = (urlsplit(f"//{host}").hostname or "") if _is_plain(host) else ""
        if not name or (self._hosts and name.lower() not in self._hosts):
            raise ProblemError(
                "wrong-host", "Use the address that this server is known by (CAREJOURNEY_ALLOWED_HOSTS)."
            )
        client = cast("tuple[str, int] | None", scope.get("client"))
        wait = self._requests.take(client[0] if client else "")
        if wait:
            raise too_many(wait)


def hosts_of(settings: Settings) -> tuple[str, ...]:
    """The hosts that we answer for: those set, else the public URL's with this machine's own; none: any."""
    if settings.allowed_hosts:
        return tuple(settings.allowed_hosts)
    public = urlsplit(settings.public_url).hostname
    return (public, *(urlsplit(f"//{host}").hostname or "" for host in _LOOPBACK)) if public else ()


def _is_plain(host: str) -> bool:
    """Whether a Host header is a name and a port, and nothing that could break out of a line or an address."""
    return 0 < len(host) <= 255 and all(sign.isalnum() or sign in ".-_:[]" for sign in host)


def _hurried(receive: Receive, seconds: float) -> Receive:
    """A body must be here as a whole within some seconds of the first time it is asked for."""
    deadline: float | None = None
    whole = False

    async def receive_in_time() -> Message:
        nonlocal deadline, whole
        if whole:  # what comes after a body is the end of the connection, however late
            return await receive()
        now = asyncio.get_running_loop().time()
        deadline = deadline or now + seconds
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            detail = f"A body must be here within {seconds:g} s."
            raise ProblemError("too-slow", detail, headers={"Connection": "close"}) from None
        whole = not message.get("more_body", False)
        return message

    return receive_in_time
