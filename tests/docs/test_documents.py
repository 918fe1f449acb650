"""The documents say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from projections.abstinence.measures import load_measures
from tools.docs.decisions import index_page
from tools.docs.documents import events_page, measures_page, settings_page
from tools.docs.house_document import house_page, without_now
from tools.docs.own_measures import EXAMPLE
from tools.docs.report_document import reports_page

DOCS = Path(__file__).parent.parent.parent / "docs"


PAGES = {
    "decisions/README.md": index_page,
    "events.md": events_page,
    "measures.md": measures_page,
    "reports.md": reports_page,
    "settings.md": settings_page,
}


@pytest.mark.parametrize(("name", "page"), PAGES.items(), ids=PAGES)
def test_a_made_page_is_up_to_date(name: str, page: object) -> None:
    assert callable(page)
    assert (DOCS / name).read_text() == page(), "run `python -m tools.docs`"


def test_the_page_of_counts_has_every_row_and_what_is_held() -> None:
    page = (DOCS / "house.md").read_text()
    assert without_now(page) == without_now(house_page()), "run `python -m tools.docs`"


def test_the_example_of_an_own_measure_loads(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(EXAMPLE)
    assert [measure.id for measure in load_measures(file)] == [
        *("two_clean_weeks", "alcohol_relapse", "fentanyl_or_xylazine"),
    ]


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for page in [*DOCS.parent.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
