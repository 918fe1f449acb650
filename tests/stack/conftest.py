"""One stack for all tests of this room: PostgreSQL, Kafka, provider, two API processes, relays, projectors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stack.running import Collector, Stack


@pytest.fixture(scope="module")  # not longer: its processes would work on beside all other tests
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack, removed afterwards."""
    collector = Collector()
    found = Stack(tmp_path_factory.mktemp("stack"), collector)
    try:
        found.tool("start")
        yield found
    finally:
        found.tool("destroy")
        collector.close()
