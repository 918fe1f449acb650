"""The palette keeps its promises in light and dark: text and graphics stand out, series are told apart in every vision."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.browser.colours import VISIONS, contrast, difference, theme

SCHEMES = ("light", "dark")
SERIES = tuple(f"c{number}" for number in range(1, 9))
GROUNDS = ("surface", "ground")
TEXTS = [
    *(
        (text, ground)
        for text in ("ink", "muted", "accent", "good", "warn", "bad")
        for ground in ("surface", "ground", "raised")
    ),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("good", "good-soft"),
    ("accent", "accent-soft"),
    ("accent-ink", "accent"),
    *((text, ground) for text in ("side-ink", "side-muted") for ground in ("side", "side-line")),
]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_stands_out(scheme: str, text: str, ground: str) -> None:
    named = theme(scheme)
    assert contrast(named[text], named[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", [*SERIES, "c0", "edge", "accent"])
def test_graphics_and_borders_of_fields_stand_out(scheme: str, name: str) -> None:
    named = theme(scheme)
    for ground in GROUNDS:
        assert contrast(named[name], named[ground]) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("pair", list(combinations(SERIES, 2)), ids="-".join)
def test_two_series_are_told_apart_in_every_vision(scheme: str, pair: tuple[str, str]) -> None:
    one, other = (theme(scheme)[name] for name in pair)
    assert difference(one, other) >= 0.12
    for name, vision in VISIONS.items():
        assert difference(one, other, vision) >= (0.09 if name != "tritanopia" else 0.07), name
