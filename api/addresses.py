"""Chart numbers in addresses: one segment of a path for any number, and the middleware that keeps it one.

Browsers and clients resolve ``.`` and ``..``, servers decode ``%2F`` before they choose a route, and proxies may decode
twice. So what would not come through is written as ``~`` and the two hex digits of each byte of its UTF-8:
``2024/0153`` is ``2024~2F0153``. Usual numbers stand as they are.
"""

from __future__ import annotations

import re
from typing import Annotated, cast
from urllib.parse import quote, unquote

from fastapi import Path
from pydantic import BeforeValidator
from starlette.types import ASGIApp, Receive, Scope, Send

ROOT = "/clients/"
_UNSAFE = re.compile(r"[~/\\%?#;\x00-\x20\x7f]|^[.]+$|^(?:new|find|search)$")
_ESCAPED = re.compile("(?:~[0-9A-F]{2})+")
# The segment after /clients/ in the address as it was sent.
_SENT = re.compile(rb"^(/api/v1/clients/|/api/v1/audit/clients/|/clients/)([^/]*%[^/]*)(.*)$", re.DOTALL)


def segment(reference: str) -> str:
    """A chart number as one segment of a path."""
    return quote(_UNSAFE.sub(_escape, reference), safe="~")


def reference_of(text: str) -> str:
    """The chart number of a segment that the server has percent-decoded; what is no escape stands for itself."""
    return _ESCAPED.sub(_unescape, text)


def address_of(reference: str) -> str:
    """The address of a chart's page; pages of a chart stand under it."""
    return ROOT + segment(reference)


def _escape(match: re.Match[str]) -> str:
    return "".join(f"~{byte:02X}" for byte in match.group().encode("utf-8", "surrogatepass"))


def _unescape(match: re.Match[str]) -> str:
    try:
        return bytes.fromhex(match.group().replace("~", "")).decode()
    except UnicodeDecodeError:
        return match.group()


def _given(value: object) -> object:
    return reference_of(value) if isinstance(value, str) else value


NumberInPath = Annotated[str, BeforeValidator(_given)]
"""A chart number in the path of a page."""

Reference = Annotated[
    str,
    BeforeValidator(_given),
    Path(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00]+$",
        description="The provider's own chart number, trimmed and compared without case. A slash is written `%2F` or "
        "`~2F`, `~` itself `~7E`, a number of dots only `~2E` for each dot.",
        examples=["SIM-000001"],
    ),
]
"""A chart number in the path of the API."""


class Segments:
    """ASGI middleware: what a client percent-encoded in a chart number stays within its segment, as a slash."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write the number as our own addresses do, before a route is chosen."""
        sent = _SENT.match(cast("bytes", scope.get("raw_path") or b"")) if scope["type"] == "http" else None
        if sent is not None:
            before, number, rest = (unquote(part.decode("latin-1")) for part in sent.groups())
            scope["path"] = before + unquote(segment(reference_of(number))) + rest
        await self.app(scope, receive, send)
