"""Quality measures by group: the rate of those whose window has passed, and how many are still waiting."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from sqlalchemy import Connection

from projections.base import Row
from projections.columns import ReportRow, estimated
from projections.filters import FilterError, Filters
from projections.quality.definition import MEASURES
from projections.quality.tables import TALLY
from projections.tally import Group, in_order

Counts = Counter[str]


def quality(connection: Connection, filters: Filters, today: date, measure: str | None = None) -> list[ReportRow]:
    """One row a group and measure: numerator, denominator, share with its 95 % interval, those not yet observable.

    Beside them those of whom the record cannot tell (in neither), and of the denominator those of whom nothing is
    recorded after the index event and those whose result rests on a prescription without a stop.

    The period and the groups are those of the stay that the index event belongs to. A diagnosis counts by its
    own day and the site that recorded it, a prescription outside any stay by its own day.

    Raises:
        FilterError: no such measure, group or filter.
    """
    if measure is not None and measure not in MEASURES:
        msg = f"no measure {measure!r}: choose from {', '.join(MEASURES)}"
        raise FilterError(msg)
    settled: defaultdict[tuple[str, Group], Counts] = defaultdict(Counter)
    for group, keys, n in TALLY.read(connection, filters):
        _count(settled[keys[0], group], keys, n)
    for group, keys, n in TALLY.open(connection, filters, today.toordinal()):
        counts = settled[keys[0], group]
        _count(counts, keys, -n)
        counts["not_yet"] += n
    return [
        _row(filters, group, name, settled[name, group])
        for name in ([measure] if measure else MEASURES)
        for group in in_order(filters, {group for measured, group in settled if measured == name})
    ]


def _count(counts: Counts, keys: Row, n: int) -> None:
    """Add ``n`` index events of one kind to the numbers that they are in."""
    _, state, never_observed, open_prescription = keys
    if state == "unknown":
        counts["unknown"] += n
        return
    counts["denominator"] += n
    counts["numerator"] += n * (state == "met")
    counts["never_observed"] += n * never_observed
    counts["open_prescriptions"] += n * open_prescription


def _row(filters: Filters, group: Group, name: str, counts: Counts) -> ReportRow:
    rule = MEASURES[name]
    estimate = estimated(counts["numerator"], counts["denominator"])
    if rule.needs_a_record and counts["never_observed"] == counts["denominator"]:
        estimate |= {"share": None, "ci_low": None, "ci_high": None}
    return {
        **dict(zip(filters.by, group, strict=True)),
        "measure": name,
        **estimate,
        **{number: counts[number] for number in ("not_yet", "unknown", "never_observed", "open_prescriptions")},
        "definition": rule.definition,
        "source": rule.source,
    }
