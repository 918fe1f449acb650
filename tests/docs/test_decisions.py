"""Decisions have number, status and day, and a number that is missing is explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.docs.decisions import MISSING, decisions


def test_numbers_run_on_and_gaps_are_explained() -> None:
    numbers = [one.number for one in decisions()]
    assert len(set(numbers)) == len(numbers)
    assert set(range(1, max(numbers) + 1)) - set(numbers) == set(MISSING)


def test_who_supersedes_or_amends_is_there_and_not_older() -> None:
    days = {one.file: one.day for one in decisions()}
    for one in decisions():
        for later in re.findall(r"\]\(([\w-]+\.md)\)", one.status):
            assert days[later] >= one.day


@pytest.mark.parametrize("text", ["# 0001 A title\n\n## Context\n", "# 1 A title\n\nStatus: accepted, 2026-01-02\n\n"])
def test_a_decision_without_number_status_or_day_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "0001-a-title.md").write_text(text)
    with pytest.raises(ValueError, match=r"0001-a-title\.md: begin with"):
        list(decisions(tmp_path))
