"""How a stay will end: reason, length and where the client goes, drawn from the calibration table."""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple

from domain.vocabulary import Reason
from infra.simulator.calibration import AFTER_COMPLETED, AFTER_TRANSFER, PROGRAMMES, SAME_MOMENT, Programme
from infra.simulator.profile import Profile, pick

RESILIENCE = 0.5  # log-odds of completion per standard deviation
DUAL = -0.25
MEDICATED = 0.15


class Outcome(NamedTuple):
    """``wait`` is the days between this stay and the ``following`` one: 0 is the same moment."""

    reason: Reason
    days: int
    planned_days: int
    following: str
    wait: int


def draw(rng: Random, profile: Profile, key: str) -> Outcome:
    """Draw the outcome of a stay in a programme."""
    programme = PROGRAMMES[key]
    reason = _reason(rng, profile, programme)
    planned = rng.choice(programme.planned)
    days = _days(rng, programme, planned, completed=reason == "completed")
    following = _following(rng, key, reason)
    at_once = not following or following == "alumni" or rng.random() < SAME_MOMENT
    return Outcome(reason, days, planned, following, 0 if at_once else rng.randint(1, 12))


def _reason(rng: Random, profile: Profile, programme: Programme) -> Reason:
    base = math.log(programme.completed / (1 - programme.completed))
    traits = RESILIENCE * profile.resilience + DUAL * (profile.dual - 0.45) + MEDICATED * profile.medicated
    if rng.random() < 1 / (1 + math.exp(-(base + programme.lean + traits))):
        return "completed"
    return rng.choices(tuple(programme.rest), tuple(programme.rest.values()))[0]


def _days(rng: Random, programme: Programme, planned: int, *, completed: bool) -> int:
    """Completers of a programme of planned weeks end near the plan; others when they do."""
    if not completed:
        return max(1, round(rng.lognormvariate(math.log(programme.others), programme.spread[1])))
    centre = programme.completers
    if len(programme.planned) > 1:
        typical = sorted(programme.planned)[len(programme.planned) // 2]
        centre *= planned / typical
    return max(2, round(rng.lognormvariate(math.log(centre), programme.spread[0])))


def _following(rng: Random, key: str, reason: Reason) -> str:
    if reason == "completed":
        return pick(rng, AFTER_COMPLETED[key])
    if reason == "transferred":
        return pick(rng, AFTER_TRANSFER[key])
    return ""
