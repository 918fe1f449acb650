"""Refusals that a request has already put into the access log, so that none is there twice."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar

Noted = set[str]
# The clients whose refusal was recorded in this request; one object for all its threads. None outside of requests.
NOTED: ContextVar[Noted | None] = ContextVar("refusals_noted", default=None)


def begin() -> Noted:
    """Begin a request: what is noted from here on is in the answer."""
    noted: Noted = set()
    NOTED.set(noted)
    return noted


def note(clients: Iterable[str]) -> None:
    """A refusal about these clients is recorded."""
    noted = NOTED.get()
    if noted is not None:
        noted.update(clients)
