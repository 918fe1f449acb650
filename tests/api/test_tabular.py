"""Rows as CSV: a header always, and nothing of a row left out unsaid."""

from __future__ import annotations

import pytest

from api.tabular import as_csv


def test_no_rows_have_a_header() -> None:
    assert as_csv([], ("client", "level")) == "client,level\n"


def test_columns_say_what_stands_where() -> None:
    rows = [{"level": "detox", "client": "A-1"}, {"client": "A-2"}]
    assert as_csv(rows, ("client", "level")) == "client,level\nA-1,detox\nA-2,\n"


def test_a_value_without_a_column_is_refused() -> None:
    with pytest.raises(ValueError, match="no column for level"):
        as_csv([{"client": "A-1", "level": "detox"}], ("client",))
