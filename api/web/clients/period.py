"""Which days of a journey a page shows: read from the address, and the links that lead nearer, further, on and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from api.i18n.language import _, ngettext
from api.web.clients.picture import Window
from domain.journey import Stay
from projections.clinical.course import episode_numbers
from projections.params import known_day

SPANS = (90, 30)
KEPT = ("kind", "from", "to", "until", "as_of", "at_entry", "retracted", "new")


@dataclass(frozen=True, slots=True)
class Choice:
    """A link: its words, its address, whether it is what is shown."""

    name: str
    address: str
    is_shown: bool = False


def ordinal(text: str) -> int | None:
    """A day of an address as an ordinal; None where it is none."""
    day = known_day(text)
    return day.toordinal() if day else None


def window_of(query: Mapping[str, str], everything: Window) -> Window:
    """The days that an address asks for, or all of them; an end before the start asks for nothing that there is."""
    first, last = ordinal(query.get("from", "")), ordinal(query.get("to", ""))
    start = everything.first if first is None else first
    end = everything.last if last is None else last + 1
    return Window(start, end) if start < end else everything


def address(query: Mapping[str, str], **changes: str) -> str:
    """The same page with something else; what is empty is left out."""
    kept = {name: query.get(name, "") for name in KEPT} | {name.rstrip("_"): text for name, text in changes.items()}
    query_text = urlencode({name: text for name, text in kept.items() if text})
    return f"?{query_text}"


def closer(query: Mapping[str, str]) -> Callable[[int, int], str]:
    """The address of a stretch of days, both ordinals included."""
    return lambda first, last: f"{address(query, from_=iso(first), to=iso(last), until='')}#journey"


def choices(query: Mapping[str, str], everything: Window, episode: Window | None, window: Window) -> list[Choice]:
    """The whole journey, its latest episode, its last days; as many days earlier and later as are shown."""
    link = closer(query)

    def choice(name: str, shown: Window) -> Choice:
        return Choice(name, link(shown.first, shown.last - 1), window == shown)

    options = [Choice(_("Whole journey"), f"{address(query, from_='', to='', until='')}#journey", window == everything)]
    if episode and episode != everything:
        options.append(choice(_("This episode"), episode))
    for span in SPANS:
        name = ngettext("Last {count} day", "Last {count} days", span).format(count=span)
        options.append(choice(name, Window(everything.last - span, everything.last)))
    length = window.last - window.first
    if window.first > everything.first:
        options.append(choice(_("← Earlier"), Window(window.first - length, window.first)))
    if window.last < everything.last:
        options.append(choice(_("Later →"), Window(window.last, window.last + length)))
    return options


def episode_of(stays: Sequence[Stay], today: int) -> Window | None:
    """The days of the latest episode of treatment (an ordinal says which day is today); None without one."""
    begun = sorted(stays, key=lambda stay: stay.start)
    numbered = list(zip(episode_numbers(begun), begun, strict=True))
    stays_now = [stay for number, stay in numbered if number and number == numbered[-1][0]]
    if not stays_now:
        return None
    ends = [today if stay.end_day is None else stay.end_day for stay in stays_now]
    return Window(stays_now[0].start_day, max(*ends, stays_now[0].start_day) + 1)


def iso(day: int) -> str:
    """A day by its ordinal, as an address has it."""
    return date.fromordinal(max(1, day)).isoformat()
