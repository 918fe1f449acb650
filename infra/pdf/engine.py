"""From a document to the bytes of a tagged PDF: the same document always makes the same bytes.

Texts go to the typesetter as data, never as markup, and its fonts are its own, so that no machine's fonts matter.
It runs outside Python's lock: a long document keeps no other request waiting.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import orjson
import typst

from infra.pdf.document import Document

PDF = "application/pdf"
_TEMPLATE = Path(__file__).parent / "document.typ"
_ACCESSIBLE = "ua-1"
_ALWAYS_DRAWN = "\u024f"  # Latin letters, of which every font here has all
_ONE_LETTER = (
    b'#set document(title: "letter")\n#set text(font: ("Libertinus Serif", "New Computer Modern"))\n#sys.inputs.letter'
)


def pdf(document: Document) -> bytes:
    """The document as PDF/UA-1.

    Letters that the fonts lack (Chinese ones, an emoji) stand as their numbers in Unicode, and each page says so. A
    file that cannot be made by that standard all the same is tagged, and does not claim it.
    """
    content = _cleaned(asdict(document))
    try:
        return _compiled(content, document.printed, [_ACCESSIBLE])
    except typst.TypstError as error:
        if not error.message.startswith("PDF/UA"):
            raise
    content = _spelt(content)
    content["foot"] = [*content["foot"], document.spelt] if document.spelt else content["foot"]
    try:
        return _compiled(content, document.printed, [_ACCESSIBLE])
    except typst.TypstError as error:
        if not error.message.startswith("PDF/UA"):
            raise
        return _compiled(content, document.printed, [])


def _spelt(value: Any) -> Any:
    """The same with each run of letters that have no picture as their numbers: ``[U+4E2D U+6587]``."""
    if isinstance(value, str):
        runs = ((drawn, "".join(run)) for drawn, run in groupby(value, _is_drawn))
        return "".join(run if drawn else f"[{' '.join(map(_code_point, run))}]" for drawn, run in runs)
    if isinstance(value, dict):
        return {name: _spelt(inner) for name, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_spelt(inner) for inner in cast("list[Any]", value)]
    return value


@lru_cache(maxsize=20_000)
def _is_drawn(letter: str) -> bool:
    """Whether a font has a picture of a letter: the typesetter is asked, 10 ms once."""
    if letter <= _ALWAYS_DRAWN or letter in _INVISIBLE:
        return True
    try:
        _set(_ONE_LETTER, {"letter": letter}, 0, [_ACCESSIBLE])
    except typst.TypstError:
        return False
    return True


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def _compiled(content: dict[str, Any], printed: int, standards: list[typst.PDFStandard]) -> bytes:
    return _set(_template(), {"document": orjson.dumps(content).decode()}, printed, standards)


def _set(template: bytes, given: dict[str, str], printed: int, standards: list[typst.PDFStandard]) -> bytes:
    made = typst.compile(
        template,
        sys_inputs=given,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        pdf_standards=standards,
        timestamp=printed,
    )
    assert isinstance(made, bytes)
    return made


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """The fonts that come with the typesetter, opened once."""
    return typst.Fonts(include_system_fonts=False)


def _cleaned(value: Any) -> Any:
    """The same without control characters, which have no picture; line breaks stay."""
    if isinstance(value, str):
        return "".join(letter for letter in value if letter == "\n" or letter.isprintable() or letter in _INVISIBLE)
    if isinstance(value, dict):
        return {name: _cleaned(inner) for name, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in cast("list[Any]", value)]
    return value


# Not printable by Python's book, but part of how words are written: soft hyphen, joiners, no-break spaces.
_INVISIBLE = frozenset("\u00ad\u200c\u200d\u00a0\u202f")
