"""A programme adds a measure by an entry in a file; a wrong entry is refused with place and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from projections.abstinence.measures import (
    BUILT_IN,
    Measure,
    MeasureFileError,
    evaluate,
    load_measures,
    parse_measures,
)

OWN = """\
# Our own measures.
[[measure]]
id = "two_clean_weeks"
title = "Two clean weeks in the first month"
definition = "Two clean weeks in a row within weeks 1 to 4; missing weeks break the run."
source = "Programme handbook"
missing = "o"
rule = { kind = "all_of", conditions = [{ marks = "-", last_week = 4, run = 2 }] }

[[measure]]
id = "alcohol_relapse"
title = "Relapse to alcohol"
definition = "Two weeks of drinking within any three."
source = "Programme handbook"
targets = "alcohol"
missing = "-"
[measure.rule]
kind = "first_window"
marks = "+"
width = 3
needed = 2
"""


def load(tmp_path: Path, text: str) -> list[str]:
    """The lines of the refusal."""
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MeasureFileError) as refused:
        load_measures(path)
    return str(refused.value).replace(f"{path}", "own.toml").splitlines()


def test_measures_from_a_file_are_read_like_built_in_ones(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    clean, alcohol = load_measures(path)
    assert (clean.result, alcohol.result, alcohol.targets) == ("yes_no", "week_event", ("alcohol",))
    assert evaluate(clean, "+--o----").value is True
    assert evaluate(clean, "+-o-----").value is False
    assert tuple(evaluate(alcohol, "-o+-*--")) == (4, 1)
    assert alcohol.missing_rule == "A missing week counts as clean; a mixed week counts as use."


@pytest.mark.parametrize("built_in", BUILT_IN, ids=[measure.id for measure in BUILT_IN])
def test_every_built_in_measure_could_have_come_from_a_file(built_in: Measure) -> None:
    entry = {**built_in.model_dump(exclude_none=True), "id": "of_our_own"}
    (own,) = parse_measures({"measure": [entry]})
    for pattern in ("--+o--*----o---------o--", "-o--oo++o--+----", "oooo", ""):
        assert evaluate(own, pattern) == evaluate(built_in, pattern)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "needed = 2",
            "needed = 4",
            "own.toml:17: measure 2 (alcohol_relapse): rule: needed is more than width",
        ),
        ("width = 3\n", "", "own.toml:17: measure 2 (alcohol_relapse): rule.width: is missing; add it"),
        (
            "width = 3",
            'width = "x"',
            "own.toml:20: measure 2 (alcohol_relapse): rule.width: input should be a valid",
        ),
        (
            "needed = 2",
            "needed = 2\nwith = 3",
            "own.toml:22: measure 2 (alcohol_relapse): rule.with: is not known here",
        ),
        (
            'targets = "alcohol"',
            'targets = "tea"',
            "own.toml:15: measure 2 (alcohol_relapse): targets: unknown targets 'tea'; use a set (opioid,",
        ),
        (
            'targets = "alcohol"',
            'targets = [\n"alcohol",\n"fentanly"]',
            "own.toml:15: measure 2 (alcohol_relapse): targets: unknown targets 'fentanly'; use a set",
        ),
        (
            'targets = "alcohol"',
            "targets = []",
            "own.toml:15: measure 2 (alcohol_relapse): targets: give a set, a class or a name",
        ),
        (
            'missing = "-"',
            'missing = "?"',
            "own.toml:16: measure 2 (alcohol_relapse): missing: input should be '+'",
        ),
        (
            'missing = "-"',
            'missing = ""',
            "own.toml:10: measure 2 (alcohol_relapse): weeks cannot be numbered",
        ),
        ('marks = "+"', 'marks = "o"', "own.toml:10: measure 2 (alcohol_relapse): marks 'o' never occur"),
        ('kind = "first_window"', 'kind = "best"', "own.toml:17: measure 2 (alcohol_relapse): rule: "),
        (
            '"alcohol_relapse"',
            '"two_clean_weeks"',
            "own.toml:11: measure 2 (two_clean_weeks): id: 'two_clean_weeks' is",
        ),
        (
            '"alcohol_relapse"',
            '"first_use"',
            "own.toml:11: measure 2 (first_use): id: 'first_use' is taken; choose",
        ),
        (
            '[{ marks = "-", last_week = 4, run = 2 }]',
            "[]",
            "own.toml:8: measure 1 (two_clean_weeks): rule: nothing is asked; give at least one condition",
        ),
        (
            "run = 2",
            "at_most = -1",
            "own.toml:8: measure 1 (two_clean_weeks): rule.conditions.at_most: input should",
        ),
        (
            ", run = 2",
            "",
            "own.toml:8: measure 1 (two_clean_weeks): rule.conditions: nothing is asked; give run",
        ),
        (
            "last_week = 4",
            "last_week = 0",
            "own.toml:8: measure 1 (two_clean_weeks): rule.conditions: weeks count",
        ),
        (
            "last_week = 4",
            "first_week = 5, last_week = 4",
            "own.toml:8: measure 1 (two_clean_weeks): rule.conditions: last_week comes before first",
        ),
    ],
)
def test_a_wrong_entry_is_named_with_its_line_and_the_remedy(tmp_path: Path, old: str, new: str, line: str) -> None:
    problems = load(tmp_path, OWN.replace(old, new))
    assert [problem[: len(line)] for problem in problems] == [line]


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    problems = load(tmp_path, OWN.replace('"Programme handbook"', '""'))
    assert [problem.split(": ")[1] for problem in problems] == [
        "measure 1 (two_clean_weeks)",
        "measure 2 (alcohol_relapse)",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "own.toml: no measures; write each measure as a [[measure]] table"),
        ("[measure]\nid = 'x'\n", "own.toml: no measures; write each"),
        ("measures = []\n", "own.toml: unknown key 'measures'; write each"),
        ("measure = [1]\n", "own.toml: measure 1: is not a table; write each"),
        ("[[measure]\n", "own.toml: not TOML: "),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    (line,) = load(tmp_path, text)
    assert line.startswith(problem)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeasureFileError, match="cannot be read"):
        load_measures(tmp_path / "none.toml")


def test_a_mapping_needs_no_file() -> None:
    with pytest.raises(MeasureFileError, match=r"^settings: measure 1 \(x1\): title: is missing; add it"):
        parse_measures({"measure": [{"id": "x1"}]}, "settings")
