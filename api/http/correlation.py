"""Correlation id of a request: the one that the caller gave, or a new one.

A W3C ``traceparent`` (Trace Context, Recommendation of 2021-11-23) gives its trace-id, else ``X-Request-ID`` its UUID,
or the UUIDv5 of any other name. What cannot be one of these, or comes twice, is as if it were not there: it is
the caller's own affair, never an error, and never written anywhere as it came. An id from outside says what belongs
together, and proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4, uuid5

_KEY = "carejourney.request_id"
LONGEST_NAME = 200  # bytes of an X-Request-ID
NAMES = UUID("5f0c7d52-6a0b-5d0e-9c55-0d6f3f1c8a41")  # of names that are no UUID; never changed, for they are kept
_ZERO = UUID(int=0)
# version 00 ends here; a later one may go on after another dash, and ff is none
_TRACEPARENT = re.compile(rb"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]{0,400})?")
_UUID = re.compile(rb"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32}")
_NAME = re.compile(rb"[!-~]{1,%d}" % LONGEST_NAME)


def request_id(scope: Any) -> str:
    """The id of a request, found out when it came in."""
    if _KEY not in scope:
        headers: list[tuple[bytes, bytes]] = list(scope.get("headers", ()))
        scope[_KEY] = str(given(headers) or uuid4())
    return scope[_KEY]


def given(headers: Iterable[tuple[bytes, bytes]]) -> UUID | None:
    """The id that a caller gave by these headers (names in lower case), or None."""
    values: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return _traced(values.get(b"traceparent", [])) or _named(values.get(b"x-request-id", []))


def _traced(values: list[bytes]) -> UUID | None:
    match = _TRACEPARENT.fullmatch(values[0].strip(b" \t")) if len(values) == 1 else None
    if match is None or (match[1] == b"00" and match[3] is not None):
        return None
    return _unless_zero(UUID(match[2].decode()))


def _named(values: list[bytes]) -> UUID | None:
    name = values[0].strip(b" \t") if len(values) == 1 else b""
    if _UUID.fullmatch(name):
        return _unless_zero(UUID(name.decode()))
    return uuid5(NAMES, name.decode()) if _NAME.fullmatch(name) else None


def _unless_zero(traced: UUID) -> UUID | None:
    return None if traced == _ZERO else traced
