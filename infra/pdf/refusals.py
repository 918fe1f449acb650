"""Why there is no such document of a chart; apart from what makes one, which takes a while to load."""

from __future__ import annotations

from domain.errors import ExpectedError


class NothingToPrintError(ExpectedError):
    """There is no such document of this chart; the message says why and what to do, never whose chart it is."""


class NoRecordError(NothingToPrintError, kind="gone"):
    """The chart was erased, or merged into another: it holds nobody's record any more."""


class NoEpisodeError(NothingToPrintError, kind="not-found"):
    """The chart has no such episode."""
