"""Small counts of people: 1 to 10, and 0 is not.

Source: the cell-size suppression policy of the US Centers for Medicare & Medicaid Services (no cell of 1–10 leaves).
"""

from __future__ import annotations

SMALLEST_SHOWN = 11


def small(n: int | None) -> bool:
    """Whether a count of people can point to single people."""
    return n is not None and 0 < n < SMALLEST_SHOWN
