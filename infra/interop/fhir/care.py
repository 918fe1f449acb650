"""Where and how the client is cared for: EpisodeOfCare, Encounter, CarePlan, Goal, ServiceRequest."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import zip_longest

from domain.entries import Entry, moment
from domain.events import (
    AlumniContacted,
    CommunityReferralMade,
    Goal,
    GoalProgressed,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    RelapsePreventionPlanSet,
    SessionAttended,
    TreatmentPlanSet,
)
from domain.journey import Stay
from domain.levels import TWENTY_FOUR_HOUR_LEVELS, title
from domain.vocabulary import TEDS_REASON_CODES
from infra.interop.fhir.coding import (
    ACT_CODE,
    EXTENSION,
    Resource,
    concept,
    local,
    named,
    part,
    period,
    quantity,
    readable,
    reference,
    token,
    when,
)
from infra.interop.fhir.context import Charting

_DISPOSITIONS = {
    "completed": "home",
    "left_against_advice": "aadvice",
    "transferred": "other-hcf",
    "died": "exp",
}
_GOAL_STATUS = {"open": "active", "met": "completed", "revised": "active", "dropped": "cancelled"}
_AMBULATORY = {"system": ACT_CODE, "code": "AMB", "display": "ambulatory"}
_INPATIENT = {"system": ACT_CODE, "code": "IMP", "display": "inpatient encounter"}


def episodes(charting: Charting) -> Iterator[Resource]:
    """An EpisodeOfCare for each chain of stays with gaps of at most 30 days."""
    for number in sorted({*charting.episodes.values()} - {0}):
        stays = [
            stay for stay in charting.stays if charting.episodes[stay.event_id] == number and stay.level != "alumni"
        ]
        is_open = any(stay.open for stay in stays)
        start, _ = _lasted(charting, stays[0])
        _, end = _lasted(charting, max(stays, key=lambda stay: stay.end or 0))
        lasted = period(start, "" if is_open else end)
        body: Resource = {
            "status": "active" if is_open else "finished",
            "statusHistory": [{"status": "active", "period": lasted}],
            "type": [local("episode", "addiction_treatment", "addiction treatment")],
            "patient": charting.patient,
            "managingOrganization": named(stays[0].site) if stays[0].site else None,
            "period": lasted,
        }
        entries = [entry for stay in stays for entry in _bounds(charting, stay)]
        yield charting.resource("EpisodeOfCare", entries, body, key=charting.episode_id(number))


def _bounds(charting: Charting, stay: Stay) -> list[Entry]:
    """The entries that started and ended a stay."""
    bounds = [
        entry
        for entry in charting.chart.of(LevelOfCareStarted, LevelOfCareEnded)
        if entry.event_id == stay.event_id
        or (entry.at == stay.end and isinstance(entry.event, LevelOfCareEnded) and entry.event.level == stay.level)
    ]
    return bounds or charting.chart.entries[:1]


def _lasted(charting: Charting, stay: Stay) -> tuple[str, str]:
    """When a stay started and ended, in the offsets that its entries were written with."""
    written = {entry.at: entry.occurred_at for entry in _bounds(charting, stay)}
    start = written.get(stay.start) or moment(stay.start)
    end = (written.get(stay.end) or moment(stay.end)) if stay.end is not None else None
    return when(start), when(end) if end else ""


def stays(charting: Charting) -> Iterator[Resource]:
    """An Encounter for each stay at a level of care."""
    for stay in charting.stays:
        number = charting.episodes[stay.event_id]
        lasted = period(*_lasted(charting, stay))
        leaves = _leave_entries(charting, stay)
        inpatient = stay.level in TWENTY_FOUR_HOUR_LEVELS
        body: Resource = {
            "status": "in-progress" if stay.open else "finished",
            "statusHistory": _leaves(leaves),
            "class": _INPATIENT if inpatient else _AMBULATORY,
            "type": [local("level", stay.level, title(stay.level))],
            "serviceType": local("program", stay.program, stay.program) if stay.program else None,
            "subject": charting.patient,
            "episodeOfCare": [reference("EpisodeOfCare", charting.episode_id(number))] if number else [],
            "participant": _clinician(stay.clinician),
            "period": lasted,
            "hospitalization": {"dischargeDisposition": _disposition(stay)} if stay.reason else None,
            "serviceProvider": named(stay.site) if stay.site else None,
        }
        yield charting.resource(
            "Encounter", [*_bounds(charting, stay), *leaves], body, key=stay.event_id, profile="encounter"
        )


def _disposition(stay: Stay) -> Resource:
    assert stay.reason is not None
    code = _DISPOSITIONS.get(stay.reason, "oth")
    public = {"system": "http://terminology.hl7.org/CodeSystem/discharge-disposition", "code": code}
    teds = {
        "system": "urn:carejourney:teds-reason",
        "code": str(TEDS_REASON_CODES[stay.reason]),
        "display": stay.reason.replace("_", " "),
    }
    return {"coding": [public, teds], "text": stay.reason.replace("_", " ")}


def _leave_entries(charting: Charting, stay: Stay) -> list[Entry]:
    return [entry for entry in charting.chart.of(LeaveStarted, LeaveEnded) if stay.covers(entry.at)]


def _leaves(entries: list[Entry]) -> list[Resource]:
    """The times the client was away, from entries in pairs; an open leave has no end."""
    leaves: list[Resource] = []
    for index, entry in enumerate(entries):
        if isinstance(entry.event, LeaveStarted):
            back = next((later for later in entries[index + 1 :] if isinstance(later.event, LeaveEnded)), None)
            away = period(when(entry.occurred_at), when(back.occurred_at) if back else "")
            kinds = [("leave-kind", entry.event.kind)]
            if back is not None and isinstance(back.event, LeaveEnded):
                kinds.append(("leave-ended-kind", back.event.kind))
            kinds_noted = [{"url": EXTENSION + name, "valueString": kind} for name, kind in kinds]
            leaves.append({"extension": kinds_noted, "status": "onleave", "period": away})
    return leaves


def _clinician(name: str | None) -> list[Resource]:
    return [{"individual": named(name)}] if name else []


def sessions(charting: Charting) -> Iterator[Resource]:
    """An Encounter for each session attended."""
    was = {
        entry.event_id: [reference("Appointment", appointment.entries[0].event_id)]
        for appointment in charting.appointments.by_id.values()
        for entry in appointment.entries
    }
    for entry, event in charting.chart.events(SessionAttended):
        end = entry.occurred_at + timedelta(minutes=event.minutes)
        body: Resource = {
            "identifier": [{"system": "urn:carejourney:group", "value": event.group_id}] if event.group_id else [],
            "status": "finished",
            "class": _AMBULATORY,
            "type": [
                local("session", event.kind),
                *([local("modality", event.modality)] if event.modality else []),
            ],
            "subject": charting.patient,
            "appointment": was.get(entry.event_id, []),
            "participant": _clinician(event.clinician),
            "period": {"start": when(entry.occurred_at), "end": when(end)},
            "length": quantity(event.minutes, "min", "min"),
            "reasonCode": [local("topic", event.topic)] if event.topic else [],
            "partOf": charting.encounter(entry),
        }
        yield charting.resource("Encounter", [entry], body, profile="encounter")


def contacts(charting: Charting) -> Iterator[Resource]:
    """Alumni contacts as Encounters, referrals to the community as ServiceRequests."""
    for entry, event in charting.chart.events(AlumniContacted):
        body: Resource = {
            "status": "finished",
            "class": _AMBULATORY,
            "type": [local("session", "alumni_contact", "alumni contact")],
            "subject": charting.patient,
            "period": {"start": when(entry.occurred_at)},
            "reasonCode": [local("topic", event.topic)] if event.topic else [],
            "partOf": charting.encounter(entry),
        }
        yield charting.resource("Encounter", [entry], body, profile="encounter")
    for entry, event in charting.chart.events(CommunityReferralMade):
        body = {
            "status": "active",
            "intent": "order",
            "category": [local("referral", "community", "community referral")],
            "code": {"text": event.service},
            "subject": charting.patient,
            "authoredOn": when(entry.occurred_at),
            "requester": named(entry.actor) if entry.actor else None,
            "performer": [named(event.partner)],
        }
        yield charting.resource("ServiceRequest", [entry], body, profile="servicerequest")


def plans(charting: Charting) -> Iterator[Resource]:
    """A CarePlan for each treatment plan, the latest by clinical time active; a Goal for each that a plan names."""
    plans = charting.chart.events(TreatmentPlanSet)
    for (entry, event), following in zip_longest(plans, [entry for entry, _ in plans[1:]]):
        end = when(following.occurred_at) if following else _plan_end(entry, event)
        goals = event.goals or ()
        words = [goal.text or goal.goal_id for goal in goals]
        sessions_a_week = event.planned_sessions_per_week
        note = f"{sessions_a_week} sessions a week planned" if sessions_a_week is not None else ""
        body: Resource = {
            "text": _narrative("Treatment plan", [*words, *([note] if note else [])]),
            "status": "revoked" if following else "active",
            "intent": "plan",
            "category": [_plan_category()],
            "title": "Treatment plan",
            "subject": charting.patient,
            "encounter": charting.encounter(entry),
            "period": period(when(entry.occurred_at), end),
            "created": when(entry.occurred_at),
            "goal": [reference("Goal", _goal_key(entry, number, goal)) for number, goal in enumerate(goals, start=1)],
            "note": [{"text": note}] if note else [],
        }
        yield charting.resource("CarePlan", [entry], body, profile="careplan", ended_by=following)
    yield from _goals(charting)
    yield from _relapse_plans(charting)


def _plan_end(entry: Entry, event: TreatmentPlanSet) -> str:
    """The planned end, where it lies after the plan's own day."""
    planned = event.planned_end_on
    return planned.isoformat() if planned and planned.toordinal() > entry.day else ""


def _plan_category() -> Resource:
    return concept("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan")


def _goal_key(plan: Entry, number: int, goal: Goal) -> str:
    """The resource id of a plan's goal: the next plan may mean something else by the same id."""
    return f"{plan.event_id}-g{number}-{part(goal.goal_id)}"


def _goals(charting: Charting) -> Iterator[Resource]:
    """Each plan's goals; a status belongs to the plan that was in force when it was recorded."""
    plans = charting.chart.events(TreatmentPlanSet)
    moves = charting.chart.events(GoalProgressed)
    for (entry, event), following in zip_longest(plans, [entry for entry, _ in plans[1:]]):
        until = following.at if following else None
        for number, goal in enumerate(event.goals or (), start=1):
            own_moves = [
                (move, progress)
                for move, progress in moves
                if progress.goal_id == goal.goal_id and entry.at <= move.at and (until is None or move.at < until)
            ]
            yield _goal(charting, entry, event, _goal_key(entry, number, goal), goal, own_moves)


def _goal(
    charting: Charting,
    entry: Entry,
    plan: TreatmentPlanSet,
    key: str,
    goal: Goal,
    moves: list[tuple[Entry, GoalProgressed]],
) -> Resource:
    due = plan.planned_end_on
    last = moves[-1] if moves else None
    body: Resource = {
        "extension": [_progress(move, progress) for move, progress in moves],
        "identifier": [{"system": "urn:carejourney:goal", "value": goal.goal_id}],
        "lifecycleStatus": _GOAL_STATUS[last[1].status] if last else "active",
        "category": [local("asam-dimension", str(goal.dimension))] if goal.dimension else [],
        "description": {"text": goal.text or goal.goal_id},
        "subject": charting.patient,
        "startDate": date.fromordinal(entry.day).isoformat(),
        "target": [{"dueDate": due.isoformat()}] if due else [],
        "statusDate": date.fromordinal(last[0].day).isoformat() if last else None,
    }
    entries = [entry, *(move for move, _ in moves)]
    return charting.resource("Goal", entries, body, key=key, profile="goal")


def _progress(entry: Entry, progress: GoalProgressed) -> Resource:
    """One of a goal's statuses with its moment: a Goal itself has place for the last day alone."""
    parts = [{"url": "status", "valueCode": progress.status}, {"url": "at", "valueDateTime": when(entry.occurred_at)}]
    return {"url": EXTENSION + "goal-progress", "extension": parts}


def _relapse_plans(charting: Charting) -> Iterator[Resource]:
    plans = charting.chart.events(RelapsePreventionPlanSet)
    for (entry, event), following in zip_longest(plans, [entry for entry, _ in plans[1:]]):
        parts = {
            "Triggers": event.triggers,
            "Coping strategies": event.coping_strategies,
            "Boundaries": event.boundaries,
            "Supports": event.supports,
        }
        words = [f"{name}: {text}" for name, text in parts.items() if text]
        body: Resource = {
            "text": _narrative("Relapse-prevention plan", words),
            "status": "revoked" if following else "active",
            "intent": "plan",
            "category": [_plan_category(), local("plan", "relapse_prevention", "relapse prevention")],
            "title": "Relapse-prevention plan",
            "description": "\n".join(words),
            "subject": charting.patient,
            "created": when(entry.occurred_at),
        }
        yield charting.resource("CarePlan", [entry], body, profile="careplan", ended_by=following)


def _narrative(head: str, lines: list[str]) -> Resource:
    items = "".join(f"<li>{html.escape(token(readable(line)))}</li>" for line in lines)
    inner = f"<p>{head}</p>" + (f"<ul>{items}</ul>" if items else "")
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'}
