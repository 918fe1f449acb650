"""A programme says which reasons are a completion; a wrong entry is refused with its line and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from projections.abstinence.measures import load_measures
from projections.completion.definition import DENOMINATORS, denominators, load_completions
from projections.measures_file import MeasureFileError

OWN = """\
[[completion]]
id = "planned_end"
title = "Ended as planned"
definition = "Completed or transferred, of all but those who died."
source = "Programme handbook"
counted = ["completed", "transferred"]
left_out = ["died"]

[[measure]]
id = "one_clean_week"
title = "One clean week"
definition = "Any clean week."
source = "Programme handbook"
rule = { kind = "all_of", conditions = [{ marks = "-", run = 1 }] }
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_both_kinds_of_table_live_in_one_file(tmp_path: Path) -> None:
    path = written(tmp_path, OWN)
    (own,) = load_completions(path)
    assert own.of({"completed": 5, "transferred": 2, "died": 1, "other": 3}) == (7, 10)
    assert [measure.id for measure in load_measures(path)] == ["one_clean_week"]
    assert list(denominators(path)) == [*DENOMINATORS, "planned_end"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('left_out = ["died"]', 'left_out = ["gone"]', "own.toml:7: completion 1 (planned_end): left_out: input should"),
        ('left_out = ["died"]', 'left_out = ["completed"]', "own.toml:1: completion 1 (planned_end): 'completed' is counted and"),
        ('["completed", "transferred"]', "[]", "own.toml:6: completion 1 (planned_end): counted: "),
        ('["completed", "transferred"]', '["completed", "completed"]', "own.toml:1: completion 1 (planned_end): counted names a"),
        ('source = "Programme handbook"\ncounted', "counted", "own.toml:1: completion 1 (planned_end): source: is missing"),
        ('"planned_end"', '"completed"', "own.toml:2: completion 1 (completed): id: 'completed' is taken"),
        ('"planned_end"', '"Planned end"', "own.toml:2: completion 1 (Planned end): id: string should match"),
        ("left_out =", "ignored =", "own.toml:7: completion 1 (planned_end): ignored: is not known here"),
        ("[[completion]]", "[[finish]]", "own.toml: unknown key 'finish'"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: str) -> None:
    path = written(tmp_path, OWN.replace(old, new, 1))
    with pytest.raises(MeasureFileError) as refused:
        load_completions(path)
    assert str(refused.value).replace(str(path), "own.toml").startswith(line), refused.value
