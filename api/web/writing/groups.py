"""A group session charted once: who was there, who was not, recorded for all of them or for nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.http.correlation import request_id
from api.http.errors import about
from api.i18n.language import N_, said, sentence
from api.sessions import Identity
from api.web.frame.guard import Check, Guard
from api.web.frame.rendering import Pages
from api.web.writing.fields import Field, as_given, fields_of, read
from api.web.writing.lengths import kept_length, usual_minutes
from api.web.writing.submission import Posted, earlier, moment_of, posted
from domain.events import CATALOGUE, InvalidDataError, SessionAttended
from domain.levels import GUIDED, LEVELS, title
from infra.commands.group_session import Attendee, GroupRefusedError, GroupSession, chart_group
from infra.disclosure.record_guard import NotYoursError, hidden_from, reach
from infra.eventstore.erased import ChartErasedError
from infra.eventstore.log import IdempotencyKeyReusedError
from projections.filters import Filters
from projections.status.queries import clients

MOST = 100
_SKIPPED = frozenset({"group_id", "appointment_id"})
FIELDS = tuple(field for field in fields_of(SessionAttended) if field.name not in _SKIPPED)
Handler = Callable[..., Response]


def add_group_page(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    check = guard.area("group-sessions")
    router.add_api_route("/group-session", _open(pages, check), methods=["GET"])
    router.add_api_route("/group-session", _record(pages, check), methods=["POST"])


def _open(pages: Pages, check: Check) -> Handler:
    def handler(request: Request) -> Response:
        who = check(request)
        level = request.query_params.get("level", GUIDED)
        held: dict[str, Any] = {"kind": "group", "minutes": usual_minutes(level)["group"], "clinician": who.name}
        held["slot"] = request.query_params.get("slot", "")
        fields = [field.holding(held.get(field.name) or None) for field in FIELDS]
        return _page(pages, request, who, fields)

    return handler


def _record(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
        who = check(request)
        problems: Sequence[str] = ()
        before: Sequence[tuple[str, UUID]] = ()
        asks_again = False
        try:
            session = _session(form, pages)
            for attendee in session.attendees:
                reach(pages.services, who, pages.services.log.client_id(attendee.reference))
            author = who.author("", request_id(request.scope))
            key = f"{who.person.key}:group:{form.key}"
            again = form.one("again") == "yes"
            receipts = chart_group(
                pages.services.log, session, author=author, now=pages.services.now(), key=key, again=again
            )
        except GroupRefusedError as error:
            asks_again = error.asks_again
            log = pages.services.log
            about(request.scope, [log.client_id(session.attendees[place].reference) for place in error.refusals])  # pyright: ignore[reportPossiblyUnboundVariable]
            listed = [attendee.reference for attendee in session.attendees]  # pyright: ignore[reportPossiblyUnboundVariable]
            problems = [
                f"{listed[place]}: {said(refusal.value)}. {said(refusal.remedy)}"
                for place, found in error.refusals.items()
                for refusal in found
            ]
        except IdempotencyKeyReusedError as error:
            before = earlier(pages.services, error.earlier)
        except (InvalidDataError, NotYoursError, ChartErasedError) as error:
            problems = getattr(error, "problems", None) or [sentence(error)]
        else:
            request.app.state.appended()
            pages.services.wait_for(max(receipt.position for receipt in receipts))
            return RedirectResponse(f"/group-session?level={form.one('level')}&charted={len(receipts)}", 303)
        typed = [as_given(field, form.given) for field in FIELDS]
        return _page(pages, request, who, typed, form, problems, before, asks_again=asks_again)

    return handler


def _session(form: Posted, pages: Pages) -> GroupSession:
    """The session that the form says.

    Raises:
        InvalidDataError: a field does not fit, or nobody is marked.
    """
    said = CATALOGUE.parse("SessionAttended", read(FIELDS, form.given))
    assert isinstance(said, SessionAttended)
    at = moment_of(form.one("occurred_at"), pages.zone)
    asked = kept_length(form, usual_minutes(form.one("level")))
    if asked:
        raise InvalidDataError([asked])
    attendees = [
        Attendee(
            name.removeprefix("was:"), attended=values[0] == "there", excused=True if values[0] == "excused" else None
        )
        for name, values in form.given.items()
        if name.startswith("was:") and values[0] in {"there", "missed", "excused"}
    ]
    if not attendees:
        raise InvalidDataError([N_("Clients: mark at least one as there or as missing")])
    return GroupSession(
        at, said.minutes, attendees, said.kind, said.topic, said.modality, said.slot, said.clinician, None
    )


def _page(
    pages: Pages,
    request: Request,
    who: Identity,
    fields: Sequence[Field],
    form: Posted | None = None,
    problems: Sequence[str] = (),
    before: Sequence[tuple[str, UUID]] = (),
    *,
    asks_again: bool = False,
) -> Response:
    level = (form.one("level") if form else request.query_params.get("level", "")) or GUIDED
    slot = form.one("filter_slot") if form else request.query_params.get("slot", "")
    local = pages.services.now().astimezone(pages.zone).strftime("%Y-%m-%dT%H:%M")
    return pages.page(
        request,
        "group.html",
        who,
        409 if before else 422 if problems else 200,
        levels=[(name, title(name)) for name in LEVELS],
        level=level if level in LEVELS else GUIDED,
        slot=slot,
        listed=_listed(pages, request, who, level, slot, form),
        fields=fields,
        problems=problems,
        earlier=before,
        occurred_at=form.one("occurred_at") if form else local,
        today=local[:10],
        usual=usual_minutes(level),
        for_kind=form.one("kind") if form else "group",
        zone=pages.zone.key,
        asks_again=asks_again,
        key=form.key if form and not before else uuid4().hex,
        charted=_count(request.query_params.get("charted", "")),
    )


def _count(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 4 else 0


def _listed(
    pages: Pages, request: Request, who: Identity, level: str, slot: str, form: Posted | None
) -> list[dict[str, Any]]:
    """The clients at a level whom this person may chart, with what was marked."""
    services = pages.services
    where = {"level": level} if level in LEVELS else {"level": GUIDED}
    with services.reads.reading() as connection:
        filters = Filters(by=(), where=where)
        rows = clients(
            connection, filters, services.today(), limit=1_000, sites=who.bound_to, but=hidden_from(services, who)
        )
    seen = [row for row in rows if not slot or row.get("slot") == slot][:MOST]
    ids = [row["client_id"] for row in seen]
    services.people.log.read(who, ids, request=request_id(request.scope))
    names = services.log.references(ids)
    found = [{"client": names[row["client_id"]], "site": row["site"], "slot": row.get("slot", "")} for row in seen]
    for row in found:
        row["was"] = form.one(f"was:{row['client']}") if form else ""
    return sorted(found, key=lambda row: str(row["client"]))
