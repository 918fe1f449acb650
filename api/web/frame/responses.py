"""Answers that end a request wherever its page is being made: who is asked to sign in, or is told why not."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from fastapi import Request
from fastapi.responses import Response

from api.addresses import address_of
from api.i18n.language import _, sentence
from api.sessions import Identity
from api.web.frame.pages import Pages
from domain.errors import ExpectedError
from infra.disclosure.record_guard import NotYoursError
from infra.eventstore.client_chart import NoSuchChartError, NotKnownThenError
from infra.eventstore.erased import ChartErasedError

NOTHING_TO_SHOW = frozenset({"no-such-chart", "not-known-then", "question"})


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
        AnsweredError: the chart is at another site, erased, not there or was not known then; or a time cannot be read.
    """
    try:
        yield
    except NotYoursError:
        raise AnsweredError(glass_page(pages, request, who, reference)) from None
    except ChartErasedError:
        raise AnsweredError(_erased(pages, request, who)) from None
    except ExpectedError as error:
        if error.kind not in NOTHING_TO_SHOW:
            raise
        raise AnsweredError(_no_chart(pages, request, who, reference, error)) from None


def glass_page(
    pages: Pages, request: Request, who: Identity, reference: str, problem: str = "", code: int = 404
) -> Response:
    """No chart that this person may open, of another site or nobody's: what it takes to open one of another site."""
    minutes = pages.services.settings.break_glass_minutes
    return pages.page(request, "glass.html", who, code, chart=reference, minutes=minutes, problem=problem)


def _erased(pages: Pages, request: Request, who: Identity) -> Response:
    text = _("This chart was erased. Auditors see what is left of it; its number is not used again.")
    way_on = {"way_on": "/clients", "way_on_name": _("All clients")}
    return pages.page(request, "message.html", who, 410, heading=_("Erased"), text=text, **way_on)


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
