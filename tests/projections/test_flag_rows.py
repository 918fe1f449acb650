"""The rows of flags say of every day what the rules say of it; the work list and its counts are read from them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings, strategies as st

from domain.events import (
    AlumniEnrolled,
    AssessmentCompleted,
    ClientDied,
    ConsentGiven,
    ConsentRevoked,
    CoverageVerified,
    DrugScreenResulted,
    Event,
    FollowUpCompleted,
    FollowUpMissed,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationStarted,
    SessionAttended,
    SessionMissed,
    TreatmentPlanSet,
)
from projections.base import Rows
from projections.chart import Chart
from projections.status.flag_rows import flags_on
from projections.status.flags import FLAG_TITLES, URGENCIES, Flag
from projections.status.fold import fold
from projections.status.tables import FLAG, STATUS
from tests.histories import histories
from tests.projections import flag_rules
from tests.spec import NOW, Fact, ago, entries, fact

TODAY = NOW.toordinal()
SEEN: tuple[type[Event], ...] = (
    *(LevelOfCareStarted,) * 4,
    *(SessionMissed,) * 3,
    *(LevelOfCareEnded,) * 2,
    *(CoverageVerified,) * 2,
    AlumniEnrolled,
    AssessmentCompleted,
    ClientDied,
    ConsentGiven,
    ConsentRevoked,
    DrugScreenResulted,
    FollowUpCompleted,
    FollowUpMissed,
    LeaveEnded,
    LeaveStarted,
    SessionAttended,
    TreatmentPlanSet,
)


def once(facts: list[Fact]) -> list[Fact]:
    return list({one.event_id: one for one in facts}.values())


def rows_of(facts: list[Fact]) -> Rows:
    return fold(Chart("c" * 32, len(facts), entries(facts)))


def named(table: Any, row: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(table.columns.keys(), row, strict=True))


@settings(max_examples=150, deadline=None)
@given(histories(kinds=SEEN, most=14), st.integers(0, 10))
def test_rows_say_of_every_day_what_the_rules_say(facts: list[Fact], first: int) -> None:
    rows = rows_of(once(facts))
    for row in rows.get("client_status", ()):
        status = named(STATUS, row)
        turns = {flag[name] for flag in flags_in(rows) for name in ("from_day", "until_day") if flag[name]}
        days = {1, *range(TODAY - 420 + first, TODAY + 560, 11), *turns, *(day - 1 for day in turns if day > 1)}
        for day in days:
            judged = sorted(flag_rules.flags(status, day), key=lambda flag: flag.id)
            said = [Flag(flag.id, flag.reason, flag.next_step) for flag in flags_on(rows["client_flag"], day)]
            assert sorted(said, key=lambda flag: flag.id) == judged, day


def flags_in(rows: Rows) -> list[dict[str, Any]]:
    return [named(FLAG, row) for row in rows.get("client_flag", ())]


@settings(max_examples=50, deadline=None)
@given(histories(kinds=SEEN, most=14))
def test_a_row_stands_as_its_place_in_the_order_says(facts: list[Fact]) -> None:
    """What the list is read by: from which day, for how long at most, and never twice for one flag."""
    for flag in flags_in(rows_of(once(facts))):
        one = URGENCIES[flag["urgency"]]
        assert one.flag == flag["flag"]
        assert flag["from_day"] == (flag["since_day"] if one.dated else 1)
        assert flag["since_day"] > 0
        assert (one.lasts is None) == (flag["until_day"] is None)
        if one.lasts is not None:
            assert 0 < flag["until_day"] - flag["since_day"] <= one.lasts


def test_every_flag_has_its_place() -> None:
    assert list(dict.fromkeys(one.flag for one in URGENCIES)) == list(FLAG_TITLES)


@settings(max_examples=50, deadline=None)
@given(histories(kinds=SEEN, most=14))
def test_a_client_with_several_flags_is_counted_once(facts: list[Fact]) -> None:
    """On each day one row at most adds the client, and one does as soon as any flag stands."""
    flags = flags_in(rows_of(once(facts)))
    for day in {1, *(flag[name] for flag in flags for name in ("from_day", "until_day") if flag[name])}:
        up = [flag for flag in flags if flag["from_day"] <= day and (flag["until_day"] or day + 1) > day]
        adding = [flag for flag in up if flag["adds_from_day"] is not None and flag["adds_from_day"] <= day]
        assert len(adding) == bool(up)


BUPRENORPHINE = MedicationStarted.model_validate({"drug": "Suboxone", "class": "partial_agonist", "dose_mg": 8})


def screened(days_ago: float, *positive: str) -> Fact:
    return fact(DrugScreenResulted(specimen="urine", positive=positive), ago(days_ago))


def up_today(*facts: Fact) -> list[tuple[str, str]]:
    return [(flag.id, flag.reason) for flag in flags_on(rows_of(list(facts))["client_flag"], TODAY)]


def test_what_is_prescribed_raises_no_flag() -> None:
    """A screen that finds it says that it is taken; of two drugs the other one is use."""
    stay, order = fact(LevelOfCareStarted(level="residential"), ago(20)), fact(BUPRENORPHINE, ago(10))
    assert up_today(stay, order, screened(3, "buprenorphine")) == []
    raised = [("positive_screen", "Positive screen 3 days ago")]
    assert up_today(stay, order, screened(3, "buprenorphine", "methadone")) == raised
    assert up_today(stay, order, screened(3, "fentanyl"), screened(1, "buprenorphine")) == raised
    before = screened(11, "buprenorphine")
    assert before.at < order.at
    assert [flag["flag"] for flag in flags_in(rows_of([stay, before, order]))] == ["positive_screen"]


def dropped_out(days_ago: float) -> tuple[Fact, ...]:
    """An episode that ended by staying away, with a plan that nobody reviewed."""
    review = (NOW - timedelta(days=days_ago + 10)).date()
    return (
        fact(LevelOfCareStarted(level="intensive_outpatient"), ago(days_ago + 40)),
        fact(TreatmentPlanSet(review_due_on=review), ago(days_ago + 39)),
        *(fact(SessionMissed(kind="group"), ago(days_ago + days)) for days in (5, 4, 3)),
        fact(LevelOfCareEnded(level="intensive_outpatient", reason="left_against_advice"), ago(days_ago)),
    )


def test_an_earlier_episode_is_not_called_about() -> None:
    """Who is back after more than 30 days has come: neither what was missed then nor its plan's review is due."""
    back = fact(LevelOfCareStarted(level="partial_hospitalization"), ago(1))
    stale = ["missed_in_a_row", "plan_review_due"]
    assert [flag for flag, _ in up_today(*dropped_out(31), back)] == stale
    assert [flag for flag, _ in up_today(*dropped_out(33), back)] == []
    anew = fact(TreatmentPlanSet(review_due_on=(NOW - timedelta(days=2)).date()), ago(20))
    assert [flag for flag, _ in up_today(*dropped_out(33), anew, back)] == ["plan_review_due"]
    ahead = TreatmentPlanSet(review_due_on=NOW.date())
    earlier = dropped_out(33)
    assert [flag for flag, _ in up_today(earlier[0], fact(ahead, ago(50)), *earlier[2:], back)] == ["plan_review_due"]


def test_a_plan_without_an_end_is_written_with_the_last_day_there_is() -> None:
    last = date.max
    told = [
        fact(LevelOfCareStarted(level="residential", planned_end_on=last), ago(3)),
        fact(ConsentGiven(recipient="a", purpose="treatment", consent_id="c", expires_on=last), ago(3)),
    ]
    flags = flags_in(rows_of(told))
    assert [(flag["flag"], flag["until_day"]) for flag in flags] == [("consent_expiring", last.toordinal())]
