"""How thorough tests are: by day as `make test` has them, or by night as `make test-long` does."""

from __future__ import annotations

import os
from typing import Any

import pytest

LONG = os.environ.get("CAREJOURNEY_TEST_LONG") == "1"


def cases(usual: int, long: int) -> int:
    """How many cases to try."""
    return long if LONG else usual


nightly = pytest.mark.skipif(not LONG, reason="kept for the night: make test-long")
"""What a quicker test of the same kind stands for by day."""


def by_night(*values: Any, **more: Any) -> Any:
    """A case of a test that other cases stand for by day."""
    return pytest.param(*values, marks=nightly, **more)
