"""Request bodies: refuse those too large, not JSON, broken, or with text that no database should hold.

It runs before anything is parsed into models, so that a bad body costs little and is named plainly.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import unquote_to_bytes

import orjson
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.correlation import request_id
from api.http.problems import ProblemError, answer

MAX_BODY_BYTES = 1_000_000
LARGEST_NUMBER = 2**53
PREFIX = "/api/"


class BodyGuard:
    """ASGI middleware over the API's paths; other paths pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check path and body, then hand the body on."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        try:
            check_path(scope)
            if scope["method"] in {"POST", "PUT", "PATCH"}:
                receive = _replay(await _checked_body(scope, receive))
        except ProblemError as problem:
            await answer(problem, request_id(scope))(scope, receive, send)
            return
        await self.app(scope, receive, send)


def check_path(scope: Scope) -> None:
    """Refuse a path or query that is not UTF-8 or holds a NUL.

    Raises:
        ProblemError: malformed.
    """
    for name in ("raw_path", "query_string"):
        raw = unquote_to_bytes(cast("bytes", scope.get(name) or b""))
        if b"\x00" in raw or not _is_utf8(raw):
            raise ProblemError("malformed", "The address holds a NUL or is not percent-encoded UTF-8.")


async def _checked_body(scope: Scope, receive: Receive) -> bytes:
    headers = Headers(scope=scope)
    declared = headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
        raise _too_large()
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        detail = "Send the body as application/json (header Content-Type)."
        raise ProblemError("unsupported-media-type", detail, headers={"Accept": "application/json"})
    body = b""
    more = True
    while more:
        message = await receive()
        body += cast("bytes", message.get("body", b""))
        more = bool(message.get("more_body", False))
        if len(body) > MAX_BODY_BYTES:
            raise _too_large()
    check_json(body)
    return body


def check_json(body: bytes) -> None:
    """Refuse what is not strict JSON, any NUL or unpaired surrogate in it, and numbers no double holds.

    Raises:
        ProblemError: malformed.
    """
    try:
        content: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        detail = f"The body is not JSON in UTF-8 (or holds an unpaired surrogate): see {where}."
        raise ProblemError("malformed", detail) from None
    for value in _leaves(content):
        if isinstance(value, str) and "\x00" in value:
            raise ProblemError("malformed", "A text holds a NUL character: remove it.")
        if isinstance(value, int | float) and not abs(value) <= LARGEST_NUMBER:
            raise ProblemError("malformed", "A number is beyond what JSON carries exactly (2^53): check it.")


def _leaves(value: Any) -> Iterator[Any]:
    """Every text, number and name in a JSON value."""
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield key
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _leaves(item)
    else:
        yield value


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _too_large() -> ProblemError:
    return ProblemError("too-large", "A body may hold 1,000,000 bytes: send less, or import a file.")


def _replay(body: bytes) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive
