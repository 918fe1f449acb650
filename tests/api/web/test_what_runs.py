"""Page, picture, printed summary, status, FHIR and measures say the same of what is prescribed, whatever was recorded."""

from __future__ import annotations

from typing import Any

from hypothesis import given as drawn, settings, strategies as st

from api.documents.clinical import medication as on_paper
from api.i18n.formats import day
from api.web.clients.picture_lanes import lanes_of
from api.web.storyboard.facts import medication as on_the_page
from api.web.writing.defaults import defaults
from domain.events import CATALOGUE, EntryCorrected, EntryRetracted, Replacement
from domain.levels import LEVELS
from infra.interop.fhir.mapping import resources
from infra.pdf.document import Table
from projections.abstinence.fold import _screens as screens_of
from projections.chart import Chart
from projections.clinical.coverage import coverage, prescriptions
from projections.clinical.medication import MAT_CLASSES, Medications, drug_key
from projections.status.fold import fold as status
from projections.status.tables import STATUS
from projections.timeline.fold import timeline
from tests.api.web.test_printing import printing
from tests.spec import NOW, Fact, ago, entries, fact

NAMES = ("Buprenorphine", "buprenorphine", " BUPRENORPHINE", "Methadone", "ｍethadone", "trazodone", "Trazodone  XR")
CLASS = {"b": "partial_agonist", "m": "agonist", "t": "psychiatric"}


def told(kind: str, days_ago: float, /, **data: Any) -> Fact:
    return fact(CATALOGUE.parse(kind, data), ago(days_ago))


def begun(days_ago: float, drug: str) -> Fact:
    return told("MedicationStarted", days_ago, drug=drug, **{"class": CLASS[drug_key(drug)[0]]})


def stopped(days_ago: float, drug: str) -> Fact:
    return told("MedicationStopped", days_ago, drug=drug)


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Starts and stops in any order of recording, some corrected to another drug or day, some retracted."""
    days = st.integers(1, 30)
    facts = draw(st.lists(st.builds(lambda make, at, name: make(at, name), st.sampled_from((begun, stopped)), days, st.sampled_from(NAMES)), min_size=1, max_size=8))  # fmt: skip
    for target in draw(st.lists(st.sampled_from(facts), max_size=2, unique_by=id)):
        if draw(st.booleans()):
            facts.append(fact(EntryRetracted(target=target.id, reason="made in error"), ago(0.5)))
            continue
        new = draw(st.sampled_from((begun, stopped)))(draw(days), draw(st.sampled_from(NAMES)))
        data = new.event.model_dump(mode="json", by_alias=True, exclude_none=True)
        replacement = Replacement(type=type(new.event).__name__, occurred_at=new.at, data=data)
        corrected = EntryCorrected(target=target.id, replacement=replacement, reason="other drug")
        facts.append(fact(CATALOGUE.parse("EntryCorrected", corrected.model_dump()), ago(0.5)))
    return facts


def page(chart: Chart) -> set[str]:
    return {drug_key(line) for line in on_the_page(chart.entries)}


def paper(facts: list[Fact]) -> set[str]:
    [section] = on_paper(printing(facts))
    rows = [row for block in section.blocks if isinstance(block, Table) for row in block.rows]
    return {drug_key(row[0]) for row in rows if row[4] == "goes on"}


def fhir(chart: Chart) -> list[str]:
    found = resources(chart, "C-1", "MedicationRequest")
    return [drug_key(one["medicationCodeableConcept"]["text"]) for one in found if one["status"] == "active"]


def picture(chart: Chart) -> list[str]:
    lanes = lanes_of(timeline(chart.entries), Medications.of(chart.entries), lambda item: item.event_id)
    by_id = {entry.event_id: entry.event for entry in chart.entries}
    spans = [span for lane in lanes if lane.name == "Medication" for span in lane.spans if span.end is None]
    return [drug_key(getattr(by_id[span.link], "drug", "")) for span in spans]


def in_status(chart: Chart) -> str:
    [row] = status(chart)["client_status"]
    return drug_key(row[[column.name for column in STATUS.columns].index("drug")])


@settings(max_examples=60, deadline=None)
@drawn(histories())
def test_every_reader_says_the_same_of_what_runs(facts: list[Fact]) -> None:
    chart = Chart("c" * 32, len(facts), entries(facts))
    if not chart.entries:
        return
    runs = page(chart)
    assert paper(facts) == runs
    assert sorted(picture(chart)) == sorted(runs)
    assert sorted(runs) == sorted(fhir(chart))  # one active request a drug, whatever changes of dose there were
    for_addiction = {name for name in runs if CLASS[name[0]] in MAT_CLASSES}
    assert in_status(chart) in (for_addiction or {""})
    assert any(one.ended is None for _, one, _ in prescriptions(chart)) == bool(for_addiction)


def test_what_is_stopped_in_other_letters_is_stopped_everywhere() -> None:
    facts = [
        told("LevelOfCareStarted", 21, level=LEVELS[3], program="Evening", site="north"),
        begun(20, "Buprenorphine"), stopped(10, "buprenorphine"),
        told("DrugScreenResulted", 15, specimen="urine", positive=["buprenorphine"]),
        told("DrugScreenResulted", 5, specimen="urine", positive=["buprenorphine"]),
    ]  # fmt: skip
    chart = Chart("c" * 32, len(facts), entries(facts))
    assert (page(chart), paper(facts), fhir(chart), in_status(chart)) == (set(), set(), [], "")
    assert [span.end - span.first for span in coverage(chart)] == [10]
    assert [bool(screen.findings) for screen in screens_of(chart)] == [False, True]
    assert "drug" not in defaults("stop-medication", chart.entries, "nurse-1")


def test_the_order_that_changed_another_names_it() -> None:
    facts = [begun(20, "Buprenorphine"), begun(15, "buprenorphine"), stopped(5, "BUPRENORPHINE")]
    made = list(resources(Chart("c" * 32, 3, entries(facts)), "C-1", "MedicationRequest"))
    assert [one["status"] for one in made] == ["completed", "stopped"]
    assert made[1]["priorPrescription"] == {"reference": f"MedicationRequest/{made[0]['id']}"}


def test_the_picture_draws_each_order_to_its_change_or_stop() -> None:
    facts = [
        begun(20, "Buprenorphine"),
        begun(15, "buprenorphine"),
        stopped(5, "BUPRENORPHINE"),
        stopped(4, "methadone"),
    ]
    facts += [
        told("LeaveStarted", 12, kind="jail"),
        told("LeaveEnded", 9, kind="jail"),
        told("LeaveStarted", 3, kind="jail"),
    ]
    chart = Chart("c" * 32, len(facts), entries(facts))
    lanes = lanes_of(timeline(chart.entries), Medications.of(chart.entries), lambda item: "")
    today = NOW.toordinal()
    assert [(lane.name, [(span.start - today, span.end and span.end - today) for span in lane.spans]) for lane in lanes] == [
        ("Medication", [(-20, -15), (-15, -5)]), ("Leaves", [(-12, -9), (-3, None)]),
    ]  # fmt: skip


def test_what_was_given_in_another_dose_than_ordered_says_so() -> None:
    order = told("MedicationStarted", 9, drug="buprenorphine", dose_mg=8, **{"class": "partial_agonist"})
    given = told("MedicationGiven", 3, drug="Buprenorphine", dose_mg=16)
    as_ordered = told("MedicationGiven", 2, drug="buprenorphine", dose_mg=8)
    unsaid = told("MedicationGiven", 1, drug="buprenorphine")
    lines = [on_the_page(entries([order, *later])) for later in ((), (given,), (given, as_ordered), (given, unsaid))]
    assert lines == [
        ["buprenorphine 8 mg"],
        [f"buprenorphine 8 mg, last given {day(ago(3).date())}: 16 mg"],
        [f"buprenorphine 8 mg, last given {day(ago(2).date())}"],
        [f"buprenorphine 8 mg, last given {day(ago(1).date())}"],
    ]
