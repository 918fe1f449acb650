"""Retry of idempotent work while connections to PostgreSQL are being lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

Result = TypeVar("Result")

PATIENCE_SECONDS = 3.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5

# The server is there and says no: asking again at once would say no again.
_ANSWERS = (PoolTimeout, psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)


def again_while_lost(work: Callable[[], Result], renew: Callable[[], None]) -> Result:
    """Do the work; when its connection is lost, ``renew`` the others and do it again, for three seconds at most.

    Raises:
        Exception: the work's own; the last loss, when the server stays away.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = _FIRST_PAUSE
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            if isinstance(error.__cause__, _ANSWERS) or time.monotonic() + pause > deadline:
                raise
            renew()
            time.sleep(pause)
            pause = min(_LONGEST_PAUSE, 2 * pause)
