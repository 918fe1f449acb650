"""Medication, screens, scores, use and incidents, on paper."""

from __future__ import annotations

from api.documents.printout import Printing
from api.documents.words import joined, on, plain, table, times, words
from api.i18n.formats import number
from api.i18n.language import N_, _, said
from infra.pdf.document import Block, Section, Text
from projections.clinical.medication import Order, with_doses
from projections.clinical_summary.clinical import incidents, scores, screens, use
from projections.clinical_summary.course import Episode, screens_given
from projections.clinical_summary.within import Within, always
from projections.timeline.words import instrument_title

LATEST = 10
_SOURCES = {
    "reported": N_("reported by the client"),
    "lapse": N_("judged a lapse"),
    "relapse": N_("judged a relapse"),
}


def medication(printing: Printing) -> list[Section]:
    """Every prescription, those that go on first."""
    found = with_doses(printing.chart)
    stopped = [order for order in found.orders if order.ended]
    blocks = prescribed(found.running)
    if stopped:
        blocks.append(Text(_("Stopped or changed:"), mark="quiet"))
        blocks += prescribed(stopped)
    if found.unprescribed:
        text = _("Doses given while no prescription of that drug was recorded: {count}.")
        blocks.append(Text(text.format(count=number(len(found.unprescribed)))))
    return [Section(_("Medication"), [*blocks, schedule()])]


def prescribed(found: list[Order]) -> list[Block]:
    """Orders as a table."""
    head = (_("Drug"), _("Class"), _("Dose"), _("From"), _("To"), _("Doses given"))
    return table(_("Medication"), head, [_order(one) for one in found], (2.6, 1.6, 0.9, 1.3, 2.2, 1.6))


def schedule() -> Text:
    """What a prescription does not hold here."""
    text = _("How often and by which route a medication is taken is not part of this record: take it from the order.")
    return Text(text, mark="quiet")


def screened(printing: Printing) -> list[Block]:
    """The latest drug screens, and how many there were."""
    found = screens(printing.chart)
    rows = [
        (
            on(entry.day),
            words(event.specimen),
            ", ".join(event.positive) or _("negative"),
            joined(
                _("not valid") if event.valid is False else None,
                _("confirmed") if event.confirmed else None,
                _("unscheduled") if event.unscheduled else None,
            ),
        )
        for entry, event in found[:LATEST]
    ]
    blocks = table(_("Drug screens"), (_("Day"), _("Specimen"), _("Found"), _("Remarks")), rows, (1.2, 1, 2.5, 1.5))
    if len(found) > LATEST:
        text = _("The latest {shown} of {count} screens.")
        blocks.append(Text(text.format(shown=number(LATEST), count=number(len(found))), mark="quiet"))
    return blocks


def screens_of(printing: Printing, episode: Episode) -> Text:
    """Drug screens of an episode, in one line."""
    given, positive, missed = screens_given(printing.chart, episode)
    text = _("{given} given, {positive} of them positive; {missed} missed.")
    counts = text.format(given=number(given), positive=number(positive), missed=number(missed))
    return Text(counts, _("Drug screens:"))


def scored(printing: Printing, within: Within = always) -> list[Block]:
    """The first and the latest score of each instrument."""
    rows = [
        (
            instrument_title(one.instrument),
            _dated(one.first, one.first_day) if one.times > 1 else "",
            _dated(one.last, one.last_day),
            times(one.times),
        )
        for one in scores(printing.chart, within)
    ]
    head = (_("Instrument"), _("First score"), _("Latest score"), _("Taken"))
    return table(_("Scores"), head, rows, (1.4, 1.6, 1.6, 0.8))


def used(printing: Printing, within: Within = always) -> list[Block]:
    """Known use by substance."""
    rows = [
        (one.substance, on(one.last_day), _(_SOURCES[one.source]), times(one.times))
        for one in use(printing.chart, within)
    ]
    head = (_("Substance"), _("Last known use"), _("How it is known"), _("Recorded"))
    return table(_("Known use"), head, rows, (1.6, 1.2, 1.6, 0.9))


def happened(printing: Printing, within: Within = always) -> list[Block]:
    """Incidents."""
    rows = [
        (on(entry.day), words(event.kind), said(event.severity or ""))
        for entry, event in incidents(printing.chart, within)
    ]
    return table(_("Incidents"), (_("Day"), _("Incident"), _("Severity")), rows, (1, 1.5, 2))


def _order(order: Order) -> tuple[str, ...]:
    said = order.event
    until = on(order.ended_day) or _("goes on")
    why = _("dose changed") if order.is_changed else order.stop.reason if order.stop else None
    given = times(len(order.doses)) if order.doses else ""
    last = _("last {day}").format(day=on(order.doses[-1].day)) if order.doses else None
    dose = _("{dose} mg").format(dose=plain(said.dose_mg)) if said.dose_mg is not None else _("not recorded")
    drug = f"{said.drug} ({said.reason})" if said.reason else said.drug
    return (drug, words(said.class_), dose, on(order.entry.day), joined(until, why), joined(given, last))


def _dated(score: float, ordinal: int) -> str:
    return f"{plain(score)} ({on(ordinal)})"
