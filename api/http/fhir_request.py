"""One request for records under FHIR: who asks, for whom, what they may see, and which page of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import Depends, Query, Request
from starlette.responses import Response

from api.http.access import may
from api.http.context import ServicesHere
from api.http.correlation import request_id
from api.http.fhir_outcomes import MEDIA_TYPE
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError
from domain.entries import known_at, microseconds
from infra.access_log.entries import Accessed
from infra.bootstrap import Services
from infra.disclosure.disclosures import disclose
from infra.disclosure.record_guard import NotYoursError, clients_of, open_seen, reach
from infra.eventstore.client_chart import NoSuchChartError, OpenedChart
from infra.eventstore.unreadable import Unread
from infra.interop.fhir.audit_events import KIND, audit_events
from infra.interop.fhir.bundles import searchset
from infra.interop.fhir.coding import Resource, entry_of
from infra.interop.fhir.mapping import resources
from infra.interop.fhir.outcomes import left_out, notice_of
from infra.interop.fhir.pages import MOST, CursorError, Page
from infra.interop.fhir.resource_ids import GoneError, NoSuchResourceError, chart_number_of
from infra.interop.fhir.search import SearchError, matching
from projections.chart import Chart

NOTHING = "There is no such resource that you may see."
WITHIN = "within-programme"
# Parameters of the request itself; every other one narrows a search.
OWN = frozenset({"_recipient", "_since", "_count", "_cursor", "_type", "_format", "_pretty", "patient"})
JSON_FORMATS = frozenset({"json", "application/json", "application/fhir+json", "application/fhir json"})

Who = Annotated[Principal, Depends(allowed("fhir"))]
Recipient = Annotated[
    str,
    Query(
        alias="_recipient",
        max_length=200,
        description=f"Who receives the records, as a consent names them; `{WITHIN}` for this programme's own staff",
    ),
]
Count = Annotated[int, Query(alias="_count", ge=0, le=MOST, description="Most resources on a page")]
Cursor = Annotated[str, Query(alias="_cursor", max_length=40, description="From the link of a page before")]


class RecordsRequest:
    """One request for records: who asks, for whom, and the base address of what is answered."""

    def __init__(
        self,
        request: Request,
        services: ServicesHere,
        who: Who,
        recipient: Recipient = "",
        count: Count = MOST,
        cursor: Cursor = "",
    ) -> None:
        """Read what every request has.

        Raises:
            ProblemError: no recipient is named, another format is asked for, or the cursor is not ours.
        """
        if not recipient:
            detail = f"Name who receives the records: _recipient=…, or _recipient={WITHIN} for this programme's staff."
            raise ProblemError("not-allowed", detail)
        if request.query_params.get("_format", "json") not in JSON_FORMATS:
            raise ProblemError("not-acceptable", "_format: there is application/fhir+json alone.")
        self.services: Services = services
        self.base = str(request.base_url) + "fhir"
        self._who, self._recipient = who, recipient
        self._request = request
        try:
            self.page = Page.of(cursor, count, microseconds(services.now()))
        except CursorError:
            raise ProblemError("malformed", "_cursor: take it from the next link of the page before.") from None

    def chart(self, chart_number: str) -> tuple[OpenedChart, str]:
        """The chart that may be shown, and the notice that goes with it; recorded before it is shown."""
        request_key = request_id(self._request.scope)
        if self._recipient == WITHIN:
            return open_seen(self.services, self._who, chart_number, request=request_key), ""
        chart, decision = disclose(
            self.services,
            self._who,
            chart_number,
            recipient=self._recipient,
            purpose=self._who.why,
            what="FHIR",
            request=request_key,
        )
        return chart, decision.notice

    def chart_of(self, key: str) -> tuple[OpenedChart, str]:
        """The chart that a resource belongs to."""
        try:
            return self.chart(self._number_of(key))
        except (NoSuchResourceError, NoSuchChartError, NotYoursError):
            # whoever may not open the chart learns nothing of it, nor that there is one
            raise ProblemError("not-found", NOTHING) from None

    def _number_of(self, key: str) -> str:
        try:
            return chart_number_of(self.services.log, key)
        except GoneError as error:
            reach(self.services, self._who, error.client_id, request_id(self._request.scope))
            raise ProblemError("gone", str(error)) from None

    def made(self, chart: OpenedChart, kind: str = "") -> Iterable[Resource]:
        """A chart's resources as known when the first page was asked for; the access log if it is named."""
        if kind == KIND:
            return audit_events(chart.client_id, self._accesses(chart))
        entries = known_at(chart.entries, self.page.at)
        return resources(Chart(chart.client_id, chart.sequence, entries), chart.reference, kind)

    def may_audit(self) -> None:
        """Check that this person may see the access log, and for nobody else's use.

        Raises:
            ProblemError: they may not.
        """
        if not may(self._who.role, "access-review") or self._recipient != WITHIN:
            detail = f"The access log is for auditors of the programme: _recipient={WITHIN}."
            raise ProblemError("not-allowed", detail)

    def narrowed(self, chart: OpenedChart, kind: str, but: Sequence[str] = ()) -> list[Resource]:
        """Those of a chart that match the request's search parameters, ``but`` those that are answered for already.

        Raises:
            ProblemError: a parameter is not known, or its value cannot be read.
        """
        given = [(name, value) for name, value in self._request.query_params.multi_items() if name not in {*OWN, *but}]
        try:
            return list(matching(self.made(chart, kind), kind, given, self._zones(chart)))
        except SearchError as error:
            raise ProblemError("malformed", str(error)) from None

    def _zones(self, chart: OpenedChart) -> Callable[[Resource], ZoneInfo]:
        """The zone of a resource: that of the facility of the entry that it begins with, else of the house."""
        sites = {entry.event_id: entry.site for entry in chart.entries}
        calendar = self.services.log.calendar
        return lambda resource: calendar.zone_of(sites.get(entry_of(resource), ""))

    def answer(self, resources: Sequence[Resource], notice: str = "", unread: Sequence[Unread] = ()) -> Response:
        """The page of a searchset, with what goes with it: a notice, and the entries that cannot be read."""
        links = {"self": self._address(), "next": self._address(self.page.following(len(resources)))}
        if not self.page.following(len(resources)):
            links.pop("next")
        shown = self.page.of_all(resources)
        outcomes = [*left_out(unread), *notice_of(notice)]
        return respond(searchset(shown, self.base, outcomes, total=len(resources), links=links), notice)

    def _address(self, cursor: str = "") -> str:
        """This request's own address, or that of another page."""
        url = self._request.url
        return str(url.include_query_params(_cursor=cursor) if cursor else url)

    def _accesses(self, chart: OpenedChart) -> list[Accessed]:
        """What the access log holds of a chart's streams up to the page's time, once each."""
        log = self.services.people.log
        by_position = {
            entry.position: entry for client in clients_of(chart) for entry in log.of_client(client, opened=True)
        }
        return [entry for _, entry in sorted(by_position.items()) if microseconds(entry.at) <= self.page.at]


AskedHere = Annotated[RecordsRequest, Depends()]


def respond(resource: dict[str, Any], notice: str = "", headers: dict[str, str] | None = None) -> Response:
    """A resource as FHIR's JSON; never kept by caches."""
    sent = {"Cache-Control": "no-store", **(headers or {})}
    if notice:
        sent["X-Redisclosure-Notice"] = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    return Response(orjson.dumps(resource), media_type=MEDIA_TYPE, headers=sent)
