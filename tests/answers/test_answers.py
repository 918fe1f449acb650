"""Every answer of the simulated programme is the one that was recorded: who changes a number means to, and records it."""

from __future__ import annotations

from tests.answers.recorded import Answers, different, now_and_then
from tests.depth import cases


def test_every_answer_is_the_recorded_one() -> None:
    found = now_and_then("programme", cases(3, 1))
    assert not found, "\n".join(found)


def test_a_difference_names_its_question() -> None:
    before: Answers = {"auditor /a": "1", "auditor /b": "2", "auditor /c": "3"}
    assert different(before, {**before}) == []
    now = {"auditor /a": "1", "auditor /b": "9", "auditor /d": "4"}
    assert different(before, now) == ["differs: auditor /b", "new: auditor /d", "no more: auditor /c"]
