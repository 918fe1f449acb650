"""Blocks of a few entries, so that small histories have many."""

from __future__ import annotations

import pytest

from infra.history.as_of import recorded_blocks as knowledge


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three entries a block, seven read together."""
    monkeypatch.setattr(knowledge, "BLOCK_ENTRIES", 3)
    monkeypatch.setattr(knowledge, "JOINED_ENTRIES", 7)
