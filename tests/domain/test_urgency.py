"""The order in which flags press."""

from __future__ import annotations

from domain.urgency import ORDER
from domain.vocabulary import FLAGS


def test_who_may_be_lost_today_stands_above_what_can_be_made_good_later() -> None:
    losses = [one.loss for one in ORDER]
    assert losses == sorted(losses, key=["safety", "care", "later"].index)
    flags = [one.flag for one in ORDER]
    assert flags.index("missed_in_a_row") < flags.index("authorization_ends") < flags.index("consent_expiring")
    assert (ORDER[-1].flag, ORDER[-1].when) == ("consent_expiring", "it has expired")


def test_each_place_is_a_flag_that_is_known() -> None:
    assert {one.flag for one in ORDER} <= FLAGS
    assert len({(one.flag, one.when) for one in ORDER}) == len(ORDER)
