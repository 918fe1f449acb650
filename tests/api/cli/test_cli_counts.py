"""Texts of the command line count in words that agree: one head, two heads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.cli import output

COUNTED = "activities|admissions|charts|codes|discharges|clients|entries|files|heads|keys|lines|numbers|people|positions|resources|rows|streams|tables"


@pytest.mark.parametrize(("count", "text"), [(0, "0 heads"), (1, "1 head"), (2, "2 heads"), (63_731, "63,731 heads")])
def test_a_count_agrees_with_its_noun(count: int, text: str) -> None:
    assert output.counted(count, "head", "heads") == text


def test_no_text_of_the_command_line_puts_a_plural_behind_any_number() -> None:
    loose = re.compile(rf"\{{[^{{}}]*\}} (?:[a-z]+ )?(?:{COUNTED})\b")
    texts = {path.name: path.read_text() for path in Path(output.__file__).parent.glob("*.py")}
    assert {name: loose.findall(text) for name, text in texts.items() if loose.search(text)} == {}
