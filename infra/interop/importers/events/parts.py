"""A line in parts: its envelope parsed, and its data unparsed where an earlier line had the same.

Most lines of a file end with their data, as exports and simulations write them. What stands before it, closed by a
brace, is then the envelope, and reading it proves where the data begins: in no text and in no inner object. Every other
line is read whole.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, cast

import orjson

from infra.eventstore.erased import ERASED
from infra.interop.importers.events.payloads import Key, is_kept
from infra.interop.importers.json_text import names_in, unreadable

MAX_LINE_BYTES: Final = 1_000_000
UNREAD: Final = object()
"""In place of data that was read before."""
_NAME: Final = b'"data":'


class RejectedLineError(Exception):
    """A line cannot be recorded; the message names the field and the remedy, never a personal value."""


class Parts(NamedTuple):
    """A line's envelope, which may lack anything; on what depends what its data comes to; the data, or ``UNREAD``."""

    envelope: dict[str, Any]
    key: Key
    data: object

    @property
    def read(self) -> Any:
        """The data, read if nobody did."""
        return orjson.loads(self.key[-1]) if self.data is UNREAD else self.data


def _key(envelope: dict[str, Any], text: bytes) -> Key:
    # what an erased chart says can no longer be complete
    complete = not str(envelope.get("client")).startswith(ERASED)
    return envelope.get("type"), envelope.get("version"), complete, text


def parts_of(raw: bytes) -> Parts:
    """Take a line apart.

    Raises:
        RejectedLineError: it is no JSON object that says each thing once.
    """
    start = raw.find(_NAME)
    if start > 0 and len(raw) <= MAX_LINE_BYTES and raw.endswith(b"}"):
        envelope = _envelope(raw[:start])
        if envelope is not None:
            text = raw[start + len(_NAME) : -1]
            key = _key(envelope, text)
            data = UNREAD if is_kept(key) else _read(text)
            if data is not None:
                return Parts(envelope, key, data)
    return _whole(raw)


def _envelope(head: bytes) -> dict[str, Any] | None:
    """What stands before the data, if that is an object of plain values but for its last brace."""
    head = head.rstrip()
    if not head.endswith(b",") or b"[" in head or head.find(b"{", 1) > 0:
        return None
    try:
        envelope = cast("dict[str, Any]", orjson.loads(head[:-1] + b"}"))
    except orjson.JSONDecodeError:
        return None
    return envelope if 0 < len(envelope) == names_in(head) and "data" not in envelope else None


def _read(text: bytes) -> object:
    """The data, if it is JSON that is taken; None where it is not, or is null."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return data if unreadable(text, data) is None else None


def _whole(raw: bytes) -> Parts:
    if len(raw) > MAX_LINE_BYTES:
        msg = f"the line is longer than {MAX_LINE_BYTES:,} bytes: split the entry"
        raise RejectedLineError(msg)
    try:
        line = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        msg = f"not JSON at column {error.colno}: write one JSON object a line, in UTF-8"
        raise RejectedLineError(msg) from None
    if not isinstance(line, dict):
        msg = "not a JSON object: write one JSON object a line"
        raise RejectedLineError(msg)
    wrong = unreadable(raw, line)
    if wrong is not None:
        raise RejectedLineError(wrong)
    envelope = cast("dict[str, Any]", line)
    data = envelope.pop("data", {})
    return Parts(envelope, _key(envelope, orjson.dumps(data)), data)
