"""Every built-in measure against a second writing of its rule, word for word from the table of measures."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from projections.abstinence.measures import BUILT_IN, MEASURES, evaluate

patterns = st.one_of(st.text("+-*o", max_size=30), st.text("++--o*-", min_size=12, max_size=24))


def strict(pattern: str) -> str:
    return pattern.replace("o", "+").replace("*", "+")


def longest_without_use(pattern: str) -> int:
    return max(len(run) for run in re.split(r"\+", pattern))


def first_window(pattern: str, mark: str, width: int, needed: int, before: int = 0) -> tuple[int, int]:
    weeks = list(pattern)[before:]
    windows = [weeks[start : start + width] for start in range(len(weeks) - width + 1)]
    for number, window in enumerate(windows, start=1):
        if window.count(mark) >= needed:
            return min(before, len(pattern)) + number + (width - needed), 1
    return min(before, len(pattern)) + len(windows) + (width - needed), 0


def end_ctn0094(pattern: str) -> bool:
    weeks = [pattern[week - 1] for week in (12, 13, 14, 15) if week <= len(pattern)]
    rest = [week for week in weeks if week != "o"]
    return len(weeks) == 4 and weeks.count("o") <= 1 and all(week == "-" for week in rest)


def end_ctn0030(pattern: str) -> bool:
    weeks = strict(pattern)
    before = [weeks[-back] for back in (4, 3, 2) if back <= len(weeks)]
    return weeks.endswith("-") and before.count("+") <= 1


def last_not_missing(pattern: str) -> int:
    return max((week for week, symbol in enumerate(pattern, start=1) if symbol != "o"), default=0)


RULES: dict[str, Callable[[str], object]] = {
    "negative_weeks": lambda p: strict(p).count("-"),
    "percent_negative": lambda p: strict(p).count("-") / len(p) if p else 0.0,
    "three_consecutive_negative": lambda p: "---" in p,
    "four_consecutive_negative": lambda p: "----" in p,
    "longest_abstinence": lambda p: longest_without_use(strict(p)),
    "longest_abstinence_observed": lambda p: longest_without_use(p.replace("o", "").replace("*", "+")),
    "abstinent_from_week_5": lambda p: "+" not in strict(p)[4:15],
    "negative_weeks_from_week_5": lambda p: strict(p)[4:15].count("-"),
    "end_of_treatment_ctn0094": end_ctn0094,
    "end_of_treatment_ctn0030": end_ctn0030,
    "first_use": lambda p: first_window(strict(p), "+", 1, 1),
    "first_use_observed": lambda p: first_window(p.replace("o", "-").replace("*", "+"), "+", 1, 1),
    "relapse_ctn0094": lambda p: first_window(strict(p), "+", 4, 4),
    "relapse_ctn0051": lambda p: first_window(strict(p), "+", 4, 4, before=2),
    "relapse_three_weeks": lambda p: first_window(strict(p), "+", 3, 3),
    "relapse_two_of_four": lambda p: first_window(strict(p), "+", 4, 2),
    "relapse_from_week_4": lambda p: "++" in strict(p)[3:],
    "relapse_three_consecutive": lambda p: "+++" in strict(p),
    "dropout_ctn0094": lambda p: first_window(p, "o", 4, 4),
    "retention": last_not_missing,
}


def test_every_measure_has_a_rule_to_compare_with() -> None:
    assert list(RULES) == [measure.id for measure in BUILT_IN]


@pytest.mark.parametrize("id_", RULES)
@given(pattern=patterns)
def test_the_measure_is_the_rule(id_: str, pattern: str) -> None:
    expected = RULES[id_](pattern)
    found = evaluate(MEASURES[id_], pattern)
    assert (tuple(found) if isinstance(expected, tuple) else found.value) == expected
