"""Every rule of live commands on lines that come in: ``--strict`` refuses the same line that is listed without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.importers.events.rules import unmet_rules
from infra.interop.importers.events.run import import_file
from tests.day import UTC_DAYS
from tests.infra.interop.importers.event_lines import ID, Write, line
from tests.spec import KEY, NOW

Lines = list[dict[str, Any]]
TEN = "2026-02-10T09:00:00Z"


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[list[EventLog]]:
    """Two empty logs, their clocks standing at NOW."""
    made = [open_log(f"sqlite:///{tmp_path}/{name}.db", KEY, UTC_DAYS, lambda: NOW) for name in ("strict", "listed")]
    yield made
    for log in made:
        log.close()


def said(kind: str, at: str = TEN, /, **more: Any) -> dict[str, Any]:
    return line(type=kind, occurred_at=at, data=more)


def registered(at: str = "2026-02-01T09:00:00Z") -> dict[str, Any]:
    return said("ClientRegistered", at, name="Test Person", birth_date="1990-02-03")


FOUND: dict[str, Any] = {
    "assessor": "clinician-7",
    "edition": 3,
    "asam": [1, 1, 2, 2, 3, 2],
    "recommended_level": "residential",
    "needs_24h_supervision": True,
    "mental_health_severity": "mild",
    "home": "supportive",
    "substance_free_home": True,
    "motivated": True,
}
ASSESSED = said("AssessmentCompleted", "2026-02-01T10:00:00Z", **FOUND)
START = said("LevelOfCareStarted", "2026-02-02T09:00:00Z", level="residential")
IN = [registered(), ASSESSED, START]
OVERRIDDEN = said("LevelOfCareStarted", "2026-02-02T09:00:00Z", level="residential", override_reason="history")
OTHER_START = said(
    "LevelOfCareStarted", "2026-02-05T09:00:00Z", level="partial_hospitalization", override_reason="history"
)
END = said("LevelOfCareEnded", "2026-02-05T09:00:00Z", level="residential", reason="completed")
GIVEN = said("ConsentGiven", "2026-02-03T09:00:00Z", consent_id="c-1", recipient="County court", purpose="attendance")
REVOKED = said("ConsentRevoked", consent_id="c-1")
LEAVE, BACK = said("LeaveStarted", kind="hospital"), said("LeaveEnded", kind="hospital")
DIED = said("ClientDied", "2026-02-05T09:00:00Z")
VISIT = {"appointment_id": "v-1", "kind": "individual", "starts_at": "2026-02-20T10:00:00Z", "minutes": 60}
BOOKED = said("AppointmentScheduled", "2026-02-03T09:00:00Z", **VISIT)
CALLED_OFF = said("AppointmentCancelled", appointment_id="v-1", cause="illness")
NOTE = {"type": "NoteAdded", "occurred_at": TEN, "data": {"text": "x"}}
SCREEN = {"type": "DrugScreenResulted", "occurred_at": TEN, "data": {"specimen": "urine", "positive": []}}


def corrected_start(**data: Any) -> dict[str, Any]:
    replacement = {"type": "LevelOfCareStarted", "occurred_at": "2026-02-02T09:00:00Z", "data": data}
    return said("EntryCorrected", "2026-02-11T09:00:00Z", target=ID, reason="x", replacement=replacement)


CASES: dict[str, tuple[Lines, str]] = {
    "registered twice": ([registered(), registered(TEN)], "registered_once"),
    "no assessment": ([registered(), START], "full_assessment"),
    "not by a clinician": ([registered(), OVERRIDDEN | {"role": "intake"}], "override_by_clinician"),
    "two levels": ([*IN, OTHER_START], "levels_do_not_overlap"),
    "an end of nothing": ([registered(), END], "level_is_open"),
    "a session outside": (
        [registered(), said("SessionAttended", kind="group", minutes=60)],
        "belongs_to_an_open_level",
    ),
    "a miss outside": ([registered(), said("SessionMissed", kind="group")], "belongs_to_an_open_level"),
    "a dose outside": ([registered(), said("MedicationGiven", drug="methadone")], "belongs_to_an_open_level"),
    "after death": ([*IN, DIED, said("NoteAdded", text="x")], "nothing_after_death"),
    "a leave of nothing": ([registered(), LEAVE], "level_is_open"),
    "a leave twice": ([*IN, LEAVE, LEAVE | {"occurred_at": "2026-02-11T09:00:00Z"}], "not_on_leave"),
    "back from nothing": ([*IN, BACK], "on_leave"),
    "a leave after the level": ([*IN, END, LEAVE], "level_is_open"),
    "a consent of nothing revoked": ([registered(), REVOKED], "consent_in_force"),
    "a consent revoked twice": (
        [GIVEN, REVOKED, REVOKED | {"occurred_at": "2026-02-11T09:00:00Z"}],
        "consent_in_force",
    ),
    "a score of 99": ([said("InstrumentScored", instrument="phq9", score=99)], "score_within_range"),
    "a score of nothing": ([said("InstrumentScored", instrument="phq99", score=9)], "known_instrument"),
    "no code": ([said("DiagnosisRecorded", icd10="opioid", category="substance_use")], "icd10_code"),
    "another category": ([said("DiagnosisRecorded", icd10="F32.1", category="substance_use")], "category_fits_code"),
    "born later": ([said("ClientRegistered", name="Test", birth_date="2046-01-01")], "possible_birth_date"),
    "used later": ([said("UseReported", substance="alcohol", on="2099-01-01")], "date_not_after_entry"),
    "clean before birth": (
        [registered(), said("AbstinenceReported", through="2026-02-05", days=1_000_000)],
        "date_not_before_birth",
    ),
    "dead before birth": ([registered(), said("ClientDied", "1980-01-01T09:00:00Z")], "entry_not_before_birth"),
    "authorised backwards": (
        [
            said(
                "CoverageVerified",
                payer="Simulated Health",
                member_ref="M-1",
                level="residential",
                authorized_from="2026-02-05",
                authorized_to="2026-02-01",
            )
        ],
        "dates_in_order",
    ),
    "an appointment twice": ([BOOKED, BOOKED | {"occurred_at": TEN}], "appointment_id_is_free"),
    "an appointment of nothing": ([registered(), CALLED_OFF], "appointment_is_on_this_chart"),
    "an appointment called off twice": (
        [BOOKED, CALLED_OFF, CALLED_OFF | {"occurred_at": "2026-02-11T09:00:00Z"}],
        "appointment_is_scheduled",
    ),
    "a group left that was not joined": ([*IN, said("GroupLeft", group_id="iop-evening")], "in_this_group"),
    "a retraction of nothing": (
        [registered(), said("EntryRetracted", target=ID, reason="x")],
        "target_is_on_this_chart",
    ),
    "a correction of nothing": (
        [registered(), said("EntryCorrected", target=ID, reason="x", replacement=NOTE)],
        "target_is_on_this_chart",
    ),
    "a correction into another kind": (
        [
            *IN,
            said("SessionAttended", kind="group", minutes=60) | {"event_id": ID},
            said("EntryCorrected", "2026-02-11T09:00:00Z", target=ID, reason="x", replacement=SCREEN),
        ],
        "correction_keeps_the_type",
    ),
    "a correction into another level": (
        [*IN[:2], START | {"event_id": ID}, corrected_start(level="intensive_outpatient")],
        "assessment_recommends_level",
    ),
    "a correction into another level, overridden by others": (
        [
            *IN[:2],
            START | {"event_id": ID},
            corrected_start(level="intensive_outpatient", override_reason="x") | {"role": "intake"},
        ],
        "override_by_clinician",
    ),
    "a correction against a rule": (
        [
            *IN,
            said("SessionAttended", kind="group", minutes=60) | {"event_id": ID},
            said("EntryCorrected", "2026-02-11T09:00:00Z", target=ID, reason="x")
            | {
                "data": {
                    "target": ID,
                    "reason": "x",
                    "replacement": {
                        "type": "SessionAttended",
                        "occurred_at": "2026-01-20T09:00:00Z",
                        "data": {"kind": "group", "minutes": 60},
                    },
                }
            },
        ],
        "belongs_to_an_open_level",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_line_that_strict_refuses_is_the_one_that_is_listed(logs: list[EventLog], write: Write, case: str) -> None:
    lines, criterion = CASES[case]
    path = str(write(*lines))
    strict, listed = logs
    result = import_file(strict, path, strict=True)
    assert result.rejects_file is not None
    kept = [orjson.loads(one) for one in result.rejects_file.read_bytes().splitlines()]
    assert [(one["line"], one["reason"].partition(":")[0]) for one in kept] == [(len(lines), "refused")]
    assert import_file(listed, path).recorded == len(lines)
    assert criterion in {one.criterion for one in unmet_rules(listed, 0)}
