"""Commands: what people ask for. Imperative names; the clock and the ids come with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.events import Event, LevelOfCareStarted, NoteAdded
from domain.levels import Level
from domain.vocabulary import Reason


@dataclass(frozen=True, slots=True)
class Record:
    """Record one fact, perhaps with a ``note`` on it in one append. ``occurred_at`` is clinical time, aware."""

    event: Event
    occurred_at: datetime
    note: NoteAdded | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Step down or up: end the open level and start the next in one append."""

    start: LevelOfCareStarted
    occurred_at: datetime
    reason: Reason = "transferred"
    from_level: Level | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Correct:
    """Replace what an entry says."""

    target: UUID
    type: str
    occurred_at: datetime
    data: dict[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Retract:
    """Take an entry back as made in error; retracting a retraction restores the entry."""

    target: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """Leave an entry that cannot be read out of what is made of the chart."""

    target: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class TakeUp:
    """Let an entry count again that was set aside."""

    target: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class ResolveOverlap:
    """Say which of overlapping stays of one person counts; each is named by the entry that started it."""

    stays: tuple[UUID, ...]
    counts: UUID


@dataclass(frozen=True, slots=True)
class KeepApart:
    """Say that the chart which looks like this one is another person's."""

    other_client: str
    other_client_id: UUID


Command = Record | Transfer | Correct | Retract | ResolveOverlap | KeepApart | SetAside | TakeUp


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that a decision wants recorded, before the store gives it its place."""

    event: Event
    occurred_at: datetime


# One imperative name per recorded fact; the commands that write more than one event stand apart.
RECORDING: dict[str, str] = {
    "register-client": "ClientRegistered",
    "update-details": "ClientDetailsUpdated",
    "receive-referral": "ReferralReceived",
    "give-consent": "ConsentGiven",
    "revoke-consent": "ConsentRevoked",
    "verify-coverage": "CoverageVerified",
    "deny-coverage": "CoverageDenied",
    "record-diagnosis": "DiagnosisRecorded",
    "complete-assessment": "AssessmentCompleted",
    "start-level": "LevelOfCareStarted",
    "end-level": "LevelOfCareEnded",
    "start-leave": "LeaveStarted",
    "end-leave": "LeaveEnded",
    "set-treatment-plan": "TreatmentPlanSet",
    "progress-goal": "GoalProgressed",
    "set-relapse-prevention-plan": "RelapsePreventionPlanSet",
    "attend-session": "SessionAttended",
    "miss-session": "SessionMissed",
    "schedule-appointment": "AppointmentScheduled",
    "reschedule-appointment": "AppointmentRescheduled",
    "cancel-appointment": "AppointmentCancelled",
    "join-group": "GroupJoined",
    "leave-group": "GroupLeft",
    "plan-arrival": "ArrivalPlanned",
    "assign-handoff": "HandoffAssigned",
    "close-handoff": "HandoffClosed",
    "assign-flag": "FlagAssigned",
    "snooze-flag": "FlagSnoozed",
    "finish-flag": "FlagDone",
    "start-medication": "MedicationStarted",
    "stop-medication": "MedicationStopped",
    "give-medication": "MedicationGiven",
    "result-screen": "DrugScreenResulted",
    "miss-screen": "DrugScreenMissed",
    "report-use": "UseReported",
    "report-abstinence": "AbstinenceReported",
    "score-instrument": "InstrumentScored",
    "record-lapse": "LapseRecorded",
    "record-relapse": "RelapseRecorded",
    "enter-sober-living": "SoberLivingEntered",
    "leave-sober-living": "SoberLivingLeft",
    "complete-follow-up": "FollowUpCompleted",
    "miss-follow-up": "FollowUpMissed",
    "enroll-alumni": "AlumniEnrolled",
    "contact-alumni": "AlumniContacted",
    "refer-to-community": "CommunityReferralMade",
    "record-incident": "IncidentRecorded",
    "record-death": "ClientDied",
    "add-note": "NoteAdded",
}
