"""Who the client is: the latest known value of each detail, whenever it was recorded."""

from __future__ import annotations

from datetime import date

from hypothesis import given as drawn, settings

from api.documents.person import latest_name
from api.web.storyboard.header import name_of
from api.web.writing.defaults import defaults
from domain.events import ClientDetailsUpdated, ClientRegistered
from infra.interop.fhir.coding import readable
from infra.interop.fhir.mapping import resources
from projections.chart import Chart
from projections.clinical.details import details, names_of
from tests.histories import histories
from tests.spec import Fact, ago, entries, fact


def charted(*facts: Fact) -> Chart:
    return Chart("c" * 32, len(facts), entries(list(facts)))


REGISTERED = fact(ClientRegistered(name="Ann Bell", birth_date=date(1990, 4, 1), phone="555-0100"), ago(30))


def test_what_an_update_leaves_out_stays_and_a_late_entry_counts_at_its_own_time() -> None:
    moved = fact(ClientDetailsUpdated(name="Ann Reed", hispanic=False), ago(5))
    late = fact(ClientDetailsUpdated(name="Ann Cole", phone="555-0199"), ago(10))
    chart = charted(REGISTERED, moved, late)
    assert details(chart) == {
        "name": "Ann Reed", "birth_date": date(1990, 4, 1), "phone": "555-0199", "hispanic": False,
    }  # fmt: skip
    assert names_of(chart.entries) == ["Ann Reed", "Ann Cole", "Ann Bell"]
    assert defaults("update-details", chart.entries, "nurse-1")["birth_date"] == "1990-04-01"


@settings(max_examples=30, deadline=None)
@drawn(histories(kinds=(ClientRegistered, ClientDetailsUpdated), most=8))
def test_page_paper_patient_form_and_index_have_one_name(facts: list[Fact]) -> None:
    chart = charted(*facts)
    name = details(chart).get("name", "")
    assert (name_of(chart.entries), latest_name(chart)) == (name, name)
    assert (names_of(chart.entries) or [""])[0] == name
    assert defaults("update-details", entries(facts), "nurse-1").get("name", "") == name
    patients = list(resources(chart, "C-1", "Patient"))
    assert len(patients) == bool(chart.entries)
    said = readable({"text": name})["text"] if name.strip() else ""
    assert all(one["name"][0].get("text", "") == said for one in patients)
