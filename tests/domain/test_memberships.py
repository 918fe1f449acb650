"""Groups: joined once at a time, left by an entry, by the end of the stay, or by the death."""

from __future__ import annotations

import pytest
from care import IOP, assessed, ends, starts

from domain.entries import effective, microseconds
from domain.events import ClientDied, GroupJoined, GroupLeft
from domain.groups import memberships
from domain.journey import fold
from tests.spec import Fact, ago, entries, fact, given

IN_IOP = (assessed(), starts(days_ago=10))


def joined(days_ago: float = 9, group: str = "evening") -> Fact:
    return fact(GroupJoined(group_id=group), ago(days_ago))


def left(days_ago: float = 5, group: str = "evening") -> Fact:
    return fact(GroupLeft(group_id=group), ago(days_ago))


def test_joined_once_at_a_time() -> None:
    given(*IN_IOP, joined()).when(joined(8)).refused("not_in_this_group")
    given(*IN_IOP, joined()).when(joined(8, "morning")).accepted()
    given(*IN_IOP, joined(), left()).when(joined(4)).accepted()


def test_left_by_who_is_in_it() -> None:
    given(*IN_IOP).when(left()).refused("in_this_group")
    given(*IN_IOP, joined()).when(left()).accepted()
    given(*IN_IOP, joined(), left()).when(left(4)).refused("in_this_group")
    given(*IN_IOP, joined(4)).when(left()).refused("in_this_group")


def test_the_end_of_a_stay_leaves_its_groups() -> None:
    over = given(*IN_IOP, joined(), ends(days_ago=5))
    over.when(left(4)).refused("in_this_group")
    over.when(left(5)).accepted()
    given(*IN_IOP, joined(), ends(days_ago=5), starts("standard_outpatient", 5)).when(joined(4)).accepted()


def test_nobody_joins_after_the_death() -> None:
    given(*IN_IOP, fact(ClientDied(), ago(9))).when(joined(8)).refused("nothing_after_death")


@pytest.mark.parametrize(
    ("facts", "until"),
    [
        ([joined()], None),
        ([joined(), left()], 5),
        ([joined(), ends(days_ago=4)], 4),
        ([joined(), starts("alumni", 8), ends("alumni", 6)], None),
        ([joined(), fact(ClientDied(), ago(3))], 3),
        ([ends(days_ago=9), starts("standard_outpatient", 9), joined(9), ends("standard_outpatient", 2)], 2),
    ],
)
def test_how_long_one_is_in_it(facts: list[Fact], until: float | None) -> None:
    counted = effective(entries([*IN_IOP, *facts]))
    [one] = memberships(counted, fold(counted)).all
    assert one.until == (None if until is None else microseconds(ago(until)))
    assert one.until_day == (None if until is None else ago(until).date().toordinal())
    [joining] = [each for each in facts if isinstance(each.event, GroupJoined)]
    assert (one.group_id, one.joined.event_id) == ("evening", joining.id.hex)
    assert one.stay is not None
    assert one.stay.level in (IOP, "standard_outpatient")


@pytest.mark.parametrize("days_ago", [9, 3])
def test_a_group_may_be_joined_outside_of_a_stay(days_ago: float) -> None:
    counted = effective(entries([joined(days_ago), fact(ClientDied(), ago(3))]))
    [one] = memberships(counted, fold(counted)).all
    assert (one.stay, one.until, one.until_day) == (None, microseconds(ago(3)), ago(3).date().toordinal())
    assert one.group_id == "evening"


def test_it_belongs_to_the_stay_that_excludes_others_else_to_the_latest() -> None:
    beside = (
        starts("standard_outpatient", 9.5, concurrent=True),
        starts("partial_hospitalization", 9.2, concurrent=True),
    )
    for facts, level in (((*IN_IOP, *beside), IOP), (beside, "partial_hospitalization")):
        counted = effective(entries([*facts, joined()]))
        [one] = memberships(counted, fold(counted)).all
        assert one.stay is not None
        assert one.stay.level == level
