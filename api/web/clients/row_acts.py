"""Acts on a row of a list: a small form, back to the same place, with a way to undo it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID, uuid4

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.http.access import may
from api.i18n.language import N_
from api.sessions import Identity
from api.web.frame.pages import Pages
from api.web.frame.responses import refusals
from api.web.writing.submission import Outcome, Posted, submit
from domain.commands import Command, Retract
from domain.events import InvalidDataError
from infra.disclosure.record_guard import open_seen

_SAVED = ("saved", "of")
UNDO = "undo"


def acting_shown(request: Request, outcome: Outcome | None = None) -> dict[str, Any]:
    """What ``_acting.html`` shows: the entry just written, where the list is, a key for the page's forms."""
    saved, chart = (request.query_params.get(name, "") for name in _SAVED)
    return {
        "saved": saved if _is_uuid(saved) else "",
        "saved_of": chart,
        "here": urlencode(_place(request)),
        "key": uuid4().hex,
        "outcome": outcome,
    }


def act(
    pages: Pages,
    request: Request,
    who: Identity,
    form: Posted,
    command: Callable[[], Command],
    back: str,
    chart: str = "",
) -> Response | Outcome:
    """Give a command about ``chart``, or the form's, or take back what the form names; then back to the list.

    The outcome is for the page to show where nothing was recorded.

    Raises:
        AnsweredError: the chart is not for them.
    """
    reference = chart or form.text("client")
    with refusals(pages, request, who, reference):
        open_seen(pages.services, who, reference)
    undoes = form.text("do") == UNDO and may(who.role, "command:retract")
    outcome = submit(pages, request, who, reference, form, (lambda: _undoing(form)) if undoes else command)
    if outcome.receipt is None:
        return outcome
    recorded_here = {} if undoes else {"saved": str(UUID(hex=outcome.receipt.event_ids[-1])), "of": reference}
    path, _, anchor = back.partition("#")
    query = urlencode({**dict(_place(request)), **recorded_here})
    return RedirectResponse(f"{path}{f'?{query}' if query else ''}#{anchor}", 303)


def _undoing(form: Posted) -> Retract:
    target = form.text("target")
    if not _is_uuid(target):
        raise InvalidDataError([N_("The entry cannot be taken back here: open the chart.")])
    return Retract(UUID(target), "taken back at once")


def _place(request: Request) -> Mapping[str, str]:
    """The filters and the page of the list, as the address says them."""
    return {name: value for name, value in parse_qsl(request.url.query) if name not in _SAVED}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
