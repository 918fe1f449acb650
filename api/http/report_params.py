"""Parameters of a report over HTTP, parsed once for every route that takes them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query

from api.http.context import AsOf, Day, ServicesHere, day_or
from api.http.problems import ProblemError
from infra.reporting.periods import PERIODS
from infra.reporting.question import within
from infra.reporting.reports import REPORTS, TIME_TO_EVENT, ReportParams
from projections import params
from projections.filters import Cohort, FilterError
from projections.params import listed
from projections.time_to_event.definition import EVENT_NAMES, STARTS, USE_AFTER_ADMISSION, Endpoint

NAMES = list(REPORTS)
Name = Annotated[str, Path(max_length=40, json_schema_extra={"enum": NAMES}, description="Which report")]
SHOWS = ["", *dict.fromkeys(show for report in REPORTS.values() for show in report.shows)]
SHOW_HELP = "; ".join(f"{name}: {', '.join(report.shows)}" for name, report in REPORTS.items() if report.shows)
COMPARE_HELP = "Two groups, as site=A,site=B, or two periods, as 2026-01-01..2026-03-31,2026-04-01..2026-06-30"

DayOrStart = Annotated[date | str, day_or(*STARTS)]
DayOrEvent = Annotated[date | str, day_or(*EVENT_NAMES)]
By = Annotated[str, Query(max_length=200, description="Groups, as level,program; all for one group")]
Where = Annotated[list[str] | None, Query(description="Filter, as level=residential; may be repeated")]
From = Annotated[
    DayOrStart | None,
    Query(alias="from", description="First day, included; time-to-event: the start that the clock runs from"),
]
To = Annotated[
    DayOrEvent | None, Query(description="Last day, included; time-to-event: the event that stops the clock")
]
FromDay = Annotated[Day | None, Query(description="First day, where from names a start")]
ToDay = Annotated[Day | None, Query(description="Last day, where to names an event")]
Period = Annotated[
    str,
    Query(
        max_length=20,
        json_schema_extra={"enum": ["", *PERIODS]},
        description="Instead of days: a period in words, seen from today (as_of: from that day) in the facility's zone",
    ),
]
Substance = Annotated[
    str, Query(max_length=200, description="time-to-event: a set, class or name, as alcohol, or unlisted:NAME")
]
Censor = Annotated[
    Literal["", "last_contact", "today"],
    Query(description="time-to-event, retention: until when who has no event counts; the event's own default"),
]
Competing = Annotated[
    str, Query(max_length=200, description="time-to-event, retention: reasons of an end that end observation, as died")
]
Days = Annotated[
    str,
    Query(max_length=200, pattern=r"^(\d{1,5}(,\d{1,5})*)?$", description="time-to-event: read the curve at, as 30,90"),
]


async def report_params(
    report: Name,
    services: ServicesHere,
    by: By = "",
    start: From = None,
    to: To = None,
    cohort: Annotated[Cohort, Query(description="Which day of a stay lies in the period")] = "discharge",
    where: Where = None,
    measure: Annotated[str | None, Query(max_length=200, description="Only this measure, by its id")] = None,
    per_client: Annotated[bool, Query(description="One row a client, if the report has them")] = False,
    denominator: Annotated[str, Query(max_length=40, description="completion: which one")] = "completed",
    unit: Annotated[Literal["stay", "episode"], Query(description="completion: what is counted")] = "stay",
    show: Annotated[str, Query(max_length=20, json_schema_extra={"enum": SHOWS}, description=SHOW_HELP)] = "",
    compare: Annotated[str, Query(max_length=500, description=COMPARE_HELP)] = "",
    from_day: FromDay = None,
    to_day: ToDay = None,
    period: Period = "",
    as_of: AsOf = None,
    substance: Substance = "",
    censor: Censor = "",
    competing: Competing = "",
    days: Days = "",
    limit: Annotated[int, Query(ge=1, le=100_000, description="Rows of the work list")] = 500,
) -> ReportParams:
    """The query as a report takes it.

    Raises:
        ProblemError: a filter is not of the form name=value, a period is given twice, or a word where a day is meant.
        FilterError: there is no such period, or days are given beside it.
    """
    usual = USE_AFTER_ADMISSION
    if report != TIME_TO_EVENT and (isinstance(start, str) or isinstance(to, str)):
        problem = {"field": "from" if isinstance(start, str) else "to", "problem": "write a day, as 2026-01-31"}
        raise ProblemError("invalid", "Only time-to-event runs from a start to an event.", {"errors": [problem]})
    first, last = _day_of(start, from_day, "from_day"), _day_of(to, to_day, "to_day")
    if period:
        first, last = within(period, first, last, services.day_of(as_of or services.now()))
    return ReportParams(
        by=listed(by),
        start=first,
        end=last,
        cohort=cohort,
        where=pairs_of(where, "where"),
        measure=measure,
        per_client=per_client,
        denominator=denominator,
        unit=unit,
        show=show,
        compare=compare,
        endpoint=Endpoint(
            start if isinstance(start, str) else usual.start,
            to if isinstance(to, str) else usual.event,
            substance,
            censor,
            listed(competing),
        ),
        days=params.whole_days(days),
        limit=limit,
    )


def _day_of(given: date | str | None, beside: date | None, field: str) -> date | None:
    """The day that one of two parameters says.

    Raises:
        ProblemError: both do.
    """
    if not isinstance(given, date):
        return beside
    if beside is not None:
        problem = {"field": field, "problem": f"{field.partition('_')[0]} is a day already: leave out one of them"}
        raise ProblemError("invalid", "The period begins or ends twice.", {"errors": [problem]})
    return given


def pairs_of(texts: list[str] | None, field: str) -> dict[str, str]:
    """Parameters of the form name=value.

    Raises:
        ProblemError: one is not.
    """
    try:
        return params.pairs_of(texts, field)
    except FilterError:
        problem = {"field": field, "problem": "write it as level=residential"}
        raise ProblemError("invalid", "A filter cannot be read.", {"errors": [problem]}) from None
