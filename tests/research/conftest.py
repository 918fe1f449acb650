"""The read models of the CTN-0094 people, which take longest: made once for the room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.bootstrap import Services
from tests.research.ctn0094_page import clients


@pytest.fixture(scope="session")
def trials() -> Iterator[Services]:
    """All 3,560 people, to be asked for reports."""
    with clients() as services:
        yield services
