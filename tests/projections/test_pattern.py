"""A week is `+` by use days only, `-` by clean days only, `*` by both, `o` by neither."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from random import Random

import pytest
from hypothesis import given, strategies as st

from projections.abstinence.pattern import SYMBOLS, Screen, has_no_screens, pattern_of, weekly_findings
from projections.abstinence.targets import DEFAULT_TARGETS, Targets, is_target

START = date(2024, 1, 1).toordinal()

screens_of_a_stay = st.lists(
    st.builds(
        Screen,
        st.integers(START - 10, START + 60),
        st.booleans(),
        st.booleans(),
        st.sets(st.sampled_from(["heroin", "fentanyl", "alcohol", "xylazine", "a novelty"]), max_size=3),
    ),
    max_size=40,
)
spans = st.integers(0, 45)


def clean(day: int) -> Screen:
    return Screen(START + day, scheduled=True, valid=True)


def use(day: int) -> Screen:
    return Screen(START + day, scheduled=True, valid=True, findings={"heroin"})


def weekly_pattern(start: int, end: int, screens: Iterable[Screen], targets: Targets = DEFAULT_TARGETS) -> str:
    return pattern_of(weekly_findings(start, end, screens), targets)


def literal(start: int, end: int, screens: list[Screen], targets: Targets) -> str:
    """The rule as it is written, week by week and day by day."""
    symbols: list[str] = []
    monday = start + 1
    while monday <= end:
        use_days = clean_days = 0
        for day in range(monday, min(monday + 7, end + 1)):
            of_day = [screen for screen in screens if screen.day == day]
            if any(screen.valid and any(is_target(name, targets) for name in screen.findings) for screen in of_day):
                use_days += 1
            elif any(screen.scheduled for screen in of_day):
                clean_days += 1
        symbols.append("*" if use_days and clean_days else "+" if use_days else "-" if clean_days else "o")
        monday += 7
    return "".join(symbols)


@given(spans, screens_of_a_stay, st.sampled_from([DEFAULT_TARGETS, ("any_illicit",), ("fentanyl", "sedative")]))
def test_the_pattern_is_the_written_rule(span: int, screens: list[Screen], targets: Targets) -> None:
    assert weekly_pattern(START, START + span, screens, targets) == literal(START, START + span, screens, targets)


@given(spans, screens_of_a_stay, st.randoms(use_true_random=False))
def test_the_order_of_screens_and_repeats_change_nothing(span: int, screens: list[Screen], random: Random) -> None:
    shuffled = [*screens, *screens]
    random.shuffle(shuffled)
    assert weekly_pattern(START, START + span, shuffled) == weekly_pattern(START, START + span, screens)


@given(spans, screens_of_a_stay)
def test_there_is_one_symbol_for_each_week_begun(span: int, screens: list[Screen]) -> None:
    pattern = weekly_pattern(START, START + span, screens)
    assert len(pattern) == -(-span // 7)
    assert set(pattern) <= set(SYMBOLS)


@given(spans, screens_of_a_stay)
def test_a_longer_plan_only_adds_weeks(span: int, screens: list[Screen]) -> None:
    whole = span // 7
    shorter = weekly_pattern(START, START + whole * 7, screens)
    assert weekly_pattern(START, START + span, screens).startswith(shorter)


@pytest.mark.parametrize(
    ("screens", "pattern"),
    [
        ([], "oo"),
        ([clean(0)], "oo"),
        ([clean(1)], "-o"),
        ([clean(7)], "-o"),
        ([clean(8)], "o-"),
        ([use(14)], "o+"),
        ([use(15)], "oo"),
        ([clean(1), use(2)], "*o"),
        ([clean(1), use(1)], "+o"),
        ([use(1), clean(1)], "+o"),
    ],
    ids=[
        "no screen at all",
        "the clock start itself belongs to no week",
        "week 1 starts the day after",
        "day 7 ends week 1",
        "day 8 starts week 2",
        "the planned end belongs to the last week",
        "after the planned end nothing counts",
        "clean and use on two days are mixed",
        "a use day is not a clean day",
        "whatever came first",
    ],
)
def test_weeks_of_a_two_week_stay(screens: list[Screen], pattern: str) -> None:
    assert weekly_pattern(START, START + 14, screens) == pattern


def test_the_last_week_may_be_shorter() -> None:
    assert weekly_pattern(START, START + 8, [clean(8), use(9)]) == "o-"


def test_a_stay_without_days_has_no_weeks() -> None:
    assert weekly_pattern(START, START, [clean(0)]) == ""
    assert weekly_pattern(START, START - 3, [clean(0)]) == ""


def test_an_unscheduled_screen_counts_when_it_shows_use_and_is_ignored_otherwise() -> None:
    found = Screen(START + 1, scheduled=False, valid=True, findings={"heroin"})
    nothing = Screen(START + 9, scheduled=False, valid=True)
    assert weekly_pattern(START, START + 14, [found, nothing]) == "+o"


def test_an_invalid_screen_never_shows_use() -> None:
    refused = Screen(START + 1, scheduled=False, valid=False, findings={"heroin"})
    assert weekly_pattern(START, START + 7, [refused]) == "o"


def test_screens_may_come_from_an_iterator() -> None:
    assert weekly_pattern(START, START + 7, iter([clean(3)])) == "-"


def test_findings_keep_what_any_targets_need_and_no_more() -> None:
    both = Screen(START + 2, scheduled=True, valid=True, findings={"heroin", "alcohol"})
    loose = Screen(START + 9, scheduled=False, valid=True, findings={"xylazine"})
    nothing = Screen(START + 10, scheduled=False, valid=True)
    findings = weekly_findings(START, START + 21, [clean(1), clean(3), both, loose, nothing])
    assert findings == "-;-alcohol,heroin/xylazine//"
    assert pattern_of(findings, ("alcohol",)) == "*oo"
    assert pattern_of(findings, ("sedative",)) == "-+o"


@pytest.mark.parametrize(("pattern", "none"), [("", True), ("oo", True), ("o-", False), ("o+", False), ("*", False)])
def test_a_stay_has_no_screens_where_every_week_is_missing(pattern: str, none: bool) -> None:
    assert has_no_screens(pattern) is none
