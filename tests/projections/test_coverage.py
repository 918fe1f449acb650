"""Days of medication: what one entry covers, what is carried forward, and how far a prescription reaches."""

from __future__ import annotations

from typing import Any

import pytest

from domain.events import ClientDied, MedicationGiven, MedicationStarted, MedicationStopped, SessionAttended
from projections.chart import Chart
from projections.clinical.coverage import coverage
from projections.clinical.periods import Span, periods
from projections.clinical.products import days_covered, ingredient
from tests.projections.telling import ends, starts
from tests.spec import Fact, ago, entries, fact

BASE = ago(400).date().toordinal()


def given(day: float, drug: str = "buprenorphine", **more: Any) -> Fact:
    """A dose or supply so many days after the first day of these histories."""
    return fact(MedicationGiven(drug=drug, **more), ago(400 - day))


def ordered(day: float, drug: str = "buprenorphine", kind: str = "partial_agonist") -> Fact:
    return fact(MedicationStarted.model_validate({"drug": drug, "class": kind}), ago(400 - day))


def stopped(day: float, drug: str = "buprenorphine") -> Fact:
    return fact(MedicationStopped(drug=drug), ago(400 - day))


def spans(*facts: Fact) -> list[Span]:
    return coverage(Chart("c" * 32, len(facts), entries(list(facts))))


def days(*facts: Fact) -> list[tuple[int, int]]:
    """(first day, day it ends) of each period, from the first day of the history."""
    return [(one.first - BASE, one.end - BASE) for one in periods(spans(*facts))]


class TestWhatOneEntryCovers:
    """By product and route, whole words alone."""

    @pytest.mark.parametrize(
        ("expected", "drug", "said"),
        [
            (1, "methadone", {"dose_mg": 80, "route": "oral"}),
            (1, "methadone", {}),
            (6, "Methadone", {"days_supply": 6}),
            (1, "buprenorphine", {"dose_mg": 16, "route": "sublingual"}),
            (7, "Suboxone", {"dose_mg": 16, "days_supply": 7}),
            (1, "naltrexone", {"dose_mg": 50, "route": "oral"}),
            (30, "naltrexone", {"dose_mg": 50, "days_supply": 30}),
            (0, "methadone", {"dose_mg": 0}),
            (1, "naltrexone", {"route": "implausible"}),
        ],
    )
    def test_by_mouth_a_day_each_or_the_days_dispensed(self, expected: int, drug: str, said: dict[str, Any]) -> None:
        """CBE 3175: a claim covers the days of its supply, what is dispensed in the clinic counts by its days."""
        assert days_covered(MedicationGiven(drug=drug, **said)) == expected

    @pytest.mark.parametrize(
        ("expected", "drug", "said"),
        [
            (31, "naltrexone", {"route": "injection"}),
            (31, "Vivitrol", {"dose_mg": 380}),
            (31, "naltrexone 380 MG", {"route": "Intramuscular route"}),
            (31, "buprenorphine", {"route": "subcutaneous", "dose_mg": 300}),
            (31, "Sublocade", {"dose_mg": 100}),
            (31, "Brixadi monthly", {"dose_mg": 64}),
            (31, "Brixadi", {"dose_mg": 128}),
            (31, "buprenorphine extended-release injection", {}),
            (31, "Extended-release naltrexone", {}),
            (7, "Brixadi weekly", {}),
            (7, "Brixadi", {"dose_mg": 24}),
            (7, "buprenorphine", {"route": "subcutaneous", "dose_mg": 16}),
            (7, "buprenorphine", {"route": "SC, weekly"}),
            (31, "naltrexone", {"route": "IM weekly"}),
            (28, "Sublocade", {"dose_mg": 300, "days_supply": 28}),
            (1, "methadone", {"route": "injection"}),
        ],
    )
    def test_an_injection_by_product(self, expected: int, drug: str, said: dict[str, Any]) -> None:
        """POD: 31 days for an injection without days of its own, 7 for the weekly product; its own days go before."""
        assert days_covered(MedicationGiven(drug=drug, **said)) == expected

    @pytest.mark.parametrize(("drug", "route"), [("Probuphine", None), ("buprenorphine", "subdermal implant")])
    def test_an_implant(self, drug: str, route: str | None) -> None:
        """POD: an implant is 180 days."""
        assert days_covered(MedicationGiven(drug=drug, route=route)) == 180

    def test_an_ingredient_is_named_by_whole_words(self) -> None:
        assert ingredient("Buprenorphine / Naloxone 8 MG") == ingredient("suboxone") == "buprenorphine"
        assert ingredient("Methadone/Naltrexone ") == "methadone/naltrexone"
        assert ingredient("methadonelike") == "methadonelike"


class TestWhichDosesCount:
    """Medication for addiction treatment, by what was ordered or by its name."""

    def test_a_dose_without_an_order_counts_by_its_name(self) -> None:
        assert days(given(0, "methadone")) == [(0, 1)]
        assert days(given(0, "diazepam")) == []

    def test_what_was_ordered_for_something_else_alone_does_not(self) -> None:
        assert days(ordered(0, "methadone", "other"), given(0.1, "methadone")) == []
        assert days(ordered(0, "LAAM", "agonist"), given(0.1, "LAAM")) == [(0, 1)]

    def test_a_dose_of_nothing_covers_nothing(self) -> None:
        assert days(given(0, dose_mg=0)) == []


class TestPeriods:
    """A gap of at most 7 days does not end a period (CBE 3175); one of 8 does (POD)."""

    @pytest.mark.parametrize(("day", "found"), [(8, [(0, 9)]), (9, [(0, 1), (9, 10)])])
    def test_gaps_of_7_and_8_days(self, day: int, found: Any) -> None:
        """3175: without a gap of more than seven days. POD: no gap of eight or more days in a row."""
        assert days(given(0), given(day)) == found

    @pytest.mark.parametrize(("day", "found"), [(14, [(0, 21)]), (15, [(0, 7), (15, 22)])])
    def test_weekly_injections(self, day: int, found: Any) -> None:
        """Seven days each, then the same gap."""
        said = {"drug": "Brixadi weekly"}
        assert days(given(0, **said), given(day, **said)) == found

    @pytest.mark.parametrize(("day", "found"), [(38, [(0, 69)]), (39, [(0, 31), (39, 70)])])
    def test_monthly_injections(self, day: int, found: Any) -> None:
        """31 days each, then the same gap."""
        said = {"drug": "naltrexone", "route": "injection"}
        assert days(given(0, **said), given(day, **said)) == found

    def test_six_days_to_take_home_after_a_dose_on_site(self) -> None:
        """Take-home doses as dispensed: a dose today and six bottles are seven days."""
        week = (given(0, "methadone"), given(0.1, "methadone", days_supply=6))
        assert days(*week) == [(0, 7)]
        assert days(*reversed(week)) == [(0, 7)]
        assert days(*week, given(14, "methadone")) == [(0, 15)]
        assert days(*week, given(15, "methadone")) == [(0, 7), (15, 16)]

    def test_two_drugs_bridge_each_other(self) -> None:
        """Both sources: any medication for the disorder; a change of drug is no gap."""
        assert days(given(0, "methadone", days_supply=10), given(17, "buprenorphine", days_supply=5)) == [(0, 22)]


class TestCarriedForward:
    """CBE 3175: the surplus of overlapping supplies accumulates; that of doses in the clinic and injections does not."""

    def test_an_early_refill_lasts_as_long_as_both(self) -> None:
        assert days(given(0, days_supply=30), given(20, days_supply=30)) == [(0, 60)]
        assert days(given(0, days_supply=30), given(20, "methadone", days_supply=30)) == [(0, 60)]

    def test_a_dose_on_site_uses_up_no_bottle(self) -> None:
        assert days(given(0, days_supply=6), given(2), given(3)) == [(0, 8)]

    def test_an_injection_is_carried_nowhere_and_carries_nothing(self) -> None:
        assert days(given(0, "Sublocade"), given(20, days_supply=30)) == [(0, 50)]
        assert days(given(0, days_supply=30), given(20, "Sublocade")) == [(0, 51)]
        assert days(given(0, "Sublocade"), given(20, "Sublocade")) == [(0, 51)]
        assert days(given(0, "Sublocade", days_supply=28), given(20, "Sublocade", days_supply=28)) == [(0, 48)]


class TestPrescriptions:
    """They cover days for a drug without any dose on record, as far as the record can tell."""

    STAY = (starts(401),)

    def test_from_start_to_stop(self) -> None:
        assert days(*self.STAY, ordered(0), stopped(180)) == [(0, 180)]

    def test_a_drug_with_a_dose_is_judged_by_its_doses_alone(self) -> None:
        assert days(*self.STAY, ordered(0, "Suboxone"), given(5, "buprenorphine")) == [(5, 6)]
        assert days(ordered(0), given(300)) == [(300, 301)]
        both = (ordered(0), stopped(50), ordered(10, "methadone", "agonist"), given(11, "methadone"))
        assert days(*self.STAY, *both) == [(0, 50)]

    def test_without_a_stop_it_lasts_to_the_end_of_the_last_stay(self) -> None:
        [span] = spans(*self.STAY, ordered(0), ends(300))
        assert (span.first - BASE, span.end - BASE, span.latest - BASE, span.is_open) == (0, 100, 100, True)

    def test_while_a_stay_is_open_as_far_as_the_client_was_seen(self) -> None:
        """Nothing comes out of an absence: what nobody saw may be covered, and is not for sure."""
        [alone] = spans(*self.STAY, ordered(0))
        assert (alone.end - BASE, alone.latest > BASE + 10_000) == (0, True)
        [seen] = spans(*self.STAY, ordered(0), fact(SessionAttended(kind="group", minutes=60), ago(200)))
        assert seen.end - BASE == 200

    def test_one_after_the_last_stay_or_without_a_stay_covers_nothing_for_sure(self) -> None:
        for history in ((starts(410), ends(405), ordered(0), stopped(200)), (ordered(0),)):
            [span] = spans(*history)
            assert (span.end == span.first, span.latest > span.first + 10_000) == (True, True)

    def test_one_at_the_moment_of_the_end_is_after_it(self) -> None:
        assert days(starts(410), ends(400), ordered(0), stopped(200)) == []
        assert days(starts(410), ends(399.9), ordered(0), stopped(200)) == [(0, 200)]

    def test_death_ends_what_covers(self) -> None:
        died = fact(ClientDied(), ago(370))
        assert days(given(0, "Probuphine"), died) == [(0, 30)]
        assert days(*self.STAY, ordered(0), died) == [(0, 30)]
        assert [span.latest - BASE for span in spans(ordered(0), died)] == [30]
