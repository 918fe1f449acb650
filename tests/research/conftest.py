"""The read models of the CTN-0094 people, which take longest: made once for the room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.bootstrap import Services
from tests.research.ctn0094_page import ONE_IN, clients


@pytest.fixture(scope="session")
def trials() -> Iterator[Services]:
    """By day one in four of the 3,560 people, by night all, to be asked for reports."""
    with clients(ONE_IN) as services:
        yield services
