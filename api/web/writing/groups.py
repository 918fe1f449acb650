"""A group session charted once: who was there, who was not, recorded for all of them or for nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.http.correlation import request_id
from api.http.errors import about
from api.i18n.language import N_, sentence, translated
from api.sessions import Identity
from api.web.frame.guard import Check, Guard
from api.web.frame.pages import Pages
from api.web.writing.fields import Field, as_given, fields_of, read
from api.web.writing.lengths import kept_length, usual_minutes
from api.web.writing.moments import day_asked
from api.web.writing.roster import NOTE, OTHER_MINUTES, Sheet, listed, marks_of, out_of_reach
from api.web.writing.submission import Posted, earlier, moment_of, posted
from api.whole_numbers import whole_number
from domain.entries import microseconds
from domain.events import CATALOGUE, InvalidDataError, SessionAttended
from domain.levels import GUIDED, LEVELS, title
from domain.phrases import Phrase
from infra.commands.group_session import Attendee, GroupRefusedError, GroupSession, chart_group
from infra.eventstore.erased import ChartErasedError
from infra.eventstore.log import IdempotencyKeyReusedError
from infra.provider.schedule import Meeting, meeting_of
from projections.filters import FilterError

_DAY_MINUTES = 1440
_LONGEST_NOTE = 20_000
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
        sheet = _sheet(pages, who, request.query_params.get)
        held = _of_meeting(sheet.meeting) if sheet.meeting else {"minutes": usual_minutes(sheet.level)["group"]}
        held = {"kind": "group", "clinician": who.name, "slot": sheet.slot, **held}
        fields = [field.holding(held.get(field.name) or None) for field in FIELDS]
        return _page(pages, request, who, sheet, fields)

    return handler


def _sheet(pages: Pages, who: Identity, value_of: Callable[[str, str], str]) -> Sheet:
    """The sheet that is asked for: of a group on a day, or of a level and slot.

    Raises:
        FilterError: no such group meets then, or it is another site's.
    """
    services = pages.services
    day = day_asked(value_of("day", ""), services.today())
    if not value_of("group", ""):
        level = value_of("level", "")
        return Sheet(
            level if level in LEVELS else GUIDED, value_of("slot", ""), day, None, value_of("all", "") == "there"
        )
    met = meeting_of(services, value_of("group", ""), day)
    if met is None or not who.at(met.data["site"]):
        raise FilterError(Phrase("no such group of yours meets on this day: choose it from the timetable"))
    return Sheet(met.data["level"], "", day, met)


def _of_meeting(met: Meeting) -> dict[str, Any]:
    """What the form holds of a group that meets."""
    return {name: met.data[name] for name in ("minutes", "topic", "slot", "clinician") if name in met.data}


def _record(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
        who = check(request)
        sheet = _sheet(pages, who, _asked(form))
        problems: Sequence[str] = ()
        before: Sequence[tuple[str, UUID]] = ()
        asks_again = False
        try:
            session = _session(form, pages, sheet)
            unreachable = out_of_reach(pages, who, [attendee.reference for attendee in session.attendees])
            if unreachable:
                raise InvalidDataError(list(unreachable.values()))
            author = who.author(sheet.meeting.data["site"] if sheet.meeting else "", request_id(request.scope))
            key = f"{who.person.key}:group:{form.key}"
            again = form.text("again") == "yes"
            receipts = chart_group(
                pages.services.log, session, author=author, now=pages.services.now(), key=key, again=again
            )
        except GroupRefusedError as error:
            asks_again = error.asks_again
            log = pages.services.log
            about(request.scope, [log.client_id(session.attendees[place].reference) for place in error.refusals])  # pyright: ignore[reportPossiblyUnboundVariable]
            marked = [attendee.reference for attendee in session.attendees]  # pyright: ignore[reportPossiblyUnboundVariable]
            problems = [
                f"{marked[place]}: {translated(refusal.value)}. {translated(refusal.remedy)}"
                for place, refusals in error.refusals.items()
                for refusal in refusals
            ]
        except IdempotencyKeyReusedError as error:
            before = earlier(pages.services, error.earlier)
        except InvalidDataError as error:
            problems = error.problems
        except ChartErasedError as error:
            problems = [sentence(error)]
        else:
            request.app.state.appended()
            pages.services.wait_for(max(receipt.position for receipt in receipts))
            return RedirectResponse(_after(sheet, len(session.attendees)), 303)
        typed = [as_given(field, form.given) for field in FIELDS]
        return _page(pages, request, who, sheet, typed, form, problems, before, asks_again=asks_again)

    return handler


def _asked(form: Posted) -> Callable[[str, str], str]:
    """The sheet that a sent form was of."""
    names = {"slot": "filter_slot"}
    return lambda name, other: form.text(names.get(name, name)) or other


def _after(sheet: Sheet, charted: int) -> str:
    """Where a recorded sheet leads: to the timetable of the day, or to the sheet of the level."""
    if sheet.meeting is not None:
        return f"/groups?{urlencode({'day': sheet.day.isoformat(), 'charted': charted})}"
    return f"/group-session?level={sheet.level}&charted={charted}"


def _session(form: Posted, pages: Pages, sheet: Sheet) -> GroupSession:
    """The session that the form says.

    Raises:
        InvalidDataError: a field does not fit, or nobody is marked.
    """
    session_data = CATALOGUE.parse("SessionAttended", read(FIELDS, form.given))
    assert isinstance(session_data, SessionAttended)
    at = moment_of(form.text("occurred_at"), pages.zone)
    problem = kept_length(form, usual_minutes(sheet.level)) if sheet.meeting is None else ""
    if problem:
        raise InvalidDataError([problem])
    if sheet.meeting is not None and not _on_its_day(pages, sheet.meeting, at, sheet.day):
        raise InvalidDataError([Phrase("When: give a time on the day of the sheet", field="occurred_at")])
    attendees = [_attendee(form, reference, mark) for reference, mark in marks_of(form).items()]
    if not attendees:
        raise InvalidDataError([N_("Clients: mark at least one as there or as missing")])
    group_id = sheet.meeting.group.key if sheet.meeting else None
    return GroupSession(
        at,
        session_data.minutes,
        attendees,
        session_data.kind,
        session_data.topic,
        session_data.modality,
        session_data.slot,
        session_data.clinician,
        group_id,
    )


def _on_its_day(pages: Pages, met: Meeting, at: datetime, day: date) -> bool:
    """Whether a moment is on a day by the clocks of the site where a group meets."""
    return pages.services.log.calendar.day(microseconds(at), met.data["site"]) == day.toordinal()


def _attendee(form: Posted, client: str, was: str) -> Attendee:
    """One client as marked.

    Raises:
        InvalidDataError: their minutes are no number of minutes, or the note is too long.
    """
    minutes, note = form.text(OTHER_MINUTES + client), form.text(NOTE + client)
    if minutes and not 1 <= (whole_number(minutes) or 0) <= _DAY_MINUTES:
        raise InvalidDataError([Phrase("{client}: minutes: give a whole number from 1 to 1440", client=client)])
    if len(note) > _LONGEST_NOTE:
        raise InvalidDataError([Phrase("{client}: the note is too long: write it on the client's page", client=client)])
    there = was == "there"
    return Attendee(
        client,
        attended=there,
        minutes=int(minutes) if minutes and there else None,
        excused=True if was == "excused" else None,
        note=note or None,
    )


def _page(
    pages: Pages,
    request: Request,
    who: Identity,
    sheet: Sheet,
    fields: Sequence[Field],
    form: Posted | None = None,
    problems: Sequence[str] = (),
    before: Sequence[tuple[str, UUID]] = (),
    *,
    asks_again: bool = False,
) -> Response:
    met = sheet.meeting
    begins = met.begins if met else pages.services.now().astimezone(pages.zone)
    return pages.page(
        request,
        "group.html",
        who,
        409 if before else 422 if problems else 200,
        levels=[(name, title(name)) for name in LEVELS],
        level=sheet.level,
        slot=sheet.slot,
        meeting=met,
        day=sheet.day.isoformat(),
        later=met is not None and met.begins > pages.services.now(),
        listed=listed(pages, request, who, sheet, form),
        fields=fields,
        problems=problems,
        earlier=before,
        occurred_at=form.text("occurred_at") if form else begins.astimezone(pages.zone).strftime("%Y-%m-%dT%H:%M"),
        today=pages.services.today().isoformat(),
        usual={} if met else usual_minutes(sheet.level),
        for_kind=form.text("kind") if form else "group",
        zone=pages.zone.key,
        asks_again=asks_again,
        key=form.key if form and not before else uuid4().hex,
        charted=_count(request.query_params.get("charted", "")),
    )


def _count(text: str) -> int:
    return whole_number(text, 3) or 0
