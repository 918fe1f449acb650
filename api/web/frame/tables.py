"""Tables on a phone: what the style sheet needs to make a card of each row, said once a table and not in each cell.

A table names its columns in its own style, as ``--h2:'Rate'``; the style sheet puts these names before the cells.
Lists of people name the columns whose header is marked ``data-as``; other tables all but the first, which is the card's
heading. Few narrow columns stay as they are. Tables whose cells span rows, or of very many columns, are ``wide``: they
scroll in their box, and say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import zip_longest

from api.i18n.language import _

FEW, NARROW = 3, 26
"""So many columns fit a phone as they are, if their longest words together have so many characters."""
MANY = 24
"""So many columns the style sheet knows."""
SHORT = 24
"""A column of texts shares its line with another while name and text together are not longer, in characters."""
Cell = tuple[str, str, str]
"""Tag, attributes and inside of one."""
NOTHING: Cell = ("td", "", "")
_TABLE = re.compile(r"<table([^>]*)>(.*?)</table>", re.DOTALL)
_HEADS = re.compile(r"<thead[^>]*>(.*?)</thead>(.*)", re.DOTALL)
_ROW = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<(t[dh])\b([^>]*)>(.*?)</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"[ \t\r\n]+")  # what keeps words together stays
# What ends a string of a style sheet or the attribute around it, or begins an escape in either.
_UNQUOTED = re.compile(r"[\x00-\x1f\\'\"<>&]")


def fit_tables(page: str) -> str:
    """A page whose tables say what a narrow screen needs to know of them."""
    return _TABLE.sub(_fitted, page)


def _fitted(table: re.Match[str]) -> str:
    given, inside = table[1], table[2]
    heads = _HEADS.search(inside)
    if heads is None or "sheet" in given:
        return table[0]
    columns = _CELL.findall(heads[1])
    if "people" in given:
        named = _names(columns, [at for at, head in enumerate(columns, 1) if "data-as" in head[1]])
        return _told(given, [*named, *_sorts(heads[1])], inside)
    rows = [_CELL.findall(row) for row in _ROW.findall(heads[2])]
    if len(columns) <= FEW and sum(_longest_words(columns, rows)) <= NARROW:
        return table[0]
    if len(columns) > MANY or "rowspan=" in inside:
        return _told(_with(given, "wide"), [f"--more:{_quoted(_('More columns at the right'))}"], inside)
    style = [*_names(columns, _named(columns, rows)), *_whole_lines(columns, rows), *_sorts(heads[1])]
    return _told(_with(given, "stacked"), style, inside)


def _sorts(heads: str) -> list[str]:
    """What stands before headers that sort."""
    return [f"--sort:{_quoted(_('Sort by'))}"] if 'class="sorts"' in heads else []


def _told(given: str, style: Sequence[str], inside: str) -> str:
    return f'<table{given} style="{";".join(style)}">{inside}</table>'


def _with(given: str, kind: str) -> str:
    """The attributes of a table with one more class."""
    return given.replace('class="', f'class="{kind} ', 1) if 'class="' in given else f'{given} class="{kind}"'


def _named(columns: list[Cell], rows: list[list[Cell]]) -> list[int]:
    """The columns whose cells need their name: all but the first, and those whose links or buttons say the same."""
    first = [_text(cell[2]) for cell in rows[0]] if rows else []
    return [at for at, head in enumerate(columns, 1) if at > 1 and first[at - 1 : at] != [_text(head[2])]]


def _names(columns: list[Cell], wanted: Sequence[int]) -> list[str]:
    """What the style says of the names of columns."""
    return [f"--h{at}:{_quoted(name)}" for at in wanted if (name := _text(columns[at - 1][2]))]


def _whole_lines(columns: list[Cell], rows: list[list[Cell]]) -> Iterator[str]:
    """What the style says of columns of texts, too long for half a line."""
    for at, (name, *cells) in enumerate(zip_longest(columns, *rows, fillvalue=NOTHING), 1):
        room = SHORT - len(_text(name[2]))
        if at > 1 and any(not _is_number(cell) and len(_text(cell[2])) > room for cell in cells):
            yield f"--w{at}:1/-1"


def _longest_words(columns: list[Cell], rows: list[list[Cell]]) -> Iterator[int]:
    """The length of the longest word of each column; a number is one word."""
    for column in zip_longest(columns, *rows, fillvalue=NOTHING):
        texts = ((_is_number(cell), _text(cell[2])) for cell in column)
        yield max(len(text) if whole else max(map(len, text.split(" "))) for whole, text in texts)


def _is_number(cell: Cell) -> bool:
    return cell[0] == "td" and 'class="n"' in cell[1]


def _quoted(text: str) -> str:
    """A text as a string of a style sheet."""
    return "'" + _UNQUOTED.sub(lambda sign: f"\\{ord(sign[0]):x} ", text) + "'"


def _text(html: str) -> str:
    return _SPACES.sub(" ", unescape(_TAG.sub(" ", html))).strip()
