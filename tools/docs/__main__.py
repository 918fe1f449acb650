"""``python -m tools.docs`` makes the documents of docs/ that are read from the code."""

from __future__ import annotations

from pathlib import Path

from tools.docs.decisions import index_page
from tools.docs.documents import events_page, measures_page, settings_page
from tools.docs.house_document import house_page
from tools.docs.report_document import reports_page

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Write them all."""
    (DOCS / "events.md").write_text(events_page())
    (DOCS / "house.md").write_text(house_page())
    (DOCS / "measures.md").write_text(measures_page())
    (DOCS / "reports.md").write_text(reports_page())
    (DOCS / "settings.md").write_text(settings_page())
    (DOCS / "decisions/README.md").write_text(index_page())


if __name__ == "__main__":
    main()
