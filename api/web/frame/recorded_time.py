"""Knowledge times in addresses: read from forms and links, and what a page says of them."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from urllib.parse import urlencode

from api.i18n.language import N_
from api.web.frame.form_field import Field
from api.web.frame.pages import Pages
from projections import params
from projections.base import ReadModel
from projections.filters import FilterError

AS_OF = "as_of"


def moment_of(pages: Pages, text: str, name: str = N_("As known on")) -> datetime | None:
    """A moment as an address gives it; without an offset it is one of the facility's time zone.

    Raises:
        FilterError: it cannot be read, or is before 1900.
    """
    return params.moment_of(text, name, pages.zone)


def two_times(pages: Pages, query: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """The two times of a form of that kind, those that were given.

    Raises:
        FilterError: one of them cannot be read.
    """
    start = moment_of(pages, query.get("known_from", ""), N_("From"))
    return start, moment_of(pages, query.get("known_to", ""), N_("To"))


def in_order(pages: Pages, start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """The two times; without the later one it is now, and it is no later than now.

    Raises:
        FilterError: the earlier one is missing, or does not come first.
    """
    now = pages.services.now()
    last = min(end, now) if end else now
    if start is None or start >= last:
        raise FilterError(N_("give the earlier time first, and one that has passed"))
    return start, last


def local(pages: Pages, moment: datetime | None) -> str:
    """A moment as a form's field holds it."""
    return moment.astimezone(pages.zone).strftime("%Y-%m-%dT%H:%M") if moment else ""


def field(pages: Pages, query: Mapping[str, str]) -> Field:
    """The form's field for a knowledge time."""
    try:
        value = local(pages, moment_of(pages, query.get(AS_OF, "")))
    except FilterError:
        value = ""
    return Field(AS_OF, N_("As known on"), "datetime-local", (), value)


def without(query: Mapping[str, str]) -> str:
    """The same address as of now."""
    return f"?{urlencode({name: value for name, value in query.items() if name != AS_OF})}"


@contextmanager
def known(pages: Pages, moment: datetime | None, models: Sequence[ReadModel]) -> Generator[Pages]:
    """The pages as they would have been rendered at a moment, by these read models; as they are where it is None."""
    if moment is None:
        yield pages
        return
    with pages.services.past.at(moment, models) as then:
        past = copy(pages)
        past.services = then
        yield past
