"""Differences in words: more and fewer, per cent of what was before, points of a share, and what chance may explain."""

from __future__ import annotations

from typing import Any

import pytest

from api.web.dashboards.change_words import change, compared


@pytest.mark.parametrize(
    ("then", "now", "kind", "said"),
    [
        (24, 27, "count", "3 more (+12.5\xa0%)"),
        (8, 6, "count", "2 fewer (−25.0\xa0%)"),
        (0, 4, "count", "4 more"),
        (5, 5, "count", "the same"),
        (12.5, 10.0, "number", "2.5 fewer (−20.0\xa0%)"),
        (0.4, 0.525, "share", "12.5 points higher"),
        (0.5, 0.4, "share", "10 points lower"),
        (0.5, 0.5001, "share", "less than 0.1 points higher"),
        (0.5001, 0.5, "share", "less than 0.1 points lower"),
        (0.5, 0.5, "share", "the same"),
        (None, 3, "count", "3 more"),
        (3, None, "count", "3 fewer (−100.0\xa0%)"),
        (None, 0.5, "share", ""),
        ("a", "b", "text", ""),
        (False, True, "value", ""),
    ],
)
def test_a_change_in_words(then: Any, now: Any, kind: str, said: str) -> None:
    assert change(then, now, kind) == said


@pytest.mark.parametrize(
    ("difference", "low", "high", "said"),
    [
        (0.1, 0.02, 0.18, "North is 10 points higher (+20.0\xa0%) than South; more than chance."),
        (-0.1, -0.3, 0.1, "North is 10 points lower (−20.0\xa0%) than South; chance alone may explain it."),
        (0.0, -0.1, 0.1, "No difference."),
        (None, None, None, ""),
    ],
)
def test_a_comparison_in_words(difference: Any, low: Any, high: Any, said: str) -> None:
    row = {"first_title": "North", "second_title": "South", "second_share": 0.5}
    assert compared({**row, "difference": difference, "ci_low": low, "ci_high": high}) == said
