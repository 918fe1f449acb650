"""Treatment plans with goals and their progress, relapse-prevention plans, reviews, community referrals."""

from __future__ import annotations

from typing import Any, Final

from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY, HOUR, date_text, workday

GOALS: Final[dict[str, int]] = {
    "Attend the groups of the plan each week": 4,
    "Name three triggers and a way to meet each": 5,
    "Sleep seven hours on most nights": 3,
    "Take medication as prescribed": 2,
    "Find a home that is free of substances": 6,
    "Repair contact with one family member": 6,
    "Return to work or training part-time": 6,
    "Reduce anxiety to a score below ten": 3,
}
REVIEW_DAYS: Final = 30
TRIGGERS: Final = ("payday, arguments", "old neighbourhood, evenings alone", "stress at work, poor sleep")
COPING: Final = (
    "call sponsor, walk, breathing exercise",
    "leave the place, text a peer",
    "urge surfing, meeting",
)
BOUNDARIES: Final = (
    "no contact with former suppliers",
    "no bars; money kept by partner",
    "phone off after ten",
)
SUPPORTS: Final = (
    "sponsor, sister (simulated)",
    "peer group, counsellor",
    "partner (simulated), alumni line",
)
PARTNERS: Final = (
    ("Simulated Housing Network", "housing"),
    ("Simulated Job Centre", "employment"),
    ("Simulated Health Clinic", "primary care"),
    ("Simulated Mutual-Help Group", "mutual help"),
    ("Simulated Legal Aid", "legal"),
)


def treatment_plan(chart: Chart, stay: Stay) -> None:
    """A plan in the first days, reviewed every 30 days, with goals that are met, revised or dropped."""
    rng = chart.rng
    at = stay.start + 4 * HOUR
    if stay.level != "medical_detox":
        at = workday(stay.first_day + rng.randint(1, 3)) * DAY + 11 * HOUR
    if stay.level == "alumni" or not stay.covers(at):
        return
    chosen = rng.sample(tuple(GOALS.items()), 2 if stay.level == "medical_detox" else 3)
    goals = [{"goal_id": f"g{n}", "text": text, "dimension": d} for n, (text, d) in enumerate(chosen, start=1)]
    still = {str(goal["goal_id"]) for goal in goals}
    review = at // DAY + REVIEW_DAYS
    _set_plan(chart, stay, at, goals, review)
    while review <= stay.last_day:
        meeting = workday(review) * DAY + 14 * HOUR + 30
        if stay.covers(meeting) and stay.reached(meeting // DAY):
            _progress(chart, meeting, still)
            if rng.random() < 0.85:
                _set_plan(chart, stay, meeting + 20, goals, meeting // DAY + REVIEW_DAYS)
        review += REVIEW_DAYS
    if stay.reason == "completed":
        _progress(chart, stay.end - 30, still, met=0.85)


def _set_plan(chart: Chart, stay: Stay, at: int, goals: list[dict[str, Any]], review: int) -> None:
    data: dict[str, Any] = {"goals": goals, "planned_end_on": date_text(stay.planned_end)}
    data["review_due_on"] = date_text(review)
    if stay.level in ("intensive_outpatient", "partial_hospitalization", "standard_outpatient"):
        data["planned_sessions_per_week"] = len(stay.weekdays)
    chart.journal.add("TreatmentPlanSet", at, data, delay=45, actor=stay.clinician)


def _progress(chart: Chart, at: int, still: set[str], met: float = 0.35) -> None:
    for goal_id in sorted(still):
        if chart.rng.random() < met:
            status = chart.rng.choices(("met", "revised", "dropped"), (80, 14, 6))[0]
            chart.journal.add("GoalProgressed", at, {"goal_id": goal_id, "status": status}, delay=40)
            if status != "revised":
                still.discard(goal_id)


def relapse_prevention(chart: Chart, stay: Stay) -> None:
    """The relapse-prevention plan in the third week of treatment."""
    rng = chart.rng
    at = workday(stay.first_day + rng.randint(12, 20)) * DAY + 15 * HOUR
    if not stay.covers(at) or not stay.reached(at // DAY) or not chart.chance(0.7):
        return
    data = {
        "triggers": rng.choice(TRIGGERS),
        "coping_strategies": rng.choice(COPING),
        "boundaries": rng.choice(BOUNDARIES),
        "supports": rng.choice(SUPPORTS),
    }
    chart.journal.add("RelapsePreventionPlanSet", at, data, delay=60, actor=stay.clinician)


def community_referral(chart: Chart, stay: Stay) -> None:
    """A pointer to a service in the community, at the end of a stay or in its course."""
    if chart.chance(0.45):
        partner, service = chart.rng.choice(PARTNERS)
        at = stay.end - 40 - int(chart.rng.random() * 5) * DAY
        at = max(at, stay.start + HOUR)
        chart.journal.add("CommunityReferralMade", at, {"partner": partner, "service": service})
