"""Stays and episodes, as folded from a client's events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import hypothesis
import pytest

from domain.events import (
    ChartClosed,
    ClientDied,
    CoverageVerified,
    DiagnosisRecorded,
    EntryCorrected,
    EntryRetracted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    NoteAdded,
    OverlapResolved,
    Replacement,
)
from domain.journey import Stay, journey_of
from domain.levels import Level
from domain.vocabulary import Reason
from projections.stays.fold import MODEL, census_ends, length_of_stay
from tests.histories import histories
from tests.spec import NOW, Fact, ago, entries, fact, given

TODAY = NOW.toordinal()


def starts(days_ago: float, level: Level = "residential", **more: object) -> Fact:
    return fact(LevelOfCareStarted.model_validate({"level": level} | more), ago(days_ago))


def ends(days_ago: float, level: Level = "residential", reason: Reason = "completed", **more: object) -> Fact:
    return fact(LevelOfCareEnded.model_validate({"level": level, "reason": reason} | more), ago(days_ago))


class TestStay:
    """One level from start to end."""

    def test_from_start_to_end_the_end_day_not_counted(self) -> None:
        given(starts(30, program="North"), ends(9, next_level="standard_outpatient")).again(3).shows(
            MODEL,
            "stay",
            {
                "n": 1,
                "level": "residential",
                "program": "North",
                "start_day": TODAY - 30,
                "end_day": TODAY - 9,
                "days": 21,
                "reason": "completed",
                "next_level": "standard_outpatient",
                "admission_month": "2026-01",
                "discharge_month": "2026-02",
            },
        )

    def test_an_open_stay_has_no_end_and_no_length(self) -> None:
        given(starts(3)).shows(MODEL, "stay", {"end_day": None, "days": None, "reason": None, "discharge_month": None})

    @pytest.mark.parametrize(("start", "end", "days"), [(10, 10, 1), (10, 11, 1), (10, 12, 2), (10, 40, 30)])
    def test_lasts_at_least_a_day(self, start: int, end: int, days: int) -> None:
        assert length_of_stay(start, end) == days

    def test_a_day_is_that_of_the_house_whatever_offset_was_written(self) -> None:
        evening = datetime(2026, 2, 1, 22, tzinfo=timezone(timedelta(hours=-6)))
        started = fact(LevelOfCareStarted(level="residential"), evening)
        given(started).shows(MODEL, "stay", {"start_day": evening.astimezone(UTC).toordinal()})

    def test_stays_are_numbered_by_clinical_time_whatever_was_charted_first(self) -> None:
        later = (starts(5, "standard_outpatient"), starts(40), ends(20))
        given(*later).shows(
            MODEL, "stay", {"n": 1, "level": "residential", "days": 20}, {"n": 2, "level": "standard_outpatient"}
        )

    def test_death_ends_every_open_stay(self) -> None:
        given(starts(9), starts(5, "alumni"), fact(ClientDied(), ago(2))).shows(
            MODEL, "stay", {"reason": "died", "days": 7}, {"reason": "died", "days": 3}
        )

    def test_an_end_without_a_start_is_no_stay(self) -> None:
        given(ends(4)).shows(MODEL, "stay")

    def test_a_corrected_end_moves_the_length(self) -> None:
        wrong = ends(9)
        right = Replacement(
            type="LevelOfCareEnded", occurred_at=ago(4), data={"level": "residential", "reason": "transferred"}
        )
        fix = fact(EntryCorrected(target=wrong.id, replacement=right, reason="wrong day"), NOW)
        given(starts(30), wrong, fix).again(2).shows(MODEL, "stay", {"days": 26, "reason": "transferred"})

    def test_a_retracted_end_leaves_the_stay_open(self) -> None:
        wrong = ends(9)
        gone = fact(EntryRetracted(target=wrong.id, reason="other client"), NOW)
        given(starts(30), wrong, gone).shows(MODEL, "stay", {"end_day": None})

    def test_a_chart_that_was_merged_into_another_has_none(self) -> None:
        given(starts(30), fact(ChartClosed(merged_into=fact(NoteAdded(text="x")).id), NOW)).shows(MODEL, "stay")


class TestAround:
    """What else a stay is counted by."""

    def cover(self, days_ago: float, payer: str, level: Level = "residential") -> Fact:
        return fact(CoverageVerified(payer=payer, member_ref="m", level=level), ago(days_ago))

    def test_the_payer_that_last_verified_the_level_before_it_began(self) -> None:
        given(self.cover(40, "old"), self.cover(31, "new"), self.cover(31, "other", "alumni"), starts(30)).shows(
            MODEL, "stay", {"payer": "new"}
        )

    def test_or_else_the_first_one_during_it(self) -> None:
        given(starts(30), self.cover(20, "late"), self.cover(10, "later")).shows(MODEL, "stay", {"payer": "late"})

    def test_dual_diagnosis_is_one_of_each_category_by_the_end(self) -> None:
        use = fact(DiagnosisRecorded(icd10="F11.20", category="substance_use"), ago(35))
        mind = fact(DiagnosisRecorded(icd10="F33.1", category="mental_health"), ago(10))
        given(use, mind, starts(30)).shows(MODEL, "stay", {"dual_diagnosis": True})
        given(use, mind, starts(30), ends(20)).shows(MODEL, "stay", {"dual_diagnosis": False})


class TestEpisode:
    """A chain of stays with gaps of at most 30 days."""

    def test_gaps_of_30_days_join_and_of_31_part(self) -> None:
        first, second = (starts(200), ends(190)), (starts(160), ends(150))
        given(*first, *second).shows(MODEL, "episode", {"n": 1, "stays": 2, "days": 50})
        apart = (starts(159), ends(150))
        given(*first, *apart).shows(MODEL, "episode", {"n": 1, "stays": 1}, {"n": 2, "stays": 1})

    def test_its_path_names_each_level_once_in_a_row(self) -> None:
        given(
            starts(90, "medical_detox"),
            ends(85, "medical_detox"),
            starts(85),
            ends(60),
            starts(59),
            ends(40),
            starts(40, "intensive_outpatient"),
        ).shows(
            MODEL,
            "episode",
            {
                "path": "medical_detox>residential>intensive_outpatient",
                "first_level": "medical_detox",
                "last_level": "intensive_outpatient",
                "end_day": None,
                "reason": None,
            },
        )

    def test_its_last_stay_is_the_one_that_ended_last_by_the_minute(self) -> None:
        short = (starts(20.5, "medical_detox"), ends(20.3, "medical_detox", "transferred"))
        after = (starts(20.3, program="North"), ends(20.1, reason="left_against_advice"))
        last = {"last_level": "residential", "program": "North", "reason": "left_against_advice", "end_day": TODAY - 20}
        assert ago(20.5).date() == ago(20.1).date() == ago(20).date()
        given(*short, *after).shows(MODEL, "episode", last)

    def test_alumni_neither_joins_nor_holds_open(self) -> None:
        given(starts(200), ends(190), starts(189, "alumni"), starts(100), ends(90)).shows(
            MODEL, "episode", {"n": 1, "stays": 1, "end_day": TODAY - 190}, {"n": 2, "stays": 1}
        )


class TestCounts:
    """What stays add to the counts; nothing is left where nothing is."""

    def test_each_ended_stay_counts_once_a_basis_and_dimension(self) -> None:
        given(starts(30, program="North"), ends(9)).again(3).shows(
            MODEL,
            "stay_days",
            {"dimension": "", "value": "", "days": 21, "n": 1},
            {"dimension": "program", "value": "North", "days": 21, "n": 1},
            {"dimension": "site", "n": 1},
        )

    def test_an_open_stay_is_counted_by_the_day_on_which_it_began(self) -> None:
        day = {"start_day": TODAY - 30, "n": 1}
        given(starts(30, program="North")).shows(
            MODEL, "open_stays", {"dimension": "", **day}, {"value": "North", **day}, {"dimension": "site", **day}
        )
        given(starts(30), ends(9)).shows(MODEL, "open_stays")

    def test_admissions_and_discharges_by_day(self) -> None:
        block, before = ({"span": 64, "day": (TODAY - days) // 64 * 64} for days in (9, 30))
        given(starts(30), ends(9), starts(5)).again(2).shows(
            MODEL,
            "census_change",
            {"span": 1, "day": TODAY - 30, "kind": "in", "n": 1},
            {"span": 1, "day": TODAY - 9, "kind": "off", "n": 1},
            {"span": 1, "day": TODAY - 9, "kind": "out", "n": 1},
            {"span": 1, "day": TODAY - 5, "kind": "in", "n": 1},
            {**before, "kind": "in", "n": 1},
            {**block, "kind": "in", "n": 1},
            {**block, "kind": "off", "n": 1},
            {**block, "kind": "out", "n": 1},
        )

    @pytest.mark.parametrize(
        ("stays", "spans"),
        [
            ([(20, 10), (18, 10)], [(20, 18), (18, 10)]),  # entered twice
            ([(20, None), (18, None)], [(20, 18), (18, None)]),
            ([(20, None), (18, 15)], [(20, None), (18, 18)]),
            ([(20, 10), (18, 15), (12, 5)], [(20, 12), (18, 18), (12, 5)]),
            ([(20, 10), (10, 5)], [(20, 10), (10, 5)]),
            ([(20, 20), (20, 10)], [(20, 20), (20, 10)]),
        ],
    )
    def test_the_census_counts_nobody_twice(
        self, stays: list[tuple[int, int | None]], spans: list[tuple[int, int | None]]
    ) -> None:
        own = [
            Stay(f"{n}", "residential", -start, -start, end=None if end is None else -end, end_day=end and -end)
            for n, (start, end) in enumerate(stays)
        ]
        assert census_ends(own) == [end and -end for _, end in spans]

    def test_a_concurrent_stay_counts_beside_the_other(self) -> None:
        own = [Stay("1", "residential", 0, 1), Stay("2", "residential", 2, 2, concurrent=True)]
        assert census_ends(own) == [None, None]

    @hypothesis.given(histories(kinds=(LevelOfCareStarted, LevelOfCareEnded, ClientDied)))
    def test_on_no_day_is_a_client_counted_twice(self, facts: list[Fact]) -> None:
        stays = sorted(journey_of(entries(facts)).stays, key=lambda stay: stay.start)
        spans = [
            (stay.start_day, 10**9 if end is None else end)
            for stay, end in zip(stays, census_ends(stays), strict=True)
            if stay.exclusive
        ]
        real = [(stay.start_day, 10**9 if stay.end_day is None else stay.end_day) for stay in stays if stay.exclusive]
        for day in {day for span in real for day in span}:
            counted = sum(start <= day < end for start, end in spans)
            assert counted == any(start <= day < end for start, end in real)

    def test_a_retracted_stay_leaves_no_count(self) -> None:
        start = starts(30)
        gone = fact(EntryRetracted(target=start.id, reason="other client"), NOW)
        for table in ("stay", "episode", "completion_count", "stay_days", "open_stays", "census_change"):
            given(start, gone).shows(MODEL, table)


class TestOverlap:
    """Of overlapping stays of one person one counts."""

    def test_the_other_is_in_no_row_and_no_sum_and_comes_back(self) -> None:
        one, two = starts(30), starts(25)
        decision = fact(OverlapResolved(stays=(one.id, two.id), counts=two.id), ago(1))
        chart = given(one, two, ends(20), ends(5), decision)
        chart.shows(MODEL, "stay", {"n": 1, "start_day": TODAY - 25})
        chart.shows(MODEL, "completion_count", *[{"n": 1}] * 15)
        back = fact(EntryRetracted(target=decision.id, reason="the other"), NOW)
        given(*chart.facts, back).shows(MODEL, "stay", {"n": 1}, {"n": 2})
