"""Who the person is at baseline, and that they were screened."""

from __future__ import annotations

from typing import Final

from infra.interop.importers.ctn0094.chart import ASSESSED, DETAILS_KNOWN, Chart
from infra.interop.importers.ctn0094.tables import Details, OnDay

_SEX: Final = {"Yes": "male", "No": "female"}
_YES_NO: Final = {"Yes": True, "No": False}
# The table says that a person was screened for a study of outpatient treatment and on which day, not what was
# found. The entry is marked as unrated, so that no rule and no reader takes its other fields for findings.
_SCREENING: Final[dict[str, object]] = {
    "assessor": "study screening",
    "edition": 3,
    "asam": [None, None, None, None, None, None],
    "recommended_level": "standard_outpatient",
    "needs_24h_supervision": False,
    "mental_health_severity": "none",
    "home": "supportive",
    "substance_free_home": True,
    "motivated": True,
    "unrated": True,
}


def add_details(chart: Chart, rows: list[Details]) -> None:
    """``ClientDetailsUpdated`` on the day of consent, without identity; what is not known is left out."""
    for row in rows:
        known: dict[str, object | None] = {
            "age": row.age,
            "sex": _SEX.get(row.male),
            "race": row.race or None,
            "hispanic": _YES_NO.get(row.hispanic),
            "education": row.education or None,
            "employment": row.job or None,
            "marital_status": row.marital or None,
            "living_stable": _YES_NO.get(row.living_stable),
        }
        data = {name: value for name, value in known.items() if value is not None}
        if not data:
            chart.account.leave("demographics", row.row, chart.who, "nothing is known of the person")
            continue
        chart.account.use("demographics", row.row)
        chart.add("demographics", "ClientDetailsUpdated", 0, DETAILS_KNOWN, data)


def add_screening(chart: Chart, rows: list[OnDay]) -> None:
    """``AssessmentCompleted`` on the screening day, marked as unrated."""
    for row in rows:
        if row.day is None:
            chart.account.leave("screening_date", row.row, chart.who, "no day")
            continue
        chart.account.use("screening_date", row.row)
        chart.add("screening_date", "AssessmentCompleted", row.day, ASSESSED, dict(_SCREENING))
