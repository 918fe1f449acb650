"""When a level of care may start."""

from __future__ import annotations

import pytest
from care import IOP, assessed, ends, starts

from domain.events import AssessmentCompleted, LevelOfCareStarted, SoberLivingEntered
from domain.levels import LEVELS, Level
from tests.spec import ago, fact, given


def test_a_level_starts_after_an_assessment_that_recommends_it() -> None:
    given(assessed("residential")).when(starts("residential")).then(LevelOfCareStarted(level="residential"))


@pytest.mark.parametrize("level", [level for level in LEVELS if level != "alumni"])
def test_no_level_starts_without_an_assessment(level: Level) -> None:
    given().when(starts(level)).refused("full_assessment")


def test_alumni_starts_without_an_assessment() -> None:
    given().when(starts("alumni")).accepted()


def test_an_assessment_of_30_days_is_young_enough() -> None:
    given(assessed(days_ago=31)).when(starts(days_ago=1)).accepted()


def test_an_assessment_of_31_days_is_too_old() -> None:
    given(assessed(days_ago=32)).when(starts(days_ago=1)).refused("assessment_within_30_days").saying(
        "the latest assessment is 31 days old"
    )


def test_a_newer_assessment_stands_for_the_old_one() -> None:
    given(assessed(days_ago=90), assessed(days_ago=3)).when(starts()).accepted()


def test_an_assessment_made_after_the_start_does_not_count() -> None:
    given(assessed(days_ago=1)).when(starts(days_ago=2)).refused("full_assessment")


def test_the_assessment_must_recommend_this_level() -> None:
    outcome = given(assessed("residential")).when(starts("partial_hospitalization"))
    outcome.refused("assessment_recommends_level").saying("recommends Residential")


def test_the_latest_assessment_decides_by_clinical_time_and_not_by_when_it_was_charted() -> None:
    newest_charted_first = (assessed("residential", days_ago=2), assessed(IOP, days_ago=9))
    given(*newest_charted_first).when(starts("residential")).accepted()


def test_an_assessment_of_which_nothing_is_known_opens_no_level() -> None:
    unknown = fact(
        AssessmentCompleted.model_validate(
            {
                "assessor": "elsewhere",
                "edition": 4,
                "asam": [None] * 6,
                "recommended_level": "residential",
                "needs_24h_supervision": False,
                "mental_health_severity": "none",
                "home": "supportive",
                "substance_free_home": True,
                "motivated": True,
                "unrated": True,
            }
        ),
        ago(3),
    )
    given(unknown).when(starts("residential")).refused("full_assessment")


def test_no_second_level_while_one_is_open() -> None:
    chart = given(assessed("residential"), starts("residential", 10))
    chart.when(starts("residential")).refused("no_other_level_open").saying("Residential has been open for 9 days")


def test_a_methadone_programme_may_run_beside_iop() -> None:
    chart = given(assessed("standard_outpatient"), starts(IOP, 10))
    chart.when(starts("standard_outpatient", concurrent=True)).accepted()


def test_alumni_may_run_beside_treatment() -> None:
    given(assessed(), starts(days_ago=10)).when(starts("alumni")).accepted()


def test_a_level_may_start_the_moment_the_other_ends() -> None:
    chart = given(assessed("residential"), starts("residential", 10), ends("residential", 2))
    chart.when(starts("residential", 2)).accepted()


def test_a_start_charted_late_may_not_run_into_a_later_stay() -> None:
    chart = given(assessed("residential", 25), starts("residential", 5))
    chart.when(starts("residential", 20)).refused("levels_do_not_overlap")


class TestIntensiveOutpatient:
    """The five criteria of the provider's guide."""

    def test_all_five_met(self) -> None:
        given(assessed()).when(starts()).then(LevelOfCareStarted(level=IOP))

    @pytest.mark.parametrize("prior", ["medical_detox", "residential", "partial_hospitalization"])
    def test_a_completed_prior_level_counts_without_a_waiver(self, prior: Level) -> None:
        chart = given(assessed(completed_prior_level=None), starts(prior, 15), ends(prior, 5))
        chart.when(starts()).accepted()

    def test_a_prior_level_that_was_left_does_not_count(self) -> None:
        left = ends("residential", 5, "left_against_advice")
        chart = given(assessed(completed_prior_level=False), starts("residential", 15), left)
        chart.when(starts()).refused("prior_level_completed")

    def test_standard_outpatient_is_no_prior_level(self) -> None:
        before = (starts("standard_outpatient", 15), ends("standard_outpatient", 5))
        given(assessed(completed_prior_level=None), *before).when(starts()).refused("prior_level_completed")

    def test_no_need_of_24_hour_supervision(self) -> None:
        given(assessed(needs_24h_supervision=True)).when(starts()).refused("no_24h_supervision")

    @pytest.mark.parametrize("severity", ["none", "mild", "moderate"])
    def test_mental_health_severity_up_to_moderate(self, severity: str) -> None:
        given(assessed(mental_health_severity=severity)).when(starts()).accepted()

    def test_severe_mental_health_is_refused(self) -> None:
        given(assessed(mental_health_severity="severe")).when(starts()).refused("mental_health_none_to_moderate")

    @pytest.mark.parametrize("home", ["unsupportive", "unhoused"])
    def test_refuse_iop_for_an_unsupportive_home(self, home: str) -> None:
        outcome = given(assessed(home=home)).when(starts())
        outcome.refused("supportive_substance_free_home").saying(f"home is {home}")

    def test_refuse_iop_for_a_home_with_substances_in_it(self) -> None:
        given(assessed(substance_free_home=False)).when(starts()).refused("supportive_substance_free_home")

    def test_sober_living_stands_for_a_supportive_home(self) -> None:
        given(assessed(home="sober_living")).when(starts()).accepted()
        given(assessed(home="unhoused")).when(starts(living="sober_living")).accepted()
        moved_in = fact(SoberLivingEntered(house="North house"), ago(2))
        given(assessed(home="unsupportive"), moved_in).when(starts()).accepted()

    def test_refuse_iop_without_motivation(self) -> None:
        given(assessed(motivated=False)).when(starts()).refused("motivated")

    def test_every_unmet_criterion_is_named_at_once(self) -> None:
        worst = assessed(
            days_ago=40,
            completed_prior_level=False,
            needs_24h_supervision=True,
            mental_health_severity="severe",
            home="unhoused",
            motivated=False,
        )
        given(worst).when(starts()).refused(
            "assessment_within_30_days",
            "prior_level_completed",
            "no_24h_supervision",
            "mental_health_none_to_moderate",
            "supportive_substance_free_home",
            "motivated",
        )


class TestOverride:
    """A clinician may let a refused start through, and says why."""

    def test_by_a_clinician_with_a_reason(self) -> None:
        start = starts(override_reason="bed closed, risk reviewed")
        drafts = given(assessed(home="unhoused")).when(start).accepted().drafts
        assert [draft.event for draft in drafts] == [start.event]
        assert start.event.overridden  # type: ignore[attr-defined]

    @pytest.mark.parametrize("role", ["intake", "admin", "system"])
    def test_by_nobody_else(self, role: str) -> None:
        start = starts(override_reason="bed closed")
        outcome = given(assessed(home="unhoused")).when(start, by=role)
        outcome.refused("supportive_substance_free_home", "override_by_clinician").saying(f"the role is {role}")

    def test_even_without_any_assessment(self) -> None:
        given().when(starts("residential", override_reason="emergency")).accepted()

    def test_but_never_over_an_open_level(self) -> None:
        chart = given(assessed("residential"), starts("residential", 10))
        chart.when(starts(IOP, override_reason="both please")).refused("no_other_level_open")

    def test_a_needless_reason_does_no_harm(self) -> None:
        given(assessed()).when(starts(override_reason="to be sure"), by="intake").accepted()
