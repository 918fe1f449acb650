"""Sections of retention and time to event: curves, their figures, and the test between groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from api.i18n.formats import decimals, p_value
from api.i18n.language import N_, _, translated
from api.web.dashboards import figures
from api.web.dashboards.sections import Column, Section, count, groups, interval, share
from api.web.frame.pages import Pages
from domain.levels import LEVELS_OF_CARE, title
from domain.phrases import Phrase
from infra.reporting.kinds import ReportParams, Rows
from infra.reporting.reports import TIME_TO_EVENT, run_report
from projections.retention.queries import MILESTONES
from projections.time_to_event.definition import EVENTS, STARTS, days_of_curve
from projections.time_to_event.queries import MAX_COMPARED


def _retention(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.filters(("level",)).by
    rows = run_report("retention", pages.services, params)
    curve = run_report("retention", pages.services, replace(params, show="curve"))
    columns = [*groups(by), count("Stays", "stays"), count("Ended", "ended"), count("Median days", "median_days")]
    shown = {name: bounds.title for name, bounds in LEVELS_OF_CARE.items()}
    note = _("Levels: {levels}.").format(levels=", ".join(map(_, shown.values())))
    return [
        Section(
            "Share still in the level",
            "Kaplan–Meier, 95 % bands",
            [*columns, *_shares("retained", MILESTONES)],
            rows,
            figures.curves(curve, by, "retained", N_("Share still in the level"), N_("Days since admission")),
            note=_bands_noted(note, rows, "retained", MILESTONES),
            csv="main",
            question=("retention", params),
        )
    ]


def _time_to_event(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.filters(("level",)).by
    rows = run_report(TIME_TO_EVENT, pages.services, params)
    curve = run_report(TIME_TO_EVENT, pages.services, replace(params, show="curve"))
    columns = [
        *groups(by),
        count("Clients", "clients"),
        count("With the event", "events"),
        count("Censored", "censored"),
        count("Never observed", "never_observed"),
        count("Median days", "median_days"),
        count("First quartile", "q1_days"),
        count("Third quartile", "q3_days"),
        *_shares("share", days_of_curve(params.days)),
    ]
    endpoint = params.endpoint.checked()
    event = EVENTS[endpoint.event].meaning if endpoint.event in EVENTS else title(endpoint.level or "")
    note = _("From: {start} To: {event}").format(
        start=translated(STARTS[endpoint.start].meaning), event=translated(event)
    )
    sections = [
        Section(
            "Share without the event",
            "Kaplan–Meier, 95 % bands; who has no event counts as long as somebody saw them",
            columns,
            rows,
            figures.curves(curve, by, "survival", N_("Share without the event"), N_("Days since the start")),
            note=_bands_noted(note, rows, "share", days_of_curve(params.days)),
            csv="main",
            question=(TIME_TO_EVENT, params),
        )
    ]
    return [*sections, _pairs(pages, params)] if 1 < len(rows) <= MAX_COMPARED else sections


def _pairs(pages: Pages, params: ReportParams) -> Section:
    by = params.filters(("level",)).by
    rows = run_report(TIME_TO_EVENT, pages.services, replace(params, show="compare"))
    columns = [
        Column("First", "first", lambda row: _group(row["first"], by), numeric=False),
        Column("Second", "second", lambda row: _group(row["second"], by), numeric=False),
        count("Clients", "clients"),
        Column("Chi-squared", "chi2", lambda row: decimals(row["chi2"])),
        Column("p-value", "p", lambda row: p_value(row["p"])),
    ]
    return Section("Between groups", "Log-rank test, two-sided, without weights", columns, rows, csv="show=compare")


def _group(text: str, by: Sequence[str]) -> str:
    return figures.name_of(text) if len(by) == 1 else text


def _shares(name: str, days: Sequence[int]) -> list[Column]:
    """A column of the share at each day, and one of its band."""
    return [
        column
        for day in days
        for column in (share(Phrase("At {day} days", day=day), f"{name}_{day}"), _band(f"{name}_{day}"))
    ]


def _bands_noted(note: str, rows: Rows, name: str, days: Sequence[int]) -> str:
    """The note, and why a share of these has a dash where its interval would stand."""
    shares = [(row[f"{name}_{day}"], row[f"{name}_{day}_low"]) for row in rows for day in days]
    if all(share is None or low is not None for share, low in shares):
        return note
    why = _(
        "A dash beside a share: by that day nobody, or everybody, had the event, and this way gives no interval there."
    )
    return f"{note} {why}"


def _band(name: str) -> Column:
    return replace(interval(f"{name}_low", f"{name}_high"), title="95 %")


TIME_SECTIONS: dict[str, Callable[[Pages, ReportParams], list[Section]]] = {
    "retention": _retention,
    TIME_TO_EVENT: _time_to_event,
}
