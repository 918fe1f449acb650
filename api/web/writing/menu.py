"""Menu of commands, in the groups in which people look for them."""

from __future__ import annotations

from api.http.access import may
from domain.offers import Moment, offers

TITLES = {
    "register-client": "Register client",
    "update-details": "Change details",
    "receive-referral": "Referral",
    "give-consent": "Consent given",
    "revoke-consent": "Consent revoked",
    "verify-coverage": "Coverage verified",
    "deny-coverage": "Coverage denied",
    "record-diagnosis": "Diagnosis",
    "complete-assessment": "Assessment (ASAM)",
    "transfer": "Step down or up",
    "start-level": "Start a level",
    "end-level": "End a level",
    "start-leave": "Leave begins",
    "end-leave": "Back from leave",
    "set-treatment-plan": "Treatment plan",
    "progress-goal": "Goal status",
    "set-relapse-prevention-plan": "Relapse-prevention plan",
    "attend-session": "Session attended",
    "miss-session": "Session missed",
    "schedule-appointment": "Appointment made",
    "reschedule-appointment": "Appointment moved",
    "cancel-appointment": "Appointment cancelled",
    "join-group": "Joins a group",
    "leave-group": "Leaves a group",
    "plan-arrival": "Arrival planned",
    "assign-handoff": "Hand-off assigned",
    "close-handoff": "Hand-off closed",
    "assign-flag": "Flag assigned",
    "snooze-flag": "Flag snoozed",
    "finish-flag": "Flag done",
    "start-medication": "Medication started",
    "stop-medication": "Medication stopped",
    "give-medication": "Dose given",
    "result-screen": "Drug screen result",
    "miss-screen": "Drug screen missed",
    "report-use": "Use reported",
    "report-abstinence": "Abstinence reported",
    "score-instrument": "Questionnaire score",
    "record-lapse": "Lapse",
    "record-relapse": "Relapse",
    "enter-sober-living": "Moves into sober living",
    "leave-sober-living": "Leaves sober living",
    "complete-follow-up": "Follow-up held",
    "miss-follow-up": "Follow-up missed",
    "enroll-alumni": "Alumni enrolment",
    "contact-alumni": "Alumni contact",
    "refer-to-community": "Community referral",
    "record-incident": "Incident",
    "record-death": "Death",
    "add-note": "Note",
}
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Sessions and notes", ("attend-session", "miss-session", "add-note")),
    (
        "Appointments and groups",
        ("schedule-appointment", "reschedule-appointment", "cancel-appointment", "join-group", "leave-group"),
    ),
    (
        "Arrivals, hand-offs, flags",
        ("plan-arrival", "assign-handoff", "close-handoff", "assign-flag", "snooze-flag", "finish-flag"),
    ),
    ("Levels of care", ("complete-assessment", "transfer", "start-level", "end-level", "start-leave", "end-leave")),
    (
        "Screens, use, scores",
        (
            "result-screen",
            "miss-screen",
            "report-use",
            "report-abstinence",
            "score-instrument",
            "record-lapse",
            "record-relapse",
        ),
    ),
    ("Medication", ("start-medication", "give-medication", "stop-medication")),
    ("Plans", ("set-treatment-plan", "progress-goal", "set-relapse-prevention-plan")),
    (
        "After treatment",
        ("complete-follow-up", "miss-follow-up", "enroll-alumni", "contact-alumni", "refer-to-community"),
    ),
    (
        "Admission and consent",
        (
            "receive-referral",
            "record-diagnosis",
            "verify-coverage",
            "deny-coverage",
            "give-consent",
            "revoke-consent",
            "update-details",
        ),
    ),
    ("Living and events", ("enter-sober-living", "leave-sober-living", "record-incident", "record-death")),
)


def menu(role: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The groups with the commands that a role may give; groups without any are left out."""
    groups = [
        (group, [(name, TITLES[name]) for name in names if may(role, f"command:{name}")]) for group, names in GROUPS
    ]
    return [(group, names) for group, names in groups if names]


def offered(role: str, moment: Moment) -> list[tuple[str, str]]:
    """The commands to offer first, of those that a role may give."""
    return [(name, TITLES[name]) for name in offers(moment, lambda name: may(role, f"command:{name}"))]
