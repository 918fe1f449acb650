"""Facts of a storyboard in words; what they are ``projections.clinical`` says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from api.i18n.asam import RISKS, dimensions_of
from api.i18n.formats import NOTHING, day, number, words
from api.i18n.language import N_, _, ngettext, translated
from api.web.frame.pages import Pages
from domain.decisions import History
from domain.entries import Entry, microseconds, moment
from domain.events import DrugScreenResulted
from domain.phrases import ago
from projections.clinical.agenda import next_appointment
from projections.clinical.at_hand import Taken, consents_in_force, highest_risk, incidents, self_harm, taken
from projections.clinical.details import details_of
from projections.clinical.due import follow_ups_now, open_follow_up
from projections.clinical.medication import Medications
from projections.clinical.screens import unexplained
from projections.status.rows import StatusRow
from projections.timeline.words import in_words

INCIDENTS = 2  # the latest of them; the list has them all
Lines = list[str]


def at_hand(pages: Pages, status: StatusRow, history: History, now: datetime) -> list[tuple[str, Lines]]:
    """What is wanted at every look, known or not: a title and its lines."""
    today = pages.services.day_of(now)
    pairs = [
        (N_("Risks"), risks(history)),
        (N_("Medication"), medication(history.care)),
        (N_("Due next"), due(status, history, today)),
        (N_("Next appointment"), _appointment(pages, history, now)),
        (N_("Consents in force"), _consents(history, today)),
        (N_("Last known use"), _use(status)),
        (N_("Last screen"), _screen(history.care)),
        (N_("Emergency contact"), [details_of(history.counted).get("emergency_contact", "")]),
    ]
    return [(title, [line for line in lines if line] or [NOTHING]) for title, lines in pairs]


def medication(entries: Sequence[Entry]) -> Lines:
    """The drugs that are taken, each with its dose as ordered and when it was last given; then in which other dose."""
    return [", ".join(part for part in (_ordered(drug), _given(drug)) if part) for drug in taken(entries)]


def _ordered(drug: Taken) -> str:
    return f"{drug.drug} {number(drug.dose_mg)} mg" if drug.dose_mg is not None else drug.drug


def _given(drug: Taken) -> str:
    if drug.last_given is None:
        return ""
    if drug.given_mg is None or drug.given_mg == drug.dose_mg:
        return _("last given {day}").format(day=_on(drug.last_given))
    return _("last given {day}: {dose} mg").format(day=_on(drug.last_given), dose=number(drug.given_mg))


def risks(history: History) -> Lines:
    """Thoughts of self-harm, the highest rating of the latest assessment with its dimensions, the latest incidents."""
    thoughts = self_harm(history.care)
    lines = [_("{day}: thoughts of death or self-harm (PHQ-9)").format(day=_on(thoughts.day))] if thoughts else []
    highest = highest_risk(history.journey)
    if highest is not None:
        names = dimensions_of(highest.edition)
        which = "; ".join(translated(names[place]) for place in highest.places)
        lines.append(
            _("{risk}, {rating} of 4: {dimensions}").format(
                risk=translated(RISKS[highest.rating]), rating=highest.rating, dimensions=which
            )
            if which
            else translated(RISKS[0])
        )
        lines.append(_("assessed {day}").format(day=_on(highest.day)))
    return lines + [f"{words(incident.kind)}, {_on(when)}" for incident, when in incidents(history.care)[:INCIDENTS]]


def due(status: StatusRow, history: History, today: date) -> Lines:
    """What has a date, the first one first: review, authorisation, consent, planned end, interview after discharge."""
    named = [
        (_("plan review"), status["review_due"]),
        (_("planned end"), status["planned_end"]),
        (_("authorisation ends"), status["authorized_to"] if status["state"] == "in_treatment" else None),
        (_("consent expires"), status["consent_expires"] if status["state"] in ("in_treatment", "alumni") else None),
    ]
    dated = [(date.fromisoformat(iso), what) for what, iso in named if iso]
    if interview := _interview(history, today):
        dated.append(interview)
    overdue, ahead = _("{day}, overdue: {what}"), "{day}: {what}"
    lines = [(overdue if when < today else ahead).format(day=day(when), what=what) for when, what in sorted(dated)]
    return [*lines, _authorised(status)]


def _authorised(status: StatusRow) -> str:
    """What is left of the authorised sessions, or how far they are exceeded; nothing where none are counted."""
    left = status["authorized_left"]
    if left is None or status["state"] != "in_treatment":
        return ""
    if left < 0:
        return ngettext("{count} session more than authorised", "{count} sessions more than authorised", -left).format(
            count=number(-left)
        )
    return ngettext("{count} authorised session left", "{count} authorised sessions left", left).format(
        count=number(left)
    )


def _interview(history: History, today: date) -> tuple[date, str] | None:
    """The interview after discharge that is due or comes next; None where each was held or missed."""
    follow_up = open_follow_up(follow_ups_now(history.care, history.journey), today.toordinal())
    if follow_up is None:
        return None
    return date.fromordinal(follow_up.due_day), _("{days}-day interview").format(days=follow_up.milestone_days)


def _appointment(pages: Pages, history: History, now: datetime) -> Lines:
    """The first that is ahead: when, and what with whom."""
    appointment = next_appointment(history.care, history.journey, microseconds(now))
    if appointment is None:
        return []
    what = [words(appointment.kind) if appointment.kind else "", appointment.clinician]
    return [pages.when(moment(appointment.starts).isoformat()), ", ".join(part for part in what if part)]


def _consents(history: History, today: date) -> Lines:
    """Whom the record may go to, what for and until when."""
    return [
        ", ".join(
            part
            for part in (
                consent.recipient or _("(sealed)"),
                words(consent.purpose) if consent.purpose else "",
                _("until {day}").format(day=day(consent.expires_on)) if consent.expires_on else "",
            )
            if part
        )
        for consent in consents_in_force(history.journey, today.toordinal())
    ]


def _use(status: StatusRow) -> Lines:
    use = status["days_since_last_use"]
    return [translated(ago(use)), day(status["last_use"])] if use is not None else []


def _screen(care: Sequence[Entry]) -> Lines:
    """What the last valid screen found: what nothing prescribed explains, or else what is prescribed."""
    screens = [(entry, entry.event) for entry in care if isinstance(entry.event, DrugScreenResulted)]
    valid = [(entry, screen) for entry, screen in screens if screen.valid is not False]
    if not valid:
        return []
    entry, screen = valid[-1]
    left = unexplained(entry, Medications.of(care))
    names = [translated(in_words(DrugScreenResulted, "positive", name)) for name in left or screen.positive]
    sign = _("positive: {substances}") if left else _("as prescribed: {substances}") if names else _("negative")
    return [sign.format(substances=", ".join(names)), _on(entry.day)]


def _on(ordinal: int) -> str:
    return day(date.fromordinal(ordinal))
