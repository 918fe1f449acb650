"""A screen that found only what is prescribed is shown as that, and one that is not valid says nothing: in every room."""

from __future__ import annotations

from typing import Any

import pytest

from api.documents.clinical import screened, screens_of
from api.i18n.language import speaking, translated
from api.web.clients.picture import Links, picture, whole
from api.web.clients.picture_lanes import GRAVE, lanes_of
from domain.events import CATALOGUE
from infra.pdf.document import Table
from projections.chart import Chart
from projections.clinical.medication import Medications
from projections.clinical_summary.course import episodes
from projections.timeline.fold import TimelineItem, timeline
from tests.api.web.test_printing import printing
from tests.spec import NOW, Fact, ago, entries, fact


def told(kind: str, days_ago: float, /, **data: Any) -> Fact:
    return fact(CATALOGUE.parse(kind, data), ago(days_ago))


def screen(days_ago: float, *positive: str, **data: Any) -> Fact:
    return told("DrugScreenResulted", days_ago, specimen="urine", positive=list(positive), **data)


FACTS = [
    told("LevelOfCareStarted", 40, level="residential", program="Main", site="north"),
    screen(30, "buprenorphine"),
    told("MedicationStarted", 20, drug="Buprenorphine", **{"class": "partial_agonist"}),
    screen(15, "buprenorphine"),
    screen(12, "fentanyl", "buprenorphine"),
    screen(10),
    screen(8, "fentanyl", valid=False),
]
# days ago: sign, title and line
SAID = [
    (30, "positive", "Drug screen positive", "Buprenorphine · Urine"),
    (15, "prescribed", "Drug screen as prescribed", "Buprenorphine · Urine"),
    (12, "positive", "Drug screen positive", "fentanyl · as prescribed: Buprenorphine · Urine"),
    (10, "negative", "Drug screen negative", "Urine"),
    (8, "invalid", "Drug screen invalid", "fentanyl · Urine"),
]


def shown(facts: list[Fact]) -> tuple[list[TimelineItem], Medications]:
    counted = entries(facts)
    return [item for item in timeline(counted) if item.kind == "screen"], Medications.of(counted)


def test_a_line_of_the_timeline_says_what_is_prescribed_and_what_is_not() -> None:
    items, _taken = shown(FACTS)
    today = NOW.toordinal()
    assert [(today - item.day, item.sign, translated(item.title), translated(item.summary)) for item in items] == SAID


def test_the_picture_has_a_sign_and_words_of_its_own_for_what_is_prescribed() -> None:
    items, taken = shown(FACTS)
    [lane] = lanes_of(items, taken, lambda item: "#")
    signs = [mark.sign for mark in lane.marks]
    assert signs == [sign for _days, sign, _title, _line in SAID]
    assert "prescribed" not in GRAVE
    drawn = picture([], items, taken, whole([], items, NOW.toordinal()), NOW.toordinal(), Links(lambda _: "#", lambda a, b: ""))  # fmt: skip
    assert drawn is not None
    assert ("prescribed", "screen that found what is prescribed") in drawn.legend
    assert "Drug screen as prescribed · Buprenorphine" in drawn.drawing


def test_it_is_said_in_spanish_too() -> None:
    items, _taken = shown(FACTS)
    with speaking("es"):
        assert [translated(item.title) for item in items[1:2]] == ["Prueba de drogas según prescripción"]
        assert "según prescripción: Buprenorfina" in translated(items[2].summary)


@pytest.mark.parametrize(
    ("days_ago", "remark"),
    [(30, "–"), (15, "as prescribed"), (12, "as prescribed: buprenorphine"), (8, "not valid")],
)
def test_paper_says_what_is_prescribed(days_ago: int, remark: str) -> None:
    [table] = [block for block in screened(printing(FACTS)) if isinstance(block, Table)]
    newest_first = [8, 10, 12, 15, 30]
    assert table.rows[newest_first.index(days_ago)][3] == remark


def test_an_episode_on_paper_counts_what_was_not_prescribed() -> None:
    chart = Chart("c" * 32, len(FACTS), entries(FACTS))
    [episode] = episodes(chart, NOW.toordinal())
    said = screens_of(printing(FACTS), episode).text
    assert said == "5 given, 2 of them positive for what was not prescribed; 0 missed."
