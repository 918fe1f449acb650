"""The plan, goals, relapse prevention and what comes after, on paper."""

from __future__ import annotations

from api.documents.printout import Printing
from api.documents.words import facts, joined, nothing, on, table, words, yes
from api.i18n.formats import number
from api.i18n.language import _, translated
from domain.events import FollowUpMissed
from domain.journey import Stay
from infra.pdf.document import Block, Section, Text
from projections.clinical.due import FollowUp, open_follow_up
from projections.clinical_summary.course import Episode
from projections.clinical_summary.plan import (
    GoalState,
    alumni_contacts,
    follow_ups_of,
    plan,
    referrals,
    relapse_prevention,
)
from projections.clinical_summary.within import Within, always
from projections.timeline.summary import summary_of
from projections.timeline.words import title_of

STEPS = 6


def planned(printing: Printing, title: str, stay: Stay | None, within: Within = always) -> Section:
    """The plan in force with what it plans for a stay, and each goal with its progress."""
    plan_now = plan(printing.chart, stay, within)
    if plan_now is None:
        return Section(title, [nothing()])
    head = (_("Goal"), _("ASAM dimension"), _("Status"), _("Progress"))
    sessions = number(plan_now.planned.sessions_per_week) if plan_now.planned.sessions_per_week is not None else None
    return Section(
        title,
        [
            *facts(
                (_("Plan of"), on(plan_now.set_day)),
                (_("Planned end"), on(plan_now.planned.end)),
                (_("Sessions a week"), sessions),
                (_("Review due"), on(plan_now.planned.review_due)),
            ),
            *table(_("Goals"), head, [_goal(goal) for goal in plan_now.goals], (4, 1.1, 1, 2.2)),
        ],
    )


def prevention(printing: Printing, within: Within = always) -> Section:
    """The client's relapse-prevention plan, as recorded."""
    prevention_plan = relapse_prevention(printing.chart, within)
    title = _("Relapse-prevention plan")
    if prevention_plan is None:
        return Section(title, [nothing()])
    entry, event = prevention_plan
    parts = (
        (_("Triggers"), event.triggers),
        (_("Coping strategies"), event.coping_strategies),
        (_("Boundaries"), event.boundaries),
        (_("Supports"), event.supports),
    )
    return Section(title, [*facts((_("Recorded"), on(entry.day)), *parts)])


def due(printing: Printing, episode: Episode | None) -> list[Block]:
    """Follow-ups after an episode: held, missed, or when they are due."""
    follow_ups = follow_ups_of(printing.chart, episode) if episode is not None else []
    is_open = open_follow_up(follow_ups, printing.today)
    rows = [_follow_up(follow_ups, printing.today, is_open=follow_ups is is_open) for follow_ups in follow_ups]
    if printing.chart.journey.died is not None:
        return [Text(_("None are due: the client died."), mark="quiet")]
    if not rows:
        return [Text(_("Follow-ups are due 30, 90, 180 and 365 days after a discharge: none yet."), mark="quiet")]
    return table(_("Follow-ups"), (_("Follow-up"), _("Due"), _("Outcome")), rows, (1, 1.2, 4))


def referred(printing: Printing, episode: Episode | None = None) -> list[Block]:
    """Referrals to services in the community."""
    referred_entries = referrals(printing.chart, episode)
    rows = [(on(entry.day), event.partner or "", event.service or "") for entry, event in referred_entries]
    return table(_("Community referrals"), (_("Day"), _("Partner"), _("Service")), rows, (1, 2, 3))


def alumni(printing: Printing, episode: Episode | None = None) -> list[Block]:
    """The latest contact with the alumni programme; nothing where there is none."""
    contacts = alumni_contacts(printing.chart, episode)
    if not contacts:
        return []
    latest = contacts[-1]
    text = joined(translated(title_of(latest.event)), translated(summary_of(latest.event)))
    return [Text(text, _("Alumni programme, latest contact {day}:").format(day=on(latest.day)))]


def _goal(goal: GoalState) -> tuple[str, ...]:
    shown = goal.steps[-STEPS:]
    steps = "; ".join(f"{on(ordinal)} {words(status)}" for ordinal, status in shown)
    earlier = "…; " if len(goal.steps) > len(shown) else ""
    dimension = str(goal.goal.dimension) if goal.goal.dimension else ""
    return (goal.goal.text or goal.goal.goal_id, dimension, words(goal.status), earlier + steps)


def _follow_up(follow_up: FollowUp, today: int, *, is_open: bool) -> tuple[str, ...]:
    name = _("{days} days").format(days=follow_up.milestone_days)
    return (name, on(follow_up.due_day), _outcome(follow_up) or _state(follow_up, today, is_open=is_open))


def _outcome(follow_up: FollowUp) -> str:
    held = follow_up.held
    if follow_up.settled is not None and held is not None:
        use = (
            _("abstinent in the past 30 days")
            if held.abstinent_past_30_days
            else _("not abstinent in the past 30 days")
        )
        return joined(
            _("held on {day}").format(day=on(follow_up.settled.day)),
            use,
            _("employed: {answer}").format(answer=yes(held.employed)) if held.employed is not None else None,
            _("housed: {answer}").format(answer=yes(held.housed)) if held.housed is not None else None,
            _("arrests: {count}").format(count=number(held.arrests)) if held.arrests is not None else None,
        )
    if follow_up.settled is not None and isinstance(follow_up.settled.event, FollowUpMissed):
        text = _("could not be held; attempts: {count}; recorded on {day}")
        return text.format(count=number(follow_up.settled.event.attempts), day=on(follow_up.settled.day))
    return ""


def _state(follow_up: FollowUp, today: int, *, is_open: bool) -> str:
    """Where an interview stands that nobody recorded; it is too late for it once the next one is due."""
    if follow_up.due_day >= today:
        return _("due")
    return _("overdue") if is_open else _("not recorded")
