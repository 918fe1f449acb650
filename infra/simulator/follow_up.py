"""Follow-up interviews 30, 90, 180 and 365 days after the last stay, until the client comes back."""

from __future__ import annotations

from typing import Any, Final

from infra.simulator.calibration import FOLLOWED_UP
from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY

GAP: Final = 30  # a shorter gap between stays is the same episode: nobody is followed up yet
METHODS: Final = ("phone", "text", "visit", "mail")


def follow_up(chart: Chart) -> None:
    """Write the follow-ups of every episode but the one still open."""
    treated = [stay for stay in chart.stays if stay.level != "alumni" and not stay.concurrent]
    for stay, after in zip(treated, [*treated[1:], None], strict=False):
        back = after.first_day if after else chart.until_day + 1
        if after and back - stay.last_day <= GAP:
            continue
        _milestones(chart, stay, back, alumni=_is_alumni(chart, stay))


def _is_alumni(chart: Chart, stay: Stay) -> bool:
    return any(other.level == "alumni" and other.start >= stay.end for other in chart.stays)


def _milestones(chart: Chart, stay: Stay, back: int, *, alumni: bool) -> None:
    rng = chart.rng
    doing_well = stay.reason == "completed"
    for days, share in FOLLOWED_UP.items():
        at = chart.journal.office_time(stay.last_day + days + rng.randint(0, 8))
        if at // DAY >= back:
            return
        reached = share + (0.2 if alumni else 0) + (0.08 if doing_well else -0.08)
        if rng.random() >= reached:
            data: dict[str, Any] = {"milestone_days": days, "attempts": rng.randint(2, 5)}
            chart.journal.add("FollowUpMissed", at, data)
            continue
        steady = 0.55 + 0.12 * chart.profile.resilience + (0.15 if doing_well else -0.1) - 0.0003 * days
        data = {
            "milestone_days": days,
            "abstinent_past_30_days": rng.random() < steady,
            "employed": chart.profile.employed or rng.random() < 0.25,
            "housed": chart.profile.home != "unhoused" or rng.random() < 0.6,
            "arrests": 1 if rng.random() < 0.04 else 0,
            "method": rng.choice(METHODS),
        }
        chart.journal.add("FollowUpCompleted", at, data)
