"""No code where people read words: on no page, in no language; columns that texts of ours name are said in words."""

from __future__ import annotations

import re

import pytest

from api.i18n.language import speaking
from api.web.frame.plain_words import plainly
from tests.api.access.conftest import House
from tests.api.web.walking import texts_of, walk

CODE = re.compile(r"(?<![\w/.-])[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+(?![\w/-])")


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_page_shows_a_code(full_house: House, fullest: str, language: str) -> None:
    found: set[tuple[str, str]] = set()
    seen = 0
    for role, address in walk(full_house, fullest):
        browser = full_house.nobody() if role == "nobody" else full_house.browser(role)
        browser.cookies.set("carejourney_language", language)
        texts = texts_of(browser.get(address).text)
        found |= {(code, text[:90]) for text in texts for code in CODE.findall(text)}
        seen += 1
    assert "\n".join(sorted(f"{code}: {text}" for code, text in found)) == ""
    assert seen > 100


def test_a_column_in_a_definition_is_said_in_words() -> None:
    text = "Lower bound of retained_30; those of left_against_advice are counted apart (not_yet). See docs/a_b.md."
    said = "Lower bound of the share at 30 days; those of left against advice are counted apart (not yet). See docs/a_b.md."
    assert plainly(text) == said
    with speaking("es"):
        assert plainly("(not_yet)") == "(aún no)"
