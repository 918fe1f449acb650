"""Who the client is, on paper."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.documents.printout import Printing
from api.documents.words import facts, words, yes
from api.i18n.formats import day
from api.i18n.language import _
from infra.pdf.document import Section
from projections.chart import Chart
from projections.clinical.details import details
from projections.clinical_summary.person import other_numbers


def latest_name(chart: Chart) -> str:
    """The client's name, or nothing."""
    return str(details(chart).get("name", ""))


def born_of(printing: Printing) -> date | None:
    """The client's day of birth, or None."""
    return details(printing.chart).get("birth_date")


def person(printing: Printing) -> Section:
    """Details of the client that are known."""
    known = details(printing.chart)
    born = born_of(printing)
    return Section(
        _("Client"),
        facts(
            (_("Name"), known.get("name")),
            (_("Chart number"), printing.reference),
            (_("Also charted under"), ", ".join(other_numbers(printing.chart))),
            (_("Born"), day(born) if born else None),
            *((words(field), _value(value)) for field, value in known.items() if field not in {"name", "birth_date"}),
        ),
    )


def _value(value: Any) -> str:
    return yes(value) if isinstance(value, bool) else str(value)
