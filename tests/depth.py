"""How thorough tests are that try many cases: as usual, or as `make test-long` has them."""

from __future__ import annotations

import os

LONG = os.environ.get("CAREJOURNEY_TEST_LONG") == "1"


def cases(usual: int, long: int) -> int:
    """How many cases to try."""
    return long if LONG else usual
