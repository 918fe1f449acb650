"""Flow: which level follows which, who comes back, where episodes end, and who is still waiting."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise

from domain.events import ClientDied, EntryCorrected, EntryRetracted, Replacement
from infra.reporting.reports import ReportParams, run_report
from projections.flow.fold import MODEL
from projections.flow.queries import step_of
from projections.statistics import wilson
from tests.projections.conftest import TODAY, Programme
from tests.projections.telling import answers, ends, only, starts
from tests.spec import ago, fact, given

JOURNEY = (
    starts(200, "medical_detox"),
    ends(195, "medical_detox"),
    starts(195, "residential"),
    ends(165, "residential", reason="transferred"),
    starts(150, "intensive_outpatient"),
    ends(90, "intensive_outpatient", reason="left_against_advice"),
)


class TestMoves:
    """What followed an ended stay."""

    def test_a_journey_step_by_step(self) -> None:
        rows = answers("flow", *JOURNEY)
        assert [(row["from"], row["to"], row["step"], row["count"]) for row in rows] == [
            ("medical_detox", "residential", "step_down", 1),
            ("residential", "intensive_outpatient", "step_down", 1),
            ("intensive_outpatient", "left", "left", 1),
        ]
        assert all((row["numerator"], row["denominator"], row["share"]) == (1, 1, 1.0) for row in rows)

    def test_a_gap_of_30_days_is_a_move_and_one_of_31_is_none(self) -> None:
        for gap, target in ((30, "standard_outpatient"), (31, "left")):
            rows = answers("flow", starts(200, "residential"), ends(150, "residential"), starts(150 - gap))
            assert only(rows, **{"from": "residential"})["to"] == target

    def test_alumni_follow_where_no_treatment_does(self) -> None:
        joined = starts(95, "alumni")
        rows = answers("flow", *JOURNEY, joined)
        assert only(rows, **{"from": "intensive_outpatient"})["to"] == "alumni"
        rows = answers("flow", *JOURNEY, joined, starts(80))
        assert only(rows, **{"from": "intensive_outpatient"})["to"] == "standard_outpatient"

    def test_concurrent_stays_have_no_place_in_it(self) -> None:
        rows = answers("flow", *JOURNEY, starts(160, concurrent=True), ends(60))
        assert len(rows) == 3

    def test_who_left_lately_waits_and_so_does_who_moved_lately(self) -> None:
        lately = (starts(50, client="C-2"), ends(20, client="C-2"))
        moved = (starts(50, client="C-3"), ends(20, client="C-3"), starts(19, "residential", client="C-3"))
        left = (starts(90, client="C-4"), ends(60, client="C-4"))
        rows = answers("flow", *lately, *moved, *left)
        gone = only(rows, to="left")
        assert (gone["count"], gone["numerator"], gone["denominator"], gone["not_yet"]) == (2, 1, 1, 1)
        up = only(rows, to="residential")
        assert (up["count"], up["numerator"], up["share"], up["not_yet"]) == (1, 0, 0.0, 1)
        later = answers("flow", *lately, *moved, *left, later=11)
        assert (only(later, to="left")["numerator"], only(later, to="left")["denominator"]) == (2, 3)

    def test_the_last_day_of_the_window_is_still_waiting(self) -> None:
        for days, settled in ((30, 0), (31, 1)):
            assert answers("flow", starts(90), ends(days))[0]["numerator"] == settled

    def test_shares_have_wilson_intervals(self) -> None:
        facts = [fact_ for n in range(8) for fact_ in (starts(200, client=f"C-{n}"), ends(100, client=f"C-{n}"))]
        facts += [starts(90, "residential", client=f"C-{n}") for n in range(3)]
        row = only(answers("flow", *facts), to="residential")
        assert (row["share"], row["ci_low"], row["ci_high"]) == tuple(wilson(3, 8))


class TestTables:
    """Steps, ends and entries."""

    def test_steps_by_level_and_of_all(self) -> None:
        rows = answers("flow", *JOURNEY, starts(80, "residential"), show="steps", by=("all",))
        assert {row["step"]: row["numerator"] for row in rows} == {"step_down": 2, "step_up": 1}
        assert {row["denominator"] for row in rows} == {3}

    def test_an_episode_ends_with_its_last_stay_and_its_reason(self) -> None:
        rows = answers("flow", *JOURNEY, starts(85, "alumni"), show="ends")
        assert [(row["level"], row["reason"], row["share"]) for row in rows] == [
            ("intensive_outpatient", "left_against_advice", 1.0)
        ]

    def test_an_alumni_stay_that_ends_ends_no_episode(self) -> None:
        rows = answers("flow", *JOURNEY, starts(85, "alumni"), ends(50, "alumni"), show="ends")
        assert [row["level"] for row in rows] == ["intensive_outpatient"]

    def test_death_ends_an_episode(self) -> None:
        rows = answers("flow", starts(200), fact(ClientDied(), ago(100)), show="ends")
        assert rows[0]["reason"] == "died"

    def test_returns_after_more_than_30_days(self) -> None:
        rows = answers("flow", *JOURNEY, starts(59, "residential"), show="entries", by=("all",))
        assert (rows[0]["entries"], rows[0]["first_entries"], rows[0]["numerator"]) == (2, 1, 1)
        rows = answers("flow", *JOURNEY, starts(60, "residential"), show="entries", by=("all",))
        assert rows[0]["entries"] == 1

    def test_by_program_and_period(self) -> None:
        facts = (
            starts(200, program="North"),
            ends(100),
            starts(200, program="South", client="C-2"),
            ends(40, client="C-2"),
        )
        rows = answers("flow", *facts, by=("program",))
        assert [(row["program"], row["count"]) for row in rows] == [("North", 1), ("South", 1)]
        rows = answers("flow", *facts, start=ago(50).date(), end=ago(30).date(), by=("program",))
        assert [row["program"] for row in rows] == ["South"]
        rows = answers("flow", *facts, start=ago(201).date(), end=ago(190).date(), cohort="admission", by=("program",))
        assert len(rows) == 2


def test_directions() -> None:
    assert step_of("residential", "alumni") == "step_down"
    assert step_of("alumni", "medical_detox") == "step_up"
    assert step_of("residential", "residential") == "same_level"


def test_a_corrected_end_and_a_retracted_start_move_the_counts() -> None:
    start, end = starts(200, "residential"), ends(170, "residential")
    other = starts(165)
    later = Replacement(type="LevelOfCareEnded", occurred_at=ago(100), data={"level": "residential", "reason": "other"})
    corrected = fact(EntryCorrected(target=end.id, replacement=later, reason="wrong day"))
    assert answers("flow", start, end, other)[0]["to"] == "standard_outpatient"
    assert answers("flow", start, end, other, corrected)[0]["count"] == 1
    gone = fact(EntryRetracted(target=start.id, reason="other client"))
    given(start, gone).again(3).shows(MODEL, "flow_count")


def test_simulated_moves_are_what_a_plain_loop_finds(simulated: Programme) -> None:
    """From the stays alone: sort, look at the next one, count."""
    expected: Counter[tuple[str, str]] = Counter()
    returns = 0
    for chart in simulated.charts:
        stays = sorted((s for s in chart.journey.stays if not s.concurrent), key=lambda s: s.start)
        treated = [s for s in stays if s.level != "alumni"]
        for stay in stays:
            if stay.end_day is None or stay.end_day + 30 >= TODAY.toordinal():
                continue
            after, until = [s for s in treated if s.start > stay.start], stay.end_day + 30
            target = "left"
            if after and after[0].start_day <= until:
                target = after[0].level
            elif stay.level != "alumni" and any(
                s.level == "alumni" and stay.start_day <= s.start_day <= until for s in stays
            ):
                target = "alumni"
            expected[stay.level, target] += 1
        for before, after in pairwise(treated):
            returns += before.end_day is not None and after.start_day - before.end_day > 30
    rows = run_report("flow", simulated.services, ReportParams())
    assert {(row["from"], row["to"]): row["numerator"] for row in rows if row["numerator"]} == dict(expected)
    entered = run_report("flow", simulated.services, ReportParams(show="entries"))
    assert sum(row["numerator"] for row in entered) == returns
    assert sum(row["first_entries"] for row in entered) == sum(1 for c in simulated.charts if c.journey.stays)
    half = ReportParams(start=date(2025, 7, 1), end=date(2025, 12, 31), show="ends", by=("all",))
    assert sum(row["numerator"] for row in run_report("flow", simulated.services, half)) > 0
