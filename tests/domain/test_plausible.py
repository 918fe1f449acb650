"""What an entry says inside: scores, dates and codes that cannot be are refused, and told of in a recorded history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.events import (
    CATALOGUE,
    AbstinenceReported,
    ClientDetailsUpdated,
    ClientDied,
    ClientRegistered,
    ConsentGiven,
    CoverageVerified,
    DiagnosisRecorded,
    Event,
    FlagAssigned,
    InstrumentScored,
    InvalidDataError,
    LevelOfCareStarted,
    NoteAdded,
    TreatmentPlanSet,
    UseReported,
)
from domain.instruments import declare_own
from domain.invariants import broken_rules
from domain.journey import fold
from tests.spec import NOW, Fact, ago, entries, fact, given

TODAY = NOW.date()
BORN = fact(ClientRegistered(name="Person", birth_date=date(2000, 1, 1)), ago(60))


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)


@pytest.fixture
def own() -> Iterator[None]:
    declare_own({"Own scale": (-5, 40)})
    yield
    declare_own({})


def told_of(wrong: Fact) -> dict[str, str]:
    """What a recorded entry is told of, by criterion."""
    recorded = entries([wrong])
    found = broken_rules(fold(recorded), recorded).values()
    return {refusal.criterion: refusal.value for refusal in found if refusal.criterion == "dates_in_order"}


class TestScores:
    """A score is within its instrument's range; an instrument is one that is known."""

    @pytest.mark.parametrize(
        ("instrument", "score", "criteria"),
        [
            ("phq9", 0, ()),
            ("PHQ-9", 27, ()),
            ("phq9", 28, ("score_within_range",)),
            ("phq9", -3, ("score_within_range",)),
            ("phq9", 4.5, ("score_within_range",)),
            ("GAD-7", 22, ("score_within_range",)),
            ("cows", 48, ()),
            ("CIWA-Ar", 68, ("score_within_range",)),
            ("audit_c", 12, ()),
            ("bam", 12.5, ()),
            ("phq99", 900, ("known_instrument",)),
            ("own scale", 1, ("known_instrument",)),
        ],
    )
    def test_live(self, instrument: str, score: float, criteria: tuple[str, ...]) -> None:
        outcome = given().when(fact(InstrumentScored(instrument=instrument, score=score)))
        outcome.refused(*criteria) if criteria else outcome.accepted()

    @pytest.mark.usefixtures("own")
    def test_a_programme_names_its_own(self) -> None:
        given().when(fact(InstrumentScored(instrument="own_scale", score=-4.5))).accepted()
        given().when(fact(InstrumentScored(instrument="own_scale", score=41))).refused("score_within_range")

    @pytest.mark.usefixtures("own")
    @pytest.mark.parametrize(
        ("instrument", "score", "remedy"),
        [
            ("phq9", 28, "Give a whole number from 0 to 27."),
            ("own_scale", 41, "Give a number from -5 to 40."),
        ],
    )
    def test_the_remedy_names_the_range(self, instrument: str, score: float, remedy: str) -> None:
        recorded = entries([fact(InstrumentScored(instrument=instrument, score=score))])
        assert [refusal.remedy for refusal in broken_rules(fold(recorded), recorded).values()] == [remedy]

    def test_a_recorded_one_is_told_of_and_stands_in_nobodys_way(self) -> None:
        wrong = fact(InstrumentScored(instrument="phq9", score=99))
        recorded = entries([wrong])
        assert list(broken_rules(fold(recorded), recorded)) == [("score_within_range", wrong.event_id)]
        given(wrong).when(fact(NoteAdded(text="call"))).accepted()


class TestDates:
    """Dates inside an entry lie in the client's life, not after the entry, and in order."""

    @pytest.mark.parametrize(
        ("event", "criteria"),
        [
            (ClientDetailsUpdated(birth_date=day(-2)), ("possible_birth_date",)),
            (ClientDetailsUpdated(birth_date=date(1900, 1, 1)), ()),
            (ClientDetailsUpdated(birth_date=day(131 * 366)), ("possible_birth_date",)),
            (UseReported(substance="alcohol", on=day(-1)), ()),
            (UseReported(substance="alcohol", on=day(-2)), ("date_not_after_entry",)),
            (UseReported(substance="alcohol", on=date(1999, 12, 31)), ("date_not_before_birth",)),
            (AbstinenceReported(through=day(0), days=400), ()),
            (AbstinenceReported(through=day(0), days=0), ()),
            (AbstinenceReported(through=day(-5), days=1), ("date_not_after_entry",)),
            (AbstinenceReported(through=day(0), days=10_000), ("date_not_before_birth",)),
            (AbstinenceReported(through=date(2000, 1, 2), days=2), ()),
            (AbstinenceReported(through=date(2000, 1, 2), days=3), ("date_not_before_birth",)),
            (ConsentGiven(consent_id="c", recipient="r", purpose="p", expires_on=day(0)), ()),
            (ConsentGiven(consent_id="c", recipient="r", purpose="p", expires_on=day(2)), ("dates_in_order",)),
            (TreatmentPlanSet(planned_end_on=day(3)), ()),
            (FlagAssigned(flag="no_contact", since=day(-1), to="c-1"), ()),
            (FlagAssigned(flag="no_contact", since=day(-2), to="c-1"), ("date_not_after_entry",)),
        ],
    )
    def test_live(self, event: Event, criteria: tuple[str, ...]) -> None:
        outcome = given(BORN).when(fact(event, NOW))
        outcome.refused(*criteria) if criteria else outcome.accepted()

    def test_the_words_name_the_field_and_what_it_is_before(self) -> None:
        late = fact(LevelOfCareStarted(level="residential", planned_end_on=day(1)), NOW)
        on_the_day = fact(LevelOfCareStarted(level="residential", planned_end_on=TODAY), NOW)
        consent = fact(ConsentGiven(consent_id="c", recipient="r", purpose="p", expires_on=day(2)), NOW)
        assert told_of(late) == {"dates_in_order": "planned_end_on: it is before the day of the entry"}
        assert told_of(on_the_day) == {}
        assert told_of(consent) == {"dates_in_order": "expires_on: it is before the day of the entry"}

    @pytest.mark.parametrize(
        ("born", "criteria"),
        [(day(0), ()), (day(-1), ()), (day(-2), ("entry_not_before_birth",)), (day(130 * 366), ())],
    )
    def test_an_entry_is_not_before_the_birth(self, born: date, criteria: tuple[str, ...]) -> None:
        """A day of grace: the place may be further east."""
        known = fact(ClientRegistered(name="Person", birth_date=born), NOW + timedelta(days=3))
        outcome = given(known).when(fact(NoteAdded(text="call"), NOW), now=NOW + timedelta(days=3))
        outcome.refused(*criteria) if criteria else outcome.accepted()

    @pytest.mark.parametrize(("days", "criteria"), [(0, ()), (1, ("dates_in_order",))])
    def test_an_authorisation_does_not_end_before_it_begins(self, days: int, criteria: tuple[str, ...]) -> None:
        end = day(days)
        event = CoverageVerified(
            payer="P", member_ref="M", level="residential", authorized_from=TODAY, authorized_to=end
        )
        outcome = given().when(fact(event))
        outcome.refused(*criteria) if criteria else outcome.accepted()

    def test_without_a_birth_date_a_life_is_at_most_130_years(self) -> None:
        sealed = fact(ClientRegistered(name=None, birth_date=None), ago(60))
        given(sealed).when(fact(AbstinenceReported(through=TODAY, days=40_000), NOW)).accepted()
        given().when(fact(AbstinenceReported(through=TODAY, days=1_000_000), NOW)).refused("date_not_before_birth")


@pytest.mark.parametrize(
    ("code", "category", "criteria"),
    [
        ("F11.20", "substance_use", ()),
        ("f1120", "substance_use", ()),
        ("F33.1", "mental_health", ()),
        ("Z3A.01", "mental_health", ()),
        ("opioid", "substance_use", ("icd10_code",)),
        ("F11.", "substance_use", ("icd10_code",)),
        ("F11.20", "mental_health", ("category_fits_code",)),
        ("F33.1", "substance_use", ("category_fits_code",)),
    ],
)
def test_a_diagnosis_is_a_code_of_its_category(code: str, category: str, criteria: tuple[str, ...]) -> None:
    event = DiagnosisRecorded.model_validate({"icd10": code, "category": category})
    outcome = given().when(fact(event))
    outcome.refused(*criteria) if criteria else outcome.accepted()


class TestBlanks:
    """A name that nobody can see is none: refused where a new entry comes in, and still read where it is recorded."""

    @pytest.mark.parametrize("name", [" ", "\t\n", "\u200b", "\u2060\ufeff", "\x07", "\u00a0"])
    def test_refused(self, name: str) -> None:
        data = {"name": name, "birth_date": "1990-02-03"}
        with pytest.raises(InvalidDataError, match="name: has no visible letter"):
            CATALOGUE.parse("ClientRegistered", data)
        given().when(fact(ClientRegistered.model_validate(data))).refused("text_is_not_blank")
        assert CATALOGUE.load("ClientRegistered.1", data) == ClientRegistered.model_validate(data)

    def test_any_script_is_a_name(self) -> None:
        for name in ("Ana", "李", "محمد", "O\u200bNeil"):
            CATALOGUE.parse("ClientRegistered", {"name": name, "birth_date": "1990-02-03"})


@pytest.mark.parametrize(
    ("event", "others"),
    [
        (ClientDied(), {"nothing_after_death"}),
        (NoteAdded(text="x"), set[str]()),
        (UseReported(substance="alcohol", on=date(1999, 12, 30)), {"date_not_before_birth"}),
    ],
)
def test_nothing_is_recorded_of_a_client_who_is_not_born(event: Event, others: set[str]) -> None:
    early = fact(event, datetime(1999, 12, 30, 12, tzinfo=UTC))
    given(BORN).when(early).refused("entry_not_before_birth", *others)
    given(early).when(BORN).refused("entry_not_before_birth", *others)


def test_a_birth_further_east_is_no_contradiction() -> None:
    given(BORN).when(fact(NoteAdded(text="x"), datetime(1999, 12, 31, 23, tzinfo=UTC))).accepted()


@pytest.mark.parametrize(
    ("name", "data", "field"),
    [
        ("InstrumentScored", {"instrument": "phq9", "score": True}, "score"),
        ("InstrumentScored", {"instrument": "phq9", "score": 3, "items": {"1": True}}, "items"),
        ("SessionAttended", {"kind": "group", "minutes": True}, "minutes"),
    ],
)
def test_yes_is_no_number(name: str, data: dict[str, Any], field: str) -> None:
    """JSON's true would be read as 1; where yes or no is asked it is what it says."""
    with pytest.raises(InvalidDataError, match=f"{field}: give a number, not yes or no"):
        CATALOGUE.parse(name, data)
    assert CATALOGUE.parse("DrugScreenResulted", {"specimen": "urine", "positive": [], "valid": True})
