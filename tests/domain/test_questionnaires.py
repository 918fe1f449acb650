"""Questionnaires add up as published: their ranges, their cut-offs, and the item that asks for help at once."""

from __future__ import annotations

import pytest

from domain.events import InstrumentScored
from domain.instruments import instrument
from domain.questionnaires import QUESTIONNAIRES, Questionnaire, questionnaire, says_self_harm, severity


@pytest.mark.parametrize(
    "sheet", [one for one in QUESTIONNAIRES if one.instrument != "bam"], ids=lambda one: one.instrument
)
def test_the_lowest_and_highest_answers_are_the_range_of_the_instrument(sheet: Questionnaire) -> None:
    known = instrument(sheet.instrument)
    assert known is not None
    ends = [{item.name: choose(score for score, _ in item.answers) for item in sheet.items} for choose in (min, max)]
    assert [sheet.total(end) for end in ends] == [known.lowest, known.highest]


def test_a_bam_adds_up_use_and_risk_and_leaves_protection_out() -> None:
    sheet = questionnaire("BAM")
    assert sheet is not None
    everything = {item.name: max((score for score, _ in item.answers), default=30) for item in sheet.items}
    assert sheet.total(everything) == 90 + 180
    assert sheet.total({**everything, "4": None}) is None


@pytest.mark.parametrize(
    ("name", "score", "said"),
    [
        ("phq9", 4, "minimal"), ("PHQ-9", 5, "mild"), ("phq9", 14, "moderate"), ("phq9", 19, "moderately severe"),
        ("phq9", 20, "severe"), ("gad7", 15, "severe"), ("cows", 4, "below mild"), ("cows", 13, "moderate"),
        ("cows", 37, "severe"), ("ciwa_ar", 9, "mild"), ("ciwa_ar", 19, "severe"), ("bam", 100, ""), ("pcl5", 40, ""),
    ],
)  # fmt: skip
def test_a_total_has_the_words_of_its_published_band(name: str, score: float, said: str) -> None:
    assert severity(name, score) == said


@pytest.mark.parametrize(
    ("name", "items", "said"),
    [
        ("phq9", {"9": 1}, True), ("PHQ-9", (0, 0, 0, 0, 0, 0, 0, 0, 2), True), ("phq9", {"9": 0, "8": 3}, False),
        ("phq9", (1, 1), False), ("phq9", None, False), ("gad7", {"9": 3}, False), ("phq9", {"9": None}, False),
    ],
)  # fmt: skip
def test_the_ninth_item_of_a_phq9_asks_for_a_next_step(name: str, items: object, said: bool) -> None:
    event = InstrumentScored.model_validate({"instrument": name, "score": 5, "items": items})
    assert says_self_harm(event) is said
