"""The door to charts: who may open which one, recorded before anything is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from domain.entries import microseconds
from infra.access.entries import EVERYBODY, Access
from infra.access.people import Principal
from infra.charts import NotKnownThenError, OpenedChart, open_chart
from infra.services import Services
from projections.status.tables import STATUS

OTHER_SITE = "other site"


class NotAtSiteError(PermissionError):
    """The client is at a site where this person does not work, and the glass is whole."""

    def __init__(self) -> None:
        """Never repeat the chart number: it may be a personal datum."""
        super().__init__("this client is at a site where you do not work: break the glass if the care needs it")


def reach(services: Services, who: Principal, client_id: str, request: str = "") -> bool:
    """Check that a person may reach a client; the answer is whether it took broken glass.

    Raises:
        NotAtSiteError: they may not; the attempt is recorded.
    """
    if who.sites is None or who.at(site_of(services, client_id)):
        return False
    if services.people.glass.is_broken(who, client_id):
        return True
    services.people.log.record(
        [Access("ChartRefused", who, services.now(), (client_id,), request=request, refused=OTHER_SITE)]
    )
    raise NotAtSiteError


def open_seen(
    services: Services,
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
        NotAtSiteError: it is at a site where this person does not work.
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


def see_references(services: Services, who: Principal, references: Iterable[str], request: str = "") -> None:
    """Record that rows of these charts are about to be shown."""
    services.people.log.read(who, [services.log.client_id(reference) for reference in references], request=request)


def see_everybody(services: Services, who: Principal) -> None:
    """Record that every chart is about to be shown, as in a full export."""
    services.people.log.read(who, [EVERYBODY])


def clients_of(chart: OpenedChart) -> Sequence[str]:
    """The streams that a chart is made of: its own first, then those merged into it."""
    return list(dict.fromkeys([chart.client_id, *(entry.client_id for entry in chart.entries)]))


def site_of(services: Services, client_id: str) -> str:
    """Where a client is, or was last; the site of the latest entry that has one while nothing is projected yet."""
    with services.reads.reading() as connection:
        found = connection.execute(select(STATUS.c.site).where(STATUS.c.client_id == client_id)).first()
    if found is not None:
        return str(found[0])
    sites = [entry.meta.get("f", "") for entry in services.log.stream(client_id)]
    return next((site for site in reversed(sites) if site), "")
