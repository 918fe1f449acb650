"""Suppression of small cells: counts of 1–10 people are hidden; 0 is shown.

Source: the CMS cell-size suppression policy (no cell of 1–10 is shown and none can be derived).
``projections.safe_counts`` and ``projections.safe_groups`` see to it that none can be derived.
"""

from __future__ import annotations

SMALLEST_SHOWN = 11


def small(n: int | None) -> bool:
    """Whether a count of people may not be shown."""
    return n is not None and 0 < n < SMALLEST_SHOWN
