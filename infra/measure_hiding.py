"""Small groups hidden in the reports of measures, as every role but clinician and auditor sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from infra.report_kinds import ReportParams, Rows
from projections.suppression import SMALLEST_SHOWN, hide_counts, hide_estimates, small

ESTIMATE = ("share", "ci_low", "ci_high")
PARTS = ("to", "step", "reason")


def hidden_shares(_: ReportParams, rows: Rows) -> Rows:
    """Rates by measure: small numerators, complements and denominators hidden, and how many are still waiting."""
    by_measure: dict[str, Rows] = {}
    for row in rows:
        by_measure.setdefault(str(row.get("measure", "")), []).append(_without(row, ("not_yet",)))
    return [row for own in by_measure.values() for row in hide_estimates(own, "numerator", "denominator", ESTIMATE)]


def hidden_parts(params: ReportParams, rows: Rows) -> Rows:
    """Shares that add up to one within a group: hidden as a table of groups by parts, complements included."""
    if params.show == "entries":
        return hidden_entries(rows)
    part = {"": "to", "steps": "step", "ends": "reason"}[params.show]
    names = [name for name in (rows[0] if rows else ()) if name not in _NUMBERS and name != part]
    names = [name for name in names if not (part == "to" and name == "step")]
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    parts = sorted({row[part] for row in rows})
    for row in rows:
        key = tuple(row[name] for name in names)
        table = groups.setdefault(key, {"total": row["denominator"], **dict.fromkeys(parts, 0)})
        table[row[part]] = row["numerator"]
    shown = dict(zip(groups, hide_counts(list(groups.values()), parts, "total", ()), strict=True))
    return [_as_shown(row, shown[tuple(row[name] for name in names)], part) for row in rows]


_NUMBERS = frozenset({"count", "numerator", "denominator", "not_yet", *ESTIMATE})


def _as_shown(row: dict[str, Any], shown: dict[str, Any], part: str) -> dict[str, Any]:
    """A row without what its group's table hides; counts of what is not settled would give it away."""
    row = _without(row, ("count", "not_yet"))
    row["numerator"] = shown[row[part]]
    row["denominator"] = shown["total"]
    hidden = row["numerator"] is None or row["denominator"] is None
    if hidden:
        row = _without(row, ESTIMATE)
    return {**row, "suppressed": hidden}


def hidden_entries(rows: Rows) -> Rows:
    """Entries by group: first and repeated ones are each other's complement."""
    return hide_estimates(rows, "numerator", "entries", ("first_entries", "denominator", *ESTIMATE))


def hidden_attendance(params: ReportParams, rows: Rows) -> Rows:
    """Groups of few stays or sessions are hidden whole: what is counted in them comes from few people."""
    if params.show == "sessions":
        return _hidden_groups(rows, "offered")
    if params.show == "bounds":
        return hide_estimates(rows, "numerator", "denominator", ("below", "above", *ESTIMATE))
    return _hidden_groups(rows, "stays")


def hidden_prevalence(_: ReportParams, rows: Rows) -> Rows:
    """By milestone; the share among those reached goes too where few were, or few were not."""
    names = ("reached", "share_reached", "reached_low", "reached_high")
    found: Rows = []
    for milestone in dict.fromkeys(row["milestone"] for row in rows):
        own = [_without(row, ("not_yet",)) for row in rows if row["milestone"] == milestone]
        by_reach = hide_estimates(own, "reached", "denominator", ())
        of_all = hide_estimates(own, "numerator", "denominator", (*ESTIMATE, *names))
        for row, reach in zip(of_all, by_reach, strict=True):
            few = reach["suppressed"] or small(_less(row["reached"], row["numerator"]))
            found.append({**(_without(row, names) if few else row), "suppressed": row["suppressed"] or few})
    return found


def hidden_followback(_: ReportParams, rows: Rows) -> Rows:
    """Quartiles of few clients are hidden."""
    return _hidden_groups(rows, "clients")


def hidden_agreement(_: ReportParams, rows: Rows) -> Rows:
    """The four cells of each table; a hidden one takes what is computed from it along."""
    parts = ("both", "screen_only", "report_only", "neither")
    derived = ("numerator", *ESTIMATE, "kappa", "kappa_low", "kappa_high")
    return _by_name(rows, "target", lambda own: hide_counts(own, parts, "denominator", derived))


def hidden_outcomes(_: ReportParams, rows: Rows) -> Rows:
    """Means of few episodes, and shares of few people, are hidden; the worse ones are often few, so always."""
    derived = ("episodes", "mean_first", "mean_last", "mean_change", "sd_change", "change_low", "change_high")
    rows = [{**row, "worse": None} for row in rows]
    return _by_name(
        rows, "instrument", lambda own: hide_estimates(own, "numerator", "denominator", (*derived, *ESTIMATE))
    )


def hidden_comparison(_: ReportParams, rows: Rows) -> Rows:
    """A rate is hidden on both sides where either is of few: one side and the difference would give the other away."""
    found: Rows = []
    for row in rows:
        few = False
        for side in ("first", "second"):
            counted, people = row[f"{side}_numerator"], row[f"{side}_denominator"]
            few = few or small(people) or small(counted) or small(people - counted)
        numbers = [name for name, value in row.items() if isinstance(value, int | float)]
        hidden = {**_without(row, numbers), "test": "", "warning": ""}
        found.append({**(hidden if few else row), "suppressed": few})
    return found


def _by_name(rows: Rows, name: str, hide: Callable[[Rows], Rows]) -> Rows:
    """Rows hidden among those of the same measure, which alone can be compared."""
    own: dict[str, Rows] = {}
    for row in rows:
        own.setdefault(str(row.get(name, "")), []).append(row)
    return [row for some in own.values() for row in hide(some)]


def _less(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part


def _hidden_groups(rows: Rows, people: str) -> Rows:
    few = [row[people] < SMALLEST_SHOWN for row in rows]
    if sum(few) == 1 and len(rows) > 1:  # one alone would follow from the whole
        others = [place for place, is_few in enumerate(few) if not is_few]
        few[min(others, key=lambda place: rows[place][people])] = True
    numbers = [name for name, value in (rows[0] if rows else {}).items() if not isinstance(value, str)]
    return [
        {**(_without(row, numbers) if is_few else row), "suppressed": is_few}
        for row, is_few in zip(rows, few, strict=True)
    ]


def _without(row: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: None if name in names else value for name, value in row.items()}
