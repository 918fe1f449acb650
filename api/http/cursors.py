"""Cursors: opaque places in a list, so that pages neither repeat nor skip while rows are added."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import Query

from api.http.problems import ProblemError

Limit = Annotated[int, Query(ge=1, le=1000, description="Rows a page")]
Cursor = Annotated[str, Query(max_length=400, description="The next_cursor of the page before")]


def encode(*parts: str) -> str:
    """A cursor that holds these parts (none of them with a ``|``)."""
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def decode(cursor: str, count: int) -> tuple[str, ...]:
    """The parts of a cursor; empty strings for the first page.

    Raises:
        ProblemError: it is not a cursor of this list.
    """
    if not cursor:
        return ("",) * count
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = tuple(base64.b64decode(padded, b"-_", validate=True).decode().split("|"))
    except ValueError:
        parts = ()
    if len(parts) != count:
        problem = {"field": "cursor", "problem": "is not a next_cursor of this list: begin without one"}
        raise ProblemError("invalid", "The cursor cannot be used.", {"errors": [problem]})
    return parts
