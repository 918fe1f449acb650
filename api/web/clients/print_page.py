"""The page on which a document is chosen, and for whom; its answer is the PDF, or the page again and why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.addresses import NumberInPath
from api.documents.course import episode_title
from api.documents.make import Kind, Recipient, Wanted, hand_out, print_within, refuse_empty
from api.documents.person import latest_name
from api.documents.words import until
from api.files import attachment
from api.http.access import may
from api.http.correlation import request_id
from api.i18n.language import _, language, languages, sentence
from api.sessions import Identity
from api.web.clients.shown_then import asked_moment, shown_then
from api.web.frame.guard import Check, Guard
from api.web.frame.merged_page import answer_if_merged
from api.web.frame.pages import Pages
from api.web.frame.recorded_time import local, moment_of
from api.web.frame.responses import refusals
from api.whole_numbers import whole_number
from domain.phrases import Phrase
from infra.disclosure.consents import EMERGENCY, Consent, consents_of
from infra.disclosure.disclosures import DisclosureRefusedError
from infra.disclosure.record_guard import open_seen
from infra.eventstore.client_chart import NoSuchPlaceError, NotKnownThenError, OpenedChart, open_chart
from infra.pdf.engine import PDF
from infra.pdf.refusals import NothingToPrintError
from projections.chart import Chart
from projections.clinical_summary.course import episodes
from projections.filters import FilterError

_CONSENT = "consent:"
_LONGEST = 2_000
Field = Annotated[str, Form(max_length=_LONGEST)]
Handler = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Given:
    """What the form says. ``kind`` may have the episode's number behind a colon."""

    kind: str = "summary"
    to: str = "programme"
    as_of: str = ""
    language: str = ""
    recipient: str = ""
    emergency: str = ""
    at_entry: str = ""


def add_print_page(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    check = guard.area("printing")
    router.add_api_route("/clients/{reference}/print", _choose(pages, check), methods=["GET"])
    router.add_api_route("/clients/{reference}/print", _print(pages, check), methods=["POST"])


def _choose(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath) -> Response:
        who = check(request)
        with refusals(pages, request, who, reference):
            query = request.query_params
            as_of = local(pages, asked_moment(pages, query))
            whole = open_seen(pages.services, who, reference, request=request_id(request.scope))
            chart, then = shown_then(pages, query, whole, None)
        if not (as_of or then.entry):
            answer_if_merged(pages, request, who, chart)
        entry = "" if then.entry is None else str(then.entry)
        return _page(pages, request, who, whole, Given(as_of=as_of, language=language(), at_entry=entry), shown=chart)

    return handler


def _print(pages: Pages, check: Check) -> Handler:
    def handler(
        request: Request,
        reference: NumberInPath,
        kind: Field = "summary",
        to: Field = "programme",
        as_of: Field = "",
        language: Field = "",
        recipient: Field = "",
        emergency: Field = "",
        at_entry: Field = "",
    ) -> Response:
        who = check(request)
        given = Given(kind, to, as_of, language, recipient, emergency, at_entry)
        with refusals(pages, request, who, reference):
            return _answer(pages, request, who, reference, given)

    return handler


def _answer(pages: Pages, request: Request, who: Identity, reference: str, given: Given) -> Response:
    """The document, or the page again with what is in the way."""
    code = 422
    try:
        return _made(pages, request, who, reference, given)
    except DisclosureRefusedError:
        text = _("Nothing may leave: no consent that holds covers this recipient, purpose and document (42 CFR 2.31).")
        code = 403
    except NotKnownThenError:
        text = _("The first entry of this chart was recorded later.")
    except (NothingToPrintError, NoSuchPlaceError, FilterError) as error:
        text = sentence(error)
    chart = open_seen(pages.services, who, reference, request=request_id(request.scope))
    return _page(pages, request, who, chart, given, text, code)


def _made(pages: Pages, request: Request, who: Identity, reference: str, given: Given) -> Response:
    """The document as a download."""
    name, _colon, number = given.kind.partition(":")
    kind: Kind = "discharge-summary" if name == "discharge-summary" else "summary"
    tongue = given.language if given.language in languages() else language()
    episode = whole_number(number, 5)
    entry = whole_number(given.at_entry, 9) or 0 if given.at_entry else None
    as_of = moment_of(pages, given.as_of) if entry is None else None
    wanted = Wanted(kind, tongue, episode, as_of, request_id(request.scope), entry)
    to = _recipient(pages, reference, given)
    if to is None:
        reader = replace(who, purpose="patient_request") if given.to == "client" else who
        made = print_within(pages.services, reader, reference, wanted)
    elif may(who.role, "handing-out"):
        made = hand_out(pages.services, who, reference, wanted, to)
    else:
        raise NothingToPrintError(Phrase("handing records out is for clinicians"))
    return Response(made, media_type=PDF, headers=attachment(f"{kind}.pdf"))


def _recipient(pages: Pages, reference: str, given: Given) -> Recipient | None:
    """Somebody outside, or None: the programme or the client."""
    if given.to == EMERGENCY:
        return Recipient(given.recipient, EMERGENCY, given.emergency)
    if not given.to.startswith(_CONSENT):
        return None
    wanted = given.to.removeprefix(_CONSENT)
    entries = open_chart(pages.services.log, reference).entries
    named = [
        consent for consent in consents_of(entries, pages.services.now(), pages.zone) if consent.consent_id == wanted
    ]
    return Recipient(named[0].recipient, named[0].purpose) if named else Recipient("", "")


def _page(
    pages: Pages,
    request: Request,
    who: Identity,
    chart: OpenedChart,
    given: Given,
    problem: str = "",
    code: int = 200,
    *,
    shown: OpenedChart | None = None,
) -> Response:
    """Of what is ``shown`` the episodes; the consents are those of now."""
    then = shown or chart
    folded = Chart(then.client_id, then.sequence, then.entries)
    episodes_of_chart = episodes(folded, pages.services.today().toordinal())
    return pages.page(
        request,
        "print.html",
        who,
        code,
        chart=chart.reference,
        name=latest_name(folded),
        problem=problem or _unprintable(pages, folded),
        given=asdict(given),
        episodes=[(consent.number, episode_title(consent)) for consent in reversed(episodes_of_chart)],
        consents=_consents(pages, chart),
        discloser=may(who.role, "handing-out"),
        zone=pages.zone.key,
        tongues=languages(),
    )


def _unprintable(pages: Pages, chart: Chart) -> str:
    try:
        refuse_empty(pages.services, chart)
    except NothingToPrintError as error:
        return sentence(error)
    return ""


def _consents(pages: Pages, chart: OpenedChart) -> list[tuple[str, str]]:
    """The consents that hold, each in one line."""
    known = consents_of(chart.entries, pages.services.now(), pages.zone)
    return [(consent.consent_id, _said(consent)) for consent in known if consent.holds]


def _said(consent: Consent) -> str:
    text = _("{recipient}: {purpose}; {scope}; {until}")
    scope = consent.scope or _("the whole record")
    return text.format(
        recipient=consent.recipient, purpose=consent.purpose, scope=scope, until=until(consent.expires_on)
    )
