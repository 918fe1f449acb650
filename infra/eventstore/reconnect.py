"""Retry of idempotent work while connections to PostgreSQL are being lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

Result = TypeVar("Result")

PATIENCE_SECONDS = 3.0  # of pauses: a writer may wait for its turn for longer than that, and be lost afterwards
LONGEST_SECONDS = 30.0  # with the tries themselves, each of which may hang until the network gives it up
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5

# The server is there and says no: asking again at once would say no again.
_ANSWERS = (PoolTimeout, psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)


def again_while_lost(work: Callable[[], Result], renew: Callable[[], None]) -> Result:
    """Do the work; when its connection is lost, ``renew`` the others and do it again.

    It gives up after three seconds of pauses, or when thirty seconds have passed with what the tries took.

    Raises:
        Exception: the work's own; the last loss, when the server stays away.
    """
    latest = time.monotonic() + LONGEST_SECONDS
    paused, pause = 0.0, _FIRST_PAUSE
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            if isinstance(error.__cause__, _ANSWERS) or paused + pause > PATIENCE_SECONDS or time.monotonic() > latest:
                raise
            renew()
            time.sleep(pause)
            paused, pause = paused + pause, min(_LONGEST_PAUSE, 2 * pause)
