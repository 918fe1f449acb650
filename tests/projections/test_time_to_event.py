"""Time to event: hand-made journeys to the day, and random ones against lifelines."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from domain.events import (
    ClientDied,
    DiagnosisRecorded,
    DrugScreenResulted,
    EntryRetracted,
    LapseRecorded,
    MedicationGiven,
    MedicationStarted,
    ReferralReceived,
    SessionAttended,
    UseReported,
)
from domain.levels import LEVELS, Level
from infra.reporting.reports import ReportParams, check_asked
from projections.filters import FilterError
from projections.time_to_event import usual
from projections.time_to_event.definition import Endpoint
from tests.depth import cases
from tests.projections.telling import answers, ends, starts
from tests.spec import Fact, ago, fact

LIFELINES: Any = import_module("lifelines")
LIFELINES_STATISTICS: Any = import_module("lifelines.statistics")

ADMITTED = starts(100, "residential", site="North")


def attends(days_ago: float, client: str = "C-1") -> Fact:
    return fact(SessionAttended(kind="group", minutes=60), ago(days_ago), client=client)


def reports(days_ago: float, substance: str = "Opioid", client: str = "C-1", told: float | None = None) -> Fact:
    on = ago(days_ago).date()
    return fact(UseReported(substance=substance, on=on), ago(days_ago if told is None else told), client=client)


def screened(days_ago: float, *positive: str, **more: Any) -> Fact:
    return fact(DrugScreenResulted(specimen="urine", positive=positive, **more), ago(days_ago))


def prescribed(days_ago: float, drug: str = "buprenorphine", kind: str = "partial_agonist") -> Fact:
    return fact(MedicationStarted.model_validate({"drug": drug, "class": kind}), ago(days_ago))


def dosed(days_ago: float, drug: str = "buprenorphine") -> Fact:
    return fact(MedicationGiven(drug=drug), ago(days_ago))


def rows(*facts: Fact, later: int = 0, by: tuple[str, ...] = ("all",), **asked: Any) -> list[dict[str, Any]]:
    names = ("start", "event", "substance", "censor", "competing")
    endpoint = Endpoint(**{name: asked.pop(name) for name in names if name in asked})
    return answers("time-to-event", *facts, later=later, by=by, endpoint=endpoint, **asked)


def came(*facts: Fact, **asked: Any) -> int | None:
    """The day of one client's event, or None where none came."""
    (row,) = rows(*facts, **asked)
    return row["median_days"] if row["events"] else None


def lasted(*facts: Fact, **asked: Any) -> int:
    """How long a client without the event was followed."""
    found = rows(*facts, show="curve", **asked)
    (row,) = [row for row in found if row["censored"]]
    return row["day"]


class TestStarts:
    """Where the clock starts, each from the moment of its entry."""

    def test_the_first_admission_that_fits_counts_once(self) -> None:
        again = (ends(80, "residential"), starts(50, "residential"))
        (row,) = rows(ADMITTED, *again, reports(40))
        assert (row["clients"], row["events"], row["median_days"]) == (1, 1, 60)

    def test_a_period_means_the_start(self) -> None:
        again = (ends(80, "residential"), starts(50, "residential"), reports(40))
        assert came(ADMITTED, *again) == 60
        (row,) = answers("time-to-event", ADMITTED, *again, by=("all",), start=ago(60).date())
        assert row["median_days"] == 10

    def test_of_a_level_by_its_filter_and_alumni_only_when_asked(self) -> None:
        facts = (ADMITTED, ends(80, "residential"), starts(70, "alumni"), reports(60))
        assert [row["level"] for row in rows(*facts, by=("level",))] == ["residential"]
        (row,) = rows(*facts, by=("level",), where={"level": "alumni"})
        assert row["median_days"] == 10

    def test_discharge_but_not_by_death(self) -> None:
        left = (ADMITTED, ends(80, "residential", reason="left_against_advice"))
        assert came(*left, reports(75), start="discharge") == 5
        assert not rows(ADMITTED, fact(ClientDied(), ago(80)), start="discharge")

    def test_what_happened_before_on_the_day_of_discharge_is_not_after_it(self) -> None:
        left = (ADMITTED, ends(80, "residential"))
        assert came(*left, attends(80.1), start="discharge", event="session") is None
        assert came(*left, attends(79.9), start="discharge", event="session") == 0

    def test_diagnosis_medication_and_first_contact(self) -> None:
        diagnosed = fact(DiagnosisRecorded(icd10="F11.20", category="substance_use"), ago(120))
        assert came(diagnosed, ADMITTED, start="diagnosis", event="any_level") == 20
        assert came(prescribed(90), dosed(87), start="medication_started", event="medication_given") == 3
        assert (
            came(
                fact(ReferralReceived(referrer="x", referral_kind="self"), ago(130)),
                ADMITTED,
                start="first_contact",
                event="level:residential",
            )
            == 30
        )

    def test_another_diagnosis_or_drug_starts_nothing(self) -> None:
        other = fact(DiagnosisRecorded(icd10="F32.1", category="mental_health"), ago(120))
        assert not rows(other, ADMITTED, start="diagnosis", event="session")
        assert not rows(prescribed(90, "sertraline", "psychiatric"), start="medication_started", event="session")

    def test_randomization(self) -> None:
        by_lot = starts(100, randomized=True, program="Methadone")
        (row,) = rows(by_lot, dosed(98, "methadone"), start="randomization", event="medication_given", by=("program",))
        assert (row["program"], row["median_days"]) == ("Methadone", 2)
        assert not rows(starts(100), start="randomization", event="session")

    def test_a_start_belongs_to_the_stay_open_at_its_moment(self) -> None:
        facts = (ADMITTED, ends(80.0, "residential"), starts(80.0, "intensive_outpatient"))
        diagnosed = fact(DiagnosisRecorded(icd10="F11.20", category="substance_use"), ago(80.0))
        (row,) = rows(*facts, diagnosed, start="diagnosis", event="session", by=("level",))
        assert row["level"] == "intensive_outpatient"


class TestEvents:
    """What stops the clock."""

    def test_use_is_the_first_of_report_and_screen_and_day_0_counts(self) -> None:
        assert came(ADMITTED, reports(90), screened(95, "Opioid")) == 5
        assert came(ADMITTED, reports(95), screened(90, "Opioid")) == 5
        assert came(ADMITTED, reports(100)) == 0
        assert came(ADMITTED, reports(95), screened(90, "Opioid"), event="positive_screen") == 10
        assert came(ADMITTED, reports(95), screened(97, "Opioid"), event="reported_use") == 5

    def test_a_report_counts_on_the_day_that_it_is_about(self) -> None:
        assert came(ADMITTED, reports(93, told=20)) == 7
        assert came(ADMITTED, reports(101, told=20)) is None

    def test_what_is_prescribed_is_no_use_and_an_invalid_screen_says_nothing(self) -> None:
        assert came(ADMITTED, prescribed(99), screened(90, "Buprenorphine"), event="positive_screen") is None
        assert came(ADMITTED, prescribed(99), screened(90, "Buprenorphine", "Cocaine"), event="positive_screen") == 10
        assert came(ADMITTED, screened(90, "Opioid", valid=False), event="positive_screen") is None

    @pytest.mark.parametrize(
        ("substance", "day"),
        [
            ("", 20),
            ("nicotine", 10),
            ("alcohol", 20),
            ("any_illicit", 30),
            ("opioid", 30),
            ("fentanyl", 30),
            ("heroin", None),
            ("ANY_illicit ", 30),
            ("unlisted:bath-salts", 50),
        ],
    )
    def test_a_substance_narrows_it_and_nicotine_has_to_be_named(self, substance: str, day: int | None) -> None:
        facts = (ADMITTED, reports(90, "Nicotine"), reports(80, "Alcohol"), screened(70, "Fentanyl"),
                 reports(50, "Bath salts"))  # fmt: skip
        assert came(*facts, substance=substance) == day

    def test_a_lapse_is_a_clinicians_judgement(self) -> None:
        lapse = fact(LapseRecorded(substance="Alcohol"), ago(88))
        assert came(ADMITTED, lapse, event="lapse") == 12
        assert came(ADMITTED, lapse) is None

    def test_levels_and_the_discharge(self) -> None:
        facts = (ADMITTED, ends(80, "residential"), starts(80, "intensive_outpatient"))
        assert came(*facts, event="discharge") == 20
        assert came(*facts, event="any_level") == 20
        assert came(*facts, event="level:intensive_outpatient") == 20
        assert came(*facts, event="level:residential", where={"level": "residential"}) is None

    def test_readmission_is_as_intensive_and_on_a_later_day(self) -> None:
        left = (ADMITTED, ends(80, "residential"))
        for start, day in (("admission", 35), ("discharge", 15)):
            facts = (*left, starts(70, "standard_outpatient"), starts(65, "residential"))
            assert came(*facts, start=start, event="readmission", where={"level": "residential"}) == day
        with pytest.raises(FilterError, match="follows a stay"):
            rows(*left, start="diagnosis", event="readmission")

    def test_the_first_dose_of_medication_for_addiction(self) -> None:
        other = (prescribed(99, "sertraline", "psychiatric"), dosed(99, "sertraline"))
        assert came(ADMITTED, *other, dosed(95, "methadone"), event="medication_given") == 5

    def test_the_last_dose_once_a_week_has_passed(self) -> None:
        facts = (ADMITTED, dosed(95), dosed(60), dosed(7))
        assert came(*facts, event="last_dose") is None
        assert lasted(*facts, event="last_dose") == 93
        assert came(*facts, later=1, event="last_dose") == 93
        assert lasted(ADMITTED, attends(50), event="last_dose") == 0

    def test_who_went_on_with_doses_when_observation_ended_is_censored_on_that_day(self) -> None:
        """A later dose says that it was not the last; a week without another has to be seen."""
        moved = (ADMITTED, dosed(95), dosed(85), ends(80, "residential", reason="transferred"))
        asked: dict[str, Any] = {"event": "last_dose", "competing": ("transferred",)}
        assert came(*moved, dosed(40), **asked) is None
        assert lasted(*moved, dosed(40), **asked) == 20
        assert lasted(*moved, **asked) == 15
        assert came(*moved, event="last_dose") == 15
        early = (ADMITTED, dosed(95), ends(80, "residential", reason="transferred"))
        assert came(*early, **asked) == 5
        dead = (ADMITTED, dosed(95), fact(ClientDied(), ago(90)))
        assert lasted(*dead, dosed(50), event="last_dose") == lasted(*dead, event="last_dose") == 5
        assert came(ADMITTED, dosed(95), fact(ClientDied(), ago(87)), event="last_dose") == 5

    def test_death(self) -> None:
        assert came(ADMITTED, fact(ClientDied(), ago(60)), event="death") == 40

    def test_what_was_taken_back_never_was(self) -> None:
        use = reports(90)
        back = fact(EntryRetracted(target=use.id, reason="wrong chart"), ago(1))
        assert came(ADMITTED, use, back, attends(80)) is None


class TestCensoring:
    """How long who has no event is followed."""

    def test_at_the_last_contact_for_what_somebody_has_to_observe(self) -> None:
        assert lasted(ADMITTED, attends(70)) == 30
        assert lasted(ADMITTED, attends(70), screened(60)) == 40
        assert lasted(ADMITTED, attends(70), event="readmission") == 100
        assert lasted(ADMITTED, attends(70), event="readmission", censor="last_contact") == 30
        assert lasted(ADMITTED, attends(70), censor="today") == 100

    def test_who_was_never_seen_is_said_and_is_neither_clean_nor_using(self) -> None:
        (row,) = rows(ADMITTED, attends(101))
        assert (row["clients"], row["events"], row["censored"], row["never_observed"]) == (1, 0, 1, 1)
        assert row["at_risk_30"] == 0
        assert lasted(ADMITTED) == 0

    def test_nobody_is_observed_beyond_death(self) -> None:
        died = fact(ClientDied(), ago(60))
        assert lasted(ADMITTED, died, censor="today") == 40
        assert lasted(ADMITTED, attends(90), died) == 10

    def test_a_competing_reason_ends_observation_and_an_event_of_its_day_counts(self) -> None:
        jailed = (ADMITTED, ends(60, "residential", reason="incarcerated"))
        asked: dict[str, Any] = {"censor": "today", "competing": ("incarcerated",)}
        assert came(*jailed, reports(59), **asked) is None
        assert lasted(*jailed, reports(59), **asked) == 40
        assert came(*jailed, reports(60), **asked) == 40
        assert came(*jailed, reports(59), censor="today", competing=("transferred",)) == 41

    def test_a_discharge_for_a_competing_reason_is_none(self) -> None:
        moved = (ADMITTED, ends(60, "residential", reason="transferred"))
        assert came(*moved, event="discharge") == 40
        assert came(*moved, event="discharge", competing=("transferred",)) is None
        assert lasted(*moved, event="discharge", competing=("transferred",)) == 40

    def test_retention_takes_the_same(self) -> None:
        facts = (
            starts(100, client="A"), attends(70, "A"),
            starts(100, client="B"), ends(50, client="B", reason="transferred"),
            starts(100, client="C"), ends(90, client="C", reason="left_against_advice"),
        )  # fmt: skip

        def retained(**asked: Any) -> tuple[Any, ...]:
            (row,) = answers("retention", *facts, endpoint=Endpoint(**asked))
            return row["stays"], row["ended"], row["at_risk_60"], row["retained_30"], row["median_days"]

        assert retained() == (3, 2, 1, pytest.approx(2 / 3), 50)
        assert retained(censor="last_contact") == (3, 2, 0, pytest.approx(2 / 3), 50)
        assert retained(censor="today") == retained()
        assert retained(competing=("transferred",)) == (3, 1, 1, pytest.approx(2 / 3), None)


class TestAnswers:
    """The shape of the answer, and what is refused."""

    def test_a_comparison_has_a_row_of_each_side_and_its_test(self) -> None:
        facts = [
            made
            for client in range(12)
            for made in (
                starts(100, client=f"{client}", program="AB"[client % 2]),
                reports(99 - client - 20 * (client % 2), client=f"{client}"),
                attends(1, client=f"{client}"),
            )
        ]
        found = rows(*facts, compare="program=A,program=B")
        assert [row["program"] for row in found] == ["A", "B"]
        assert found == rows(*facts, by=("program",), compare="A,B")
        own = rows(*facts, by=("program",))
        assert [{k: v for k, v in row.items() if k not in {"chi2", "p"}} for row in found] == own
        test = LIFELINES_STATISTICS.logrank_test(
            [client + 1 for client in range(0, 12, 2)], [client + 21 for client in range(1, 12, 2)]
        )
        assert found[0]["chi2"] == pytest.approx(test.test_statistic, abs=1e-12)
        assert found[1]["p"] == pytest.approx(test.p_value, abs=1e-12)
        (pair,) = rows(*facts, by=("program",), show="compare")
        assert (pair["first"], pair["second"], pair["clients"], pair["chi2"]) == ("A", "B", 12, found[0]["chi2"])

    def test_days_of_ones_own(self) -> None:
        (row,) = rows(ADMITTED, reports(90), days=(10, 9))
        assert (row["share_9"], row["share_10"], row["at_risk_10"]) == (1.0, 0.0, 1)
        assert "share_30" not in row

    @pytest.mark.parametrize(
        ("asked", "words"),
        [
            ({"start": "birth"}, "no start 'birth'"),
            ({"event": "joy"}, "no event 'joy'"),
            ({"event": "level:moon"}, "no level 'moon'"),
            ({"event": "session", "substance": "alcohol"}, "has no substance"),
            ({"substance": "cocain"}, "substance: unknown targets 'cocain'; use a set"),
            ({"substance": " "}, "substance: unknown targets"),
            ({"substance": "unlisted: -"}, "substance: unknown targets"),
            ({"censor": "never"}, "no censoring"),
            ({"competing": ("moved",)}, "no reason 'moved'"),
            ({"days": (1_000_000,)}, "days of a curve"),
        ],
    )
    def test_what_cannot_be_asked_says_what_can(self, asked: Any, words: str) -> None:
        with pytest.raises(FilterError, match=words):
            rows(ADMITTED, **asked)

    def test_other_reports_have_no_endpoint(self) -> None:
        with pytest.raises(FilterError, match="leave them out"):
            check_asked("completion", ReportParams(endpoint=Endpoint(censor="today")))
        with pytest.raises(FilterError, match="leave them out"):
            check_asked("retention", ReportParams(endpoint=Endpoint(event="session")))
        check_asked("retention", ReportParams(endpoint=Endpoint(censor="today", competing=("died",))))


# One client of a study: days in the level, how the level ended (open: seen last on that day), day of first use.
people = st.lists(
    st.tuples(
        st.integers(0, 40), st.sampled_from(("", "completed", "transferred", "died")), st.none() | st.integers(0, 50)
    ),
    min_size=1,
    max_size=25,
)


@settings(deadline=None, max_examples=40)
@given(people, st.sets(st.sampled_from(("transferred", "died", "completed"))))
def test_random_studies_are_lifelines(study: list[tuple[int, str, int | None]], competing: set[str]) -> None:
    """With ties, events on day 0 and reasons that compete, events after the last contact and on the day of the end."""
    facts: list[Fact] = []
    durations: list[int] = []
    events: list[int] = []
    for number, (days, reason, use) in enumerate(study):
        client = f"C-{number}"
        facts += [starts(100, client=client), attends(100 - days - 0.001, client)]
        if reason == "died":
            facts.append(fact(ClientDied(), ago(100 - days - 0.01), client=client))
        elif reason:
            facts.append(ends(100 - days - 0.01, client=client, reason=reason))  # type: ignore[arg-type]
        if use is not None:
            facts.append(fact(UseReported(substance="Opioid", on=ago(100 - use).date()), ago(100 - use), client=client))
        stops = reason == "died" or (reason in competing and reason != "")
        seen = days if stops else max(days, use or 0)
        events.append(int(use is not None and use <= seen))
        durations.append(use if use is not None and use <= seen else days)
    fitted = LIFELINES.KaplanMeierFitter().fit(durations, events)
    found = rows(*facts, show="curve", competing=tuple(sorted(competing)))
    assert [row["day"] for row in found] == [int(day) for day in fitted.event_table.index]
    assert [row["at_risk"] for row in found] == list(fitted.event_table["at_risk"])
    assert [row["events"] for row in found] == list(fitted.event_table["observed"])
    assert [row["censored"] for row in found] == list(fitted.event_table["censored"])
    expected = [float(fitted.predict(row["day"])) for row in found]
    assert [row["survival"] for row in found] == pytest.approx(expected, abs=1e-12)


@settings(deadline=None, max_examples=cases(5, 60))
@given(st.lists(st.tuples(st.sampled_from(LEVELS), st.integers(0, 90), st.none() | st.integers(0, 90)), max_size=8))
def test_the_usual_question_has_the_same_answer_from_its_counts(study: list[tuple[Level, int, int | None]]) -> None:
    """Clients of two levels and more, who come again, use or not, and die or not: counted as they are read."""
    facts: list[Fact] = []
    for number, (level, began, use) in enumerate(study):
        client = f"C-{number % 3}"
        facts += [starts(100 + began, level, client), attends(100, client), ends(99 - number, level, client)]
        if use is not None:
            facts.append(fact(UseReported(substance="Opioid", on=ago(use).date()), ago(use), client=client))
    if len(study) % 2:
        facts.append(fact(ClientDied(), ago(1), client="C-0"))
    for by in (("all",), ("level",)):
        for show in ("", "curve", "compare"):
            kept = rows(*facts, by=by, show=show)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(usual, "is_usual", lambda *_: False)
                assert kept == rows(*facts, by=by, show=show)
