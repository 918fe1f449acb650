"""Sections of flow, attendance, quality, outcomes and comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from api.i18n.formats import UNROUNDED, days_title, decimals, p_value
from api.i18n.language import N_, _, translated
from api.web.dashboards import figures, measure_figures
from api.web.dashboards.change_words import compared
from api.web.dashboards.sections import Column, Section, count, groups, interval, mean, share
from api.web.frame.pages import Pages, number, percent
from domain.levels import LEVELS
from domain.phrases import Phrase
from infra.reporting.kinds import ReportParams, Rows
from infra.reporting.reports import run_report
from projections.comparison import period_of
from projections.outcomes.scales import SCALES
from projections.quality.definition import MEASURES as QUALITY
from projections.timeline.words import words

ESTIMATE = (
    count("Counted", "numerator"),
    count("Of", "denominator"),
    share("Share", "share"),
    interval("ci_low", "ci_high"),
)
NOT_YET = count("Not yet", "not_yet")
ON_RECORD = (
    count("Unknown", "unknown"),
    count("Never observed", "never_observed"),
    count("Open prescriptions", "open_prescriptions"),
)
TARGETS = (*LEVELS, "left")
_QUARTILES = {"q1": N_("first quartile"), "median": N_("median"), "q3": N_("third quartile")}


def _flow(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.filters(()).by
    places = tuple(name for name in by if name != "level")
    rows = run_report("flow", pages.services, replace(params, show=""))
    steps = run_report("flow", pages.services, replace(params, show="steps", by=by or ("level",)))
    ends = run_report("flow", pages.services, replace(params, show="ends", by=by or ("level",)))
    for row in steps:
        row["title"] = translated(words(row["step"]) or "")
    entries = run_report("flow", pages.services, replace(params, show="entries", by=by or ("level",)))
    named = groups(by or ("level",))
    matrix = [*groups(places), _text("From", "from"), *(_cell(target) for target in TARGETS), _of_row()]
    caption = N_("Stays that ended, by what followed; shares are of the row")
    return [
        Section("From level to level", caption, matrix, _matrix(rows, places), measure_figures.sankey(rows),
                csv="main", question=_flow_asked(params, "")),
        Section("Each move", "With 95 % intervals (Wilson)", [*groups(places), _text("From", "from"), _text("To", "to"),
                _text("Step", "step"), *ESTIMATE, NOT_YET], rows, question=_flow_asked(params, "")),
        Section("Steps", "Less intensive is a step down", [*named, _text("Step", "title"), *ESTIMATE, NOT_YET], steps,
                figures.rates(steps, (*(by or ("level",)), "title"), "share", "Share of ended stays"), csv="show=steps",
                question=_flow_asked(params, "steps")),
        Section("Where episodes end", "By the last stay's reason", [*named, _text("Reason", "reason"), *ESTIMATE,
                NOT_YET], ends, csv="show=ends", question=_flow_asked(params, "ends")),
        Section("Entries and returns", "Returns are entries after more than 30 days",
                [*named, count("Entries", "entries"), count("First", "first_entries"), *_renamed("Returns")], entries,
                csv="show=entries", question=_flow_asked(params, "entries")),
    ]  # fmt: skip


def _flow_asked(params: ReportParams, show: str) -> tuple[str, ReportParams]:
    by = params.filters(()).by
    return "flow", replace(params, show=show, by=by or ("level",) if show else by)


def _matrix(rows: Rows, places: tuple[str, ...]) -> Rows:
    """One row a group and level left, one cell a level reached."""
    by_place: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        key = tuple(row[name] for name in (*places, "from"))
        cells = by_place.setdefault(key, {name: row[name] for name in (*places, "from")} | {"of": row["denominator"]})
        cells[row["to"]] = row
    return list(by_place.values())


def _cell(target: str) -> Column:
    def show(row: Mapping[str, Any]) -> str:
        move = row.get(target)
        if move is None:
            return "–"
        return f"{number(move['numerator'])} ({percent(move['share'])})"

    def cell(row: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
        return row.get(target, {}), "numerator"

    return Column(figures.name_of(target) if target != "left" else N_("Left"), target, show, cell=cell)


def _of_row() -> Column:
    """What the moves of a row are parts of: the same for each of them."""

    def cell(row: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
        return next(row[target] for target in TARGETS if target in row), "denominator"

    return replace(count("Of", "of"), cell=cell)


def _attendance(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.filters(("level",)).by
    rows = run_report("attendance", pages.services, replace(params, show=""))
    bounds = run_report("attendance", pages.services, replace(params, show="bounds"))
    limits = by if "level" in by else (*by, "level")
    received = [
        *groups(by),
        count("Stays", "stays"),
        count("Weeks", "weeks"),
        mean("Sessions a week", "sessions_per_week"),
        mean("Planned", "planned_per_week"),
        share("Received of planned", "received_of_planned"),
        mean("Hours a week", "hours_per_week"),
    ]
    attended = [
        count("Offered", "offered"),
        count("Attended", "attended"),
        share("Attendance", "attendance_rate"),
        interval("ci_low", "ci_high"),
        count("Excused", "excused"),
        count("No-shows", "no_shows"),
        share("No-show share", "no_show_rate"),
        interval("no_show_low", "no_show_high"),
    ]
    banded = [
        *groups(limits),
        _text("Bound", "bound"),
        count("At least", "least"),
        count("At most", "most"),
        count("Below", "below"),
        count("Above", "above"),
        *ESTIMATE,
    ]
    figure = figures.rates(_as_rates(rows), by, "share", "Sessions attended of those offered")
    return [
        Section("Attendance", "Sessions attended and missed", [*groups(by), *attended], rows, figure,
                csv="main", question=("attendance", replace(params, show=""))),
        Section("Service received", "Whole weeks in the level", received, rows,
                question=("attendance", replace(params, show=""))),
        Section("Against each level's bounds", "Weeks of service; for weeks, ended stays", banded, bounds,
                measure_figures.bands(bounds, limits), csv="show=bounds",
                question=("attendance", replace(params, show="bounds"))),
        *_by_kind(pages, params, attended),
    ]  # fmt: skip


def _by_kind(pages: Pages, params: ReportParams, columns: list[Column]) -> list[Section]:
    kinds = ("kind", "slot")
    grouped = replace(params, show="sessions", by=kinds)
    rows = run_report("attendance", pages.services, grouped)
    named = [*groups(kinds), *columns]
    question = "attendance", grouped
    note = _left_out_of_slots(rows)
    return [
        Section(
            "By kind of session", "Sessions offered", named, rows, note=note, csv="show=sessions", question=question
        )
    ]


def _left_out_of_slots(rows: Rows) -> str:
    """What the rates of slots leave out, where other sessions of the same kind have a slot."""
    placed = {row["kind"] for row in rows if row["slot"]}
    left_out = [row for row in rows if not row["slot"] and row["kind"] in placed]
    if not left_out:
        return ""
    text = _(
        "Of kinds of session that have slots here, {missed} missed and {attended} attended sessions have none: the "
        "rates of the slots leave them out. Where more of those were missed, these rates are too high."
    )
    missed, attended = (sum(row[name] for row in left_out) for name in ("missed", "attended"))
    return text.format(missed=number(missed), attended=number(attended))


def _as_rates(rows: Rows) -> Rows:
    return [
        {**row, "share": row["attendance_rate"], "numerator": row["attended"], "denominator": row["offered"]}
        for row in rows
    ]


def _quality(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.filters(()).by
    rows = run_report("quality", pages.services, params)
    for row in rows:
        row["title"] = translated(QUALITY[row["measure"]].title)
    columns = [*groups(by), _text("Measure", "title"), *ESTIMATE, NOT_YET, *ON_RECORD]
    meaning = [_text("Measure", "title"), _text("Definition", "definition"), _text("Source", "source")]
    shown = list({row["measure"]: row for row in rows}.values())
    figure = figures.rates(rows, ("title", *by), "share", "Share")
    text = _(
        "Not yet: the window has not passed. Unknown: the record cannot tell, and they are in no rate. Never observed: "
        "of those below the line, nothing is recorded after the index event. Open prescriptions: the result rests on a "
        "prescription without a recorded stop."
    )
    return [
        Section(
            "Rates", "Wilson intervals", columns, rows, figure, note=text, csv="main", question=("quality", params)
        ),
        Section("What each measure counts", "Window, denominator and source", meaning, shown),
    ]


def _prevalence(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.filters(()).by
    rows = run_report("prevalence", pages.services, params)
    followback = run_report("followback", pages.services, replace(params, by=by or ("level",)))
    agreement = run_report("agreement", pages.services, params)
    columns = [
        *groups(by),
        count("Days after", "milestone"),
        *ESTIMATE,
        count("Reached", "reached"),
        share("Of those reached", "share_reached"),
        interval("reached_low", "reached_high"),
        NOT_YET,
    ]
    days = [
        *groups(by or ("level",)),
        count("Clients", "clients"),
        *(
            count(Phrase("Days since use, {name}", name=Phrase(quartile)), f"days_since_use_{name}")
            for name, quartile in _QUARTILES.items()
        ),
        *(
            count(Phrase("Longest run, {name}", name=Phrase(quartile)), f"longest_run_{name}")
            for name, quartile in _QUARTILES.items()
        ),
    ]
    pairs = [
        *groups(by),
        _text("Substances", "target"),
        count("Both show use", "both"),
        count("Screen only", "screen_only"),
        count("Report only", "report_only"),
        count("Neither", "neither"),
        share("Agreement", "share"),
        interval("ci_low", "ci_high"),
        mean("Kappa", "kappa"),
        _range("95 % interval", "kappa_low", "kappa_high"),
    ]
    return [
        Section("Abstinent after the last stay", "Of all who left, and of those reached", columns, rows,
                measure_figures.milestones(rows, by), csv="main", question=("prevalence", params)),
        Section("Timeline follow-back", "Quartiles, in days", days, followback, csv="report=followback",
                question=("followback", replace(params, by=by or ("level",)))),
        Section("Self-report against screens", "Screens paired with what was reported", pairs, agreement,
                csv="report=agreement", question=("agreement", params)),
    ]  # fmt: skip


def _outcomes(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.filters(()).by
    rows = run_report("outcomes", pages.services, params)
    for row in rows:
        row["title"] = translated(SCALES[row["instrument"]].title)
    columns = [
        *groups(by),
        _text("Scale", "title"),
        count("Episodes", "episodes"),
        mean("First", "mean_first"),
        mean("Last", "mean_last"),
        mean("Change", "mean_change"),
        _range("95 % interval", "change_low", "change_high"),
        count("Improved", "numerator"),
        share("Share improved", "share"),
        interval("ci_low", "ci_high"),
        count("Worse", "worse"),
    ]
    figure = measure_figures.changes(rows, [figures.label(row, (*by, "title")) for row in rows])
    caption = N_("Means with Student's t intervals")
    question = "outcomes", params
    return [
        Section(
            "Change from first to last",
            caption,
            columns,
            rows,
            figure,
            note=translated(UNROUNDED),
            csv="main",
            question=question,
        )
    ]


def _comparison(pages: Pages, params: ReportParams) -> list[Section]:
    rows = run_report("comparison", pages.services, params)
    for row in rows:
        row["title"] = translated(_title(str(row["measure"])))
        row["first_title"], row["second_title"] = _side_title(row["first"]), _side_title(row["second"])
    first, second = (rows[0]["first_title"], rows[0]["second_title"]) if rows else (_("First"), _("Second"))
    columns = [
        _text("Rate", "title"),
        *_side(first, "first"),
        *_side(second, "second"),
        share("Difference", "difference"),
        interval("ci_low", "ci_high"),
        _text("Test", "test"),
        Column("p", "p_value", lambda row: p_value(row["p_value"])),
        _text("Mind", "warning"),
    ]
    figure = measure_figures.differences(rows, [row["title"] for row in rows])
    caption = N_("Differences with Newcombe intervals; two-sided tests")
    return [
        Section(
            Phrase("{first} and {second}", first=first, second=second),
            caption,
            columns,
            rows,
            figure,
            note=translated(UNROUNDED),
            csv="main",
            question=("comparison", params),
        ),
        Section(
            N_("In words"),
            N_("Each difference in points, and per cent of the second share"),
            [_text("Rate", "title"), Column(N_("Difference"), "in_words", compared, numeric=False)],
            [row for row in rows if compared(row)],
        ),
    ]


def _title(measure: str) -> str:
    """A rate's name as people read it."""
    if measure in QUALITY:
        return QUALITY[measure].title
    scale = measure.removesuffix("_improved")
    if scale in SCALES:
        return Phrase("{scale} improved", scale=Phrase(SCALES[scale].title))
    name = words(measure) or ""
    return Phrase("{name} days", name=name) if measure.startswith("abstinent_after_") else name


def _side_title(side: str) -> str:
    """A side of the comparison as people read it: the name of a group, or its days."""
    if days := period_of(side):
        return days_title(*days)
    return figures.name_of(side)


def _side(name: str, side: str) -> list[Column]:
    def counted(row: Mapping[str, Any]) -> str:
        above, below = row[f"{side}_numerator"], row[f"{side}_denominator"]
        return _("{part} of {whole}").format(part=number(above), whole=number(below))

    def cell(row: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
        return row, f"{side}_numerator"

    counts = (f"{side}_numerator", f"{side}_denominator")
    return [Column(name, side, counted, cell=cell, of=counts), share("Share", f"{side}_share")]


def _text(title: str, name: str) -> Column:
    return Column(title, name, lambda row: _said(row[name]), numeric=False)


def _said(value: Any) -> str:
    text = str(value)
    if not text:
        return ""
    known = figures.name_of(_(text))
    return known if known != text or not text.islower() or " " in text else translated(words(text) or "")


def _range(title: str, low: str, high: str) -> Column:
    def show(row: Mapping[str, Any]) -> str:
        if row[low] is None:
            return "–"
        return _("{low} to {high}").format(low=decimals(row[low]), high=decimals(row[high]))

    return Column(title, low, show, of=(low, high))


def _renamed(title: str) -> list[Column]:
    return [count(title, "numerator"), share("Share", "share"), interval("ci_low", "ci_high")]


MEASURE_SECTIONS: dict[str, Callable[[Pages, ReportParams], list[Section]]] = {
    "flow": _flow,
    "attendance": _attendance,
    "quality": _quality,
    "prevalence": _prevalence,
    "outcomes": _outcomes,
    "comparison": _comparison,
}
