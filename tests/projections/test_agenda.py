"""The agenda: appointments of a day, who is in which group, who is to come, who waits between two levels."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Table

from domain.events import (
    AppointmentCancelled,
    AppointmentRescheduled,
    AppointmentScheduled,
    ArrivalPlanned,
    AssessmentCompleted,
    ClientDied,
    ClientErased,
    CommunityReferralMade,
    GroupJoined,
    HandoffAssigned,
    HandoffClosed,
    LevelOfCareEnded,
    ReferralReceived,
    SessionAttended,
    SessionMissed,
)
from domain.levels import Level
from projections.agenda.fold import MODEL
from projections.agenda.rows import AppointmentRow, ArrivalRow, HandoffRow
from projections.agenda.tables import APPOINTMENT, ARRIVAL, HANDOFF
from projections.chart import Chart
from projections.clinical.agenda import upcoming
from projections.clinical.handoffs import handoffs_of
from projections.filters import FilterError
from tests.projections.telling import answers, ends, starts
from tests.spec import NOW, Fact, ago, entries, fact, given

IOP: Level = "intensive_outpatient"
TODAY = NOW.toordinal()


TYPED = ((APPOINTMENT, AppointmentRow), (ARRIVAL, ArrivalRow), (HANDOFF, HandoffRow))


@pytest.mark.parametrize(("table", "row"), TYPED, ids=str)
def test_the_type_of_a_row_names_the_columns_of_its_table(table: Table, row: type[Any]) -> None:
    optional = {name for name, annotation in row.__annotations__.items() if "None" in annotation.__forward_arg__}
    assert tuple(row.__annotations__) == tuple(table.columns.keys())
    assert optional == {column.name for column in table.columns if column.nullable}


def made(hours: float, own_id: str = "v-1", **more: Any) -> Fact:
    event = AppointmentScheduled(appointment_id=own_id, starts_at=NOW + timedelta(hours=hours), **more)
    return fact(event, ago(9))


def assessed(days_ago: float, level: Level) -> Fact:
    found = AssessmentCompleted(
        assessor="c-1",
        edition=3,
        asam=(1, 1, 1, 1, 1, 1),
        recommended_level=level,
        needs_24h_supervision=False,
        mental_health_severity="mild",
        home="supportive",
        substance_free_home=True,
        motivated=True,
    )
    return fact(found, ago(days_ago))


def chart(*facts: Fact) -> Chart:
    return Chart("c" * 32, len(facts), entries(list(facts)))


class TestAppointments:
    """On the day of their start, whatever became of them."""

    @pytest.mark.parametrize(
        ("facts", "state"),
        [
            ([], "scheduled"),
            ([fact(SessionAttended(kind="individual", minutes=50, appointment_id="v-1"), ago(1))], "kept"),
            ([fact(SessionMissed(kind="individual", appointment_id="v-1"), ago(1))], "missed"),
            ([fact(AppointmentCancelled(appointment_id="v-1"), ago(1))], "cancelled"),
            ([fact(ClientDied(), ago(1))], "cancelled"),
        ],
    )
    def test_what_became_of_it(self, facts: list[Fact], state: str) -> None:
        given(starts(10), made(2), *facts).again(2).shows(
            MODEL, "appointment", {"appointment_id": "v-1", "day": TODAY, "state": state}
        )

    def test_those_of_today_and_of_other_days(self) -> None:
        facts = [starts(10, site="North"), made(5, "a", clinician="c-1"), made(2, "b", site="South"), made(30, "c")]
        assert [row["appointment_id"] for row in answers("agenda", *facts)] == ["b", "a"]
        rows = answers("agenda", *facts, start=NOW.date() + timedelta(days=1))
        assert [(row["appointment_id"], row["site"]) for row in rows] == [("c", "North")]
        assert [row["appointment_id"] for row in answers("agenda", *facts, where={"clinician": "c-1"})] == ["a"]
        assert [row["appointment_id"] for row in answers("agenda", *facts, where={"site": "South"})] == ["b"]
        with pytest.raises(FilterError):
            answers("agenda", *facts, where={"payer": "x"})

    def test_one_that_was_moved_is_on_its_new_day(self) -> None:
        moved = AppointmentRescheduled(appointment_id="v-1", starts_at=NOW + timedelta(hours=30))
        given(made(2), fact(moved, ago(1))).shows(MODEL, "appointment", {"day": TODAY + 1, "state": "scheduled"})

    def test_what_is_ahead(self) -> None:
        known = chart(made(2, "a"), made(-2, "b"), made(9, "c"))
        assert [one.appointment_id for one in upcoming(known, known.entries[0].at + 9 * 86_400_000_000)] == ["a", "c"]

    def test_nothing_of_an_erased_client(self) -> None:
        given(made(2), fact(ClientErased(requested_by="a"), ago(0))).shows(MODEL, "appointment")


class TestGroups:
    """Who takes part today."""

    def test_until_the_stay_ends(self) -> None:
        joined = fact(GroupJoined(group_id="evening"), ago(9))
        [row] = answers("agenda", starts(10), joined, show="groups")
        assert (row["client"], row["group_id"], row["until"]) == ("C-1", "evening", None)
        assert answers("agenda", starts(10), joined, ends(3), show="groups") == []
        given(starts(10), joined, ends(3)).shows(MODEL, "group_member", {"until_day": TODAY - 3})


class TestArrivals:
    """Who is to come, until the level begins."""

    def test_until_the_level_begins(self) -> None:
        plan = fact(ArrivalPlanned.model_validate({"level": IOP, "on": "2026-03-09", "from": "residential"}), ago(4))
        [row] = answers("arrivals", plan)
        assert (row["level"], row["on"], row["from"], row["state"]) == (IOP, "2026-03-09", "residential", "planned")
        assert answers("arrivals", plan, starts(1, IOP)) == []
        assert [row["state"] for row in answers("arrivals", plan, starts(1, IOP), where={"state": "arrived"})] == [
            "arrived"
        ]


class TestHandoffs:
    """Each ended stay, but by death, whose next level has not begun and which nobody closed."""

    OVER = fact(LevelOfCareEnded(level="residential", reason="completed", next_level=IOP), ago(8))
    STAY = starts(30, "residential", site="North")

    def test_it_waits_for_the_level_that_the_end_names(self) -> None:
        [row] = answers("handoffs", self.STAY, self.OVER)
        ended = NOW.date() - timedelta(days=8)
        assert (row["stay"], row["next_level"], row["site"]) == (self.STAY.event_id, IOP, "North")
        assert (row["ended"], row["days"], row["owner"]) == (ended.isoformat(), 8, "")
        assert [date.fromisoformat(row[due]) - ended for due in ("due_7", "due_14")] == [
            timedelta(days=7),
            timedelta(days=14),
        ]

    def test_it_is_over_when_that_level_begins(self) -> None:
        assert answers("handoffs", self.STAY, self.OVER, starts(8, IOP)) == []
        assert len(answers("handoffs", self.STAY, self.OVER, starts(5, "standard_outpatient"))) == 1
        given(self.STAY, self.OVER, starts(8, IOP)).shows(MODEL, "handoff", {"state": "begun", "outcome": ""})

    @pytest.mark.parametrize(
        ("days_ago", "level", "waits"),
        [(10, IOP, True), (5, IOP, True), (10, "residential", False), (5, "residential", True), (31, IOP, False)],
    )
    def test_it_waits_for_the_level_that_is_recommended(self, days_ago: float, level: Level, waits: bool) -> None:
        facts = (assessed(days_ago, level), self.STAY, ends(8, "residential"))
        assert [one.next_level for one in handoffs_of(chart(*facts))] == ([level] if waits else [])

    def test_nobody_waits_for_who_died_or_was_erased(self) -> None:
        died = fact(LevelOfCareEnded(level="residential", reason="died", next_level=IOP), ago(8))
        assert handoffs_of(chart(self.STAY, died)) == []
        assert handoffs_of(chart(self.STAY, self.OVER, fact(ClientErased(requested_by="a"), ago(1)))) == []

    def test_its_owner_and_what_became_of_it(self) -> None:
        owner = fact(HandoffAssigned(stay=self.STAY.id, owner="c-2"), ago(7))
        closed = fact(HandoffClosed(stay=self.OVER.id, outcome="elsewhere"), ago(6))
        assert [row["owner"] for row in answers("handoffs", self.STAY, self.OVER, owner)] == ["c-2"]
        assert answers("handoffs", self.STAY, self.OVER, owner, closed) == []
        [row] = answers("handoffs", self.STAY, self.OVER, owner, closed, where={"state": "closed"})
        assert (row["owner"], row["outcome"]) == ("c-2", "elsewhere")

    CAME = fact(ReferralReceived(referrer="a court", referral_kind="court", requested_level=IOP), ago(9))

    def test_a_referral_waits_until_a_level_begins(self) -> None:
        assert [(row["kind"], row["owner"]) for row in answers("handoffs", self.CAME)] == [("referral_in", "")]
        assert answers("handoffs", self.CAME, starts(3, "residential")) == []
        given(self.CAME, starts(3, "residential")).shows(MODEL, "handoff")
        given(self.CAME, fact(ClientDied(), ago(1))).shows(MODEL, "handoff")

    def test_a_referral_to_others_waits_once_somebody_was_given_it(self) -> None:
        made = fact(CommunityReferralMade(partner="a shelter", service="housing"), ago(9))
        assert answers("handoffs", made) == []
        given(made).shows(MODEL, "handoff", {"section": "made", "kind": "referral_out"})
        owner = fact(HandoffAssigned(referral=made.id, owner="c-2"), ago(7))
        assert [row["kind"] for row in answers("handoffs", made, owner)] == ["referral_out"]

    def test_where_it_stands_on_the_board(self) -> None:
        owner = fact(HandoffAssigned(stay=self.STAY.id, owner="c-2"), ago(7))
        lost = fact(HandoffClosed(stay=self.STAY.id, outcome="lost"), ago(2))
        for facts, section, since in (
            ([], "pending", 8),
            ([owner], "owned", 8),
            ([starts(5, IOP)], "kept", 5),
            ([owner, lost], "ended", 2),
        ):
            stands = {"section": section, "board_day": TODAY - since}
            given(self.STAY, self.OVER, *facts).shows(MODEL, "handoff", stands)

    def test_a_referral_that_somebody_was_given(self) -> None:
        came = self.CAME
        owner = fact(HandoffAssigned(referral=came.id, owner="c-2"), ago(7))
        [row] = answers("handoffs", came, owner)
        assert (row["referral"], row["stay"], row["next_level"], row["days"]) == (came.event_id, "", IOP, 9)
