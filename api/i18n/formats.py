"""Numbers, days and times as the reader's language writes them; times in the facility's zone, or in UTC on demand."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Literal

from babel.dates import format_date, get_day_names
from babel.numbers import get_decimal_symbol, get_group_symbol

from api.i18n.clock import local
from api.i18n.language import N_, _, day_text, language, locale, moment_text, translated
from domain.phrases import Phrase
from projections.publications.periods import KINDS, first_day, month_of_day, period
from projections.timeline.words import words as in_words

NOTHING = "–"
MINUS = "−"
UNROUNDED = N_("Differences are of unrounded numbers.")
"""Said once of a table that shows two rounded numbers and their difference."""


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal; no line breaks before its sign."""
    return NOTHING if share is None else f"{_signs(f'{share * 100:.1f}')}\u00a0%"


def number(value: float | str | None) -> str:
    """A number as people read it; nothing is a dash."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return _signs(f"{value:,}")
    if isinstance(value, float):
        return _signs(f"{value:,.2f}".rstrip("0").rstrip("."))
    return value


def decimals(value: float | None) -> str:
    """A mean or an estimate as people read it in a column: always two decimals, whole ones too."""
    return NOTHING if value is None else _signs(f"{value:,.2f}")


def p_value(value: float | None) -> str:
    """A p-value as people read it: three decimals, never zero."""
    return NOTHING if value is None else f"< {_signs('0.001')}" if value < 0.001 else _signs(f"{value:.3f}")


def day(iso: str | date | None) -> str:
    """A day as people read it."""
    if iso is None or iso == "":
        return NOTHING
    given = iso if isinstance(iso, date) else date.fromisoformat(iso[:10])
    return day_text(given)


def weekday(number: int, width: Literal["abbreviated", "wide"] = "abbreviated") -> str:
    """A day of the week (Monday is 0), in short where nothing else is asked."""
    return get_day_names(width, locale=locale())[number]


def month_of(first: date) -> str:
    """A month as people read it."""
    # a translation of this text may order the parts in its own way (Unicode's letters for dates)
    return format_date(first, _("MMM y"), locale=locale())


def period_title(name: str) -> str:
    """A month, a quarter or a year as people read it, by its name (2026-03, 2026-Q1, 2026)."""
    year, _dash, part = name.partition("-")
    if part.startswith("Q"):
        return _("Q{quarter} {year}").format(quarter=part[1:], year=year)
    return month_of(date(int(year), int(part), 1)) if part else year


def days_title(first: date, last: date) -> str:
    """The days from ``first`` to ``last``, both counted: by the name of the month, quarter or year that they are."""
    month = month_of_day(first.toordinal())
    for kind, months in KINDS.items():
        whole = period(kind, month // months)
        if (first.toordinal(), last.toordinal() + 1) == (first_day(whole.months[0]), first_day(whole.months[-1] + 1)):
            return period_title(whole.name)
    return _("{first} to {last}").format(first=day(first), last=day(last))


def moment(at: datetime, zone: tzinfo) -> str:
    """A moment on the reader's clock: the facility's zone, named where its clock shows the hour twice, or UTC."""
    return moment_text(local(at, zone))


def words(value: str | None) -> str:
    """A word of a closed vocabulary as people read it."""
    return translated(in_words(value) or Phrase(""))


def _signs(text: str) -> str:
    """A number written the English way, with the signs of the reader's language and a minus that is read aloud."""
    group, decimal = _symbols(language())
    return text.translate({ord(","): group, ord("."): decimal, ord("-"): MINUS})


@lru_cache
def _symbols(code: str) -> tuple[str, str]:  # noqa: ARG001 - the language is in the key
    return get_group_symbol(locale()), get_decimal_symbol(locale())
