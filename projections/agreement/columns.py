"""The columns of agreement of self-report with screens."""

from __future__ import annotations

from domain.phrases import Phrase
from projections.columns import (
    Column,
    estimate,
    placed,
)

GROUP_COLUMNS = placed(Phrase("the latest stay begun by the day of the screen"))
COLUMNS = (
    Column("target", "text", "The set of substances looked for: opioid, alcohol, cocaine or any_illicit."),
    Column("both", "count", "Screens that show use where the client reports use too."),
    Column("screen_only", "count", "Screens that show use where the client reports none."),
    Column("report_only", "count", "Screens that show no use where the client reports use."),
    Column("neither", "count", "Screens that show no use where the client reports none either."),
    *estimate("Screens that agree with the report: both and neither.", "Screens that stand beside a report."),
    Column("kappa", "number", "Cohen's kappa, -1 to 1: agreement beyond chance; empty where all pairs are alike."),
    Column(
        "kappa_low",
        "number",
        "Lower bound of the 95 % interval of kappa (Fleiss, Cohen & Everitt); "
        "empty where its variance is nothing, as where all agree.",
    ),
    Column(
        "kappa_high",
        "number",
        "Upper bound of the 95 % interval of kappa (Fleiss, Cohen & Everitt); "
        "empty where its variance is nothing, as where all agree.",
    ),
)
