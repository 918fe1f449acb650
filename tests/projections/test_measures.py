"""The worked examples, and what holds for every measure on every pattern."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from projections.abstinence.measures import BUILT_IN, MEASURES, evaluate, evaluate_all
from projections.abstinence.measures_model import Measure
from projections.abstinence.measures_rules import FirstWindow

patterns = st.text("+-*o", max_size=40)

LONG = "--+o--*----o---------o--"
SHORT = "-o--oo++o--+----"


@pytest.mark.parametrize(
    ("pattern", "id_", "result"),
    [
        (LONG, "negative_weeks", (19, None)),
        (LONG, "percent_negative", (19 / 24, None)),
        (LONG, "three_consecutive_negative", (True, None)),
        (LONG, "longest_abstinence", (9, None)),
        (LONG, "longest_abstinence_observed", (15, None)),
        (LONG, "end_of_treatment_ctn0094", (True, None)),
        (LONG, "end_of_treatment_ctn0030", (True, None)),
        (LONG, "first_use", (3, 1)),
        (LONG, "relapse_ctn0094", (21, 0)),
        (LONG, "relapse_ctn0051", (21, 0)),
        (LONG, "relapse_two_of_four", (3, 1)),
        (LONG, "dropout_ctn0094", (21, 0)),
        (LONG, "retention", (24, None)),
        (SHORT, "negative_weeks", (9, None)),
        (SHORT, "longest_abstinence", (4, None)),
        (SHORT, "end_of_treatment_ctn0094", (False, None)),
        (SHORT, "end_of_treatment_ctn0030", (True, None)),
        (SHORT, "first_use_observed", (7, 1)),
        (SHORT, "relapse_ctn0094", (5, 1)),
        (SHORT, "relapse_ctn0051", (5, 1)),
        (SHORT, "relapse_two_of_four", (4, 1)),
        (SHORT, "dropout_ctn0094", (13, 0)),
        (SHORT, "negative_weeks_from_week_5", (5, None)),
    ],
)
def test_worked_example(pattern: str, id_: str, result: tuple[object, object]) -> None:
    assert tuple(evaluate(MEASURES[id_], pattern)) == result


@pytest.mark.parametrize(
    ("pattern", "relapse"),
    [
        ("++++----", (5, 0)),
        ("++++++--", (3, 1)),
        ("--++++--", (3, 1)),
        ("+++-++++", (5, 1)),
        ("--------", (5, 0)),
    ],
)
def test_relapse_from_week_3_keeps_absolute_week_numbers(pattern: str, relapse: tuple[int, int]) -> None:
    assert tuple(evaluate(MEASURES["relapse_ctn0051"], pattern)) == relapse


@pytest.mark.parametrize(
    ("weeks_12_on", "abstinent"),
    [
        ("----", True),
        ("o---", True),
        ("--o-", True),
        ("o--o", False),
        ("-*--", False),
        ("+---", False),
        ("---", False),
        ("--o", False),
        ("----+", True),
    ],
)
def test_end_of_treatment_needs_all_of_weeks_12_to_15(weeks_12_on: str, abstinent: bool) -> None:
    assert evaluate(MEASURES["end_of_treatment_ctn0094"], "+" * 11 + weeks_12_on).value is abstinent


@pytest.mark.parametrize(("pattern", "week"), [("", 0), ("oooo", 0), ("o*oo", 2), ("-ooo", 1), ("oo+", 3)])
def test_retention_is_the_last_week_that_is_not_missing(pattern: str, week: int) -> None:
    assert evaluate(MEASURES["retention"], pattern).value == week


@given(patterns)
def test_all_at_once_says_what_each_says(pattern: str) -> None:
    assert evaluate_all(pattern) == tuple(evaluate(measure, pattern) for measure in BUILT_IN)


@given(patterns)
def test_results_have_the_kind_that_the_measure_names(pattern: str) -> None:
    for measure in BUILT_IN:
        value, event = evaluate(measure, pattern)
        assert (event in (0, 1)) if measure.result == "week_event" else event is None
        match measure.result:
            case "yes_no":
                assert isinstance(value, bool)
            case "share":
                assert isinstance(value, float) and 0 <= value <= 1
            case _:
                assert type(value) is int and value >= 0


@given(patterns.filter(lambda pattern: len(pattern) >= 4))
def test_weeks_lie_within_the_pattern(pattern: str) -> None:
    for measure in BUILT_IN:
        if measure.result in ("week_event", "weeks", "count"):
            assert evaluate(measure, pattern).value <= len(pattern), measure.id


@given(patterns, st.text("o*", min_size=1, max_size=1))
def test_a_week_that_turns_out_clean_never_makes_a_strict_figure_worse(pattern: str, doubt: str) -> None:
    better = pattern.replace(doubt, "-")
    for id_ in ("negative_weeks", "percent_negative", "longest_abstinence", "abstinent_from_week_5"):
        assert evaluate(MEASURES[id_], better).value >= evaluate(MEASURES[id_], pattern).value
    for id_ in ("relapse_from_week_4", "relapse_three_consecutive"):
        assert evaluate(MEASURES[id_], better).value <= evaluate(MEASURES[id_], pattern).value


@given(patterns)
def test_measures_that_ask_more_are_met_less_often(pattern: str) -> None:
    def value(id_: str) -> float:
        return evaluate(MEASURES[id_], pattern).value

    assert value("four_consecutive_negative") <= value("three_consecutive_negative")
    assert value("longest_abstinence") <= value("longest_abstinence_observed")
    assert value("longest_abstinence") <= value("negative_weeks") <= value("retention")
    assert value("first_use") <= value("first_use_observed")


def test_a_pattern_with_other_symbols_is_refused() -> None:
    with pytest.raises(ValueError, match="'_'"):
        evaluate(MEASURES["first_use"], "--_-")
    with pytest.raises(ValueError, match="'x'"):
        evaluate_all("x")


def test_there_are_twenty_measures_with_words_and_sources() -> None:
    assert len(BUILT_IN) == len(MEASURES) == 20
    for measure in BUILT_IN:
        assert measure.title and measure.definition.endswith(".") and measure.source
        assert measure.missing_rule.startswith("A missing week ")


def test_weeks_before_the_search_do_not_count_even_from_the_end() -> None:
    last_four = Measure(
        id="late_use",
        title="Late use",
        definition="First use in the last four weeks.",
        source="test",
        rule=FirstWindow(marks="+", width=1, needed=1, first_week=-4),
    )
    assert tuple(evaluate(last_four, "++----+-")) == (7, 1)
    assert tuple(evaluate(last_four, "++------")) == (8, 0)
    assert tuple(evaluate(last_four, "-+")) == (2, 1)
