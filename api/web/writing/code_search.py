"""Codes of diagnoses found by words, without scripts: a form is sent to be looked up, and a code chosen, before it is
recorded. What else was typed stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from api.web.frame.pages import Pages
from api.web.writing.submission import Posted
from infra.provider.icd10 import codes_of, find_codes

FIND, CHOOSE, FIELD = "find-code", "choose-code", "icd10"
SHOWN = 30
Codes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What a form was asked: codes that fit ``words``, of ``total`` the first; or the one that was ``chosen``."""

    words: str
    codes: Codes = ()
    total: int = 0
    chosen: str = ""


def offers_search(pages: Pages) -> bool:
    """Whether there is a list of codes to look through."""
    return bool(codes_of(pages.services.settings.icd10_file))


def searched(pages: Pages, form: Posted, prefix: str = "") -> tuple[Posted, Search] | None:
    """The form as it is shown again, and what was found; None where it was sent to be recorded.

    ``prefix`` is what the name of the field begins with on the form.
    """
    name, codes = prefix + FIELD, codes_of(pages.services.settings.icd10_file)
    chosen = form.text(CHOOSE)
    if chosen:
        title = next((f"{code} {title}" for code, title in codes if code == chosen), chosen)
        return replace(form, given={**form.given, name: [chosen]}), Search("", chosen=title)
    if FIND not in form.given:
        return None
    words = form.text(name)
    matching = find_codes(codes, words)
    return form, Search(words, matching[:SHOWN], len(matching))
