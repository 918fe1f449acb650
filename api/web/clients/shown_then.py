"""Past state of a chart that its page shows: as known at a moment, or right after an entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.web.frame.pages import Pages
from api.web.frame.recorded_time import AS_OF, moment_of
from api.whole_numbers import whole_number
from domain.phrases import Phrase
from infra.eventstore.client_chart import NoSuchPlaceError, OpenedChart, at_entry, last_recorded
from projections.filters import FilterError

AT_ENTRY = "at_entry"


@dataclass(frozen=True, slots=True)
class Then:
    """``as_of`` is the knowledge time that is shown, aware; None is now. With an ``entry`` it is that of the entry, and
    nothing behind ``until``, its position of the log, counts.
    """

    as_of: datetime | None = None
    entry: int | None = None
    until: int | None = None


def asked_moment(pages: Pages, query: Mapping[str, str]) -> datetime | None:
    """The knowledge time that an address asks for; none where it names an entry.

    Raises:
        FilterError: it cannot be read.
    """
    return None if query.get(AT_ENTRY) else moment_of(pages, query.get(AS_OF, ""))


def shown_then(
    pages: Pages, query: Mapping[str, str], chart: OpenedChart, as_of: datetime | None
) -> tuple[OpenedChart, Then]:
    """The chart as the address asks for it, of one that was opened as known at ``as_of``.

    Raises:
        FilterError: it has no such entry.
    """
    if not query.get(AT_ENTRY):
        return chart, Then(as_of)
    number = whole_number(query[AT_ENTRY], 9) or 0
    try:
        then = at_entry(chart, pages.services.log, number)
    except NoSuchPlaceError:
        text = "this chart has entries 1 to {last}: choose one from its history"
        raise FilterError(Phrase(text, last=chart.sequence)) from None
    known = [entry for entry in (*then.entries, *then.unread) if then.owns(entry)]
    return then, Then(last_recorded(then) or pages.services.now(), number, max(entry.position for entry in known))
