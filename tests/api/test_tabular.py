"""Rows as CSV: a header always, and nothing of a row left out unsaid."""

from __future__ import annotations

import pytest

from api.tabular import as_csv, cell
from infra.interop.exporters.texts import csv_text, visible


def test_no_rows_have_a_header() -> None:
    assert as_csv([], ("client", "level")) == "client,level\n"


def test_columns_say_what_stands_where() -> None:
    rows = [{"level": "detox", "client": "A-1"}, {"client": "A-2"}]
    assert as_csv(rows, ("client", "level")) == "client,level\nA-1,detox\nA-2,\n"


def test_a_value_without_a_column_is_refused() -> None:
    with pytest.raises(ValueError, match="no column for level"):
        as_csv([{"client": "A-1", "level": "detox"}], ("client",))


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "-x", "\uff1d1+1", "--"]
)
def test_a_spreadsheet_runs_no_text(text: str) -> None:
    assert csv_text(text) == f"'{text}"


@pytest.mark.parametrize("value", ["-5", "+3.25", "-1e-3", "12 %", "A-1", "", -5, -0.5, "-9"])
def test_a_number_stays_a_number(value: object) -> None:
    assert cell(value) == str(value)


def test_a_weekly_pattern_stays_as_it_is() -> None:
    assert cell("+-*o+--") == "+-*o+--"


def test_what_would_hide_or_move_the_rest_is_shown_by_its_code() -> None:
    assert visible("safe\u202egnp.exe\u200b\x1b[2J") == "safe[U+202E]gnp.exe[U+200B][U+001B][2J"
    assert visible("line\nend\ttab, שלום, می\u200cخواهم") == "line\nend\ttab, שלום, می\u200cخواهم"
    assert cell("a\u2066b") == "a[U+2066]b"
