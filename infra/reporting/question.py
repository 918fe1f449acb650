"""Question of a report as an address writes it: filters by name, as text.

Pages, saved views and their documents share it. A period in words stays a word in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal, cast, get_args

from domain.phrases import Phrase
from infra.reporting.kinds import ReportParams
from infra.reporting.periods import period_days
from infra.reporting.reports import TIME_TO_EVENT
from projections.filters import Cohort, FilterError
from projections.params import day_of, listed, whole_days
from projections.time_to_event.definition import OF_A_SUBSTANCE, USE_AFTER_ADMISSION, Endpoint

CENSUS_DAYS = 90
PERIOD = "period"
TREND = "trend"
"""Whether the trend that a page shows below its numbers is by month or by quarter; it changes no number."""
TrendKind = Literal["month", "quarter"]
TREND_KINDS: tuple[TrendKind, ...] = get_args(TrendKind)
_WHEN = (PERIOD, "from", "to")
FILTERS: dict[str, tuple[str, ...]] = {
    "status": ("by", "level", "site"),
    "census": ("by", "level", "site", *_WHEN, TREND),
    "completion": ("by", "level", "site", "denominator", "cohort", *_WHEN, TREND),
    "retention": ("by", "level", "site", "censor", "competing", *_WHEN, TREND),
    TIME_TO_EVENT: ("start", "event", "substance", "by", "level", "site", "censor", "competing", "days", *_WHEN),
    "abstinence": ("by", "level", "site", "measure", "cohort", *_WHEN, TREND),
    "flow": ("by", "level", "site", "cohort", *_WHEN),
    "attendance": ("by", "level", "site", "cohort", *_WHEN, TREND),
    "quality": ("by", "level", "site", "measure", "cohort", *_WHEN),
    "prevalence": ("by", "level", "site", "cohort", *_WHEN, TREND),
    "outcomes": ("by", "level", "site", "measure", "cohort", *_WHEN),
    "comparison": ("compare", "level", "cohort", "denominator"),
}
"""What each report of the pages can be asked, in the order of its form. None of it names a client."""


def params_of(report: str, values: Mapping[str, str], *, today: date) -> ReportParams:
    """What a question asks of a report; ``today`` is the day in the facility's zone that its period is seen from.

    Raises:
        FilterError: a date that is none, no such period, a period beside days, an unknown cohort or trend.
    """
    trend_kind(values)
    start, end = _days_of(values, today)
    if report == "census" and start is None:
        start = (end or today) - timedelta(days=CENSUS_DAYS)
    cohort = values.get("cohort") or "discharge"
    if cohort not in {"admission", "discharge"}:
        raise FilterError(Phrase("the cohort is admission or discharge"))
    return ReportParams(
        by=listed(values.get("by", "")),
        start=start,
        end=end,
        cohort=cast("Cohort", cohort),
        where={name: values[name] for name in ("level", "site") if values.get(name)},
        measure=values.get("measure") or None,
        denominator=values.get("denominator") or "completed",
        show=values.get("show", ""),
        compare=values.get("compare", ""),
        endpoint=_endpoint(values),
        days=whole_days(values.get("days", "")),
    )


def trend_kind(values: Mapping[str, str]) -> TrendKind:
    """Whether a trend is by month, which goes without saying, or by quarter.

    Raises:
        FilterError: by neither.
    """
    text = values.get(TREND) or "month"
    if text not in TREND_KINDS:
        raise FilterError(Phrase("a trend is by month or quarter, not by {kind}", kind=repr(text[:40])))
    return text


def canonical(report: str, values: Mapping[str, str]) -> dict[str, str]:
    """A question without what it leaves open, in the order of the report's filters.

    Raises:
        FilterError: no such report, or a filter that it does not have.
    """
    if report not in FILTERS:
        raise FilterError(
            Phrase("no report {name}: choose from {known}", name=repr(report[:40]), known=", ".join(FILTERS))
        )
    given = {name: value.strip() for name, value in values.items() if value.strip()}
    unknown = sorted(given.keys() - set(FILTERS[report]))
    if unknown:
        known = ", ".join(FILTERS[report])
        raise FilterError(Phrase("no filter is called {name}: choose from {known}", name=unknown[0][:40], known=known))
    return {name: given[name] for name in FILTERS[report] if name in given}


def _days_of(values: Mapping[str, str], today: date) -> tuple[date | None, date | None]:
    start, end = day_of(values.get("from", ""), "from"), day_of(values.get("to", ""), "to")
    word = values.get(PERIOD, "")
    return within(word, start, end, today) if word else (start, end)


def within(word: str, start: date | None, end: date | None, today: date) -> tuple[date, date]:
    """The days of a period in words, where no days are given beside it.

    Raises:
        FilterError: no such period, or days beside it.
    """
    if start or end:
        raise FilterError(Phrase("choose a period by its name or give its days, not both: clear one of them"))
    return period_days(word, today)


def _endpoint(values: Mapping[str, str]) -> Endpoint:
    """The ends of time to event; a substance is left out where the event has none, since forms send every field."""
    usual = USE_AFTER_ADMISSION
    event = values.get("event") or usual.event
    return Endpoint(
        values.get("start") or usual.start,
        event,
        values.get("substance", "") if event in OF_A_SUBSTANCE else "",
        values.get("censor", ""),
        listed(values.get("competing", "")),
    )
