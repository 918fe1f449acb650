"""What people do about flags: who sees to one, until when it is left alone, that it is done; and when it is up anew."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as each, settings, strategies as st

from domain.events import (
    ClientDied,
    CoverageVerified,
    EntryRetracted,
    Event,
    FlagAssigned,
    FlagDone,
    FlagSnoozed,
    LeaveStarted,
    LevelOfCareStarted,
    SessionAttended,
    SessionMissed,
)
from projections.base import Row
from projections.chart import Chart
from projections.status.changes import ANY, flag_changes
from projections.status.fold import fold
from projections.status.tables import FLAG
from projections.worklist import queries
from projections.worklist.places import WorkQuery
from tests.projections.telling import answers, opened, starts
from tests.projections.test_incremental import agree_at_each_stop
from tests.spec import NOW, Fact, ago, entries, fact, record

TODAY = NOW.date()
SINCE = ago(6).date()
HERE = (starts(60), fact(SessionAttended(kind="group", minutes=60), ago(20)))
"""In standard outpatient care, last seen 20 days ago: no contact since the 6th day before today."""


def day(later: int) -> date:
    return TODAY + timedelta(days=later)


def done(since: date = SINCE, flag: str = "no_contact", at: float = 1) -> Fact:
    return fact(FlagDone(flag=flag, since=since, reason="spoke to the mother"), ago(at))


def snoozed(until: date, since: date = SINCE, at: float = 1, **more: Any) -> Fact:
    return fact(FlagSnoozed(flag="no_contact", since=since, until=until, **more), ago(at))


def assigned(to: str, since: date = SINCE, at: float = 1) -> Fact:
    return fact(FlagAssigned(flag="no_contact", since=since, to=to), ago(at))


def shown(*facts: Fact, show: str = "flags", **params: Any) -> list[tuple[str, str, str | None]]:
    rows = answers("worklist", *HERE, *facts, show=show, **params)
    return [(row["flag"], row["assigned_to"], row["snoozed_until"]) for row in rows]


UP = ("no_contact", "", None)


def test_a_flag_says_since_when_it_is_up() -> None:
    [row] = answers("worklist", *HERE, show="flags")
    assert (row["since"], row["assigned_to"], row["snoozed_until"]) == (SINCE.isoformat(), "", None)
    [client] = answers("worklist", *HERE)
    assert client["flags"][0]["since"] == SINCE.isoformat()


def test_who_it_is_assigned_to() -> None:
    assert shown(assigned("c-2", at=2), assigned("c-1")) == [("no_contact", "c-1", None)]
    assert shown(assigned("c-1"), where={"assigned_to": "c-1"}) == [("no_contact", "c-1", None)]
    assert shown(assigned("c-1"), where={"assigned_to": "c-2"}) == []
    assert answers("worklist", *HERE, assigned("c-1"), where={"assigned_to": "c-1"})[0]["client"] == "C-1"


def test_snoozed_it_is_off_the_list_until_its_day() -> None:
    until = day(3)
    assert shown(snoozed(until)) == []
    assert answers("worklist", *HERE, snoozed(until)) == []
    assert shown(snoozed(until), show="snoozed") == [("no_contact", "", until.isoformat())]
    assert shown(snoozed(until), later=2) == []
    assert shown(snoozed(until), later=3) == [UP]
    assert shown(snoozed(until), show="snoozed", later=3) == []


def test_who_snoozes_it_may_give_it_to_somebody() -> None:
    assert shown(assigned("c-2", at=2), snoozed(day(3), to="c-1"), later=3) == [("no_contact", "c-1", None)]
    assert shown(assigned("c-2", at=2), snoozed(day(3)), later=3) == [("no_contact", "c-2", None)]


def test_the_chart_says_that_it_is_snoozed() -> None:
    [row] = answers("status", *HERE, snoozed(day(3)), per_client=True)
    assert [(flag["id"], flag["snoozed_until"]) for flag in row["flags"]] == [("no_contact", day(3).isoformat())]


def test_done_it_is_gone() -> None:
    assert shown(done()) == []
    assert shown(done(), show="snoozed") == []
    assert shown(done(), later=300) == []
    assert answers("status", *HERE, done(), per_client=True)[0]["flags"] == []


@pytest.mark.parametrize("about", [done(), snoozed(day(30)), assigned("c-1")], ids=["done", "snoozed", "assigned"])
def test_it_is_up_anew_when_its_reason_comes_anew(about: Fact) -> None:
    seen = fact(SessionAttended(kind="group", minutes=60), ago(0.5))
    assert shown(about, seen) == []
    assert shown(about, seen, later=12) == []
    assert shown(about, seen, later=14) == [UP]


def test_what_is_said_of_an_earlier_occurrence_is_not_of_this_one() -> None:
    assert shown(done(SINCE - timedelta(days=1))) == [UP]


def test_a_beginning_that_is_moved_back_leaves_what_was_done() -> None:
    missed = [fact(SessionMissed(kind="group"), ago(days)) for days in (5, 3)]
    up = [flag for flag, *_ in shown(*missed)]
    assert up == ["missed_in_a_row", "no_contact"]
    about = done(ago(3).date(), "missed_in_a_row", at=2)
    late = fact(SessionMissed(kind="group"), ago(6))
    assert shown(*missed, about, late) == [UP]
    assert [flag for flag, *_ in shown(*missed, about, *missed)] == ["no_contact"]


def test_a_retraction_undoes_it() -> None:
    for about in (done(), snoozed(day(3)), assigned("c-1")):
        assert shown(about, fact(EntryRetracted(target=about.id, reason="made in error"), ago(0.5))) == [UP]


def test_other_flags_of_the_client_stay() -> None:
    away = fact(LeaveStarted(kind="hospital"), ago(1))
    assert answers("worklist", *HERE, away, done(ago(1).date(), "on_leave", at=0.5)) == []
    plan = starts(60, planned_end_on=day(-2))
    rows = answers("worklist", plan, *HERE[1:], done())
    assert [[flag["id"] for flag in row["flags"]] for row in rows] == [["plan_ended"]]


def test_counts_say_on_each_day_what_the_list_shows() -> None:
    """A client is counted while a flag is on the list: the running sums know of snoozes and of what is done."""
    plan = fact(CoverageVerified(payer="p", member_ref="m", level="standard_outpatient", authorized_to=day(2)), ago(50))
    for facts in ([*HERE, plan], [*HERE, plan, snoozed(day(3))], [*HERE, plan, done()], [*HERE, snoozed(day(3))]):
        rows = fold(Chart("c" * 32, 9, entries(facts)))["client_flag"]
        for on in range(TODAY.toordinal() - 30, TODAY.toordinal() + 30):
            up = [flag["flag"] for flag in map(named, rows) if not flag["snoozed"] and stands_on(flag, on)]
            assert counted(rows, on, ANY) == bool(up), (facts, on)
            assert counted(rows, on, "no_contact") == up.count("no_contact"), on


def named(row: Row) -> dict[str, Any]:
    return dict(zip(FLAG.columns.keys(), row, strict=True))


def stands_on(flag: dict[str, Any], on: int) -> bool:
    return flag["from_day"] <= on and (flag["until_day"] is None or on < flag["until_day"])


def counted(rows: Any, on: int, flag: str) -> int:
    changes = [(change, n) for change, n in flag_changes(rows).items() if change[0] == 1 and change[1] <= on]
    return sum(n if kind == "in" else -n for (_, _, name, _, kind), n in changes if name == flag)


ABOUT: tuple[type[Event], ...] = (
    *(LevelOfCareStarted, SessionMissed, SessionAttended) * 2,
    *(FlagAssigned, FlagSnoozed, FlagDone) * 2,
    ClientDied,
    LeaveStarted,
)


@st.composite
def worked(draw: st.DrawFn) -> list[Fact]:
    """A client with flags, and what somebody says of flags that are up, were up or never were; corrected, retracted."""
    facts = list(HERE)
    for _ in range(draw(st.integers(0, 8))):
        since = SINCE + timedelta(days=draw(st.integers(-3, 3)))
        at = draw(st.floats(0.1, 5))
        about = draw(
            st.sampled_from(
                [done(since, at=at), snoozed(day(draw(st.integers(-2, 9))), since, at), assigned("c", since, at)]
            )
        )
        facts.append(about)
        if draw(st.booleans()):
            facts.append(fact(EntryRetracted(target=draw(st.sampled_from(facts)).id, reason="error"), ago(0.05)))
    return facts


@settings(max_examples=10, deadline=None)
@each(worked(), st.data())
def test_flag_work_is_the_same_entry_by_entry_and_anew(facts: list[Fact], data: st.DataObject) -> None:
    agree_at_each_stop(facts, data)


def test_pages_of_the_snoozed_and_of_one_person_go_on(tmp_path: Path) -> None:
    with opened(tmp_path, TODAY) as services:
        for number in range(6):
            for one in (starts(60 + number, client=f"C-{number}"), *_about_of(number)):
                record(services.log, one)
        services.catch_up()
        asked = [WorkQuery(TODAY.toordinal(), 2, snoozed=True), WorkQuery(TODAY.toordinal(), 2, {"assigned_to": "c-1"})]
        found = []
        for one in asked:
            with services.reads.reading() as connection:
                first = queries.clients(connection, one)
                assert first.after is not None
                rest = queries.clients(
                    connection, WorkQuery(one.day, 2, one.where, after=first.after, snoozed=one.snoozed)
                )
            found.append(len({row["client_id"] for row in (*first.rows, *rest.rows)}))
        assert found == [3, 3]


def _about_of(number: int) -> list[Fact]:
    since = ago(46 + number).date()
    client = f"C-{number}"
    if number < 3:
        return [fact(FlagSnoozed(flag="no_contact", since=since, until=day(4)), ago(1), client=client)]
    return [fact(FlagAssigned(flag="no_contact", since=since, to="c-1"), ago(1), client=client)]
