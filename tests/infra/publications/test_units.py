"""Outcomes of a later publication agree with what was said of the same stays before."""

from __future__ import annotations

from infra.publications.units import Unit, consistent
from projections.publications.specs import FAMILIES

STAY = {"one": Unit("client", 24_312, "residential", "north", "day")}
DETOX = {"one": Unit("client", 24_312, "medical_detox", "north", "day")}


def test_who_was_published_as_ended_before_is_not_retained_for_longer() -> None:
    said = {"retention_30": {"one": "ended_before"}}
    found = consistent(FAMILIES["retention_90"], {"one": "retained"}, STAY, said)
    assert found == {"one": "ended_before"}


def test_who_was_published_with_a_narrower_outcome_has_the_wider_one() -> None:
    said = {"lower_level_14": {"one": "y"}}
    assert consistent(FAMILIES["flow"], {"one": "left"}, DETOX, said) == {"one": "step_down"}


def test_what_cannot_be_at_a_level_stands_apart() -> None:
    assert consistent(FAMILIES["abstinence"], {"one": "yn"}, DETOX) == {"one": "apart"}
    assert consistent(FAMILIES["abstinence"], {"one": "yn"}, STAY) == {"one": "yn"}
