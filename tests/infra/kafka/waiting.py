"""Wait for a condition."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 90.0


def until(holds: Callable[[], object], patience: float = PATIENCE) -> None:
    """Until it holds; a test that waits too long fails and says so."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)
