"""The language of a request: whose words a page speaks, and how it writes numbers and days.

A text is its own key: English is the message itself, every other language has one catalogue, ``messages/<code>.po``,
read at start. What people recorded (names, notes, plans) is never translated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.datastructures import Headers

from api.i18n.clock import local, time_of_day
from domain.phrases import Phrase
from infra.interop.exporters.texts import visible

MESSAGES = Path(__file__).parent / "messages"
SOURCE = "en"
_language: ContextVar[str] = ContextVar("language", default=SOURCE)


@cache
def languages() -> dict[str, str]:
    """Every language there is a catalogue for, by code, each under its own name."""
    codes = [SOURCE, *sorted(path.stem for path in MESSAGES.glob("*.po"))]
    return {code: (Locale.parse(code).language_name or code).capitalize() for code in codes}


def language() -> str:
    """The code of the language spoken now, such as ``es``."""
    return _language.get()


def locale() -> Locale:
    """How the language spoken now writes numbers and days."""
    return _locale(language())


def _(message: str) -> str:
    """A text in the language spoken now; the English itself where the catalogue lacks it."""
    return _catalogue(language()).gettext(message) if message else ""


def ngettext(singular: str, many: str, count: int) -> str:
    """A text in the form that a number of things takes in the language spoken now."""
    return _catalogue(language()).ngettext(singular, many, count)


_IDENTIFIER = re.compile(r"[\w.-]+")


def N_(message: str) -> str:  # noqa: N802 - the name that extraction knows
    """Mark a text of a constant for the catalogue; ``_`` translates it where it is shown."""
    return message


def translated(text: str) -> str:
    """A text of ours in the language spoken now: a phrase with its values, anything else as a whole."""
    if not isinstance(text, Phrase):
        return _(text)
    if not text.values:
        return _(text.template)
    return _(text.template).format(**{name: _value(value) for name, value in text.values.items()})


def error_text(error: Exception) -> str:
    """What an error says, in the language spoken now."""
    first = error.args[0] if error.args else None
    return translated(first if isinstance(first, str) else str(error))


def sentence(error: Exception) -> str:
    """What an error says, as a sentence."""
    text = error_text(error)
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


def day_text(of: date) -> str:
    """A day as the language spoken now writes it."""
    return _day(of.year, of.month, of.day, language())


def moment_text(at: datetime) -> str:
    """A local moment as the language spoken now writes it."""
    return f"{day_text(at)}, {time_of_day(at)}"


@lru_cache(maxsize=4_000)
def _day(year: int, month: int, day_of_month: int, code: str) -> str:  # noqa: ARG001 - the language is in the key
    # a translation of this text may order the parts in its own way (Unicode's letters for dates)
    return format_date(date(year, month, day_of_month), _("d MMM y"), locale=locale())


def _value(value: Any) -> Any:
    """A phrase inside a phrase is said too, a day and a moment as people read them; a name or a number stays."""
    match value:
        case Phrase():
            return translated(value)
        case datetime():
            return moment_text(local(value))
        case date():
            return day_text(value)
        case _:
            return value


def _shown(value: Any) -> Any:
    """What a page shows of a value: all of it can be seen, controls and overrides of text direction by their codes."""
    value = _value(value)
    return visible(value) if isinstance(value, str) else value


def own_direction(text: Any) -> Markup:
    """A name or a text of somebody's, which leaves the direction of what is beside it alone; identifiers as code."""
    shown = _shown(text)
    if isinstance(shown, str) and "_" in shown and _IDENTIFIER.fullmatch(shown):
        return Markup("<bdi><code>{}</code></bdi>").format(shown)
    return Markup("<bdi>{}</bdi>").format(shown)


def install_texts(environment: Environment) -> None:
    """Give templates ``_`` and ``{% trans %}``; values put into a text are escaped, the text itself is trusted.

    A phrase that a template shows is said by itself; ``translated`` is for a text of ours that code gives it.
    """
    installing: Any = environment
    installing.install_gettext_callables(_, ngettext, newstyle=True)
    environment.finalize = _shown
    install_filters(environment, {"translated": translated, "bdi": own_direction})


def install_filters(environment: Environment, filters: Mapping[str, Callable[..., Any]]) -> None:
    """Give templates filters that say a value to whoever reads the page.

    Jinja works out any other filter over a constant when it compiles the template: in the language of its first reader.
    """
    environment.filters.update({name: _at_reading(spoken) for name, spoken in filters.items()})


def _at_reading(spoken: Callable[..., Any]) -> Callable[..., Any]:
    @pass_context
    def filtered(_context: Context, *values: Any) -> Any:
        return spoken(*values)

    return filtered


@contextmanager
def speaking(code: str) -> Generator[None]:
    """Speak a language for a while."""
    before = _language.set(code if code in languages() else SOURCE)
    try:
        yield
    finally:
        _language.reset(before)


def preferred(headers: Headers) -> str:
    """The language of ours that a browser asks for first (RFC 9110, Accept-Language); English if there is none."""
    wanted: list[tuple[float, str]] = []
    for part in headers.get("accept-language", "").split(",")[:50]:
        name, _sep, weight = part.partition(";q=")
        wanted.append((_weight(weight), name.strip().lower().partition("-")[0]))
    ours = [code for weight, code in sorted(wanted, key=lambda pair: -pair[0]) if weight and code in languages()]
    return ours[0] if ours else SOURCE


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


@cache
def _catalogue(code: str) -> NullTranslations:
    if code == SOURCE:
        return NullTranslations()
    with (MESSAGES / f"{code}.po").open("rb") as file:
        read = read_po(file, locale=code, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled)


@cache
def _locale(code: str) -> Locale:
    """With the numbers of the United States, where its users are, if the language is written there."""
    try:
        return Locale.parse(f"{code}_US")
    except UnknownLocaleError:
        return Locale.parse(code)
