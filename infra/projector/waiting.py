"""Locks that others hold for the moment."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

_LOCK_NOT_AVAILABLE = "55P03"  # what PostgreSQL says when the wait for a lock is over


def is_lock_refused(error: DBAPIError) -> bool:
    """Whether PostgreSQL gave up the wait for a lock: nothing was done, and it may be tried again."""
    return getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE
