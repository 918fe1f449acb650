"""A saved view on paper: what it asks, what it says, by which definition, of how many, up to which entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from api.documents.words import moment, spelt
from api.i18n.formats import day, number
from api.i18n.language import _, language, speaking, translated
from api.web.dashboards.report_sections import SECTIONS
from api.web.dashboards.saved_views import asks
from api.web.dashboards.sections import Column, Section as Shown
from api.web.dashboards.trend_section import trend_of
from api.web.frame.pages import Pages, footer
from infra.bootstrap import Services
from infra.drilldown.small_numbers import has_small_numbers
from infra.pdf.document import Block, Document, Facts, Section, Table, Text
from infra.pdf.engine import pdf
from infra.provider.names import Names, named, names_of
from infra.reporting.kinds import ReportParams
from infra.reporting.reports import REPORTS
from infra.reporting.span import span_of
from infra.views.folder import Make
from infra.views.view import View
from projections.completion.definition import denominators
from projections.small_counts import SMALLEST_SHOWN

ACROSS = 7
"""Columns of numbers that fit beside the groups."""


def maker(services: Services) -> Make:
    """What makes a view's PDF in a language, as the schedule needs it."""
    pages = Pages(services)

    def make(view: View, code: str, due: date) -> bytes:
        with speaking(code):
            return pdf(paper_of(pages, view, due))

    return make


def paper_of(pages: Pages, view: View, due: date | None = None) -> Document:
    """A view as it stands now, in the language spoken now. It holds groups and their counts, no client.

    A period in words is seen from the day on which it was ``due``, which may be made up for later; else from today.

    Raises:
        FilterError: the report no longer takes what it asks.
    """
    services, now = pages.services, pages.services.now()
    seen_from = due or services.today()
    params = view.params(seen_from)
    every = [*SECTIONS[view.report](pages, params), *trend_of(pages, view.report, params, view.question)]
    sections_shown = [section.with_meanings(services.settings) for section in every if section.rows]
    title = translated(REPORTS[view.report].title)
    names = names_of(services)
    position = footer(pages)["position"]
    at = _("As of {when}, up to entry {entry} of the log.").format(
        when=moment(now, services.zone), entry=number(position)
    )
    return Document(
        spelt=spelt(),
        title=f"{title}: {view.name}",
        language=language(),
        author="Care Journey",
        subject=title,
        head=[view.name, at],
        foot=[_("For use within the house: what leaves it are publications.")],
        page=_("Page {page} of {pages}"),
        printed=int(now.timestamp()),
        watch=_("Simulated clients: every name, date and number here was made up by the simulator.")
        if services.settings.demo
        else "",
        sections=[
            _front(pages, view, params, sections_shown, seen_from),
            *(_section(section, names) for section in sections_shown),
        ],
    )


def _front(pages: Pages, view: View, params: ReportParams, sections_shown: Sequence[Shown], seen_from: date) -> Section:
    report = REPORTS[view.report]
    facts = [
        (_("Day"), day(seen_from)),
        (_("Question"), "; ".join(asks(pages, view.report, view.question)) or _("All")),
    ]
    if span := span_of(view.report, params, seen_from):
        facts.append((_("Period"), translated(span.phrase)))
    if view.report in {"completion", "comparison"}:
        rate = denominators(pages.services.settings.measures_file)[params.denominator]
        facts.append((_("Denominator"), translated(rate.title)))
    blocks: list[Block] = [
        Facts(facts),
        Text(translated(report.definition), _("What it says.")),
        Text(translated(report.source), _("Source:"), "quiet"),
    ]
    if any(section.question and has_small_numbers(*section.question, section.rows) for section in sections_shown):
        text = _("Numbers of fewer than {few} people can point to single people and do not leave the house.")
        blocks.append(Text(text.format(few=SMALLEST_SHOWN), mark="important"))
    if not sections_shown:
        blocks.append(Text(_("No numbers for these filters yet. Widen the period or clear a filter.")))
    return Section(translated(report.title), blocks)


def _section(section: Shown, names: Names) -> Section:
    blocks: list[Block] = [Text(translated(section.note))] if section.note else []
    blocks += _tables(section, names)
    meanings = [
        (translated(column.title), section.meaning(column)) for column in section.columns if section.meaning(column)
    ]
    if meanings:
        blocks.append(Facts(meanings))
    return Section(translated(section.title), blocks)


def _tables(section: Shown, names: Names) -> Iterator[Table]:
    """The table, as many columns at a time as a page holds, each time with the groups."""
    groups = [column for column in section.columns if not column.numeric and not _is_interval(column)]
    numbers = [column for column in section.columns if column not in groups]
    shown = [named(names, row) for row in section.rows]
    parts = [numbers[start : start + ACROSS] for start in range(0, len(numbers), ACROSS)] or [[]]
    for part in parts:
        columns = [*groups, *part]
        rows = [[column.show(row) for column in columns] for row in shown]
        widths = [2.0] * len(groups) + [1.6 if _is_interval(column) else 1.0 for column in part]
        yield Table(
            translated(section.caption or section.title),
            [translated(column.title) for column in columns],
            rows,
            widths,
            len(groups),
        )


def _is_interval(column: Column) -> bool:
    return len(column.of) == 2
