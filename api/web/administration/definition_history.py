"""History of one definition: who said what, when; ending what can end, taking a definition back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.http.access import may
from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.administration.definition_entries import Outcome, hidden, record, since_of, summary
from api.web.administration.definition_form import Form, in_force
from api.web.administration.definition_texts import cell
from api.web.administration.definition_values import problem_at
from api.web.administration.kind_page import page_of
from api.web.administration.kinds import TITLES, Page
from api.web.frame.guard import Check, Page as Handler
from api.web.frame.pages import Pages
from api.web.frame.responses import AnsweredError
from api.web.writing.submission import Posted
from domain.commands import Command, Record, Retract
from domain.entries import Entry, moment
from domain.events import (
    CATALOGUE,
    EntryCorrected,
    EntryRetracted,
    EntrySetAside,
    EntryTakenUp,
    Event,
    InvalidDataError,
)
from domain.provider import label
from infra.provider.define import Recorded, stream_of

Amendment = EntryCorrected | EntryRetracted | EntrySetAside | EntryTakenUp
_BECAME: Mapping[type[Event], str] = {
    EntryCorrected: "corrected",
    EntryRetracted: "retracted",
    EntrySetAside: "aside",
    EntryTakenUp: "",
}


def opened(pages: Pages, check: Check) -> Handler:
    """The page of the ``key`` in the address; without one the table."""

    def handler(request: Request, kind: str) -> Response:
        who = check(request)
        page = page_of(pages, request, who, kind)
        if not request.query_params.get("key"):
            return RedirectResponse(f"/administration/{kind}", 303)
        return _page(pages, request, who, page)

    return handler


def sent(pages: Pages, check: Check) -> Handler:
    """A group or a consent form ends, or an entry is taken back."""

    def handler(request: Request, kind: str, form: Form) -> Response:
        who = check(request)
        page = page_of(pages, request, who, kind)
        key = request.query_params.get("key", "")
        _recorded(pages, request, who, page, key)
        command = _ending if form.text("do") == "end" and page.ending else _taking_back
        outcome = record(
            pages, request, who, form, label(kind, key), lambda: command(pages, page, key, form), expected=form.seen
        )
        if outcome.recorded:
            return RedirectResponse(f"{_address(page, key)}&saved=1", 303)
        return _page(pages, request, who, page, form, outcome)

    return handler


def _ending(pages: Pages, page: Page, key: str, form: Posted) -> Command:
    assert page.ending
    reason = {"reason": form.text("reason")} if form.text("reason") else {}
    return Record(CATALOGUE.parse(page.ending.event, {page.key_field: key, **reason}), since_of(pages, form))


def _taking_back(_pages: Pages, _page: Page, _key: str, form: Posted) -> Command:
    """The retraction of the entry that a form names.

    Raises:
        InvalidDataError: no reason, or no entry.
    """
    if not form.text("reason"):
        raise InvalidDataError([problem_at("reason", N_("Say why it is taken back."))])
    try:
        target = UUID(form.text("target"))
    except ValueError:
        raise InvalidDataError([problem_at("", N_("Choose one of the entries below."))]) from None
    return Retract(target, form.text("reason"))


def _address(page: Page, key: str) -> str:
    return f"/administration/{page.kind}/history?{urlencode({'key': key})}"


def _recorded(pages: Pages, request: Request, who: Identity, page: Page, key: str) -> Recorded:
    """Every entry of a thing.

    Raises:
        AnsweredError: there is none.
    """
    recorded = stream_of(pages.services.log, label(page.kind, key), opened=True)
    if recorded.sequence:
        return recorded
    text = _("Nothing of this kind has this name. Choose one from the table.")
    way_on = {"way_on": f"/administration/{page.kind}", "way_on_name": _(page.title)}
    answer = pages.page(request, "message.html", who, 404, heading=_("Nothing is defined"), text=text, **way_on)
    raise AnsweredError(answer)


def _page(
    pages: Pages,
    request: Request,
    who: Identity,
    page: Page,
    form: Posted | None = None,
    outcome: Outcome | None = None,
) -> Response:
    key = request.query_params.get("key", "")
    recorded = _recorded(pages, request, who, page, key)
    definition = in_force(pages, page, key)
    amended = {event.target.hex: kind for event, kind in _amendments(recorded.entries)}
    return pages.page(
        request,
        "definition_history.html",
        who,
        outcome.status if outcome else 200,
        page=page,
        name=definition.key if definition else key,
        facts=[(field.label, cell(field, definition.data)) for field in page.fields[1:]] if definition else [],
        since=moment(definition.since).isoformat() if definition else "",
        rows=[_row(page, entry, amended.get(entry.event_id, "")) for entry in reversed(recorded.entries)],
        unread=recorded.unread,
        decides=may(who.role, "setting-aside"),
        defines=may(who.role, "defining"),
        ends=page.ending if definition else None,
        action=_address(page, key),
        saved=request.query_params.get("saved", ""),
        did=form.text("do") if form else "",
        target=form.text("target") if form else "",
        reason=form.text("reason") if form else "",
        holds=form.text("since") if form else "",
        zone=pages.zone.key,
        labels=page.labels,
        problems=outcome.problems if outcome else {},
        summary=summary(outcome) if outcome else "",
        **hidden(pages, label(page.kind, key), form, outcome),
    )


def _amendments(entries: Sequence[Entry]) -> list[tuple[Amendment, str]]:
    """What amends other entries or decides about them, in the order of recording, with what that makes of them."""
    events = [entry.event for entry in entries]
    return [(event, _BECAME[type(event)]) for event in events if isinstance(event, Amendment)]


def _row(page: Page, entry: Entry, became: str) -> dict[str, Any]:
    event = entry.event
    amends = isinstance(event, Amendment)
    data = event.model_dump(mode="json", by_alias=True, exclude_none=True)
    new = data.get("replacement", {})
    data_now = new.get("data", {}) if amends else data
    return {
        "id": entry.event_id,
        "title": TITLES[entry.type],
        "recorded": entry.recorded_at.isoformat() if entry.recorded_at else "",
        "since": new.get("occurred_at", "") if amends else entry.occurred_at.isoformat(),
        "actor": entry.actor,
        "role": entry.role,
        "facts": [(field.label, text) for field in page.fields[1:] if (text := cell(field, data_now))],
        "reason": data.get("reason", ""),
        "became": became,
        "amends": amends,
    }
