"""Initiation and engagement at every edge of the text of NCQA IET (HEDIS MY 2025)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.events import ClientDied
from tests.projections.quality_facts import (
    MET,
    NOT_YET,
    UNMET,
    attends,
    diagnosed,
    given_dose,
    prescribed,
    rate,
)
from tests.projections.telling import ends, starts
from tests.spec import Fact, ago, fact

NEW = diagnosed(300)
INITIATION, ENGAGEMENT = "iet_initiation", "iet_engagement"
OUTPATIENT = "standard_outpatient"


def residential(first: float, last: float, **more: Any) -> tuple[Fact, Fact]:
    return starts(first, "residential", **more), ends(last, "residential")


def detox(first: float, last: float) -> tuple[Fact, Fact]:
    return starts(first, "medical_detox"), ends(last, "medical_detox")


class TestNewDiagnosis:
    """Of the 194 days before an episode, none has a diagnosis, a service or medication for it."""

    @pytest.mark.parametrize(("days", "found"), [(194, None), (195, UNMET)])
    def test_a_visit(self, days: int, found: Any) -> None:
        """An episode is new if nothing was in the 194 days before its date."""
        assert rate(INITIATION, attends(300 + days), NEW) == found

    @pytest.mark.parametrize(("days", "counted"), [(194, 1), (195, 2)])
    def test_a_diagnosis(self, days: int, counted: int) -> None:
        """An episode with a diagnosis in the 194 days before it is removed."""
        assert rate(INITIATION, diagnosed(300 + days), NEW) == (0, counted, 0)

    @pytest.mark.parametrize("event", [given_dose(400), prescribed(400)])
    def test_medication(self, event: Fact) -> None:
        """An episode with medication dispensed or given in the 194 days before it is removed."""
        assert rate(INITIATION, event, NEW) is None

    def test_a_day_in_residential_care(self) -> None:
        assert rate(INITIATION, *residential(600, 450), NEW) is None
        assert rate(INITIATION, *residential(600, 495), NEW) == UNMET

    def test_withdrawal_management_does_not_break_it(self) -> None:
        """Withdrawal management is not looked at when the time before is searched: neither the stay, nor what was done
        in it, nor a diagnosis made in it.
        """
        before = (*detox(400, 390), attends(395), given_dose(394), prescribed(393, "naltrexone", "antagonist"))
        assert rate(INITIATION, *before, NEW) == UNMET
        assert rate(INITIATION, *detox(400, 390), diagnosed(395), NEW) == (0, 2, 0)  # and that one is new as well

    def test_nor_do_alumni_meetings_and_the_start_of_an_outpatient_level(self) -> None:
        """Neither is treatment that somebody received."""
        assert rate(INITIATION, attends(310, kind="alumni_meeting"), starts(320), NEW) == UNMET

    def test_two_diagnoses_of_a_day_are_one_episode(self) -> None:
        """Of several episodes of one day only one is kept."""
        assert rate(INITIATION, NEW, diagnosed(299.9)) == UNMET

    def test_other_diagnoses_are_none(self) -> None:
        assert rate(INITIATION, diagnosed(300, "mental_health")) is None

    def test_it_counts_by_the_day_of_the_diagnosis(self) -> None:
        facts = (NEW, starts(295), attends(294), ends(200))
        period = {"start": ago(301).date(), "end": ago(299).date()}
        assert rate(INITIATION, *facts, **period) == MET
        assert rate(INITIATION, *facts, start=ago(210).date()) is None


class TestInitiation:
    """Within 14 days, the day of the diagnosis being the first."""

    @pytest.mark.parametrize(("day", "found"), [(0, MET), (13, MET), (14, UNMET)])
    def test_by_a_visit(self, day: int, found: Any) -> None:
        """A visit on the day of the episode or in the 13 days after it."""
        assert rate(INITIATION, NEW, starts(300 - day), attends(300 - day - 0.01)) == found

    @pytest.mark.parametrize(("day", "found"), [(0, MET), (13, MET), (14, UNMET)])
    def test_by_an_admission_to_residential_care(self, day: int, found: Any) -> None:
        """An inpatient admission, acute or not, initiates by itself."""
        assert rate(INITIATION, NEW, *residential(300 - day, 260)) == found

    @pytest.mark.parametrize(("day", "found"), [(0, MET), (13, MET), (14, UNMET)])
    def test_by_a_medication_event(self, day: int, found: Any) -> None:
        """Medication dispensed or given initiates as well."""
        assert rate(INITIATION, NEW, given_dose(300 - day)) == found
        assert rate(INITIATION, NEW, prescribed(300 - day)) == found

    def test_an_order_of_a_drug_whose_doses_are_recorded_is_no_event(self) -> None:
        """What counts is that it was dispensed or given."""
        assert rate(INITIATION, NEW, prescribed(295), given_dose(280, "Buprenorphine")) == UNMET
        assert rate(INITIATION, NEW, prescribed(295, "sertraline", "psychiatric")) == UNMET

    @pytest.mark.parametrize("level", ["partial_hospitalization", "intensive_outpatient", OUTPATIENT])
    def test_the_start_of_an_outpatient_level_is_no_visit(self, level: Any) -> None:
        """Outpatient visits, intensive outpatient and partial hospitalisation initiate by an encounter."""
        assert rate(INITIATION, NEW, starts(295, level)) == UNMET

    def test_an_alumni_meeting_is_no_visit(self) -> None:
        assert rate(INITIATION, NEW, attends(295, kind="alumni_meeting")) == UNMET

    def test_a_second_diagnosis_of_the_day_breaks_it_though_the_first_was_in_withdrawal_management(self) -> None:
        same_day = (*detox(402, 400.2), diagnosed(400.3), diagnosed(400.1))
        assert rate(INITIATION, *same_day, diagnosed(300)) == rate(INITIATION, *same_day)

    def test_an_admission_to_withdrawal_management_initiates_and_what_happens_within_does_not(self) -> None:
        """Any inpatient admission initiates, acute or not: only the time without leaves withdrawal management aside."""
        assert rate(INITIATION, NEW, *detox(299, 294)) == MET
        before = (diagnosed(299), *detox(301, 284), attends(297), given_dose(296))
        assert rate(INITIATION, *before) == UNMET
        assert rate(INITIATION, *before, *residential(286, 270)) == MET

    def test_it_is_settled_after_day_13(self) -> None:
        assert rate(INITIATION, diagnosed(13), attends(12)) == NOT_YET
        assert rate(INITIATION, diagnosed(14), attends(12)) == MET


class TestEngagement:
    """Two visits, or one with medication, or one long-acting dose, within 34 days of initiation."""

    BEGUN = (NEW, starts(295), attends(294.9))  # initiated on day 5, 295 days ago

    @pytest.mark.parametrize(
        ("days", "found"), [((0, 1), UNMET), ((1, 2), MET), ((1, 34), MET), ((1, 35), UNMET), ((34,), UNMET)]
    )
    def test_two_visits(self, days: tuple[int, ...], found: Any) -> None:
        """On the day after initiation to the 34th day after it."""
        begun = (NEW, attends(294))
        assert rate(ENGAGEMENT, *begun, *(attends(294 - day) for day in days)) == found

    @pytest.mark.parametrize(
        ("first", "second", "found"), [("a", "a", UNMET), ("a", "b", MET), ("a", None, UNMET), (None, None, UNMET)]
    )
    def test_two_visits_of_one_day(self, first: str | None, second: str | None, found: Any) -> None:
        """They count as two if they were with different providers; who is not known is not another."""
        visits = (attends(290.1, first), attends(290, second))
        assert rate(ENGAGEMENT, *self.BEGUN, *visits) == found

    def test_a_visit_and_a_medication_event_of_one_day_are_two(self) -> None:
        """For them it does not matter with whom they were."""
        assert rate(ENGAGEMENT, *self.BEGUN, attends(290), given_dose(290)) == MET
        assert rate(ENGAGEMENT, *self.BEGUN, attends(290), prescribed(261)) == MET
        assert rate(ENGAGEMENT, *self.BEGUN, attends(290), prescribed(260)) == UNMET

    def test_medication_alone_is_no_engagement(self) -> None:
        """Of the two at most one is a medication event: so the texts of earlier years; that of 2025 takes two (adapted)."""
        assert rate(ENGAGEMENT, *self.BEGUN, *(given_dose(290 - day) for day in range(5))) == UNMET

    @pytest.mark.parametrize(
        ("drug", "route", "found"),
        [
            ("naltrexone", "intramuscular", MET),
            ("Naltrexone", "injection", MET),
            ("Vivitrol", None, MET),
            ("extended-release naltrexone", None, MET),
            ("buprenorphine", "subcutaneous", MET),
            ("buprenorphine implant", None, MET),
            ("Sublocade", None, MET),
            ("naltrexone", "oral", UNMET),
            ("buprenorphine", "sublingual", UNMET),
            ("methadone", "intramuscular", UNMET),
        ],
    )
    def test_one_long_acting_dose(self, drug: str, route: str | None, found: Any) -> None:
        """One injection of naltrexone, or one injection or implant of buprenorphine, is engagement by itself."""
        assert rate(ENGAGEMENT, *self.BEGUN, given_dose(290, drug, route)) == found

    def test_the_long_acting_dose_that_initiates_does_not_engage(self) -> None:
        """It comes on the day after initiation or later."""
        dose = given_dose(295, "naltrexone", "injection")
        assert rate(ENGAGEMENT, NEW, dose) == UNMET
        assert rate(ENGAGEMENT, NEW, dose, given_dose(265, "naltrexone", "injection")) == MET

    @pytest.mark.parametrize("level", ["residential", "intensive_outpatient"])
    def test_the_start_of_a_level_is_no_visit(self, level: Any) -> None:
        """Visits engage; another admission is none here (adapted: the text takes an inpatient one)."""
        assert rate(ENGAGEMENT, *self.BEGUN, attends(290), starts(289, level)) == UNMET

    def test_nothing_of_withdrawal_management_engages(self) -> None:
        inside = (*detox(292, 285), attends(290), attends(288), given_dose(287))
        assert rate(ENGAGEMENT, *self.BEGUN, *inside) == UNMET
        assert rate(ENGAGEMENT, *self.BEGUN, *inside, attends(285), attends(284)) == MET

    @pytest.mark.parametrize(("days", "found"), [((0, 1), UNMET), ((1, 2), MET), ((1, 34), MET), ((1, 35), UNMET)])
    def test_after_residential_care_the_34_days_run_from_discharge(self, days: tuple[int, int], found: Any) -> None:
        """If initiation was an inpatient admission, the time for engagement begins on the day after discharge."""
        begun = (NEW, *residential(295, 235), attends(290), attends(280))
        visits = [attends(235 - day - 0.01) for day in days]
        assert rate(ENGAGEMENT, *begun, *visits) == found

    @pytest.mark.parametrize(("gap", "found"), [(0, MET), (1, MET), (2, UNMET)])
    def test_a_direct_transfer_moves_the_discharge(self, gap: int, found: Any) -> None:
        """Of direct transfers (at most one day between) the last discharge counts."""
        begun = (NEW, *residential(295, 260), *residential(260 - gap, 210))
        assert rate(ENGAGEMENT, *begun, attends(190), attends(189)) == found

    def test_until_discharge_and_34_days_after_it_is_not_yet_known(self) -> None:
        admitted = (diagnosed(200), starts(195, "residential"))
        assert rate(ENGAGEMENT, *admitted, attends(100), attends(50)) == NOT_YET
        left = (*admitted, ends(34, "residential"), attends(30), attends(29))
        assert rate(ENGAGEMENT, *left) == NOT_YET
        assert rate(ENGAGEMENT, *left, later=1) == MET

    def test_whoever_did_not_initiate_cannot_engage_and_is_settled_after_day_13(self) -> None:
        """Episodes that are not compliant for initiation are not for engagement."""
        assert rate(ENGAGEMENT, diagnosed(13)) == NOT_YET
        assert rate(ENGAGEMENT, diagnosed(14)) == UNMET
        assert rate(ENGAGEMENT, diagnosed(40), attends(34), attends(33), attends(32)) == NOT_YET

    def test_who_died_before_is_left_out(self) -> None:
        assert rate(ENGAGEMENT, *self.BEGUN, fact(ClientDied(), ago(270))) is None
        assert rate(ENGAGEMENT, *self.BEGUN, fact(ClientDied(), ago(250))) == UNMET
