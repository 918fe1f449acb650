"""Agreement of self-report with screens by group: the 2 × 2 table, percent agreement, Cohen's kappa."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from projections.agreement.fold import TARGETS
from projections.agreement.tables import TALLY
from projections.columns import ReportRow, estimated
from projections.filters import Filters
from projections.statistics import cohen_kappa
from projections.tally import Group, in_order

DEFINITION = (
    "Each valid screen beside what the client reports: use if they report any on its day or in the 3 days before it, "
    "no use if they report all 3 days before it as without; a screen with neither is not paired. By set of target "
    "substances; what is prescribed is no use. A screen counts with the stay that was open when it was taken; "
    "outside of every stay it is not counted. Percent agreement, and Cohen's kappa: agreement beyond chance. Screens "
    "are counted, not clients: intervals take them as independent and are too narrow where few clients have most."
)
SOURCE = "Cohen 1960; interval of kappa by Fleiss, Cohen & Everitt 1969; Wilson score interval, 95 %"


def agreement(connection: Connection, filters: Filters, target: str | None = None) -> list[ReportRow]:
    """One row a group and target set; ``kappa`` is None where it is not defined (all pairs alike).

    Raises:
        FilterError: a group or filter that tallies do not have.
    """
    counts: dict[tuple[Group, str], Counter[str]] = {}
    for group, (name, pair), n in TALLY.read(connection, filters):
        counts.setdefault((group, name), Counter())[pair] += n
    return [
        {**dict(zip(filters.by, group, strict=True)), "target": name, **_row(counts[group, name])}
        for group in in_order(filters, {group for group, _ in counts})
        for name in ([target] if target else TARGETS)
        if (group, name) in counts
    ]


def _row(pairs: Counter[str]) -> ReportRow:
    both, screen, report, neither = (pairs[name] for name in ("both", "screen", "report", "neither"))
    kappa = cohen_kappa(both, screen, report, neither)
    return {
        "both": both,
        "screen_only": screen,
        "report_only": report,
        "neither": neither,
        **estimated(both + neither, pairs.total()),
        "kappa": kappa.rate,
        "kappa_low": kappa.low,
        "kappa_high": kappa.high,
    }
