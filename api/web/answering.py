"""Answers that end a request wherever its page is being made: who is asked to sign in, or is told why not."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from fastapi import Request
from fastapi.responses import Response

from api.addresses import address_of
from api.web.language import _, sentence
from api.web.rendering import Pages
from api.web.session import Identity
from infra.access.charts import NotAtSiteError
from infra.charts import NoSuchChartError, NotKnownThenError
from projections.filters import FilterError


class AnsweredError(Exception):
    """The request has its answer: nothing else of the page is made."""

    def __init__(self, response: Response) -> None:
        """Keep the answer."""
        super().__init__()
        self.response = response


def answered(_: Request, error: Exception) -> Response:
    """The answer that an error carries, as FastAPI asks for it."""
    assert isinstance(error, AnsweredError)
    return error.response


@contextmanager
def refusals(pages: Pages, request: Request, who: Identity, reference: str) -> Generator[None]:
    """Whatever keeps a chart from being shown in here is answered by the page that says why, and where to go on.

    Raises:
        AnsweredError: the chart is at another site, is not there or was not known then; or a time cannot be read.
    """
    try:
        yield
    except NotAtSiteError:
        raise AnsweredError(glass_page(pages, request, who, reference)) from None
    except (NoSuchChartError, NotKnownThenError, FilterError) as error:
        raise AnsweredError(_no_chart(pages, request, who, reference, error)) from None


def glass_page(pages: Pages, request: Request, who: Identity, reference: str, problem: str = "") -> Response:
    """A chart of another site: what it takes to open it."""
    minutes = pages.services.settings.break_glass_minutes
    return pages.page(request, "glass.html", who, 403, chart=reference, minutes=minutes, problem=problem)


def _no_chart(pages: Pages, request: Request, who: Identity, reference: str, error: Exception) -> Response:
    """Why there is nothing to show, and where to go on."""
    there = not isinstance(error, NoSuchChartError)
    if isinstance(error, NotKnownThenError):
        heading, text = _("Not known then"), _("The first entry of this chart was recorded later.")
    else:
        heading, text = _("Choose another time") if there else _("No such chart"), sentence(error)
    return pages.page(
        request,
        "message.html",
        who,
        404,
        heading=heading,
        text=text,
        way_on=address_of(reference) if there else "/clients",
        way_on_name=_("The chart as known now") if there else _("All clients"),
    )
