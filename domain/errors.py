"""Expected errors: each has a kind, which command line, HTTP and pages turn into an exit code, a problem, a page."""

from __future__ import annotations

from typing import ClassVar, Literal

Kind = Literal[
    "failed",  # it could not be done, for a reason that the operator can mend
    "settings",  # the settings do not fit
    "question",  # a report was asked something that it cannot answer
    "invalid",  # what was sent does not fit
    "refused",  # a rule of care stands against it
    "group-refused",  # for at least one of those who attend
    "stale",  # it has changed meanwhile
    "key-reused",  # the idempotency key was used for something else
    "too-many",  # as often as anybody may
    "not-allowed",
    "no-such-chart",
    "not-known-then",
    "not-found",
    "gone",  # it was here, and is not any more
    "no-key",  # the master key is missing
    "not-ready",  # later it can be done
]


class ExpectedError(Exception):
    """Something that is bound to happen; its message says what and the remedy, and never a personal value.

    A subclass names its kind: ``class NoSuchChartError(ExpectedError, LookupError, kind="no-such-chart")``.
    """

    kind: ClassVar[Kind] = "failed"

    def __init_subclass__(cls, kind: Kind | None = None) -> None:
        """Keep the kind; without one it is that of the class above."""
        super().__init_subclass__()
        if kind is not None:
            cls.kind = kind
