"""Access to charts: who may open which one, recorded before anything is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.entries import microseconds
from domain.errors import ExpectedError
from infra.access_log.break_glass import NOT_THERE
from infra.access_log.context import HasPeople
from infra.access_log.entries import EVERYBODY, Access
from infra.eventstore.client_chart import NoSuchChartError, NotKnownThenError, OpenedChart, open_chart
from infra.eventstore.erased import ERASED, ChartErasedError
from infra.eventstore.stream import read_stream
from infra.identity.people import Principal
from projections.chart import Chart
from projections.status.fold import site_of_chart
from projections.status.tables import STATUS

OTHER_SITE = "other site"
# What erasure leaves (dates, levels) is for those who review records, and for the database's operator.
SEE_ERASED = frozenset({"auditor", "system"})
_LONGEST_CHAIN = 20  # of merges


class NotYoursError(ExpectedError, LookupError, kind="no-such-chart"):
    """No chart that this person may open has this number: it is another site's, or nobody's. Both are told alike."""

    def __init__(self) -> None:
        """Never repeat the chart number: it may be a personal datum."""
        super().__init__(
            "no chart that you may open has this number: check it, "
            "or break the glass if the care needs a chart of another site now"
        )


def reach(services: HasPeople, who: Principal, client_id: str, request: str = "") -> bool:
    """Check that a person may reach a client; the answer is whether it took broken glass.

    Raises:
        NotYoursError: the client is at no site of theirs, or nobody; the attempt is recorded.
        ChartErasedError: the chart was erased, and they are none of those who see what is left of it.
    """
    broken = who.bound_to is not None and not who.at(site_of(services, client_id))
    if broken and not services.people.glass.is_broken(who, client_id):
        why = OTHER_SITE if is_recorded(services, client_id) else NOT_THERE
        services.people.log.record(
            [Access("ChartRefused", who, services.now(), (client_id,), request=request, refused=why)]
        )
        raise NotYoursError
    if who.role not in SEE_ERASED:
        must_not_be_erased(services, client_id)
    return broken


def hidden_from(services: HasPeople, who: Principal) -> set[str]:
    """The erased charts, for whoever sees none of what is left of them: they are in no list."""
    return set() if who.role in SEE_ERASED else services.log.all_erased()


def seen_by(services: HasPeople, who: Principal, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a report (``client`` is a chart number) without charts that were erased, as ``hidden_from``.

    And without charts of other sites than the person's: a row's own site may be where a client of another is to come.
    """
    hidden = {ERASED + client_id for client_id in hidden_from(services, who)}
    shown = [row for row in rows if row["client"] not in hidden]
    if who.bound_to is None:
        return shown
    ids = {row["client"]: services.log.client_id(row["client"]) for row in shown}
    with services.reads.reading() as connection:
        query = select(STATUS.c.client_id, STATUS.c.site).where(STATUS.c.client_id.in_(ids.values()))
        sites: dict[str, str] = {row[0]: row[1] for row in connection.execute(query)}
    return [row for row in shown if who.at(sites.get(ids[row["client"]], ""))]


def within_reach(services: HasPeople, who: Principal, reference: str) -> bool:
    """Whether a number is that of a chart which this person would be shown; nothing is told by it alone."""
    client_id = services.log.client_id(reference)
    if not is_recorded(services, client_id):
        return False
    return who.at(site_of(services, client_id)) or services.people.glass.is_broken(who, client_id)


def must_not_be_erased(services: HasPeople, client_id: str) -> None:
    """Let nothing of an erased chart leave by itself, whoever sends it.

    Raises:
        ChartErasedError: it was erased.
    """
    if services.log.erased([client_id]):
        raise ChartErasedError


def is_recorded(services: HasPeople, client_id: str) -> bool:
    """Whether anything is recorded of a client."""
    return bool(services.log.recorder.streams([client_id]))


def see(services: HasPeople, who: Principal, reference: str, request: str = "") -> str:
    """Record that this person looks at a chart without opening it; the answer is its stream.

    Raises:
        NoSuchChartError: nothing is recorded under the number.
        NotYoursError, ChartErasedError: as ``reach``.
    """
    client_id = services.log.client_id(reference)
    broken = reach(services, who, client_id, request)
    if not is_recorded(services, client_id):
        raise NoSuchChartError
    services.people.log.read(who, [client_id], broken=broken, request=request)
    return client_id


def break_glass(services: HasPeople, who: Principal, reference: str, reason: str, request: str = "") -> datetime:
    """Open a chart of another site for this person; the answer is until when. Recorded before anything is told.

    Raises:
        ReasonError: the reason does not say enough.
        GlassLimitError: this person has broken the glass too often of late.
        NotYoursError, NoSuchChartError: the number is nobody's; the attempt counts as one that opened a chart.
    """
    client_id = services.log.client_id(reference)
    glass = services.people.glass
    if is_recorded(services, client_id):
        return glass.break_for(who, client_id, reason, request)
    glass.break_for_nobody(who, client_id, reason, request)
    raise NoSuchChartError if who.bound_to is None else NotYoursError


def open_seen(
    services: HasPeople,
    who: Principal,
    reference: str,
    *,
    merged: bool = True,
    as_of: datetime | None = None,
    request: str = "",
) -> OpenedChart:
    """The opened chart of a chart number, now or as known at ``as_of`` (aware), once it is recorded who sees it.

    Raises:
        NoSuchChartError: nothing is recorded under it.
        NotKnownThenError: nothing was recorded under it then; that it is now is told, and so recorded.
        NotYoursError, ChartErasedError: as ``reach``.
    """
    client_id = services.log.client_id(reference)
    broken = reach(services, who, client_id, request)
    try:
        at = microseconds(as_of) if as_of is not None else None
        chart = open_chart(services.log, reference, merged=merged, as_of=at)
    except NotKnownThenError:
        services.people.log.read(who, [client_id], broken=broken, request=request)
        raise
    services.people.log.read(who, clients_of(chart), broken=broken, request=request)
    return chart


def see_references(services: HasPeople, who: Principal, references: Iterable[str], request: str = "") -> None:
    """Record that rows of these charts are about to be shown."""
    services.people.log.read(who, [services.log.client_id(reference) for reference in references], request=request)


def see_everybody(services: HasPeople, who: Principal) -> None:
    """Record that every chart is about to be shown, as in a full export."""
    services.people.log.read(who, [EVERYBODY])


def clients_of(chart: OpenedChart) -> Sequence[str]:
    """The streams that a chart is made of: its own first, then those merged into it."""
    return list(dict.fromkeys([chart.client_id, *(entry.client_id for entry in (*chart.entries, *chart.unread))]))


def site_of(services: HasPeople, client_id: str) -> str:
    """Where a client is, or was last, or was registered; of a merged chart, that of the chart that took it over."""
    for _ in range(_LONGEST_CHAIN):
        with services.reads.reading() as connection:
            row = connection.execute(select(STATUS.c.site).where(STATUS.c.client_id == client_id)).first()
        if row is not None:
            return str(row[0])
        # not projected yet, or merged
        entries = read_stream(services.log, client_id)
        chart = Chart(client_id, len(entries), entries)
        if not chart.closed:
            return site_of_chart(chart)
        client_id = chart.journey.closed_into or ""
    return ""
