"""Database errors in words for operators. Nothing was written, and nothing is lost."""

from __future__ import annotations

import sys

import sqlalchemy.exc
from eventsourcing import persistence

from infra.eventstore.setup import UNAVAILABLE

_STORES: tuple[type[Exception], ...] = (
    *UNAVAILABLE,
    persistence.InternalError,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InternalError,
)

_REASONS = (
    (
        ("disk is full", "no space left", "disk i/o error", "could not extend", "could not write"),
        "the disk is full, or takes no more",
        "free space",
    ),
    (("readonly", "read-only"), "the database can only be read", "make the disk or the database writable again"),
    (("locked", "lock timeout"), "another process holds the database", "wait for it, or end it"),
    (("unable to open",), "the database file cannot be opened", "check that its folder is there and can be written"),
)
_OTHER = "the database does not answer", "try again"


GOES_ON = "it goes on by itself after that"
AGAIN = "give the command again after that"


def database_errors() -> tuple[type[Exception], ...]:
    """Everything by which a store of ours, or the driver under it, says that it cannot just now.

    The driver of PostgreSQL is not loaded for this, for it is 22 MB: where it is not loaded, it says nothing.
    """
    driver = sys.modules.get("psycopg")
    return _STORES if driver is None else (*_STORES, driver.OperationalError, driver.errors.ReadOnlySqlTransaction)


def unavailable(error: BaseException, then: str = GOES_ON) -> str:
    """What is wrong, what to do, and what is after that, as one sentence; never a value from a statement."""
    message = str(error).lower()
    what, remedy = next(
        ((what, remedy) for signs, what, remedy in _REASONS if any(s in message for s in signs)), _OTHER
    )
    return f"{what}: {remedy}. Nothing was written; {then}"


def is_damage(error: BaseException) -> bool:
    """Whether a database reports that its content is damaged, which no waiting mends."""
    message = str(error).lower()
    return any(
        sign in message for sign in ("malformed", "could not decode", "not a database", "invalid page", "checksum")
    )
