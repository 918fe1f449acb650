"""An example payload for each command, shown in the OpenAPI document and posted in the tests."""

from __future__ import annotations

from typing import Any

_TARGET = "0b6f1c1e-6a51-4d0c-9d60-0f7a3c0f2a11"
_OTHER = "5c0f6f0e-3a0e-4a53-8f0b-b9d4b6f2c022"

EXAMPLES: dict[str, dict[str, Any]] = {
    "register-client": {"name": "Simulated Person", "birth_date": "1990-04-01", "phone": "555-0100"},
    "update-details": {"address": "1 Simulated Street"},
    "receive-referral": {
        "referrer": "County court",
        "referral_kind": "court",
        "requested_level": "intensive_outpatient",
    },
    "give-consent": {
        "consent_id": "consent-1",
        "recipient": "County court",
        "purpose": "attendance reports",
        "expires_on": "2027-01-31",
    },
    "revoke-consent": {"consent_id": "consent-1"},
    "verify-coverage": {
        "payer": "Simulated Health",
        "member_ref": "M-100",
        "level": "residential",
        "authorized_sessions": 24,
        "medically_necessary": True,
    },
    "deny-coverage": {"payer": "Simulated Health", "level": "residential", "reason": "less is enough"},
    "record-diagnosis": {
        "icd10": "F11.20",
        "category": "substance_use",
        "substance": "opioids",
        "severity": "severe",
    },
    "complete-assessment": {
        "assessor": "clinician-7",
        "edition": 3,
        "asam": [1, 1, 2, 2, 3, 2],
        "recommended_level": "residential",
        "needs_24h_supervision": True,
        "mental_health_severity": "mild",
        "home": "supportive",
        "substance_free_home": True,
        "motivated": True,
    },
    "start-level": {"level": "residential", "program": "Harbor", "site": "north", "clinician": "clinician-7"},
    "end-level": {"level": "residential", "reason": "completed", "next_level": "intensive_outpatient"},
    "start-leave": {"kind": "hospital"},
    "end-leave": {"kind": "hospital"},
    "set-treatment-plan": {
        "goals": [{"goal_id": "g1", "text": "Sleep through the night", "dimension": 2}],
        "planned_sessions_per_week": 4,
        "review_due_on": "2026-12-31",
    },
    "progress-goal": {"goal_id": "g1", "status": "met"},
    "set-relapse-prevention-plan": {
        "triggers": "pay day",
        "coping_strategies": "call the sponsor",
        "boundaries": "no cash at hand",
        "supports": "sister, sponsor",
    },
    "attend-session": {"kind": "group", "minutes": 180, "topic": "relapse_prevention", "modality": "cbt"},
    "miss-session": {"kind": "individual", "excused": True, "cause": "illness"},
    "start-medication": {"drug": "buprenorphine", "class": "partial_agonist", "dose_mg": 16},
    "stop-medication": {"drug": "buprenorphine", "reason": "tapered"},
    "give-medication": {"drug": "buprenorphine", "dose_mg": 16, "route": "sublingual"},
    "result-screen": {"specimen": "urine", "positive": [], "temperature_ok": True, "unscheduled": True},
    "miss-screen": {"cause": "transport"},
    "report-use": {"substance": "alcohol", "on": "2026-01-05", "amount": "2 drinks"},
    "report-abstinence": {"through": "2026-01-31", "days": 26},
    "score-instrument": {"instrument": "phq9", "score": 9},
    "record-lapse": {"substance": "alcohol", "plan_reviewed": True},
    "record-relapse": {"substance": "alcohol"},
    "enter-sober-living": {"house": "Cedar house"},
    "leave-sober-living": {"house": "Cedar house"},
    "complete-follow-up": {"milestone_days": 30, "abstinent_past_30_days": True, "employed": True},
    "miss-follow-up": {"milestone_days": 30, "attempts": 3},
    "enroll-alumni": {"channel": "phone"},
    "contact-alumni": {"channel": "phone", "topic": "work"},
    "refer-to-community": {"partner": "Job centre", "service": "job search"},
    "record-incident": {"kind": "fall", "severity": "mild"},
    "record-death": {"cause": "not known"},
    "add-note": {"text": "Simulated note: spoke about work.", "kind": "progress"},
    "transfer": {
        "start": {"level": "intensive_outpatient", "slot": "evening", "living": "sober_living"},
        "reason": "completed",
    },
    "correct": {
        "target": _TARGET,
        "replacement": {
            "type": "SessionAttended",
            "occurred_at": "2026-01-05T18:00:00Z",
            "data": {"kind": "group", "minutes": 90},
        },
        "reason": "the session ended early",
    },
    "retract": {"target": _TARGET, "reason": "charted for the wrong client"},
    "merge": {"other_client": "SIM-000002"},
    "resolve-overlap": {"stays": [_TARGET, _OTHER], "counts": _TARGET},
    "keep-apart": {"other_client": "SIM-000002"},
}
