"""What is counted in a publication, read from the read models: units by universe, and their outcome in each report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from projections.abstinence.measures import BUILT_IN, evaluate, weeks_for
from projections.abstinence.tables import PATTERN
from projections.attendance.tables import OUTCOMES, SESSIONS
from projections.base import fetch
from projections.disclosure.system import Family
from projections.filters import Filters
from projections.flow.queries import step_of
from projections.flow.tables import FLOW
from projections.prevalence.tables import PREVALENCE
from projections.publications.counts import Counts
from projections.publications.periods import first_day, month_of_day
from projections.publications.specs import (
    ABSTINENCE,
    ADMITTED,
    APART,
    DETOX,
    DIAGNOSED,
    ENDED,
    FAMILIES,
    FOLLOW_UP_DAYS,
    LAGS,
    LEFT,
    RETENTION_DAYS,
    USE_DAYS,
)
from projections.quality.tables import COUNTED, QUALITY
from projections.stays.tables import STAY
from projections.time_to_event.definition import Endpoint
from projections.time_to_event.durations import followed


@dataclass(frozen=True, slots=True)
class Unit:
    """Something that is counted once: whose it is, in which month, at which level, site and program."""

    client: str
    month: int
    level: str
    site: str
    program: str

    @property
    def places(self) -> dict[str, str]:
        """Its value of each margin."""
        return {"level": self.level, "site": self.site, "program": self.program}


Units = dict[str, Unit]
Outcomes = Mapping[str, str]
_INDEX = "iet_initiation"
# What a unit counts as that is no longer in the record; those of other reports stand apart.
_MISSING: Mapping[str, str] = {
    "admissions": "admitted",
    f"use_{USE_DAYS}": "lost",
    **{f"retention_{days}": "ended_before" for days in RETENTION_DAYS},
}


def stay_key(client: str, level: str, start_day: int) -> str:
    """What a stay is known by from one publication to the next: corrections of its end change nothing of it."""
    return f"{client}.{level}.{start_day}"


def read_units(connection: Connection) -> dict[str, Units]:
    """The units of every universe as they are recorded now."""
    ended: Units = {}
    admitted: Units = {}
    columns = [STAY.c[name] for name in ("client_id", "level", "site", "program", "start_day", "end_day")]
    for client, level, site, program, start, end in fetch(connection, select(*columns)):
        key = stay_key(client, level, start)
        admitted[key] = Unit(client, month_of_day(start), level, site, program)
        if end is not None:
            ended[key] = Unit(client, month_of_day(end), level, site, program)
    left: Units = {}
    columns = [PREVALENCE.c[name] for name in ("client_id", "level", "site", "program", "end_day")]
    query = select(*columns).where(PREVALENCE.c.milestone == FOLLOW_UP_DAYS[0])
    for client, level, site, program, end in fetch(connection, query):
        left[f"{client}.{end}"] = Unit(client, month_of_day(end), level, site, program)
    diagnosed: Units = {}
    columns = [QUALITY.c[name] for name in ("client_id", "level", "site", "program", "index_day")]
    for client, level, site, program, day in fetch(connection, select(*columns).where(QUALITY.c.measure == _INDEX)):
        diagnosed[f"{client}.{day}"] = Unit(client, month_of_day(day), level, site, program)
    return {ENDED: ended, ADMITTED: admitted, LEFT: left, DIAGNOSED: diagnosed}


def read_outcomes(connection: Connection, family: str, keys: Iterable[str]) -> dict[str, str]:
    """The outcome of each unit in a report, as it is recorded now; ``keys`` are those of its universe.

    A unit that is no longer in the record as it was counted stands apart, or counts as without the outcome.
    """
    read = _READERS.get(family)
    recorded = read(connection) if read is not None else dict[str, str]()
    missing = _MISSING.get(family, APART)
    return {key: recorded.get(key, missing) for key in keys}


def consistent(
    family: Family, current: Mapping[str, str], units: Units, *published: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Outcomes that agree with what was published of the same units, and with what is possible at their level.

    Corrections come between two publications: who was published as ended before day 30 is not retained at day 90.
    What was said first stays. ``published`` are outcomes by family and unit.
    """
    apart = APART if APART in family.outcomes else family.outcomes[-1]
    kept = {key: outcome if _possible(family, outcome, units[key]) else apart for key, outcome in current.items()}
    for outcomes, wider, theirs in family.within:
        earlier = _said(published, wider, kept)
        if FAMILIES[wider].universe == family.universe:
            kept = {
                k: apart if o in outcomes and earlier.get(k, theirs[0]) not in theirs else o for k, o in kept.items()
            }
    for other in FAMILIES.values():
        for outcomes, wider, theirs in other.within:
            if wider == family.name and other.universe == family.universe:
                inner = {key for key, outcome in _said(published, other.name, kept).items() if outcome in outcomes}
                kept = {key: theirs[0] if key in inner and o not in theirs else o for key, o in kept.items()}
    return kept


def _said(published: Iterable[Mapping[str, Mapping[str, str]]], family: str, keys: Iterable[str]) -> dict[str, str]:
    of_family = [outcomes[family] for outcomes in published if family in outcomes]
    return {key: by_key[key] for key in keys for by_key in of_family if key in by_key}


def _possible(family: Family, outcome: str, unit: Unit) -> bool:
    return all(family.is_possible(outcome, margin, value) for margin, value in unit.places.items())


def _completion(connection: Connection) -> Outcomes:
    columns = [STAY.c[name] for name in ("client_id", "level", "start_day", "reason")]
    query = select(*columns).where(STAY.c.end_day.is_not(None))
    return {stay_key(client, level, start): reason for client, level, start, reason in fetch(connection, query)}


def _retention(days: int) -> Callable[[Connection], Outcomes]:
    def read(connection: Connection) -> Outcomes:
        columns = [STAY.c[name] for name in ("client_id", "level", "start_day", "days")]
        return {
            stay_key(client, level, start): "retained" if lasted is None or lasted > days else "ended_before"
            for client, level, start, lasted in fetch(connection, select(*columns))
        }

    return read


def _use(connection: Connection) -> Outcomes:
    """Who used within so many days of an admission, who was seen without it, and of whom nobody knows."""
    endpoint = Endpoint("admission", "use", censor="last_contact")
    by_group = followed(connection, Filters(()), endpoint, date.max.toordinal(), each=True)
    return {
        stay_key(episode.client_id, episode.level, episode.start_day): (
            "use"
            if episode.outcome == "event" and episode.days <= USE_DAYS
            else "seen"
            if episode.days >= USE_DAYS
            else "lost"
        )
        for episodes in by_group.values()
        for episode in episodes
    }


def _flow(connection: Connection) -> Outcomes:
    columns = [FLOW.c[name] for name in ("client_id", "level", "start_day", "target")]
    query = select(*columns).where(FLOW.c.kind == "move")
    return {
        stay_key(client, level, start): step_of(level, target)
        for client, level, start, target in fetch(connection, query)
    }


def _abstinence(connection: Connection) -> Outcomes:
    measures = {measure.id: measure for measure in BUILT_IN}
    columns = [PATTERN.c[name] for name in ("client_id", "level", "start_day", "pattern", "findings")]
    outcomes: dict[str, str] = {}
    for client, level, start, pattern, findings in fetch(connection, select(*columns).where(PATTERN.c.pattern != "")):
        weeks = [(measures[name], weeks_for(measures[name], pattern, findings)) for name in ABSTINENCE]
        results = [evaluate(measure, of_it) for measure, of_it in weeks]
        outcomes[stay_key(client, level, start)] = "".join("y" if result.value else "n" for result in results)
    return outcomes


def _follow_up(days: int) -> Callable[[Connection], Outcomes]:
    def read(connection: Connection) -> Outcomes:
        columns = [PREVALENCE.c[name] for name in ("client_id", "end_day", "state")]
        query = select(*columns).where(PREVALENCE.c.milestone == days)
        return {f"{client}.{end}": state for client, end, state in fetch(connection, query)}

    return read


def _quality(family: str, *measures: str) -> Callable[[Connection], Outcomes]:
    """Joint outcomes of measures whose index is a stay or a diagnosis.

    Of what is not settled when a month is published, or never will be, nothing is said.
    """

    def read(connection: Connection) -> Outcomes:
        by_key: dict[str, list[str]] = {}
        columns = [QUALITY.c[name] for name in ("client_id", "level", "start_day", "index_day", "measure", "state")]
        for client, level, start, day, measure, state in fetch(
            connection,
            select(*columns).where(
                QUALITY.c.measure.in_(measures),
                QUALITY.c.state.in_(COUNTED),
                QUALITY.c.due_day <= QUALITY.c.index_day + LAGS[family],
            ),
        ):
            key = f"{client}.{day}" if measure.startswith("iet_") else stay_key(client, level, start)
            by_key.setdefault(key, ["n"] * len(measures))[measures.index(measure)] = "y" if state == "met" else "n"
        return {key: "".join(letters) for key, letters in by_key.items()}

    return read


_READERS: Mapping[str, Callable[[Connection], Outcomes]] = {
    "completion": _completion,
    **{f"retention_{days}": _retention(days) for days in RETENTION_DAYS},
    f"use_{USE_DAYS}": _use,
    "flow": _flow,
    "abstinence": _abstinence,
    **{f"abstinent_at_{days}": _follow_up(days) for days in FOLLOW_UP_DAYS},
    "detox_continuity": _quality("detox_continuity", *DETOX),
    **{
        name: _quality(name, name)
        for name in (
            "lower_level_14",
            "follow_up_7",
            "follow_up_30",
            "readmission_30",
            "continuation_30",
            "iet_initiation",
            "iet_engagement",
        )
    },
}


class Numbered:
    """People as small numbers, so that sets of them stay small."""

    def __init__(self) -> None:
        """Begin with none."""
        self._numbers: dict[str, int] = {}

    def of(self, client: str) -> int:
        """The number of a client."""
        return self._numbers.setdefault(client, len(self._numbers))


def count_days(connection: Connection, counts: Counts, months: Iterable[int], today: date, people: Numbered) -> None:
    """Add the days of stays in each month: what the average daily census is made of."""
    wanted = sorted(months)
    columns = [STAY.c[name] for name in ("client_id", "level", "site", "program", "start_day", "census_end_day")]
    for client, level, site, program, start, end in fetch(connection, select(*columns)):
        until = today.toordinal() if end is None else end
        places = {"level": level, "site": site, "program": program}
        for month in wanted:
            days = min(until, first_day(month + 1)) - max(start, first_day(month))
            if days > 0:
                counts.add("census", places, month, "days", people.of(client), days)


def count_sessions(connection: Connection, counts: Counts, months: Iterable[int], people: Numbered) -> None:
    """Add the sessions offered in stays that ended in some months."""
    wanted = {*months}
    names = ("client_id", "level", "site", "program", "end_day", *OUTCOMES)
    query = select(*(SESSIONS.c[name] for name in names)).where(SESSIONS.c.end_day.is_not(None))
    for client, level, site, program, end, attended, missed, excused, no_show in fetch(connection, query):
        month = month_of_day(end)
        if month not in wanted:
            continue
        places = {"level": level, "site": site, "program": program}
        sums = {
            "attended": attended,
            "no_show": no_show,
            "excused": excused,
            "other_missed": missed - excused - no_show,
        }
        for outcome, amount in sums.items():
            if amount:
                counts.add("attendance", places, month, outcome, people.of(client), amount)
