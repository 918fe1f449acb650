"""Cards of the overview: one a report with what it answers, one a headline number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from api.i18n.formats import month_of, number, percent
from api.i18n.language import N_, _, ngettext
from api.web.dashboards.national import NATIONAL, National
from api.web.dashboards.sparkline import Spark, spark
from infra.reporting.headlines import FOLLOWED_DAYS, RETAINED_DAYS, Headline, Name, Point
from projections.small_counts import small

# Each dashboard with its name in the navigation, and the question that it answers.
ANSWERS: dict[str, tuple[str, str]] = {
    "status": (N_("Status"), N_("Where is everybody now: at which level, discharged, alumni or not admitted yet?")),
    "census": (N_("Census"), N_("How many clients were at each level on each day, and how many came and left?")),
    "flow": (N_("Flow"), N_("Which level follows which, and how soon after the end of the one before?")),
    "attendance": (N_("Attendance"), N_("How many planned sessions are kept, and are a level's weekly hours given?")),
    "completion": (N_("Completion"), N_("How did stays end, and what share was completed?")),
    "retention": (N_("Retention"), N_("What share is still in its stay after 30, 60, 90 and 180 days?")),
    "time-to-event": (
        N_("Time to event"),
        N_("How long is it from an admission or discharge to the first use, dose, return or contact?"),
    ),
    "abstinence": (N_("Abstinence"), N_("What do weekly drug screens say, by the measures that trials use?")),
    "prevalence": (
        N_("After treatment"),
        N_("Who is abstinent 30, 90, 180 and 365 days after the last stay, of all who left and of those reached?"),
    ),
    "outcomes": (N_("Scores"), N_("How do scores of depression, anxiety and others change from first to last?")),
    "quality": (N_("Quality"), N_("How does care stand in published measures of process (NCQA, CBE)?")),
    "comparison": (N_("Comparison"), N_("How do two programs, sites or periods differ, beyond chance?")),
}
_TITLES: dict[Name, str] = {
    "census": N_("Census now"),
    "admissions": N_("Admissions"),
    "discharges": N_("Discharges"),
    "completion": N_("Completed of all ended stays"),
    "retention": N_("Still in their stay after {days} days"),
    "abstinent": N_("Abstinent {days} days after the last stay"),
    "reached": N_("Reached {days} days after the last stay"),
}
_SHARES = frozenset({"completion", "retention", "abstinent", "reached"})


@dataclass(frozen=True, slots=True)
class Month:
    """A number of a month as people read it: when, how much, and of how many with which interval; empty where none."""

    when: str
    value: str
    of: str


@dataclass(frozen=True, slots=True)
class Card:
    """A headline number: ``months`` are those of the line, the latest last; a number without a past has none.

    ``national`` says the nation's figure, empty where none has the same denominator.
    """

    title: str
    link: str
    now: Month
    before: Month | None = None
    months: Sequence[Month] = ()
    line: Spark | None = None
    line_of: str = ""
    national: str = ""


def cards_of(headlines: Sequence[Headline]) -> list[Card]:
    """The headline numbers as people read them."""
    return [_card(headline) for headline in headlines]


def handoffs_card(waiting: int, *, everywhere: bool) -> Card:
    """How many wait between two levels or for an answer to a referral: a number of today, without a line."""
    where = "" if everywhere else _("at your sites")
    return Card(_("Open hand-offs"), "/handoffs", Month(_("today"), number(waiting), where))


def has_small(headlines: Sequence[Headline]) -> bool:
    """Whether one of the counts shown is of few people."""
    points = [point for headline in headlines for point in (headline.now, headline.before, *headline.points)]
    counts = [n for point in points for n in (point.above, point.below)]
    whole = [
        int(point.value)
        for headline in headlines
        if headline.name not in _SHARES
        for point in headline.points
        if point.value
    ]
    return any(map(small, [*counts, *whole]))


def _card(headline: Headline) -> Card:
    days = RETAINED_DAYS if headline.name == "retention" else FOLLOWED_DAYS
    params = headline.params
    query = {"by": "all"}
    if params.start and params.end:
        query |= {"from": params.start.isoformat(), "to": params.end.isoformat()}
    now, before, national = (
        _month(headline, headline.now),
        _month(headline, headline.before),
        NATIONAL.get(headline.name),
    )
    if headline.is_of_today:
        average = _("average of {month}").format(month=before.when)
        now, before = Month(_("today"), now.value, now.of), Month(average, before.value, before.of)
    return Card(
        _(_TITLES[headline.name]).format(days=days),
        f"/dashboards/{headline.report}?{urlencode(query)}",
        now,
        before,
        [_month(headline, point) for point in headline.points],
        spark(headline.points, national.share if national else None),
        _("Daily average by month") if headline.is_of_today else _("By month"),
        _national(national) if national else "",
    )


def _national(rate: National) -> str:
    text = _("Nation {year}: {share} of {denominator} ({source})")
    return text.format(year=rate.year, share=percent(rate.share), denominator=_(rate.of), source=rate.source)


def _month(headline: Headline, point: Point) -> Month:
    share = headline.name in _SHARES
    return Month(month_of(point.month), percent(point.value) if share else number(rounded(point.value)), counted(point))


def rounded(value: float | None) -> float | int | None:
    """A number as a card shows it: to one place behind the point."""
    return round(value, 1) if isinstance(value, float) else value


def counted(point: Point) -> str:
    """The counts behind a share, and its interval."""
    if point.below is None:
        return ""
    counts = {"above": number(point.above), "below": number(point.below)}
    stays = ngettext("{below} stay", "{below} stays", point.below)
    text = stays if point.above is None else _("{above} of {below}")
    if point.low is None or point.high is None:
        return text.format(**counts)
    bounds = _("95 %: {low} to {high}").format(low=percent(point.low), high=percent(point.high))
    return f"{text.format(**counts)}; {bounds}"
