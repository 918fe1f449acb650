"""The closed vocabularies of the care continuum, but for its levels (``domain.levels``).

Source: TEDS discharge codes for the reasons a level ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

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
ChangeCause = Literal[
    "client",
    "clinician",
    "facility",
    "illness",
    "hospital",
    "jail",
    "work",
    "transport",
    "vacation",
    "weather",
    "other",
]
CHANGE_CAUSES: frozenset[ChangeCause] = frozenset(get_args(ChangeCause))
HandoffOutcome = Literal["kept", "declined", "lost", "elsewhere"]
# What may be said of flags: all that are raised now, and all that once were.
FLAGS = frozenset(
    {
        "missed_in_a_row",
        "positive_screen",
        "no_contact",
        "plan_review_due",
        "plan_ended",
        "authorization_ends",
        "follow_up_due",
        "assessment_outdated",
        "consent_expiring",
        "on_leave",
        "overlapping_stays",
    }
)
LeaveKind = Literal["hospital", "jail", "therapeutic", "other"]
Living = Literal["home", "sober_living", "facility"]
Home = Literal["supportive", "unsupportive", "sober_living", "unhoused"]
Severity = Literal["none", "mild", "moderate", "severe"]
SEVERITIES: frozenset[Severity] = frozenset(get_args(Severity))
RecipientKind = Literal["treating_provider", "payer", "court", "family", "employer", "other"]
ConsentStatement = Literal["client_name", "discloser", "revocation", "signature", "redisclosure", "refusal"]
ConsentSigner = Literal["client", "parent_or_guardian", "personal_representative"]
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
# Words that are usual in fields which take any: they are said in every language, as those of closed lists are.
USUAL_WORDS: Mapping[str, frozenset[str]] = {
    "channel": frozenset({"phone", "text", "email", "visit"}),
    "flag": FLAGS,
    "method": frozenset({"phone", "text", "mail", "visit"}),
    "purpose": PURPOSES_OF_USE | {"support", "legal"},
    "route": frozenset({"oral", "sublingual", "intramuscular"}),
    "service": frozenset({"housing", "employment", "primary care", "mutual help", "legal"}),
    "topic": TOPICS | {"enrolment", "check_in", "milestone", "event_invitation", "support_request"},
}
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
