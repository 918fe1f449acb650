"""Times in words: what is one is never said as many."""

from __future__ import annotations

import pytest

from domain.phrases import ago, ahead, joined, lasting, spaced


@pytest.mark.parametrize(
    ("days", "before", "after", "long"),
    [
        (0, "today", "today", "less than a day"),
        (1, "yesterday", "tomorrow", "a day"),
        (2, "2 days ago", "in 2 days", "2 days"),
        (31, "31 days ago", "in 31 days", "31 days"),
    ],
)
def test_so_many_days(days: int, before: str, after: str, long: str) -> None:
    assert (ago(days), ahead(days), lasting(days)) == (before, after, long)


def test_parts_keep_what_they_were_made_of() -> None:
    parts: list[str] = [ago(3), lasting(1)]
    both = joined("; ", parts)
    assert both == "3 days ago; a day"
    assert both.template == "{part0}; {part1}"
    assert list(both.values.values()) == parts


def test_a_name_of_many_words() -> None:
    assert spaced("RelapsePreventionPlanSet") == "Relapse prevention plan set"
    assert spaced("FollowUpCompleted") == "Follow-up completed"
    assert spaced("HandoffAssigned") == "Hand-off assigned"
