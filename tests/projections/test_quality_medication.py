"""180 days of medication (CBE 3175; NCQA POD) and ever dosed: each edge on a history that a reader can count."""

from __future__ import annotations

from typing import Any

import pytest

from domain.events import ClientDied, MedicationGiven, MedicationStarted, MedicationStopped, SessionAttended
from projections.chart import Chart
from projections.drilldown.evidence_services import index
from tests.projections.telling import answers, ends, starts
from tests.spec import Fact, ago, entries, fact

STAY = (starts(500, program="otp", site="north"),)
NUMBERS = ("numerator", "denominator", "not_yet", "unknown", "never_observed", "open_prescriptions")
MET, UNMET, UNKNOWN, NOT_YET = (1, 1, 0, 0), (0, 1, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0)


def given(days_ago: float, drug: str = "methadone", client: str = "C-1", **more: Any) -> Fact:
    return fact(MedicationGiven(drug=drug, **more), ago(days_ago), client=client)


def prescribed(
    days_ago: float, drug: str = "buprenorphine", kind: str = "partial_agonist", client: str = "C-1"
) -> Fact:
    return fact(MedicationStarted.model_validate({"drug": drug, "class": kind}), ago(days_ago), client=client)


def stopped(days_ago: float, drug: str = "buprenorphine") -> Fact:
    return fact(MedicationStopped(drug=drug), ago(days_ago))


def seen(days_ago: float) -> Fact:
    return fact(SessionAttended(kind="individual", minutes=30), ago(days_ago))


def numbers(measure: str, *facts: Fact, **params: Any) -> tuple[int, ...] | None:
    """The numbers of the one row of a measure, or None where nobody is in it."""
    rows = answers("quality", *facts, measure=measure, **params)
    assert len(rows) <= 1
    return tuple(rows[0][name] for name in NUMBERS) if rows else None


def rate(measure: str, *facts: Fact, **params: Any) -> tuple[int, ...] | None:
    """(numerator, denominator, not yet, unknown)."""
    found = numbers(measure, *facts, **params)
    return found[:4] if found else None


def daily(first: int, days: int, drug: str = "methadone") -> list[Fact]:
    """Supplies that cover exactly so many days from ``first`` days ago on, 30 at most each."""
    return [
        given(first - day, drug, days_supply=min(30, days - day)) for day in range(0, days, 30)
    ]  # fmt: skip


@pytest.mark.parametrize("measure", ["medication_180", "pod_180"])
class TestBothOf180Days:
    """What CBE 3175 and POD say alike."""

    @pytest.mark.parametrize(("days", "found"), [(180, MET), (179, UNMET)])
    def test_179_and_180_days(self, measure: str, days: int, found: Any) -> None:
        """Both: at least 180 days, counted from the first covered day to the last."""
        assert rate(measure, *STAY, *daily(400, days)) == found

    @pytest.mark.parametrize(("gap", "found"), [(7, MET), (8, UNMET)])
    def test_a_gap_of_7_and_of_8_days(self, measure: str, gap: int, found: Any) -> None:
        """3175: no gap of more than seven days. POD: no gap of eight or more days."""
        assert rate(measure, *STAY, *daily(450, 90), *daily(450 - 90 - gap, 100)) == found

    def test_two_drugs_bridge(self, measure: str) -> None:
        """Any medication for the disorder: a change of drug is no gap."""
        assert rate(measure, *STAY, *daily(400, 90), *daily(305, 90, "naltrexone")) == MET

    def test_injections_and_implants(self, measure: str) -> None:
        """31 days an injection, 7 a weekly one, 180 an implant."""
        monthly = [given(400 - 38 * n, "Sublocade") for n in range(5)]
        weekly = [given(400 - 14 * n, "Brixadi weekly") for n in range(14)]
        assert rate(measure, *STAY, *monthly) == MET
        assert rate(measure, *STAY, *monthly[:4]) == UNMET
        assert rate(measure, *STAY, *weekly) == MET
        assert rate(measure, *STAY, *weekly[:13]) == UNMET
        assert rate(measure, *STAY, given(400, "Probuphine")) == MET

    def test_weekly_visits_with_six_days_to_take_home(self, measure: str) -> None:
        """Take-home doses count as they were dispensed."""
        weeks = [one for n in range(26) for one in (given(400 - 7 * n), given(399.9 - 7 * n, days_supply=6))]
        assert rate(measure, *STAY, *weeks) == MET
        assert rate(measure, *STAY, *weeks[:50]) == UNMET

    def test_a_window_that_has_not_passed_is_in_no_rate(self, measure: str) -> None:
        """3175: the first claim lies at least 180 days before the end of follow-up."""
        assert rate(measure, *STAY, given(180, "Probuphine")) == NOT_YET
        assert rate(measure, *STAY, given(180, "Probuphine"), later=1) == MET
        assert rate(measure, *STAY, given(100)) == NOT_YET

    def test_who_died_before_it_could_come_is_left_out(self, measure: str) -> None:
        assert rate(measure, *STAY, given(400, "Probuphine"), fact(ClientDied(), ago(300))) is None
        assert rate(measure, *STAY, *daily(400, 20), fact(ClientDied(), ago(100))) == UNMET

    def test_a_prescription_counts_for_a_drug_without_any_dose_alone(self, measure: str) -> None:
        """A prescription is no claim where doses are recorded: those are judged alone."""
        order = (*STAY, prescribed(400), stopped(200))
        assert rate(measure, *order) == MET
        assert rate(measure, *order, given(390, "Suboxone")) == UNMET

    def test_what_rests_on_a_prescription_without_a_stop_is_said(self, measure: str) -> None:
        assert numbers(measure, *STAY, prescribed(400), seen(300), ends(220)) == (1, 1, 0, 0, 0, 1)
        assert numbers(measure, *STAY, prescribed(400), seen(300), ends(221)) == (0, 1, 0, 0, 0, 1)
        assert numbers(measure, *STAY, prescribed(400), stopped(200)) == (1, 1, 0, 0, 0, 0)

    def test_an_open_prescription_reaches_as_far_as_the_client_was_seen(self, measure: str) -> None:
        """Never a success out of an absence: nobody knows whether who was not seen again still took it."""
        assert rate(measure, *STAY, prescribed(400)) == UNKNOWN
        assert rate(measure, *STAY, prescribed(400), seen(221)) == UNKNOWN
        assert rate(measure, *STAY, prescribed(400), seen(220)) == MET
        assert rate(measure, *STAY, prescribed(400), ends(300)) == UNMET

    def test_after_the_last_stay_or_without_one_it_is_unknown(self, measure: str) -> None:
        """Neither success nor failure: it was filled elsewhere, or not at all."""
        left = (starts(450), ends(420))
        assert rate(measure, *left, prescribed(400)) == UNKNOWN
        assert rate(measure, *left, prescribed(400), stopped(100)) == UNKNOWN
        assert rate(measure, prescribed(400)) == UNKNOWN
        assert rate(measure, given(400)) == UNMET

    def test_it_belongs_to_the_stay_open_at_its_moment(self, measure: str) -> None:
        """Half-open, of several the one begun last: never to the one that ended that morning."""
        stays = (
            starts(450, "residential"), ends(400.2, "residential"),
            starts(410, concurrent=True), starts(400.1, "intensive_outpatient"),
        )  # fmt: skip
        rows = answers("quality", *stays, given(400), measure=measure, by=("level",))
        assert [row["level"] for row in rows] == ["intensive_outpatient"]


class TestCbe3175:
    """Each client once."""

    def test_one_row_a_client_by_the_first(self) -> None:
        """3175 counts people: one period of 180 days is enough, whichever it is."""
        assert rate("medication_180", *STAY, *daily(480, 20), *daily(400, 180)) == MET
        assert rate("medication_180", *STAY, *daily(480, 20), *daily(400, 20)) == UNMET

    def test_a_later_period_is_met_once_its_180_days_have_passed(self) -> None:
        """What was supplied for days to come is no treatment yet."""
        assert rate("medication_180", *STAY, *daily(480, 20), given(100, "Probuphine")) == NOT_YET
        assert rate("medication_180", *STAY, *daily(480, 20), given(100, "Probuphine"), later=81) == MET


class TestPod:
    """New periods, each once."""

    @pytest.mark.parametrize(("without", "periods"), [(30, 1), (31, 2)])
    def test_a_period_is_new_after_31_days_without(self, without: int, periods: int) -> None:
        """POD: no medication for the disorder in the 31 days before the event."""
        later = daily(480 - 20 - without, 10)
        assert rate("pod_180", *STAY, *daily(480, 20), *later) == (0, periods, 0, 0)

    def test_only_the_period_that_is_new_counts(self) -> None:
        """POD: 180 days from the event on; what follows a gap of eight days is no success of it, and no new event."""
        assert rate("pod_180", *STAY, *daily(480, 20), *daily(450, 200)) == UNMET
        assert rate("pod_180", *STAY, *daily(480, 20), *daily(420, 200)) == (1, 2, 0, 0)


class TestEverDosed:
    """Induction: of those prescribed or randomised, who ever had a dose of that drug."""

    def test_a_dose_on_that_day_or_later(self) -> None:
        assert rate("ever_dosed", *STAY, prescribed(400), given(399.9, "buprenorphine")) == MET
        assert rate("ever_dosed", *STAY, prescribed(400), given(200, "Suboxone")) == MET
        assert rate("ever_dosed", *STAY, prescribed(400), given(401, "buprenorphine")) == UNMET
        assert rate("ever_dosed", *STAY, prescribed(400), given(390, "methadone")) == UNMET

    def test_each_drug_once(self) -> None:
        orders = (prescribed(400), stopped(350), prescribed(340), prescribed(330, "methadone", "agonist"))
        assert rate("ever_dosed", *STAY, *orders, given(320)) == (1, 2, 0, 0)
        assert rate("ever_dosed", *STAY, prescribed(400, "sertraline", "psychiatric")) is None

    def test_it_is_asked_once_30_days_have_passed(self) -> None:
        assert rate("ever_dosed", *STAY, prescribed(30), given(29, "buprenorphine")) == NOT_YET
        assert rate("ever_dosed", *STAY, prescribed(31), given(29, "buprenorphine")) == MET

    def test_without_any_dose_on_record_nobody_knows(self) -> None:
        """Never 0 % out of an absence: no dose of anything may mean that none is written down here."""
        [row] = answers("quality", *STAY, prescribed(400), seen(300), measure="ever_dosed")
        assert (row["numerator"], row["denominator"], row["never_observed"], row["share"]) == (0, 1, 1, None)
        other = (starts(400, client="C-2"), prescribed(300, client="C-2"), given(299, "Suboxone", "C-2"))
        [row] = answers("quality", *STAY, prescribed(400), *other, measure="ever_dosed")
        assert (row["numerator"], row["denominator"], row["never_observed"], row["share"]) == (1, 2, 1, 0.5)

    def test_randomised_to_a_program_that_names_the_drug(self) -> None:
        """Without an order as well; with one it is the same drug, and another program says nothing of drugs."""
        lot = starts(400, randomized=True, program="Methadone")
        assert rate("ever_dosed", lot, given(399)) == MET
        assert rate("ever_dosed", lot, seen(390)) == UNMET
        assert rate("ever_dosed", lot, prescribed(400, "methadone", "agonist"), given(399)) == MET
        assert rate("ever_dosed", lot, prescribed(380, "methadone", "agonist"), given(390)) == MET
        assert rate("ever_dosed", starts(400, program="Methadone"), given(399)) is None
        assert rate("ever_dosed", starts(400, randomized=True, program="Evening IOP"), given(399)) is None
        assert opened("ever_dosed", 400, lot, given(399)) == [("LevelOfCareStarted", 400), ("MedicationGiven", 399)]

    def test_prescribed_after_the_last_stay_is_unknown(self) -> None:
        assert rate("ever_dosed", starts(450), ends(420), prescribed(400)) == UNKNOWN
        assert rate("ever_dosed", starts(450), ends(420), prescribed(400), given(390, "buprenorphine")) == MET


def opened(measure: str, days_ago: int, *facts: Fact) -> list[tuple[str, int]]:
    """(type, days ago) of the entries behind the row whose index lies so many days ago."""
    chart = Chart("c" * 32, len(facts), entries(list(facts)))
    case = {"measure": measure, "index_day": ago(days_ago).date().toordinal(), "due_day": 0}
    found = {entry.event_id: entry for _, entry in index(chart, None, "numerator", case)}
    today = ago(0).date().toordinal()
    return [(entry.type, today - entry.day) for entry in found.values()]


class TestEvidence:
    """A row opens to the first and last dose of its period, and to the prescriptions that it rests on."""

    def test_doses_of_the_period_that_was_long_enough(self) -> None:
        told = (*STAY, *daily(480, 20), *daily(400, 180))
        assert opened("medication_180", 480, *told) == [("MedicationGiven", 400), ("MedicationGiven", 250)]
        assert opened("pod_180", 480, *told) == [("MedicationGiven", 480)]
        assert opened("pod_180", 400, *told) == [("MedicationGiven", 400), ("MedicationGiven", 250)]

    def test_prescriptions_with_their_stops(self) -> None:
        told = (*STAY, prescribed(400), stopped(300))
        assert opened("medication_180", 400, *told) == [("MedicationStarted", 400), ("MedicationStopped", 300)]

    def test_ever_dosed_the_order_and_the_first_dose(self) -> None:
        told = (*STAY, prescribed(400), given(390, "buprenorphine"), given(380, "buprenorphine"))
        assert opened("ever_dosed", 400, *told) == [("MedicationStarted", 400), ("MedicationGiven", 390)]
