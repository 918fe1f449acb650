"""The closed vocabularies of the care continuum and the bounds of its six levels.

Sources: ASAM Criteria 3rd and 4th edition for the level codes and weekly hours, TEDS discharge codes for
the reasons a level ends, the provider's IOP guide for sessions a week, their length and the weeks planned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from domain.phrases import Phrase

Level = Literal[
    "medical_detox",
    "residential",
    "partial_hospitalization",
    "intensive_outpatient",
    "standard_outpatient",
    "alumni",
]
LEVELS: tuple[Level, ...] = get_args(Level)

Reason = Literal[
    "completed",
    "left_against_advice",
    "terminated_by_facility",
    "transferred",
    "incarcerated",
    "died",
    "other",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
TEDS_REASON_CODES: dict[Reason, int] = {reason: code for code, reason in enumerate(REASONS, start=1)}

SessionKind = Literal[
    "group",
    "individual",
    "family",
    "family_education",
    "psychiatric_evaluation",
    "medication_management",
    "holistic",
    "case_management",
    "peer_support",
    "alumni_meeting",
]
Modality = Literal["cbt", "dbt", "emdr", "motivational_interviewing", "trauma_informed", "other"]
Slot = Literal["morning", "afternoon", "evening"]
MissedCause = Literal["no_show", "illness", "hospital", "jail", "work", "transport", "vacation", "other"]
LeaveKind = Literal["hospital", "jail", "therapeutic", "other"]
Living = Literal["home", "sober_living", "facility"]
Home = Literal["supportive", "unsupportive", "sober_living", "unhoused"]
Severity = Literal["none", "mild", "moderate", "severe"]
SEVERITIES: frozenset[Severity] = frozenset(get_args(Severity))
ReferralKind = Literal["self", "court", "hospital", "provider", "employer", "family", "other"]
# Words that tell of no one person: what a session was about, and what a consent is for (see ``Personal``).
TOPICS = frozenset(
    {
        "relapse_prevention",
        "emotion_regulation",
        "managing_triggers",
        "trauma_healing",
        "communication_skills",
        "mindfulness",
        "stress_reduction",
        "nutrition",
        "goal_setting",
    }
)
PURPOSES_OF_USE = frozenset({"treatment", "payment", "operations", "audit", "patient_request", "emergency", "TPO"})
DiagnosisCategory = Literal["substance_use", "mental_health"]
DrugClass = Literal["agonist", "partial_agonist", "antagonist", "psychiatric", "other"]
Specimen = Literal["urine", "oral_fluid", "breath", "blood", "hair"]
GoalStatus = Literal["open", "met", "revised", "dropped"]
IncidentKind = Literal["overdose", "fall", "elopement", "aggression", "medication_error", "other"]
ErasureGround = Literal[
    "client_request", "guardian_request", "court_order", "retention_ended", "recorded_in_error", "other"
]
Milestone = Literal[30, 90, 180, 365]
MILESTONES: tuple[Milestone, ...] = get_args(Milestone)

Role = Literal["intake", "clinician", "auditor", "analyst", "reporting", "admin", "system"]


@dataclass(frozen=True, slots=True)
class LevelBounds:
    """What a level of care is: its name, ASAM codes, and what a week in it holds.

    Hours are clinical hours a week (ASAM, adults); sessions, session length in hours and planned weeks come
    from the provider's guide where it names them. ``None`` means no bound.
    """

    title: str
    asam: str
    hours_min: float | None = None
    hours_max: float | None = None
    sessions_min: int | None = None
    sessions_max: int | None = None
    weeks_min: int | None = None
    weeks_max: int | None = None


LEVEL_BOUNDS: dict[Level, LevelBounds] = {
    "medical_detox": LevelBounds("Medical detox", "3.7-WM / 4-WM"),
    "residential": LevelBounds("Residential", "3.1–3.7"),
    "partial_hospitalization": LevelBounds("Partial hospitalization (PHP)", "2.5", hours_min=20),
    "intensive_outpatient": LevelBounds(
        "Intensive outpatient (IOP)",
        "2.1",
        hours_min=9,
        hours_max=19,
        sessions_min=3,
        sessions_max=5,
        weeks_min=6,
        weeks_max=12,
    ),
    "standard_outpatient": LevelBounds("Standard outpatient", "1.x", hours_max=9),
    "alumni": LevelBounds("Aftercare and alumni", "remission monitoring"),
}

TWENTY_FOUR_HOUR_LEVELS: frozenset[Level] = frozenset({"medical_detox", "residential"})
PRIOR_LEVELS_FOR_IOP: tuple[Level, ...] = ("medical_detox", "residential", "partial_hospitalization")


_TITLES: dict[str, Phrase] = {level: Phrase(bounds.title) for level, bounds in LEVEL_BOUNDS.items()}


def is_step_down(before: Level, after: Level) -> bool:
    """Whether ``after`` is less intensive than ``before`` (moving right in the continuum)."""
    return LEVELS.index(after) > LEVELS.index(before)


def title(level: str) -> str:
    """The level's name as people read it; an unknown word is returned as it is."""
    return _TITLES.get(level, level)
