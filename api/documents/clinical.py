"""Medication, screens, scores, use and incidents, on paper."""

from __future__ import annotations

from api.documents.printout import Printing
from api.documents.words import joined, on, plain, table, times, words
from api.i18n.formats import number
from api.i18n.language import N_, _, translated
from domain.entries import Entry
from domain.events import DrugScreenResulted
from infra.pdf.document import Block, Section, Text
from projections.clinical.medication import Medications, Order, medications, with_doses
from projections.clinical.screens import unexplained
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
    medicines = with_doses(printing.chart)
    stopped = [order for order in medicines.orders if order.ended]
    blocks = prescribed(medicines.running)
    if stopped:
        blocks.append(Text(_("Stopped or changed:"), mark="quiet"))
        blocks += prescribed(stopped)
    if medicines.unprescribed:
        text = _("Doses given while no prescription of that drug was recorded: {count}.")
        blocks.append(Text(text.format(count=number(len(medicines.unprescribed)))))
    return [Section(_("Medication"), [*blocks, schedule()])]


def prescribed(orders: list[Order]) -> list[Block]:
    """Orders as a table."""
    head = (_("Drug"), _("Class"), _("Dose"), _("From"), _("To"), _("Doses given"))
    return table(_("Medication"), head, [_order(order) for order in orders], (2.6, 1.6, 0.9, 1.3, 2.2, 1.6))


def schedule() -> Text:
    """What a prescription does not hold here."""
    text = _("How often and by which route a medication is taken is not part of this record: take it from the order.")
    return Text(text, mark="quiet")


def screened(printing: Printing) -> list[Block]:
    """The latest drug screens, and how many there were."""
    screened_entries, taken = screens(printing.chart), medications(printing.chart)
    rows = [
        (
            on(entry.day),
            words(event.specimen),
            ", ".join(event.positive) or _("negative"),
            joined(
                _("not valid") if event.valid is False else _as_prescribed(entry, event, taken),
                _("confirmed") if event.confirmed else None,
                _("unscheduled") if event.unscheduled else None,
            ),
        )
        for entry, event in screened_entries[:LATEST]
    ]
    blocks = table(_("Drug screens"), (_("Day"), _("Specimen"), _("Found"), _("Remarks")), rows, (1.2, 1, 2.5, 1.5))
    if len(screened_entries) > LATEST:
        text = _("The latest {shown} of {count} screens.")
        blocks.append(Text(text.format(shown=number(LATEST), count=number(len(screened_entries))), mark="quiet"))
    return blocks


def _as_prescribed(entry: Entry, event: DrugScreenResulted, taken: Medications) -> str | None:
    left = unexplained(entry, taken)
    explained = ", ".join(name for name in event.positive if name not in left)
    if not explained:
        return None
    return _("as prescribed: {substances}").format(substances=explained) if left else _("as prescribed")


def screens_of(printing: Printing, episode: Episode) -> Text:
    """Drug screens of an episode, in one line."""
    given, positive, missed = screens_given(printing.chart, episode)
    text = _("{given} given, {positive} of them positive for what was not prescribed; {missed} missed.")
    counts = text.format(given=number(given), positive=number(positive), missed=number(missed))
    return Text(counts, _("Drug screens:"))


def scored(printing: Printing, within: Within = always) -> list[Block]:
    """The first and the latest score of each instrument."""
    rows = [
        (
            instrument_title(score.instrument),
            _dated(score.first, score.first_day) if score.times > 1 else "",
            _dated(score.last, score.last_day),
            times(score.times),
        )
        for score in scores(printing.chart, within)
    ]
    head = (_("Instrument"), _("First score"), _("Latest score"), _("Taken"))
    return table(_("Scores"), head, rows, (1.4, 1.6, 1.6, 0.8))


def used(printing: Printing, within: Within = always) -> list[Block]:
    """Known use by substance."""
    rows = [
        (item.substance, on(item.last_day), _(_SOURCES[item.source]), times(item.times))
        for item in use(printing.chart, within)
    ]
    head = (_("Substance"), _("Last known use"), _("How it is known"), _("Recorded"))
    return table(_("Known use"), head, rows, (1.6, 1.2, 1.6, 0.9))


def happened(printing: Printing, within: Within = always) -> list[Block]:
    """Incidents."""
    rows = [
        (on(entry.day), words(event.kind), translated(event.severity or ""))
        for entry, event in incidents(printing.chart, within)
    ]
    return table(_("Incidents"), (_("Day"), _("Incident"), _("Severity")), rows, (1, 1.5, 2))


def _order(order: Order) -> tuple[str, ...]:
    event = order.event
    until = on(order.ended_day) or _("goes on")
    why = _("dose changed") if order.is_changed else order.stop.reason if order.stop else None
    given = times(len(order.doses)) if order.doses else ""
    last = _("last {day}").format(day=on(order.doses[-1].day)) if order.doses else None
    dose = _("{dose} mg").format(dose=plain(event.dose_mg)) if event.dose_mg is not None else _("not recorded")
    drug = f"{event.drug} ({event.reason})" if event.reason else event.drug
    return (drug, words(event.class_), dose, on(order.entry.day), joined(until, why), joined(given, last))


def _dated(score: float, ordinal: int) -> str:
    return f"{plain(score)} ({on(ordinal)})"
