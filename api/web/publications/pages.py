"""The pages of publications: the list, one of them, one of its tables. They read what was published, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.files import attachment, csv_of
from api.http.access import may
from api.i18n.formats import UNROUNDED, period_title
from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.frame.guard import Check, Guard, Page
from api.web.frame.pages import Pages
from api.web.publications.before import series
from api.web.publications.figures import figure_of
from api.web.publications.paper import paper_of
from api.web.publications.rows import PLACE, asked_of, earlier_lines, heads_of, lines_of
from api.web.publications.words import (
    denominators,
    kind_title,
    left_out_title,
    margin_title,
    table_title,
    title_of,
    together,
    withheld_words,
)
from infra.pdf.engine import PDF, pdf
from infra.publications.publisher import listed
from infra.publications.rows import row_columns
from infra.publications.store import NoSuchPublicationError, PublicationError

_LONGEST_NUMBER = 9
Make = Callable[[Identity], Response]


def add_publication_pages(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes; those of files before those of pages, whose places would take their names."""
    check = guard.area("publications")
    address = "/publications/{number}"
    router.add_api_route("/publications", _list(pages, check), methods=["GET"])
    router.add_api_route(f"{address}.pdf", _pdf(pages, check), methods=["GET"])
    router.add_api_route(address, _publication(pages, check), methods=["GET"])
    router.add_api_route(f"{address}/{{table}}.csv", _csv(pages, check), methods=["GET"])
    router.add_api_route(f"{address}/{{table}}", _table(pages, check), methods=["GET"])


def _list(pages: Pages, check: Check) -> Page:
    def handler(request: Request) -> Response:
        def make(who: Identity) -> Response:
            rows = listed(pages.services.publications)
            publishes = may(who.role, "publishing")
            return pages.page(request, "publications.html", who, rows=rows, publishes=publishes)

        return _answered(pages, request, check(request), make)

    return handler


def _publication(pages: Pages, check: Check) -> Page:
    def handler(request: Request, number: str) -> Response:
        def make(who: Identity) -> Response:
            kept = pages.services.publications
            publication = kept.get(number_of(number))
            content = kept.content(publication.number)
            return pages.page(
                request,
                "publication.html",
                who,
                publication=publication,
                made_at=publication.moment.isoformat(),
                content=content,
                reports=_by_report(content["tables"]),
                changed=[title_of(report) for report in content["changed"]],
                left_out=[left_out_title(name) for name in content["left_out"]],
            )

        return _answered(pages, request, check(request), make)

    return handler


def _table(pages: Pages, check: Check) -> Page:
    def handler(request: Request, number: str, table: str) -> Response:
        def make(who: Identity) -> Response:
            return _table_page(pages, request, who, number_of(number), table)

        return _answered(pages, request, check(request), make)

    return handler


def _table_page(pages: Pages, request: Request, who: Identity, number: int, name: str) -> Response:
    kept = pages.services.publications
    table = kept.table(number, name)
    content = kept.content(number)
    series_read = series(kept, number, table)
    place_asked = {key: request.query_params[key] for key in PLACE if key in request.query_params}
    lines = lines_of(series_read, number, place_asked)
    place = asked_of(lines)
    return pages.page(
        request,
        "publication_table.html",
        who,
        404 if place_asked and place is None else 200,
        number=number,
        content=content,
        table=table,
        title=table_title(table),
        figure=figure_of(series_read),
        heads=heads_of(table),
        lines=lines,
        earlier=earlier_lines(series_read),
        asked=place,
        lost=bool(place_asked) and place is None,
        others=together(table),
        left_out=[period_title(period) for period in table["left_out"]],
        denominators=denominators(table),
        withheld=withheld_words(content["plan"]["smallest_shown"]),
        caption=_(
            "Each number is a link to itself. Shares stand with their 95 % interval, and beside each number the same "
            "group's one period before."
        ),
        unrounded=UNROUNDED if any(cell.change for line in lines for cell in line.cells) else "",
        has_withheld=table["shown"] < table["numbers"],
    )


def _csv(pages: Pages, check: Check) -> Page:
    def handler(request: Request, number: str, table: str) -> Response:
        def make(_who: Identity) -> Response:
            table_read = pages.services.publications.table(number_of(number), table)
            return csv_of(f"publication-{number_of(number)}-{table}", table_read["rows"], row_columns(table_read))

        return _answered(pages, request, check(request), make)

    return handler


def _pdf(pages: Pages, check: Check) -> Page:
    def handler(request: Request, number: str) -> Response:
        def make(_who: Identity) -> Response:
            made = pdf(paper_of(pages.services, number_of(number)))
            return Response(made, media_type=PDF, headers=attachment(f"publication-{number_of(number)}.pdf"))

        return _answered(pages, request, check(request), make)

    return handler


def number_of(text: str) -> int:
    """The number of a publication in an address.

    Raises:
        NoSuchPublicationError: it is no number.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        raise NoSuchPublicationError("this is no number of a publication: see the list of publications")
    return int(text)


def _by_report(tables: list[dict[str, Any]]) -> list[tuple[str, list[tuple[str, str, str, int]]]]:
    """The tables of a publication by report: name, by, periods, and how many of them."""
    return [
        (
            title,
            [
                (
                    table["name"],
                    margin_title(table["by"]),
                    kind_title(table["period"]),
                    len({r["period"] for r in table["rows"]}),
                )
                for table in tables_of_title
            ],
        )
        for title, tables_of_title in groupby(tables, key=lambda table: str(table["title"]))
    ]


def _answered(pages: Pages, request: Request, who: Identity, make: Make) -> Response:
    """The page, or the one that says why there is none."""
    try:
        return make(who)
    except PublicationError as error:
        there = not isinstance(error, NoSuchPublicationError)
    heading = N_("Altered") if there else N_("No such publication")
    text = _told(there=there)
    way_on = {"way_on": "/publications", "way_on_name": N_("Publications")}
    return pages.page(request, "message.html", who, 409 if there else 404, heading=heading, text=text, **way_on)


def _told(*, there: bool) -> str:
    if there:
        return _("It is not as it was signed, so nothing of it is shown. Tell your administrator.")
    return _("There is no publication or table at this address. Choose one from the list.")
