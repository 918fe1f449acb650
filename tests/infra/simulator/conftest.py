"""The simulated programme that the calibration tests look at, gone through once."""

from __future__ import annotations

import pytest
from summary import UNTIL, Summary

from infra.simulator import simulate


@pytest.fixture(scope="session")
def programme() -> Summary:
    """3,000 clients over 18 months, one client in memory at a time."""
    found = Summary()
    for lines in simulate(3_000, 7, until=UNTIL):
        found.take(lines)
    return found
