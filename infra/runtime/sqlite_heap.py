"""What SQLite may hold in memory of a process, over all its connections."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Final

SERVED: Final = 40_000_000
"""Bytes, of a server: every connection keeps pages that it has read, and there is one for each answer being made."""


def bound_heap(most: int = SERVED) -> None:
    """From so many bytes on a connection reads over pages that it holds, before it takes more memory for others.

    It slows nothing down that fits, and refuses nothing: what a statement needs at once it still gets.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"PRAGMA soft_heap_limit={most:d}")
