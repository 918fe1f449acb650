"""How the reports of measures hide small groups: their figures by group, and what of their rows rests on which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from infra.hiding import Figures, Hiding, Mask
from infra.report_kinds import ReportParams, Rows
from infra.services import Services
from projections.abstinence import queries as abstinence
from projections.agreement import queries as agreement, tables as agreement_tables
from projections.attendance import queries as attendance, tables as attendance_tables
from projections.flow import queries as flow
from projections.followback import queries as followback
from projections.outcomes import queries as outcomes
from projections.prevalence import queries as prevalence
from projections.quality import queries as quality
from projections.safe_groups import Figure
from projections.safe_people import clients

Row = Mapping[str, Any]
ESTIMATE = ("share", "ci_low", "ci_high")
# What the first of each counts, the second counts too: the difference of both is a group as well.
NESTED = {
    "detox_continuity_7": "detox_continuity_14",
    "lower_level_14": "detox_continuity_14",
    "iet_engagement": "iet_initiation",
    "follow_up_7": "follow_up_30",
    "readmission_30": "readmission_90",
    "four_consecutive_negative": "three_consecutive_negative",
    "first_use_observed": "first_use",
    "relapse_two_of_four": "first_use",
    "relapse_three_weeks": "relapse_two_of_four",
    "relapse_three_consecutive": "relapse_two_of_four",
    "relapse_from_week_4": "relapse_two_of_four",
    "relapse_ctn0094": "relapse_three_weeks",
    "relapse_ctn0051": "relapse_ctn0094",
    "dropout_ctn0094": "relapse_ctn0094",
}
_POPULATIONS = {"lower_level": "detox", "detox": "detox", "iet": "iet", "follow": "follow_up", "readmission": "again"}


def _groups(params: ReportParams, rows: Rows) -> Iterator[tuple[tuple[str, ...], Rows]]:
    by = params.filters(()).by
    found: dict[tuple[str, ...], Rows] = {}
    for row in rows:
        found.setdefault(tuple(str(row[name]) for name in by), []).append(row)
    yield from found.items()


def _shares(params: ReportParams, rows: Rows, name: str) -> Figures:
    """Figures of rates: counted and not counted; of a measure within a wider one, also those of the wider alone."""
    found: Figures = {}
    for group, own in _groups(params, rows):
        above = {str(row[name]): row["numerator"] for row in own}
        figures = found.setdefault(group, {})
        for row in own:
            measure, counted, of = str(row[name]), row["numerator"], row["denominator"]
            outcome = () if counted is None else (counted, of - counted, abs(_wider(measure, above) - counted))
            figures[measure] = Figure((of,), outcome)
    return found


def _wider(measure: str, above: Mapping[str, int]) -> int:
    return above.get(NESTED.get(measure, measure), above[measure])


def _rate(figure: str, *others: str) -> list[Mask]:
    return [Mask(figure, ("denominator",), ("numerator", *ESTIMATE, *others))]


def _quality(services: Services, connection: Connection, params: ReportParams) -> Figures:
    return _shares(params, quality.quality(connection, params.filters(()), services.today()), "measure")


def _population(measure: str) -> str:
    return next((name for start, name in _POPULATIONS.items() if measure.startswith(start)), measure)


QUALITY = Hiding(_quality, lambda row: _rate(row["measure"]), _population, ("not_yet",))


def _abstinence(services: Services, connection: Connection, params: ReportParams) -> Figures:
    measures = abstinence.all_measures(services.settings.measures_file)
    wanted = params.measure if params.measure in measures else None
    asked = [wanted, *([NESTED[wanted]] if wanted in NESTED else [])]
    filters = params.filters(())
    rows = [row for measure in asked for row in abstinence.rates(connection, filters, measures, measure)]
    return _shares(params, rows, "measure")


def _of_measure(row: Row) -> Iterable[Mask]:
    values = ("mean", "q1", "median", "q3")
    return [Mask(row["measure"], ("stays", "denominator"), ("numerator", *ESTIMATE, *values))]


ABSTINENCE = Hiding(_abstinence, _of_measure, lambda _: "stays")


def _prevalence(services: Services, connection: Connection, params: ReportParams) -> Figures:
    found: Figures = {}
    for group, rows in _groups(params, prevalence.prevalence(connection, params.filters(()), services.today())):
        for row in rows:
            above, reached, of = row["numerator"], row["reached"], row["denominator"]
            outcome = (above, reached - above, of - reached)
            found.setdefault(group, {})[str(row["milestone"])] = Figure((of,), outcome)
    return found


_REACHED = ("reached", "share_reached", "reached_low", "reached_high")
PREVALENCE = Hiding(
    _prevalence, lambda row: _rate(str(row["milestone"]), *_REACHED), lambda _: "left", never=("not_yet",)
)


def _followback(services: Services, connection: Connection, params: ReportParams) -> Figures:
    found = followback.followback(connection, params.filters(()), services.today())
    return {
        group: {"clients": Figure((row["clients"],), (row["reported_use"], row["clients"] - row["reported_use"]))}
        for group, (row,) in _groups(params, found)
    }


_RUNS = tuple(f"longest_run_{name}" for name in followback.QUARTERS)
_SINCE = tuple(f"days_since_use_{name}" for name in followback.QUARTERS)
FOLLOWBACK = Hiding(_followback, lambda _: [Mask("clients", ("clients", *_RUNS), ("reported_use", *_SINCE))])


def _agreement(_: Services, connection: Connection, params: ReportParams) -> Figures:
    filters = params.filters(())
    people = clients(connection, agreement_tables.AGREEMENT, filters, ("target",))
    found: Figures = {}
    for group, rows in _groups(params, agreement.agreement(connection, filters)):
        for row in rows:
            total = (people.get((group, (row["target"],)), 0), row["denominator"])
            outcome = tuple(row[name] for name in PAIRS)
            found.setdefault(group, {})[row["target"]] = Figure(total, outcome)
    return found


PAIRS = ("both", "screen_only", "report_only", "neither")
AGREEMENT = Hiding(
    _agreement, lambda row: _rate(row["target"], *PAIRS, "kappa", "kappa_low", "kappa_high"), lambda _: "screens"
)


def _outcomes(_: Services, connection: Connection, params: ReportParams) -> Figures:
    return _shares(params, outcomes.outcomes(connection, params.filters(())), "instrument")


_MEANS = ("mean_first", "mean_last", "mean_change", "sd_change", "change_low", "change_high")
OUTCOMES = Hiding(
    _outcomes,
    lambda row: [Mask(row["instrument"], ("episodes", "denominator", *_MEANS), ("numerator", *ESTIMATE))],
    lambda _: "episodes",
    never=("worse",),  # often few
)


def _entries(_: Services, connection: Connection, params: ReportParams) -> Figures:
    found = flow.entries(connection, params.filters(()))
    return {
        group: {"entries": Figure((row["entries"],), (row["first_entries"], row["numerator"]))}
        for group, (row,) in _groups(params, found)
    }


ENTRIES = Hiding(
    _entries, lambda _: [Mask("entries", ("entries", "denominator"), ("first_entries", "numerator", *ESTIMATE))]
)


def _attendance(_: Services, connection: Connection, params: ReportParams) -> Figures:
    filters = params.filters(())
    found: Figures = {}
    for group, (row,) in _groups(params, attendance.attendance(connection, filters)):
        own = found.setdefault(group, {})
        own["stays"] = Figure((row["stays"],))
        own["hours"] = Figure((row["stays"], row["weeks"]), _within(row))
    for group, rows in _groups(params, attendance.bounds(connection, filters)):
        for bound in ("sessions", "weeks"):
            below, within, above = (
                sum(row[name] for row in rows if row["bound"] == bound) for name in ("below", "numerator", "above")
            )
            own = found.setdefault(group, {})
            own[bound] = Figure((below + within + above,), (below, within, above))
    _add_sessions(connection, params, found)
    return found


def _within(row: Row) -> tuple[int, ...]:
    return tuple(row[f"weeks_{place}_hours"] for place in ("below", "within", "above"))


def _add_sessions(connection: Connection, params: ReportParams, found: Figures) -> None:
    filters = params.filters(())
    people = clients(connection, attendance_tables.SESSIONS, filters, ())
    for group, (row,) in _groups(params, attendance.sessions(connection, filters)):
        others = row["missed"] - row["excused"] - row["no_shows"]
        outcome = (row["attended"], row["excused"], row["no_shows"], others)
        found.setdefault(group, {})["offered"] = Figure((people.get((group, ()), 0), row["offered"]), outcome)


def _sessions(_: Services, connection: Connection, params: ReportParams) -> Figures:
    found: Figures = {}
    _add_sessions(connection, params, found)
    return found


_RATES = ("attendance_rate", "ci_low", "ci_high", "no_show_rate", "no_show_low", "no_show_high")
_OFFERED = Mask("offered", ("offered",), ("attended", "missed", "excused", "no_shows", *_RATES))
_WEEKS = ("weeks", "sessions_per_week", "hours_per_week", "planned_per_week", "received_of_planned")
_HOURS = ("weeks_below_hours", "weeks_within_hours", "weeks_above_hours")
_BANDS = (*_HOURS, "within_hours", "within_hours_low", "within_hours_high")
_RECEIVED = (Mask("stays", ("stays",)), Mask("hours", _WEEKS, _BANDS), _OFFERED)


def _of_service(figure: str) -> str:
    return "sessions" if figure == "offered" else "service"


ATTENDANCE = Hiding(_attendance, lambda _: _RECEIVED, _of_service)
BOUNDS = Hiding(_attendance, lambda row: _rate(row["bound"], "below", "above"), _of_service)
SESSIONS = Hiding(_sessions, lambda _: [_OFFERED], _of_service)
