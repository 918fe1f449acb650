"""The dashboards: filters from the address, charts, tables with definition, CSV."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from api.files import csv_of
from api.http.access import may
from api.http.correlation import request_id
from api.i18n.language import N_, _, error_text, translated
from api.sessions import Identity
from api.web.dashboards.fields import KNOWN, fields_of
from api.web.dashboards.report_sections import SECTIONS
from api.web.dashboards.saved_views import VIEW, opened_by, question_of
from api.web.dashboards.sections import Section
from api.web.dashboards.table_page import NAMES, TablePage, paged
from api.web.dashboards.trend_section import trend_of
from api.web.frame import recorded_time
from api.web.frame.form_field import Field
from api.web.frame.guard import Check, Page
from api.web.frame.pages import Pages, footer
from domain.phrases import Phrase
from infra.drilldown.questions import ask
from infra.drilldown.small_numbers import has_small_numbers
from infra.history.as_of.dependencies import models_of
from infra.history.as_of.reports import report_at
from infra.reporting.question import params_of
from infra.reporting.reports import REPORTS, ReportParams, columns_of, run_report
from infra.reporting.span import Span, span_of
from infra.views.view import LONGEST_NAME
from projections.filters import FilterError
from projections.small_counts import SMALLEST_SHOWN

# What a page reads beside its report: other reports, and what was defined anew in the period of its trend.
BESIDE = {"prevalence": ("followback", "agreement")}
EVERYWHERE = ("provider",)
CSV_REPORTS = frozenset({*SECTIONS, "followback", "agreement"})


def dashboard_page(pages: Pages, check: Check) -> Page:
    """The handler of every dashboard."""

    def handler(request: Request, name: str) -> Response:
        who = check(request)
        if name not in SECTIONS:
            return pages.page(
                request,
                "message.html",
                who,
                404,
                heading="No such dashboard",
                text="Choose one of the dashboards above.",
                way_on="/reports",
                way_on_name="Reports",
            )
        problem, sections, fields, span = _answer(pages, request, who, name)
        query = dict(request.query_params)
        report = REPORTS[name]
        return pages.page(
            request,
            "dashboard.html",
            who,
            400 if problem else 200,
            title=report.title,
            definition=report.definition,
            source=report.source,
            fields=fields,
            problem=problem,
            sections=sections,
            smallest=SMALLEST_SHOWN if any(map(_has_small_numbers, sections)) else 0,
            as_of="" if problem else query.get(recorded_time.AS_OF, ""),
            as_of_local=next(field.value for field in fields if field.name == recorded_time.AS_OF),
            as_of_now=recorded_time.without(query),
            today=pages.services.today(),
            report=name,
            asked=urlencode(question_of(name, query)),
            view=opened_by(pages, who, name, query),
            days=translated(span.phrase) if span else "",
            longest=LONGEST_NAME,
            **footer(pages),
        )

    return handler


def dashboard_csv(pages: Pages, check: Check) -> Page:
    """The handler of every dashboard's CSV."""

    def handler(request: Request, name: str) -> Response:
        who = check(request)
        if name not in CSV_REPORTS:
            return Response(_("No such dashboard") + "\n", 404, media_type="text/plain")
        try:
            params = _params(pages, request, name)
            moment = recorded_time.moment_of(pages, request.query_params.get(recorded_time.AS_OF, ""))
            services = pages.services
            rows = report_at(services, name, params, moment) if moment else run_report(name, services, params)
        except FilterError as error:
            return Response(f"{error_text(error)}\n", 400, media_type="text/plain")
        ask(services, who, name, params, {"as_of": moment}, request_id(request.scope))
        span = span_of(name, params, services.day_of(moment or services.now()))
        return csv_of(f"{name}{span.of_file if span else ''}", rows, columns_of(name, services, params))

    return handler


Answered = tuple[str, list[TablePage], list[Field], Span | None]


def _answer(pages: Pages, request: Request, who: Identity, name: str) -> Answered:
    query = {key: value for key, value in request.query_params.items() if key != VIEW}
    fields = [*fields_of(pages, name, query), recorded_time.field(pages, query)]
    try:
        moment = recorded_time.moment_of(pages, query.get(recorded_time.AS_OF, ""))
        with recorded_time.known(pages, moment, models_of(name, *BESIDE.get(name, ()), *EVERYWHERE)) as then:
            params = _params(then, request, name)
            if params.show in REPORTS[name].shows:  # a page has every table; one of them is for the CSV to choose
                params = replace(params, show="")
                del query["show"]
            span = span_of(name, params, then.services.today())
            every = [*SECTIONS[name](then, params), *trend_of(then, name, params, query)]
            seen = [section.with_meanings(then.services.settings) for section in every if _may_see(who, section)]
        filters = {key: value for key, value in query.items() if key not in NAMES}
        known = {recorded_time.AS_OF: query[recorded_time.AS_OF]} if query.get(recorded_time.AS_OF) else {}
        whole = [replace(section.with_csv(name, filters), links=known) for section in seen]
        sections = [paged(section, number, dict(request.query_params)) for number, section in enumerate(whole, 1)]
    except FilterError as error:
        return error_text(error), [], fields, None
    ask(pages.services, who, name, params, {"as_of": moment}, request_id(request.scope))
    return "", sections, fields, span


def _may_see(who: Identity, section: Section) -> bool:
    """A picture of single stays is for who may see rows of clients."""
    return not section.patterns or may(who.role, "client-rows")


def _has_small_numbers(shown: TablePage) -> bool:
    """Whether a count of the rows shown is small, wherever in its row of the report it stands."""
    section = shown.section
    if section.question is None:
        return False
    rows = (column.opens(row)[0] for row in shown.rows for column in section.columns)
    return has_small_numbers(*section.question, rows)


def _params(pages: Pages, request: Request, name: str) -> ReportParams:
    """What the address asks.

    Raises:
        FilterError: it asks for something by a name that no dashboard knows, or by a value that cannot be.
    """
    unknown = sorted(request.query_params.keys() - KNOWN - NAMES - {recorded_time.AS_OF, VIEW})
    if unknown:
        msg = N_("no filter is called {name}: choose from {known}")
        raise FilterError(Phrase(msg, name=unknown[0][:40], known=", ".join(sorted(KNOWN))))
    return params_of(name, dict(request.query_params), today=pages.services.today())
