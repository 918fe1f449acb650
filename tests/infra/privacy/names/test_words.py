"""Names as words: what a front desk types finds what was written down."""

from __future__ import annotations

import pytest
from hypothesis import given

from infra.privacy.names.words import LONGEST_PREFIX, marks, sound, words
from tests.histories import TEXT


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Ada  LOVELACE", ["ada", "lovelace"]),
        ("José Núñez-Ortega", ["jose", "nunez", "ortega"]),
        ("O'Brien", ["obrien"]),
        ("Søren Strauß", ["soren", "strauss"]),
        ("van der Meer, Jr.", ["van", "der", "meer", "jr"]),
        ("  ", []),
    ],
)
def test_case_accents_and_apostrophes_do_not_count(name: str, found: list[str]) -> None:
    assert words(name) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [("catherine", "kathryn"), ("smith", "smyth"), ("meyer", "maier"), ("philip", "filip"), ("wright", "rite")],
)
def test_spellings_that_sound_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(("one", "other"), [("smith", "jones"), ("anna", "otto"), ("marsh", "mark")])
def test_other_names_sound_different(one: str, other: str) -> None:
    assert sound(one) != sound(other)


def test_beginnings_have_three_letters_and_more() -> None:
    assert set(marks("Li Abcd")) == {"=li", "=abcd", "^abc", "^abcd", "~" + sound("abcd")}


@given(TEXT)
def test_any_text_has_words_in_lower_case_and_bounded_marks(text: str) -> None:
    assert words(text) == [word for found in words(text) for word in words(found)]
    assert all(len(mark) <= LONGEST_PREFIX + 1 for mark in marks(text) if mark.startswith("^"))
