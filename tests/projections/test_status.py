"""The current status, as folded from a client's events."""

from __future__ import annotations

from datetime import timedelta

from domain.events import (
    AlumniContacted,
    ClientDied,
    ConsentGiven,
    ConsentRevoked,
    CoverageVerified,
    DrugScreenResulted,
    EntryRetracted,
    Event,
    FollowUpCompleted,
    FollowUpMissed,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationStarted,
    MedicationStopped,
    NoteAdded,
    RelapseRecorded,
    SessionAttended,
    SessionMissed,
    TreatmentPlanSet,
    UseReported,
)
from domain.levels import Level
from projections.status.fold import MODEL
from tests.spec import NOW, Fact, ago, fact, given

TODAY = NOW.toordinal()
IOP: Level = "intensive_outpatient"
STARTED = fact(
    LevelOfCareStarted(level=IOP, program="Evening", clinician="c-1", living="home", slot="evening"), ago(20)
)
ENDED = fact(LevelOfCareEnded(level=IOP, reason="completed"), ago(2))


def then(days_ago: float, event: Event) -> Fact:
    return fact(event, ago(days_ago))


def shows(*facts: Fact, **row: object) -> None:
    """The client's one row has these values, however often the events come."""
    given(*facts).again(2).shows(MODEL, "client_status", row)


class TestWhere:
    """State and level."""

    def test_registered_is_not_admitted(self) -> None:
        shows(then(1, NoteAdded(text="call")), state="not_admitted", level="", since_day=None)

    def test_in_treatment(self) -> None:
        shows(
            STARTED,
            state="in_treatment",
            level=IOP,
            program="Evening",
            clinician="c-1",
            living="home",
            slot="evening",
            since_day=TODAY - 20,
            discharged_day=None,
        )

    def test_discharged_keeps_the_day(self) -> None:
        shows(STARTED, ENDED, state="discharged", level="", discharged_day=TODAY - 2)

    def test_alumni_after_treatment(self) -> None:
        shows(STARTED, ENDED, then(1, LevelOfCareStarted(level="alumni")), state="alumni", level="alumni")

    def test_died(self) -> None:
        shows(STARTED, then(1, ClientDied()), state="died", level="", discharged_day=TODAY - 1)

    def test_beside_the_main_level_others_are_named(self) -> None:
        beside = then(25, LevelOfCareStarted(level="standard_outpatient", concurrent=True))
        shows(beside, STARTED, level=IOP, concurrent_levels="standard_outpatient")

    def test_a_late_entry_does_not_change_where_the_client_is(self) -> None:
        late = (then(60, LevelOfCareStarted(level="residential")),)
        left = then(30, LevelOfCareEnded(level="residential", reason="completed"))
        shows(STARTED, *late, left, level=IOP)

    def test_a_retracted_end_puts_the_client_back(self) -> None:
        shows(STARTED, ENDED, then(0, EntryRetracted(target=ENDED.id, reason="x")), state="in_treatment", level=IOP)

    def test_away_and_back(self) -> None:
        away = then(5, LeaveStarted(kind="hospital"))
        shows(STARTED, away, on_leave="hospital")
        shows(STARTED, away, then(3, LeaveEnded(kind="hospital")), on_leave="")

    def test_a_leave_ends_with_its_level_and_does_not_come_back(self) -> None:
        away = then(5, LeaveStarted(kind="jail"))
        again = then(1, LevelOfCareStarted(level="residential"))
        shows(STARTED, away, ENDED, again, state="in_treatment", on_leave="")


class TestPlan:
    """The latest plan by clinical time is in force."""

    def plan(self, days_ago: float, ends_in: int | None = None, sessions: int | None = None) -> Fact:
        end = NOW.date() + timedelta(days=ends_in) if ends_in is not None else None
        return then(days_ago, TreatmentPlanSet(planned_end_on=end, planned_sessions_per_week=sessions))

    def test_over_the_start(self) -> None:
        shows(STARTED, self.plan(10, 30, 3), planned_end=TODAY + 30, planned_sessions=3)

    def test_by_clinical_time(self) -> None:
        shows(STARTED, self.plan(3, 40), self.plan(10, 30), planned_end=TODAY + 40)

    def test_from_before_the_stay_as_far_as_it_reaches_into_it(self) -> None:
        shows(self.plan(30, 30), STARTED, planned_end=TODAY + 30)
        shows(self.plan(30, -25), STARTED, planned_end=None)

    def test_what_the_payer_still_allows(self) -> None:
        cover = CoverageVerified(payer="p", member_ref="m", level=IOP, authorized_to=NOW.date(), authorized_sessions=10)
        groups = [then(days, SessionAttended(kind="group", minutes=180)) for days in (3, 4)]
        shows(STARTED, then(19, cover), *groups, authorized_to=TODAY, authorized_left=8)

    def test_the_first_consent_to_expire(self) -> None:
        def consent(name: str, days: int) -> Fact:
            expires = NOW.date() + timedelta(days=days)
            return then(9, ConsentGiven(consent_id=name, recipient="r", purpose="p", expires_on=expires))

        both = (consent("a", 5), consent("b", 9))
        shows(*both, consent_expires=TODAY + 5)
        shows(*both, then(1, ConsentRevoked(consent_id="a")), consent_expires=TODAY + 9)


class TestContact:
    """Sessions, screens, use, follow-ups."""

    def test_missed_in_a_row_since_the_last_attended(self) -> None:
        missed = [then(days, SessionMissed(kind="group")) for days in (9, 4, 3)]
        came = then(5, SessionAttended(kind="group", minutes=60))
        excused = then(2, SessionMissed(kind="group", excused=True))
        shows(STARTED, *missed, excused, came, missed_in_a_row=2, last_contact_day=TODAY - 5)

    def test_the_last_screen_and_the_last_that_found_something(self) -> None:
        found = then(6, DrugScreenResulted(specimen="urine", positive=("Cocaine",)))
        clean = then(4, DrugScreenResulted(specimen="urine", positive=()))
        refused = then(2, DrugScreenResulted(specimen="urine", positive=("Cocaine",), valid=False))
        shows(STARTED, found, clean, refused, last_screen_day=TODAY - 4, last_positive_day=TODAY - 6)

    def test_the_last_known_use(self) -> None:
        used = then(1, UseReported(substance="alcohol", on=(NOW - timedelta(days=8)).date()))
        shows(STARTED, used, last_use_day=TODAY - 8)
        shows(STARTED, used, then(3, RelapseRecorded(substance="alcohol")), last_use_day=TODAY - 3)

    def test_the_drug_that_is_prescribed_now(self) -> None:
        begun = then(9, MedicationStarted.model_validate({"drug": "buprenorphine", "class": "partial_agonist"}))
        other = then(8, MedicationStarted.model_validate({"drug": "sertraline", "class": "psychiatric"}))
        shows(begun, other, drug="buprenorphine")
        shows(begun, other, then(3, MedicationStopped(drug="buprenorphine")), drug="")

    def test_follow_ups_since_the_discharge(self) -> None:
        missed = then(0.5, FollowUpMissed(milestone_days=90, attempts=3))
        held = then(1, FollowUpCompleted(milestone_days=30, abstinent_past_30_days=True))
        shows(STARTED, ENDED, missed, held, followed_up="30,90", last_contact_day=held.at.toordinal())

    def test_alumni_contacts_are_contacts(self) -> None:
        shows(then(4, AlumniContacted()), last_contact_day=TODAY - 4)

    def test_clients_by_state_level_site_and_program(self) -> None:
        given(STARTED, ENDED).again(3).shows(MODEL, "status_count", {"state": "discharged", "level": "", "n": 1})
