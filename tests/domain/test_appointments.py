"""Appointments: made, moved, called off, and named by the session that they came to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from care import assessed, attends, starts

from domain.appointments import appointments
from domain.commands import Retract
from domain.entries import effective, microseconds
from domain.events import (
    CATALOGUE,
    AppointmentCancelled,
    AppointmentRescheduled,
    AppointmentScheduled,
    ClientDied,
    EntryRetracted,
    InvalidDataError,
    SessionAttended,
    SessionMissed,
)
from tests.spec import NOW, Fact, ago, entries, fact, given

IN_IOP = (assessed(), starts(days_ago=10))
AHEAD = NOW + timedelta(days=3)


def made(days_ago: float = 8, starts_at: datetime = AHEAD, appointment_id: str = "v-1", **more: Any) -> Fact:
    return fact(AppointmentScheduled(appointment_id=appointment_id, starts_at=starts_at, **more), ago(days_ago))


def moved(days_ago: float = 6, starts_at: datetime = AHEAD, **more: Any) -> Fact:
    return fact(AppointmentRescheduled(appointment_id="v-1", starts_at=starts_at, **more), ago(days_ago))


def cancelled(days_ago: float = 5, **more: Any) -> Fact:
    return fact(AppointmentCancelled(appointment_id="v-1", **more), ago(days_ago))


def attended(days_ago: float = 4, appointment_id: str = "v-1") -> Fact:
    return fact(SessionAttended(kind="individual", minutes=50, appointment_id=appointment_id), ago(days_ago))


def missed(days_ago: float = 4) -> Fact:
    return fact(SessionMissed(kind="individual", appointment_id="v-1"), ago(days_ago))


class TestMaking:
    """It may lie ahead, though the entry may not; its id is its own."""

    def test_it_may_be_ahead_and_outside_of_a_level(self) -> None:
        given().when(made()).then(made().event)

    def test_the_entry_itself_is_not_in_the_future(self) -> None:
        given().when(made(days_ago=-1)).refused("not_in_the_future")

    def test_an_id_is_used_once_even_after_it_is_cancelled(self) -> None:
        given(made()).when(made(7)).refused("appointment_id_is_free")
        given(made(), cancelled()).when(made(4)).refused("appointment_id_is_free")
        given(made()).when(made(appointment_id="v-2")).accepted()

    def test_none_is_made_after_the_death(self) -> None:
        given(fact(ClientDied(), ago(9))).when(made()).refused("nothing_after_death")

    @pytest.mark.parametrize("starts_at", ["2026-03-05", "2026-03-05T10:00:00", 1772704800, "soon"])
    def test_it_starts_at_a_moment_with_its_offset(self, starts_at: object) -> None:
        with pytest.raises(InvalidDataError, match="starts_at"):
            CATALOGUE.parse("AppointmentScheduled", {"appointment_id": "v-1", "starts_at": starts_at})


class TestChanging:
    """Only what is still ahead is moved or called off; what was missed may be moved."""

    @pytest.mark.parametrize("change", [moved(3), cancelled(3)])
    def test_while_it_is_ahead(self, change: Fact) -> None:
        given(made(), moved()).when(change).then(change.event)

    @pytest.mark.parametrize("change", [moved(3), cancelled(3)])
    def test_not_before_it_was_made(self, change: Fact) -> None:
        given().when(change).refused("appointment_is_on_this_chart")
        given(made(2)).when(change).refused("appointment_is_on_this_chart")

    @pytest.mark.parametrize("change", [moved(3), cancelled(3)])
    @pytest.mark.parametrize("end", [cancelled(), attended()])
    def test_not_once_it_is_over(self, change: Fact, end: Fact) -> None:
        given(*IN_IOP, made(), end).when(change).refused("appointment_is_scheduled")

    def test_a_missed_one_is_moved_and_then_kept_but_not_called_off(self) -> None:
        given(*IN_IOP, made(), missed()).when(cancelled(3)).refused("appointment_is_scheduled").saying("missed")
        given(*IN_IOP, made(), missed()).when(moved(3)).accepted()
        given(*IN_IOP, made(), missed(), moved(3)).when(attended(2)).accepted()

    def test_no_notice_of_less_than_nothing(self) -> None:
        with pytest.raises(InvalidDataError, match="notice_hours"):
            CATALOGUE.parse("AppointmentCancelled", {"appointment_id": "v-1", "notice_hours": -0.5})


class TestSessions:
    """A session names an appointment of its chart that is not called off, and no other session has named."""

    @pytest.mark.parametrize("session", [attended(2), missed(2)])
    def test_the_appointment_that_it_was(self, session: Fact) -> None:
        given(*IN_IOP, made()).when(session).accepted()
        given(*IN_IOP).when(session).refused("appointment_is_on_this_chart")
        for end in (cancelled(), attended()):
            over = given(*IN_IOP, made(), end).when(session)
            over.refused("appointment_is_scheduled").saying("another session has named it")

    def test_it_need_name_none(self) -> None:
        given(*IN_IOP, made()).when(attends(2)).accepted()

    def test_what_a_session_names_is_not_taken_back(self) -> None:
        first = made()
        given(*IN_IOP, first, attended()).when(Retract(first.id, "in error")).refused("appointment_is_on_this_chart")

    def test_a_call_off_that_is_taken_back_leaves_it_ahead(self) -> None:
        off = cancelled()
        back = fact(EntryRetracted(target=off.id, reason="in error"), ago(3))
        given(*IN_IOP, made(), off, back).when(attended(2)).accepted()


USUAL: dict[str, Any] = {"kind": "individual", "minutes": 50, "clinician": "c-1", "site": "north"}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"minutes": 30},
        {"kind": "case_management"},
        {"clinician": "c-2"},
        {"site": "south"},
        {"kind": "peer_support", "site": "east"},
    ],
)
def test_what_is_not_said_again_stays_as_it_was(said: dict[str, Any]) -> None:
    facts = [made(**USUAL), moved(starts_at=NOW + timedelta(days=5), **said)]
    found = appointments(effective(entries(facts))).by_id["v-1"]
    seen = {"kind": found.kind, "minutes": found.minutes, "clinician": found.clinician, "site": found.site}
    assert seen == USUAL | said
    assert (found.appointment_id, found.starts) == ("v-1", microseconds(NOW + timedelta(days=5)))
    assert (found.state, found.moved, [one.event_id for one in found.entries]) == (
        "scheduled",
        1,
        [one.id.hex for one in facts],
    )


@pytest.mark.parametrize(("end", "state"), [(attended(), "kept"), (missed(), "missed"), (cancelled(), "cancelled")])
def test_what_it_came_to_is_kept_with_what_it_was(end: Fact, state: str) -> None:
    facts = [made(**USUAL), end]
    found = appointments(effective(entries(facts))).by_id["v-1"]
    assert (found.appointment_id, found.starts, found.kind, found.minutes) == (
        "v-1",
        microseconds(AHEAD),
        "individual",
        50,
    )
    assert (found.state, [one.event_id for one in found.entries]) == (state, [one.id.hex for one in facts])
