"""Retention by group: Kaplan–Meier from the lengths of ended stays and the open ones so far."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from itertools import combinations

from sqlalchemy import Connection

from projections.columns import ReportRow, names
from projections.filters import FilterError, Filters
from projections.retention.columns import CURVE_COLUMNS, GROUP_COLUMNS, MILESTONES
from projections.statistics import Survival, kaplan_meier, log_rank
from projections.stays.queries import ended_stays, open_stays
from projections.tally import in_order
from projections.time_to_event.definition import Endpoint
from projections.time_to_event.durations import Followed, followed

GROUPS = names(GROUP_COLUMNS)
MAX_COMPARED = 8
DEFINITION = (
    "The share of stays still open so many days after they began, by Kaplan–Meier: every end of a stay is an event, "
    "whatever its reason; stays that are still open count for as long as they have lasted, or, where that is asked, "
    "until the last contact. Reasons that are named end observation instead: such an end is censored. Bands are 95 % "
    "(Greenwood, log-log); there is none before the first end and where nobody is left. A period with the discharge "
    "cohort would leave the open stays out, so it means admissions."
)
SOURCE = "Kaplan & Meier 1958; bands as in Kalbfleisch & Prentice 1980; log-rank test by Mantel 1966"


Counts = Counter[tuple[int, int]]
OPEN_UNTIL_TODAY = Endpoint("admission", "discharge", censor="today")
"""Every end of a stay is the event, and what is open lasts."""


def endpoint_of(censoring: Endpoint) -> Endpoint:
    """Retention by the censoring and the competing reasons of an endpoint; nothing said is as ever.

    Raises:
        FilterError: no such censoring or reason.
    """
    return replace(OPEN_UNTIL_TODAY, censor=censoring.censor or "today", competing=censoring.competing).checked()


def retention(
    connection: Connection, filters: Filters, today: date, until: Endpoint = OPEN_UNTIL_TODAY
) -> list[ReportRow]:
    """One row a group: stays, ends, median days, and the share retained at 30, 60, 90 and 180 days with its band."""
    return [
        {**_named(filters, group), **_summary(kaplan_meier(counts))}
        for group, counts in durations(connection, filters, today, until)
    ]


def curves(
    connection: Connection, filters: Filters, today: date, until: Endpoint = OPEN_UNTIL_TODAY
) -> list[ReportRow]:
    """The steps of each group's curve: day, at risk, ends, share retained, its band."""
    rows: list[ReportRow] = []
    for group, counts in durations(connection, filters, today, until):
        curve = kaplan_meier(counts)
        named = _named(filters, group)
        rows.append({**named, "day": 0, "at_risk": curve.total, "ended": 0, "retained": 1.0, "low": None, "high": None})
        steps = zip(curve.days, curve.at_risk, curve.events, curve.survival, curve.low, curve.high, strict=True)
        rows.extend({**named, **dict(zip(names(CURVE_COLUMNS), step, strict=True))} for step in steps)
    return rows


def compare(
    connection: Connection, filters: Filters, today: date, until: Endpoint = OPEN_UNTIL_TODAY
) -> list[ReportRow]:
    """The log-rank test between each two groups.

    Raises:
        FilterError: more than eight groups.
    """
    groups = durations(connection, filters, today, until)
    if len(groups) > MAX_COMPARED:
        msg = f"{len(groups)} groups are too many to compare in pairs: narrow them with filters to {MAX_COMPARED}"
        raise FilterError(msg)
    rows: list[ReportRow] = []
    for (first, counts), (second, others) in combinations(groups, 2):
        test = log_rank(counts, others)
        rows.append(
            {
                "first": " · ".join(first),
                "second": " · ".join(second),
                "stays": counts.total() + others.total(),
                "statistic": test.statistic if test else None,
                "p_value": test.p_value if test else None,
            }
        )
    return rows


def durations(
    connection: Connection, filters: Filters, today: date, until: Endpoint = OPEN_UNTIL_TODAY
) -> list[tuple[tuple[str, ...], Counts]]:
    """Stays by (days, ended) for each group, levels in the order of the continuum.

    Raises:
        FilterError: a group or filter that stays do not have.
    """
    filters = of_admissions(filters).checked(GROUPS)
    usual = until == OPEN_UNTIL_TODAY
    counts = _whole(connection, filters, today) if usual else _observed(connection, filters, today, until)
    return [(group, counts[group]) for group in in_order(filters, counts)]


def _observed(connection: Connection, filters: Filters, today: date, until: Endpoint) -> dict[tuple[str, ...], Counts]:
    """By the last contact, or without the reasons that end observation."""
    return {
        group: Counter((lasting(episode).days, int(episode.outcome == "event")) for episode in episodes)
        for group, episodes in followed(connection, filters, until, today.toordinal(), each=True).items()
    }


def lasting(episode: Followed) -> Followed:
    """The same, where the end of a stay has come with the length of stay, which is at least a day."""
    return episode if episode.outcome == "censored" else episode._replace(days=max(1, episode.days))


def _whole(connection: Connection, filters: Filters, today: date) -> dict[tuple[str, ...], Counts]:
    """By the counts of ended stays, and the open ones until today."""
    counts: dict[tuple[str, ...], Counts] = defaultdict(Counter)
    for group, _, days, n in ended_stays(connection, filters, "length"):
        counts[group][days, 1] += n
    for group, start_day, n in open_stays(connection, filters):
        counts[group][max(0, today.toordinal() - start_day), 0] += n
    return counts


def of_admissions(filters: Filters) -> Filters:
    """The same question of those admitted in the period: retention follows admissions, whatever was asked."""
    return replace(filters, cohort="admission")


def _summary(curve: Survival) -> ReportRow:
    row: ReportRow = {"stays": curve.total, "ended": curve.ended, "median_days": curve.median}
    for day in MILESTONES:
        point = curve.at(day)
        row[f"retained_{day}"] = point.survival
        row[f"retained_{day}_low"] = point.low
        row[f"retained_{day}_high"] = point.high
        row[f"at_risk_{day}"] = point.at_risk
    return row


def _named(filters: Filters, group: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(filters.by, group, strict=True))
