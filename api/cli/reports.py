"""``carejourney report …``: every dashboard as data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, cast

import typer

from api.cli.context import catch_up, explained, opened, progress
from api.cli.members import show_members
from api.cli.names import in_names
from api.cli.output import Format, show
from api.tabular import field_names
from infra.bootstrap import Services
from infra.disclosure.record_guard import see_references
from infra.drilldown.answer import Moment
from infra.drilldown.cell import Cell
from infra.history.as_of.reports import report_at
from infra.identity.people import operator
from infra.reporting.definitions import Definition, rows as definition_rows
from infra.reporting.periods import PERIODS
from infra.reporting.question import within
from infra.reporting.reports import REPORTS, TIME_TO_EVENT, ReportParams, Rows, check_asked, columns_said, run_report
from infra.reporting.span import span_of
from infra.settings import Settings
from projections.columns import Columns, names
from projections.filters import Cohort, FilterError
from projections.params import day_of, listed, moment_of, pairs_of, whole_days
from projections.time_to_event.definition import EVENTS, STARTS, USE_AFTER_ADMISSION, Endpoint

DEFINITIONS = "definitions"
WIDE = frozenset({"definition", "source"})
SHOW_HELP = "; ".join(f"{name}: {', '.join(report.shows)}" for name, report in REPORTS.items() if report.shows)

FROM_HELP = f"First day, as 2026-01-01; time-to-event: the start, one of {', '.join(STARTS)}"
TO_HELP = f"Last day, included; time-to-event: the event, one of {', '.join(EVENTS)}, level:LEVEL"
CENSOR_HELP = "time-to-event, retention: who has no event counts until last_contact or today"
COMPETING_HELP = "time-to-event, retention: reasons of an end that end observation, as died,incarcerated,transferred"


def report(
    name: Annotated[str, typer.Argument(help=" | ".join((*REPORTS, DEFINITIONS)))],
    by: Annotated[str, typer.Option(help="Groups, as level,program,site,payer,slot,dual_diagnosis,month; or all")] = "",
    from_: Annotated[str, typer.Option("--from", help=FROM_HELP)] = "",
    to: Annotated[str, typer.Option(help=TO_HELP)] = "",
    first: Annotated[str, typer.Option("--from-day", help="First day, where --from names a start")] = "",
    last: Annotated[str, typer.Option("--to-day", help="Last day, where --to names an event")] = "",
    period: Annotated[str, typer.Option(help=f"Instead of days, in words: {', '.join(PERIODS)}")] = "",
    substance: Annotated[
        str, typer.Option(help="time-to-event: as alcohol, any_illicit, unlisted:NAME; none: any but nicotine")
    ] = "",
    censor: Annotated[str, typer.Option(help=CENSOR_HELP)] = "",
    competing: Annotated[str, typer.Option(help=COMPETING_HELP)] = "",
    days: Annotated[str, typer.Option(help="time-to-event: days at which the curve is read, as 30,90,154")] = "",
    cohort: Annotated[str, typer.Option(help="admission or discharge: which day lies in the period")] = "discharge",
    where: Annotated[list[str] | None, typer.Option(help="Filter, as level=residential; may be repeated")] = None,
    measure: Annotated[
        str | None, typer.Option(help="Only this measure, by id; abstinence also: weekly_pattern")
    ] = None,
    per_client: Annotated[bool, typer.Option(help="One row a client")] = False,
    denominator: Annotated[str, typer.Option(help="Completion: which denominator")] = "completed",
    unit: Annotated[str, typer.Option(help="Completion: stay or episode")] = "stay",
    show_: Annotated[str, typer.Option("--show", help=SHOW_HELP)] = "",
    compare: Annotated[str, typer.Option(help="Two groups (site=A,site=B) or periods (A..B,C..D)")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="As known at this moment, as 2026-01-31T12:00:00Z")] = "",
    position: Annotated[
        int | None, typer.Option(min=0, help="With --as-of: from the log up to here, as --members said")
    ] = None,
    members: Annotated[str, typer.Option(help="Who is in this number of a row, with the entries behind each")] = "",
    at: Annotated[list[str] | None, typer.Option(help="With --members: the row, as level=residential")] = None,
    columns: Annotated[bool, typer.Option("--columns", help="Instead: what each column of the answer means")] = False,
    form: Annotated[Format, typer.Option("--format")] = Format.table,
) -> None:
    """Print a report. With the embedded store the read models are brought up to date first.

    Examples: carejourney report completion --by level,program --format json;
    carejourney report abstinence --measure relapse_ctn0094 --per-client --format csv;
    carejourney report completion --compare site=North,site=South; carejourney report definitions;
    carejourney report time-to-event --from discharge --to use --substance alcohol --by site;
    carejourney report completion --members numerator --at level=residential;
    carejourney report retention --show curve --columns
    """
    with explained():
        if columns and (members or name == DEFINITIONS):
            msg = "--columns goes with the rows of a report: leave it out, or --members and definitions"
            raise FilterError(msg)
        if name == DEFINITIONS:
            show(definition_rows(Settings().measures_file), form, field_names(Definition), "Definitions")
            return
        params = ReportParams(
            by=listed(by),
            start=_day(name, from_, first, "--from"),
            end=_day(name, to, last, "--to"),
            cohort=_cohort(cohort),
            where=pairs_of(where, "--where"),
            measure=measure,
            per_client=per_client,
            denominator=denominator,
            unit=unit,
            show=show_,
            compare=compare,
            endpoint=_endpoint(name, from_, to, substance, censor, competing),
            days=whole_days(days),
            limit=1_000_000,
        )
        check_asked(name, params)
        if columns:
            show_columns(name, params, form)
            return
        if at and not members:
            msg = "--at goes with --members: it says the row whose number is opened"
            raise FilterError(msg)
        moment = Moment(moment_of(as_of, "--as-of"), position)
        if position is not None and moment.as_of is None:
            msg = "--position goes with --as-of: take both from an answer"
            raise FilterError(msg)
    with opened(keyless=True) as services:
        if period:
            today = services.day_of(moment.as_of or services.now())
            params = replace(
                params, **dict(zip(("start", "end"), within(period, params.start, params.end, today), strict=True))
            )
        if members:
            if moment.as_of is None:
                catch_up(services)
            show_members(services, Cell(name, params, members, pairs_of(at, "--at")), moment, form)
            return
        rows = _rows(services, name, params, moment)
        if REPORTS[name].lists_clients(params):
            see_references(services, operator(f"report {name}"), dict.fromkeys(row["client"] for row in rows))
        titled = columns_said(name, services.settings, params)
        shown = in_names(services, _for_people(rows, titled)) if form is Format.table else rows
        span = span_of(name, params, services.day_of(moment.as_of or services.now()))
    title = f"{REPORTS[name].title}{f', {span.phrase}' if span else ''}"
    show(shown, form, names(titled), title)


def show_columns(name: str, params: ReportParams, form: Format) -> None:
    """What each column of an answer means, without a look at any data.

    Raises:
        FilterError: no such report, table, group or measure.
    """
    rows = [
        {"column": column.name, "kind": column.kind, "meaning": column.meaning}
        for column in columns_said(name, Settings(), params)
    ]
    show(rows, form, ("column", "kind", "meaning"), f"{REPORTS[name].title}: columns")


def _for_people(rows: Rows, columns: Columns) -> Rows:
    """Rows without what is too wide for a table (``report definitions`` has it), and with words for what is empty."""
    words = {column.name: column.empty for column in columns if column.empty}
    return [
        {key: words.get(key, value) if value == "" else value for key, value in row.items() if key not in WIDE}
        for row in rows
    ]


def _rows(services: Services, name: str, params: ReportParams, moment: Moment) -> Rows:
    """The report from the live read models, or from those that were then."""
    if moment.as_of is None:
        catch_up(services)
        return run_report(name, services, params)
    with progress("Folding what was known", services.log.head()) as bar:

        def report_progress(done: int, total: int) -> None:
            bar.at(done, total)

        return report_at(services, name, params, moment.as_of, report_progress, moment.position)


def _is_named(name: str, text: str) -> bool:
    """Whether --from or --to names a start or an event: they do in one report, where they are no day."""
    return name == TIME_TO_EVENT and text != "" and not text[0].isdigit()


def _day(name: str, text: str, beside: str, option: str) -> date | None:
    if text and beside and not _is_named(name, text):
        msg = f"{option} is a day already: leave out {option}-day"
        raise FilterError(msg)
    return day_of(beside, f"{option}-day") if beside or _is_named(name, text) else day_of(text, option)


def _endpoint(name: str, from_: str, to: str, substance: str, censor: str, competing: str) -> Endpoint:
    usual = USE_AFTER_ADMISSION
    return Endpoint(
        from_ if _is_named(name, from_) else usual.start,
        to if _is_named(name, to) else usual.event,
        substance,
        censor,
        listed(competing),
    )


def _cohort(text: str) -> Cohort:
    if text not in {"admission", "discharge"}:
        msg = f"--cohort {text!r}: choose admission or discharge"
        raise FilterError(msg)
    return cast("Cohort", text)
