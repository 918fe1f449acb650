"""Clients followed by time to event, as cases: summed from counts where these answer, else read in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, select

from projections.base import Row, fetch
from projections.drilldown.cases import Totals, totals_of
from projections.filters import Filters
from projections.time_to_event import usual
from projections.time_to_event.definition import Endpoint
from projections.time_to_event.durations import EVERYBODY, Clients, Followed, followed
from projections.time_to_event.tables import START


class Which(NamedTuple):
    """Which of those who are followed a number counts: by what came of them, and for how many days."""

    name: str = "clients"
    least: int = 0
    day: int | None = None

    def has(self, episode: Followed) -> bool:
        """Whether it counts somebody."""
        if self.name == "never_observed":
            return episode.contact_day is None
        return self.of(episode.days, int(episode.outcome == "event"))

    def of(self, days: int, event: int) -> bool:
        """Whether it counts whoever was followed so many days, with (1) or without the event."""
        fits = days >= self.least if self.day is None else days == self.day
        return fits and {"events": event == 1, "censored": event == 0}.get(self.name, True)


@dataclass(frozen=True, slots=True)
class Following:
    """Those of a question whom a number counts; ``each``: every start of theirs, not the first alone.

    ``read`` says how a report reads one of them.
    """

    connection: Connection
    filters: Filters
    endpoint: Endpoint
    today: int
    which: Which
    each: bool = False
    read: Callable[[Followed], Followed] = lambda episode: episode

    def totals(self) -> Totals:
        """From the counts, where they answer the question: everybody is in them once."""
        level = self.filters.where.get("level", "")
        usually = replace(self.filters, by=("level",) if level else (), where=_but_level(self.filters))
        if self.each or level == "alumni" or not usual.is_usual(usually, self.endpoint):
            return totals_of(self.added())
        counts = usual.counted(self.connection, usually).get((level,) if level else ())
        if counts is None:
            return Totals()
        never = self.which.name == "never_observed"
        some = sum(n for (days, event), n in counts.durations.items() if self.which.of(days, event))
        number = counts.never_observed if never else some
        return Totals(number, number, number)

    def added(self) -> Iterable[tuple[str, int]]:
        """As ``Source`` says."""
        return ((episode.client_id, 1) for episode in self._of(EVERYBODY))

    def rows(self, first: str, most: int) -> Sequence[Row]:
        """As ``Source`` says."""
        return [self._case(episode) for episode in islice(self._from(first, most), most)]

    def _from(self, first: str, size: int) -> Iterator[Followed]:
        """Everybody from a client on, read in growing parts."""
        while True:
            after = select(START.c.client_id).where(START.c.client_id >= first).distinct()
            following = fetch(self.connection, after.order_by(START.c.client_id).offset(size).limit(1))
            yield from self._of(Clients(first, following[0][0] if following else None))
            if not following:
                return
            first, size = following[0][0], 2 * size

    def _of(self, clients: Clients) -> Iterator[Followed]:
        by_group = followed(self.connection, self.filters, self.endpoint, self.today, each=self.each, clients=clients)
        return (episode for episode in by_group.get((), []) if self.which.has(self.read(episode)))

    def _case(self, episode: Followed) -> Row:
        return (
            *(
                episode.client_id,
                1,
                episode.level,
                episode.program,
                episode.site,
                episode.start_day,
                episode.start_day + episode.days,
            ),
            *(self.endpoint.start, self.endpoint.event, episode.n, episode.days, episode.outcome),
        )


def _but_level(filters: Filters) -> dict[str, str]:
    return {name: value for name, value in filters.where.items() if name != "level"}
