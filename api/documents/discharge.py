"""The discharge summary of one episode.

Its elements are those that accreditation and payment rules ask of one (42 CFR 482.24(c)(4)(vii): outcome,
disposition and provisions for follow-up care; Joint Commission RC.02.04.01: reason for care, services, condition at
discharge, follow-up), as far as the record's events hold them; the last section names those that they do not.
"""

from __future__ import annotations

from api.documents.assessments import assessed, diagnosed
from api.documents.clinical import happened, prescribed, schedule, scored, screens_of, used
from api.documents.course import attended, away, levels
from api.documents.frame import framed
from api.documents.person import person
from api.documents.plans import alumni, due, planned, prevention, referred
from api.documents.printout import Printing
from api.documents.words import days, facts, joined, level, on, words
from api.i18n.formats import number
from api.i18n.language import _, translated
from domain.entries import Entry
from domain.events import ClientDied
from infra.pdf.document import Block, Document, Section, Text
from projections.clinical.medication import with_doses
from projections.clinical_summary.course import Episode, assessment, referral
from projections.clinical_summary.plan import plan


def discharge(printing: Printing, episode: Episode) -> Document:
    """The discharge summary of an episode; of an open one, what is known so far, and that it says so."""
    chart = printing.chart
    first = assessment(chart, lambda entry: entry.at <= episode.start) or assessment(chart, episode.holds)
    last = assessment(chart, episode.reached)
    sections = [
        person(printing),
        Section(_("Admission"), _admission(printing, episode)),
        assessed(printing, _("Assessment at admission and at discharge"), first, last),
        diagnosed(printing, episode.reached),
        Section(_("Levels of care"), [*levels(printing, episode.levels), *away(printing, episode.holds)]),
        Section(_("Services received"), [*attended(printing, episode), screens_of(printing, episode)]),
        Section(_("Scores"), scored(printing, episode.holds)),
        planned(printing, _("Plan and progress by goal"), episode.last, episode.holds),
        Section(_("Known use up to discharge"), used(printing, episode.reached)),
        Section(_("Incidents"), happened(printing, episode.holds)),
        Section(_("Medication at discharge"), _medication(printing, episode)),
        Section(_("Discharge"), _end(printing, episode)),
        prevention(printing, lambda entry: episode.reached(entry) or episode.follows(entry)),
        Section(_("Aftercare and follow-up"), _aftercare(printing, episode)),
    ]
    return framed(printing, _("Discharge summary, episode {number}").format(number=episode.number), sections)


def _admission(printing: Printing, episode: Episode) -> list[Block]:
    came = referral(printing.chart, lambda entry: entry.at <= episode.start)
    stay = episode.levels[0].stay
    return facts(
        (_("Admitted"), on(episode.start_day)),
        (_("First level"), level(stay.level)),
        (_("Program, site, clinician"), printing.place(stay)),
        (_("Living"), words(stay.living)),
        *(
            (
                (_("Referred"), on(came[0].day)),
                (_("Referred by"), joined(came[1].referrer, words(came[1].referral_kind))),
                (_("Requested level"), level(came[1].requested_level)),
            )
            if came
            else ((_("Referred by"), _("not recorded")),)
        ),
    )


def _medication(printing: Printing, episode: Episode) -> list[Block]:
    """What goes on at the end of the last day, and what was stopped during the episode."""
    medicines = with_doses(printing.chart, episode.reached)
    stopped = [order for order in medicines.orders if order.ended and order.ended.day >= episode.start_day]
    blocks = prescribed(medicines.running)
    if stopped:
        blocks += [Text(_("Stopped or changed:"), mark="quiet"), *prescribed(stopped)]
    return [*blocks, schedule()]


def _end(printing: Printing, episode: Episode) -> list[Block]:
    last = episode.last
    if episode.end_day is None:
        text = _("Not discharged: {level} is open. This is what is known so far.")
        return [Text(text.format(level=level(last.level)), mark="important")]
    died = printing.chart.journey.death
    return facts(
        (_("Discharged"), on(episode.end_day)),
        (_("Length of care"), days(episode.days)),
        (_("Last level"), level(last.level)),
        (_("Reason (TEDS)"), words(last.reason) or _("not recorded")),
        (_("Goals met"), _goals(printing, episode)),
        (_("Next level"), level(last.next_level) or _("none recorded")),
        (_("Died"), _death(died) if died and episode.holds(died) else None),
    )


def _death(entry: Entry) -> str:
    event = entry.event
    cause = event.cause if isinstance(event, ClientDied) else None
    return joined(on(entry.day), translated(cause or ""))


def _goals(printing: Printing, episode: Episode) -> str:
    """How many goals of the plan were met by the end."""
    plan_now = plan(printing.chart, episode.last, episode.holds)
    if plan_now is None or not plan_now.goals:
        return _("no goals recorded")
    met = sum(1 for goal in plan_now.goals if goal.status == "met")
    return _("{met} of {count}").format(met=number(met), count=number(len(plan_now.goals)))


def _aftercare(printing: Printing, episode: Episode) -> list[Block]:
    after = [level_shown for level_shown in episode.levels if level_shown.stay.level == "alumni"]
    aftercare = [
        Text(_("Aftercare began on {day}.").format(day=on(level_shown.stay.start_day))) for level_shown in after
    ]
    return [*aftercare, *due(printing, episode), *alumni(printing, episode), *referred(printing, episode)]
