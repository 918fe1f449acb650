"""The catalogues hold every text of the sources, translated, with the same values in it."""

from __future__ import annotations

import ast
import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from api.i18n.language import MESSAGES, SOURCE, languages
from tools.messages.__main__ import lacks, template
from tools.messages.texts import WEB

OTHERS = [code for code in languages() if code != SOURCE]


def catalogue(code: str) -> Catalog:
    with (MESSAGES / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def forms(text: object) -> list[str]:
    return [str(form) for form in text] if isinstance(text, list | tuple) else [str(text)]


def values(text: str) -> set[str]:
    """The names of the values that a text takes, in either way of writing them."""
    named = set(re.findall(r"%\((\w+)\)s", text))
    return named or set(re.findall(r"(?<!%){(\w+)}", text))


@pytest.fixture(scope="module")
def sources() -> Catalog:
    return template()


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated_and_none_is_left_over(sources: Catalog, code: str) -> None:
    held = catalogue(code)
    wanted = {str(message.id) for message in sources if message.id}
    there = {str(message.id) for message in held if message.id}
    assert wanted - there == set(), "run `make messages`, then translate"
    assert there - wanted == set(), "run `make messages`"
    assert [message.id for message in held if message.id and lacks(message)] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_takes_the_same_values_and_has_every_plural(code: str) -> None:
    held = catalogue(code)
    for message in held:
        if not message.id:
            continue
        said, wanted = forms(message.string), values(forms(message.id)[-1])
        assert all(values(text) <= wanted for text in said), message.id
        assert wanted <= set().union(*(values(text) for text in said)), message.id
        assert len(said) == (held.num_plurals if isinstance(message.id, tuple) else 1), message.id
        for text in said:  # an unknown sign would fail where the page is made, not here
            assert "%(" not in text or text % dict.fromkeys(wanted, "x")


def test_templates_translate_only_what_stands_in_them() -> None:
    """What code hands to a template goes through ``said``: as a template's own text it would be trusted as markup."""
    for path in WEB.glob("templates/*.html"):
        for given in re.findall(r"\b_\(\s*([^\"'\s])", path.read_text()):
            assert path.name == "base.html" and given in "gnw", path.name


def test_code_translates_constants_or_what_was_marked() -> None:
    """No text is put together before it is looked up: the catalogue could not know it."""
    for path in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") in {"_", "N_", "Phrase", "translated"}
                and node.args
            ):
                assert not isinstance(node.args[0], ast.JoinedStr | ast.BinOp), f"{path.name}:{node.lineno}"
