"""The day of the tests that need one, the same whenever they run.

``CAREJOURNEY_TEST_DAY`` sets another: `make test-days` runs them on days that are unlike others.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

from domain.days import Calendar
from infra.eventstore.log import Clock

UTC_DAYS = Calendar("UTC")  # as the settings have it by default


def _given(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None, "CAREJOURNEY_TEST_DAY: give its offset, as 2028-02-29T15:00:00Z"
    return moment.astimezone(UTC)


DAY = _given(os.environ.get("CAREJOURNEY_TEST_DAY", "2026-10-14T15:00:00Z"))


def clock_of_the_day() -> Clock:
    """A clock that shows ``DAY`` now and goes on from there."""
    began = time.monotonic()
    return lambda: DAY + timedelta(seconds=time.monotonic() - began)


def before(**span: float) -> datetime:
    """A moment so long before ``DAY``, as ``before(days=30)``."""
    return DAY - timedelta(**span)
