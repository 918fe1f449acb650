"""The glossary has the words that the field has for what this project does, each once and with its source."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/glossary.md").read_text().splitlines()
    if re.match(r"\| (?!word)", line)
]
WORDS = [word for row in ROWS for word in re.sub(r"\(.*\)", "", row[0]).strip().split(", ")]

# Where this project had a word of its own, and the field has one.
INSTEAD = """
drill-down, cell, case, operand, publication, disclosure control, primary suppression, complementary suppression,
recorded time, as-of store, dependencies, changes, change attribution, MAC, encryption, cipher, seal,
notification listener, request limits, sign-in, clinical summary, parallel scan, log scan, side tables, transaction mode
"""


@pytest.mark.parametrize("word", re.split(r",\s+", INSTEAD.strip()))
def test_the_word_of_the_field_is_explained(word: str) -> None:
    assert word in WORDS


def test_each_word_is_explained_once_in_one_line_with_its_source() -> None:
    assert len(set(WORDS)) == len(WORDS)
    assert [row for row in ROWS if len(row) != 3 or not all(row)] == []


@pytest.mark.parametrize("field", ["ASAM", "TEDS", "NCQA", "FHIR", "event sourcing", "disclosure control"])
def test_each_field_that_this_project_draws_on_is_there(field: str) -> None:
    assert any(field in cell for row in ROWS for cell in row)
