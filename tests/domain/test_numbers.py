"""When two spellings are one chart number, and what cannot be one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from domain.numbers import ChartNumberError, as_shown, canonical
from tests.depth import cases

SAME = ["C-1001", " c-1001 ", "Ｃ-1001", "ｃ－１００１", "\tC-1001\n"]


@pytest.mark.parametrize("spelling", SAME)
def test_one_number_in_many_spellings(spelling: str) -> None:
    assert canonical(spelling) == "c-1001"


@pytest.mark.parametrize(
    ("one", "other"), [("A  1", "a 1"), ("A\N{NO-BREAK SPACE}1", "A 1"), ("Straße", "STRASSE"), ("é", "e\u0301")]
)
def test_blanks_case_and_composition_make_no_difference(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(("one", "other"), [("A-1", "A1"), ("A-1", "A-01"), ("2024/0153", "2024-0153"), ("O", "0")])
def test_other_signs_are_other_numbers(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "  ",
        "\u3000",
        "A\u200b1",
        "\ufeffA",
        "A\u202e1",
        "A\x001",
        "A\n1",
        "A\t1",
        "A\x7f",
        "\ue000",
        "\U000e0001",
        "x" * 201,
        "A\ufe0f1",
        "A\u31641",
        "\N{CYRILLIC CAPITAL LETTER ES}-1001",
        "A\N{CYRILLIC CAPITAL LETTER ES}-1001",
        "\N{GREEK CAPITAL LETTER ALPHA}-1",
        "C\N{HYPHEN}1001",
        "C\N{EN DASH}1001",
        "C\N{NON-BREAKING HYPHEN}1001",
        "C\N{MINUS SIGN}1001",
    ],
)
def test_what_cannot_be_a_number(bad: str) -> None:
    with pytest.raises(ChartNumberError, match="chart number") as refused:
        as_shown(bad)
    assert len(bad) < 3 or bad not in str(refused.value)


def test_a_number_is_kept_as_it_was_first_given() -> None:
    assert as_shown(" Ｃ-1001 ") == "Ｃ-1001"
    assert as_shown("Ж-1001 щ") == "Ж-1001 щ"
    assert as_shown("Straße 7") == "Straße 7"
    assert as_shown("x" * 200) == "x" * 200
    assert as_shown("2024/0153 .. 100% 張三") == "2024/0153 .. 100% 張三"


@settings(max_examples=cases(300, 10_000), deadline=None)
@given(st.text(max_size=30))
def test_the_canonical_form_is_its_own(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)
    assert canonical(f" {text} ") == canonical(text)


@settings(max_examples=cases(300, 10_000), deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_what_is_shown_is_the_same_number(text: str) -> None:
    try:
        shown = as_shown(text)
    except ChartNumberError:
        return
    assert canonical(shown) == canonical(text) != ""
