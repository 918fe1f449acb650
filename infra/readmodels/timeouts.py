"""Lock timeouts of transactions on PostgreSQL."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

_LOCK_NOT_AVAILABLE = "55P03"  # what PostgreSQL says when the wait for a lock is over


def is_lock_refused(error: DBAPIError) -> bool:
    """Whether PostgreSQL gave up the wait for a lock: nothing was done, and it may be tried again."""
    return getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def may_idle(seconds: int) -> str:
    """A process that is paused within its transaction must not keep others from their work for longer."""
    return f"set_config('idle_in_transaction_session_timeout', '{seconds}s', true)"


def patience(lasts: str) -> str:
    """How long a lock is waited for from now on in the transaction."""
    return f"set_config('lock_timeout', '{lasts}', true)"
