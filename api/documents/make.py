"""From a chart number to the bytes of a document: opened and recorded in the access log, worded, set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal

from api.documents.discharge import discharge
from api.documents.printout import Printing
from api.documents.summary import summary
from api.i18n.clock import on_clock
from api.i18n.language import speaking
from domain.phrases import Phrase
from infra.bootstrap import Services
from infra.disclosure.consents import NOTICE, described
from infra.disclosure.disclosures import disclose
from infra.disclosure.record_guard import open_seen
from infra.eventstore.client_chart import at_entry, last_recorded
from infra.identity.people import Principal
from infra.integrity.seal_setup import CARE, seals_of
from infra.pdf.document import Document
from infra.pdf.engine import pdf
from infra.pdf.refusals import NoEpisodeError, NoRecordError
from infra.provider.names import names_of
from projections.chart import Chart
from projections.clinical_summary.course import episodes

Kind = Literal["summary", "discharge-summary"]
KINDS: tuple[Kind, ...] = ("summary", "discharge-summary")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which document: of a discharge summary, which ``episode`` (None: the latest); as known at ``as_of`` (aware), or
    right after an entry of the chart.
    """

    kind: Kind
    language: str
    episode: int | None = None
    as_of: datetime | None = None
    request: str = ""
    at_entry: int | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the records, for which purpose; ``emergency`` is its nature, where the purpose is one."""

    name: str
    purpose: str
    emergency: str = ""


def print_within(services: Services, who: Principal, reference: str, wanted: Wanted) -> bytes:
    """The document for the programme's own use or, where ``who`` reads at the client's request, for the client.

    Neither is a disclosure (42 CFR 2.12(c)(3), 2.23); that the chart was read is in the access log.

    Raises:
        NoSuchChartError, NotKnownThenError, NotYoursError: as ``open_seen``.
        NoSuchPlaceError: the chart has no such entry.
        NothingToPrintError: there is no such document of this chart.
    """
    printing, word = _prepared(services, who, reference, wanted)
    return _set(printing, word, wanted.language)


def hand_out(services: Services, who: Principal, reference: str, wanted: Wanted, to: Recipient) -> bytes:
    """The document for somebody outside: only under the client's consent or the law, recorded as a disclosure.

    Raises:
        NoSuchChartError, NotKnownThenError, NotYoursError, DisclosureRefusedError: as ``disclose``.
        NoSuchPlaceError: the chart has no such entry.
        NothingToPrintError: there is no such document of this chart.
    """
    printing, word = _prepared(services, who, reference, wanted)
    what = wanted.kind.replace("-", " ")
    _whole, decision = disclose(
        services,
        who,
        reference,
        recipient=to.name,
        purpose=to.purpose,
        what=what,
        scope=what,
        emergency=to.emergency,
        request=wanted.request,
    )
    notice = described(decision)
    consented = {"consented": notice["purpose"]} if "consent" in notice else {}
    disclosed = {**notice, **consented, "recipient": to.name, "purpose": to.purpose}
    return _set(replace(printing, disclosed=disclosed), word, wanted.language)


def refuse_empty(services: Services, chart: Chart) -> None:
    """Refuse a chart that is nobody's record any more.

    Raises:
        NoRecordError: it was erased, or merged into another.
    """
    if services.log.erased([chart.client_id]):
        raise NoRecordError(Phrase("the chart was erased: there is no record of anybody to print"))
    if chart.closed:
        raise NoRecordError(Phrase("the chart was merged into another: print that one"))


Worded = Callable[[Printing], Document]


def _prepared(services: Services, who: Principal, reference: str, wanted: Wanted) -> tuple[Printing, Worded]:
    """What is printed as long as it stays here, and what words it.

    Raises:
        NothingToPrintError: there is no such document of this chart.
    """
    chart = open_seen(services, who, reference, as_of=wanted.as_of, request=wanted.request)
    as_of = wanted.as_of
    if wanted.at_entry is not None:
        chart = at_entry(chart, services.log, wanted.at_entry)
        as_of = last_recorded(chart)
    folded = Chart(chart.client_id, chart.sequence, chart.entries)
    refuse_empty(services, folded)
    now = services.now()
    then = min(as_of, now) if as_of else now
    printing = Printing(
        chart=folded,
        recorded=chart.entries,
        reference=chart.reference,
        who=who,
        at=now,
        zone=services.zone,
        today=services.day_of(then).toordinal(),
        notice=services.settings.redisclosure_notice or NOTICE,
        as_of=as_of,
        entry=wanted.at_entry,
        head=seals_of(services).last(CARE),
        names=names_of(services),
        demo=services.settings.demo,
    )
    return printing, summary if wanted.kind == "summary" else _discharge(printing, wanted.episode)


def _discharge(printing: Printing, wanted: int | None) -> Worded:
    """What words the discharge summary of an episode, from 1; None is the latest.

    Raises:
        NoEpisodeError: the chart has no such episode.
    """
    episodes_of_chart = episodes(printing.chart, printing.today)
    number = len(episodes_of_chart) if wanted is None else wanted
    if not 1 <= number <= len(episodes_of_chart):
        raise NoEpisodeError(
            Phrase("this chart has no such episode of treatment; it has {count}", count=len(episodes_of_chart))
        )
    return partial(discharge, episode=episodes_of_chart[number - 1])


def _set(printing: Printing, word: Worded, language: str) -> bytes:
    with speaking(language), on_clock(printing.zone):
        document = word(printing)
    return pdf(document)
