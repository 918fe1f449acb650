"""Which days of a journey a page shows: read from the address, and the links that lead nearer, further, on and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from api.web.language import _, ngettext
from api.web.picture import Window

SPANS = (90, 30, 7)
KEPT = ("kind", "from", "to", "until", "as_of", "retracted", "new")


@dataclass(frozen=True, slots=True)
class Choice:
    """A link: its words, its address, whether it is what is shown."""

    name: str
    address: str
    is_shown: bool = False


def ordinal(text: str) -> int | None:
    """A day of an address as an ordinal; None where it is none."""
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        return None


def window_of(query: Mapping[str, str], everything: Window) -> Window:
    """The days that an address asks for, or all of them; an end before the start asks for nothing that there is."""
    first, last = ordinal(query.get("from", "")), ordinal(query.get("to", ""))
    start = everything.first if first is None else first
    end = everything.last if last is None else last + 1
    return Window(start, end) if start < end else everything


def address(query: Mapping[str, str], **changes: str) -> str:
    """The same page with something else; what is empty is left out."""
    kept = {name: query.get(name, "") for name in KEPT} | {name.rstrip("_"): text for name, text in changes.items()}
    said = urlencode({name: text for name, text in kept.items() if text})
    return f"?{said}"


def closer(query: Mapping[str, str]) -> Callable[[int, int], str]:
    """The address of a stretch of days, both ordinals included."""
    return lambda first, last: f"{address(query, from_=_iso(first), to=_iso(last), until='')}#journey"


def choices(query: Mapping[str, str], everything: Window, window: Window) -> Sequence[Choice]:
    """All days, the last 90, 30 and 7 of them, and as many days earlier and later as are shown."""
    link, last = closer(query), everything.last - 1
    found = [Choice(_("All"), f"{address(query, from_='', to='', until='')}#journey", window == everything)]
    for span in SPANS:
        name = ngettext("{count} day", "{count} days", span).format(count=span)
        found.append(Choice(name, link(last - span + 1, last), window == Window(last - span + 1, last + 1)))
    length = window.last - window.first
    if window.first > everything.first:
        found.append(Choice(_("← Earlier"), link(window.first - length, window.first - 1)))
    if window.last < everything.last:
        found.append(Choice(_("Later →"), link(window.last, window.last + length - 1)))
    return found


def _iso(day: int) -> str:
    return date.fromordinal(max(1, day)).isoformat()
