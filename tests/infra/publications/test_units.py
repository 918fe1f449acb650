"""Outcomes of a later publication agree with what was said of the same stays before."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.events import SessionAttended, UseReported
from infra.publications.units import Unit, consistent, read_outcomes, read_units
from projections.publications.specs import ADMITTED as ADMITTED_UNITS, DIAGNOSED, FAMILIES, LAGS
from tests.projections.quality_facts import attends, diagnosed
from tests.projections.telling import ends, opened, starts
from tests.spec import NOW, Fact, ago, fact, record

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


ADMITTED = (diagnosed(400), starts(390, "residential"))


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ((ends(360, "residential"), attends(350), attends(340)), "y"),
        ((ends(400 + 34 - LAGS["iet_engagement"], "residential"),), "n"),
        ((ends(400 + 33 - LAGS["iet_engagement"], "residential"),), "apart"),
        ((), "apart"),
    ],
)
def test_what_is_not_settled_when_a_month_is_published_stands_apart(
    tmp_path: Path, after: tuple[Fact, ...], said: str
) -> None:
    """Engagement waits for the end of residential care: of a stay that goes on for long a publication says nothing."""
    with opened(tmp_path, NOW.date()) as services:
        for told in (*ADMITTED, *after):
            record(services.log, told)
        services.catch_up()
        with services.reads.reading() as connection:
            units = read_units(connection)[DIAGNOSED]
            assert [*read_outcomes(connection, "iet_engagement", units).values()] == [said]


def test_known_use_within_90_days_of_an_admission(tmp_path: Path) -> None:
    """On day 90 it counts; without it, who was seen on day 90 or later is told from whom nobody knows of."""

    def reports(days_ago: float, client: str) -> Fact:
        return fact(UseReported(substance="Alcohol", on=ago(days_ago).date()), ago(days_ago), client=client)

    def seen(days_ago: float, client: str) -> Fact:
        return fact(SessionAttended(kind="group", minutes=60), ago(days_ago), client=client)

    told = (
        *(starts(200, client=client) for client in "ABCD"),
        *(reports(110, "A"), reports(109, "B"), seen(110, "C"), seen(111, "D")),
    )
    with opened(tmp_path, NOW.date()) as services:
        for one in told:
            record(services.log, one)
        services.catch_up()
        with services.reads.reading() as connection:
            keys = read_units(connection)[ADMITTED_UNITS]
            found = read_outcomes(connection, "use_90", [*keys, "gone.residential.1"])
        names = services.log.references([unit.client for unit in keys.values()])
    said = {names[unit.client]: found[key] for key, unit in keys.items()}
    assert said == {"A": "use", "B": "seen", "C": "seen", "D": "lost"}
    assert found["gone.residential.1"] == "lost"
