"""The reports that can be published: what each counts, how it divides it, and how long it must wait.

A report here is a *division*: each of its units (an ended stay, an admission, somebody who left) has one outcome, so
that every number of its tables is a sum of outcomes and the whole is never more than its parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from domain.levels import LEVELS, TWENTY_FOUR_HOUR_LEVELS
from domain.vocabulary import REASONS
from projections.disclosure.system import Family
from projections.flow.queries import STEPS
from projections.quality.definition import MEASURES

APART = "apart"  # units of the universe that the report does not count
ENDED, ADMITTED, LEFT, DIAGNOSED = "ended", "admitted", "left_treatment", "diagnosed"
PLACES = ("level", "site", "program")
RETENTION_DAYS = (30, 90, 180)
USE_DAYS = 90
FOLLOW_UP_DAYS = (30, 90, 180, 365)
_DETOX_LEVEL = frozenset({"medical_detox"})
_AFTER_DETOX = frozenset[str](LEVELS) - _DETOX_LEVEL
_TREATMENT = frozenset[str](LEVELS) - {"alumni"}
_FOLLOWED = ("step_down", "step_up", "same_level")
Within = tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]
_AROUND_THE_CLOCK = frozenset[str](TWENTY_FOUR_HOUR_LEVELS)
_PLACES_ONLY = ("all", "site", "program")
_GRACE_DAYS = 14  # an interview may be held so long after its milestone


@dataclass(frozen=True, slots=True)
class Number:
    """A column: the sum of a family's outcomes. ``family`` is the report's own unless it is said."""

    name: str
    outcomes: tuple[str, ...]
    family: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of two columns, with its 95 % Wilson interval."""

    name: str
    above: str
    below: str


@dataclass(frozen=True, slots=True)
class Spec:
    """One published report.

    ``columns`` are always there, ``details`` are divisions of the rest from the finest to none: of them the finest is
    taken that leaves few small numbers. ``lag_days`` must have passed since a month ended before it can be published:
    only then each unit's window is over. ``guarded`` are sums that no column names but a reader can subtract.
    ``per_day`` columns are sums of days, shown as the mean of a day; ``weighs`` says that one person may count many
    times. ``worth`` is how much more than others its numbers are wanted, where some must be withheld for others.
    """

    name: str
    title: str
    definition: str
    source: str
    family: Family
    lag_days: int
    columns: tuple[Number, ...]
    shares: tuple[Share, ...] = ()
    details: tuple[tuple[Number, ...], ...] = ((),)
    guarded: tuple[tuple[str, ...], ...] = ()
    margins: tuple[str, ...] = ("all", "level", "site", "program")
    per_day: frozenset[str] = field(default_factory=frozenset[str])
    weighs: bool = False
    worth: float = 1.0

    @property
    def families(self) -> tuple[str, ...]:
        """The report's own family, and those that its columns borrow."""
        every = (*self.columns, *(number for detail in self.details for number in detail))
        return tuple(dict.fromkeys([self.family.name, *(number.family for number in every if number.family)]))


def _completion() -> Spec:
    rest = tuple(reason for reason in REASONS if reason != "completed")
    others = tuple(reason for reason in rest if reason not in {"transferred", "left_against_advice"})
    return Spec(
        "completion",
        "Completion",
        "Stays that ended in the period, by how they ended (TEDS discharge reasons); the rate is completed stays of "
        "all ended stays.",
        "TEDS discharge reasons; Wilson score interval, 95 %",
        Family("completion", REASONS, ENDED),
        0,
        (Number("discharges", REASONS), Number("completed", ("completed",))),
        (Share("completion_rate", "completed", "discharges"),),
        (
            tuple(Number(reason, (reason,)) for reason in rest),
            (
                Number("transferred", ("transferred",)),
                Number("left_against_advice", ("left_against_advice",)),
                Number("other_reasons", others),
            ),
            (Number("left_against_advice", ("left_against_advice",)), Number("otherwise", ("transferred", *others))),
            (Number("not_completed", rest),),
        ),
        worth=16.0,
    )


def _flow() -> Spec:
    rest = (*(step for step in STEPS if step != "step_down"), APART)
    return Spec(
        "flow",
        "What followed a stay",
        "Stays that ended in the period, by what followed within 30 days: a less intensive level (step down; alumni "
        "counts as one), a more intensive one (step up), the same, or nothing (left). Concurrent stays are followed by "
        "nothing of their own and stand apart; all of them are below the line.",
        "Episodes as chains of stays with gaps of at most 30 days; Wilson score interval, 95 %",
        Family("flow", (*STEPS, APART), ENDED),
        30,
        (Number("stays", (*STEPS, APART)), Number("step_down", ("step_down",))),
        (Share("step_down_share", "step_down", "stays"),),
        (
            (*(Number(step, (step,)) for step in rest if step != APART), Number("concurrent", (APART,))),
            (Number("left", ("left",)), Number("otherwise", ("step_up", "same_level", APART))),
            (Number("no_step_down", rest),),
        ),
    )


def _retention(days: int) -> Spec:
    name = f"retention_{days}"
    earlier = [other for other in RETENTION_DAYS if other < days]
    within = tuple((("retained",), f"retention_{other}", ("retained",)) for other in earlier)
    return Spec(
        name,
        f"Retention at {days} days",
        f"Stays that began in the period; those that lasted more than {days} days. Every end of a stay counts, "
        "whatever its reason. All of them began long enough ago, so that the share is the Kaplan–Meier estimate too. "
        "A stay that is no longer in the record counts as ended before.",
        "Kaplan & Meier 1958; Wilson score interval, 95 %",
        Family(name, ("retained", "ended_before"), ADMITTED, within),
        days,
        (Number("admitted", ("retained", "ended_before")), Number("retained", ("retained",))),
        (Share("retained_share", "retained", "admitted"),),
        guarded=(("ended_before",),),
        worth=4.0,
    )


def _use(days: int) -> Spec:
    name = f"use_{days}"
    return Spec(
        name,
        f"Known use within {days} days of admission",
        f"Stays that began in the period; those with use on record (self-report, or a valid screen without what is "
        f"prescribed; nicotine left out) on day 0–{days}, those without it who had a contact on day {days} or later, "
        "and the others, of whom nobody knows. No share is given of those without use: it would rest on the unknown.",
        "Care programme's own standard; Wilson score interval, 95 %",
        Family(name, ("use", "seen", "lost"), ADMITTED),
        days,
        (Number("admitted", ("use", "seen", "lost")), Number("known_use", ("use",))),
        (Share("known_use_share", "known_use", "admitted"),),
        (
            (Number("seen_without_use", ("seen",)), Number("not_known", ("lost",))),
            (Number("no_known_use", ("seen", "lost")),),
        ),
        worth=2.0,
    )


def bits(measures: tuple[str, ...]) -> tuple[str, ...]:
    """The outcomes of several yes/no measures together: one letter each, y or n."""
    return tuple("".join(letters) for letters in product("yn", repeat=len(measures)))


def yes_of(measures: tuple[str, ...], measure: str) -> tuple[str, ...]:
    """The joint outcomes in which one of several measures is yes."""
    place = measures.index(measure)
    return tuple(outcome for outcome in bits(measures) if outcome[place] == "y")


def _no_of(measures: tuple[str, ...], measure: str) -> tuple[str, ...]:
    return tuple(outcome for outcome in bits(measures) if outcome not in yes_of(measures, measure))


def _nested(measures: tuple[str, ...], within: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """For measures within wider ones: those that have the wider alone."""
    return tuple(
        tuple(o for o in bits(measures) if o[measures.index(wide)] == "y" and o[measures.index(narrow)] == "n")
        for narrow, wide in within.items()
    )


def _joint(
    name: str,
    title: str,
    definition: str,
    source: str,
    universe: str,
    measures: tuple[str, ...],
    lag_days: int,
    *,
    total: str,
    within: Mapping[str, str] | None = None,
    levels: frozenset[str] = frozenset(),
    of: Within = (),
    margins: tuple[str, ...] = ("all", "level", "site", "program"),
) -> Spec:
    nested = within or {}
    possible = [o for o in bits(measures) if not any(_breaks(measures, o, narrow, nested[narrow]) for narrow in nested)]
    outcomes = tuple(possible)
    only = dict.fromkeys(outcomes, ("level", levels)) if levels else {}

    def kept(wanted: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(outcome for outcome in wanted if outcome in outcomes)

    return Spec(
        name,
        title,
        definition,
        source,
        Family(name, (*outcomes, APART), universe, of, only),
        lag_days,
        (Number(total, outcomes), *(Number(measure, kept(yes_of(measures, measure))) for measure in measures)),
        tuple(Share(f"{measure}_share", measure, total) for measure in measures),
        guarded=(
            *(kept(_no_of(measures, measure)) for measure in measures),
            *(kept(table) for table in _nested(measures, nested)),
            (APART,),
        ),
        margins=margins,
    )


def _breaks(measures: tuple[str, ...], outcome: str, narrow: str, wide: str) -> bool:
    return outcome[measures.index(narrow)] == "y" and outcome[measures.index(wide)] == "n"


ABSTINENCE = ("three_consecutive_negative", "end_of_treatment_ctn0094")
_YES, _COUNTED = ("y",), ("y", "n")
DETOX = ("detox_continuity_7", "detox_continuity_14")


_RESIDENTIAL_DAYS = 90  # engagement waits for so long a stay to end


def _quality(measure: str, universe: str, total: str, *, waits: int = 0, **more: Any) -> Spec:
    rule = MEASURES[measure]
    lag = rule.days + waits
    late = f" Of whom it is not known {lag} days after the index day stands apart." if waits else ""
    text = rule.definition + late
    return _joint(measure, rule.title, text, rule.source, universe, (measure,), lag, total=total, **more)


def _follow_up(days: int) -> Spec:
    counted = ("abstinent", "not_abstinent", "not_reached")
    return Spec(
        f"abstinent_at_{days}",
        f"Abstinent {days} days after treatment",
        f"Clients whose last stay ended in the period and who were not back in treatment: abstinent in the 30 days "
        f"up to {days} days after it, of all who left (who was not reached is not abstinent) and of those reached.",
        "30-day point prevalence; intention to treat as in clinical trials; Wilson score interval, 95 %",
        Family(f"abstinent_at_{days}", (*counted, APART), LEFT, (((*counted, APART), "completion", REASONS),)),
        days + _GRACE_DAYS,
        (Number("left", counted), Number("reached", counted[:2]), Number("abstinent", counted[:1])),
        (Share("abstinent_share", "abstinent", "left"), Share("abstinent_of_reached", "abstinent", "reached")),
        guarded=(("not_abstinent",), ("not_reached",), ("not_abstinent", "not_reached"), (APART,)),
    )


_OFFERED = ("attended", "no_show", "excused", "other_missed")


def _all() -> tuple[Spec, ...]:
    return (
        Spec(
            "census",
            "Census",
            "The mean number of clients at a level on a day of the period (the day of discharge does not count), stays "
            "that began and stays that ended.",
            "Average daily census",
            Family("census", ("days",)),
            0,
            (Number("average_daily_census", ("days",)),),
            details=(
                (Number("admissions", ("admitted",), "admissions"), Number("discharges", REASONS, "completion")),
                (),
            ),
            per_day=frozenset({"average_daily_census"}),
            worth=8.0,
        ),
        _completion(),
        *(_retention(days) for days in RETENTION_DAYS),
        _use(USE_DAYS),
        _flow(),
        _joint(
            "abstinence",
            "Abstinence in treatment",
            "Stays after withdrawal management that ended in the period and have a weekly pattern: three negative "
            "weeks running; end of treatment as in CTN-0094 (weeks 12–15: no use, at most one missing).",
            "Endpoint definitions of NIDA CTN protocol CTN-0094 (package CTNote); Wilson score interval, 95 %",
            ENDED,
            ABSTINENCE,
            30,
            total="stays",
            levels=_AFTER_DETOX,
        ),
        *(_follow_up(days) for days in FOLLOW_UP_DAYS),
        Spec(
            "attendance",
            "Attendance",
            "Sessions offered in stays that ended in the period; attended of all offered; no-shows are missed without "
            "excuse or other cause.",
            "NIATx; Wilson score interval, 95 %",
            Family("attendance", _OFFERED),
            0,
            (Number("offered", _OFFERED), Number("attended", ("attended",)), Number("no_shows", ("no_show",))),
            (Share("attendance_rate", "attended", "offered"), Share("no_show_rate", "no_shows", "offered")),
            guarded=(_OFFERED[1:], _OFFERED[2:]),
            weighs=True,
        ),
        _joint(
            "detox_continuity",
            "Continuity after withdrawal management",
            MEASURES["detox_continuity_14"].definition.replace("14", "7 and within 14", 1),
            MEASURES["detox_continuity_14"].source,
            ENDED,
            DETOX,
            14,
            total="detox_stays",
            within={"detox_continuity_7": "detox_continuity_14"},
            levels=_DETOX_LEVEL,
            margins=_PLACES_ONLY,
        ),
        _quality(
            "lower_level_14",
            ENDED,
            "detox_stays",
            levels=_DETOX_LEVEL,
            margins=_PLACES_ONLY,
            of=(
                (_COUNTED, "detox_continuity", ("yy", "ny", "nn")),
                (_YES, "flow", _FOLLOWED),
            ),
        ),
        _quality("follow_up_7", ENDED, "stays", levels=_AROUND_THE_CLOCK, margins=_PLACES_ONLY),
        _quality(
            "follow_up_30",
            ENDED,
            "stays",
            levels=_AROUND_THE_CLOCK,
            margins=_PLACES_ONLY,
            of=((("n",), "follow_up_7", ("n",)), (_COUNTED, "follow_up_7", _COUNTED)),
        ),
        _quality("readmission_30", ENDED, "stays", levels=_TREATMENT, of=((_YES, "flow", _FOLLOWED),)),
        _quality("continuation_30", ADMITTED, "admissions", margins=_PLACES_ONLY),
        _quality("iet_initiation", DIAGNOSED, "diagnoses", margins=_PLACES_ONLY),
        _quality(
            "iet_engagement",
            DIAGNOSED,
            "diagnoses",
            waits=_RESIDENTIAL_DAYS,
            margins=_PLACES_ONLY,
            of=((_YES, "iet_initiation", _YES), (_COUNTED, "iet_initiation", _COUNTED)),
        ),
    )


SPECS: Mapping[str, Spec] = {spec.name: spec for spec in _all()}
ADMISSIONS = Family("admissions", ("admitted",), ADMITTED)
FAMILIES: Mapping[str, Family] = {
    family.name: family for family in (*(spec.family for spec in SPECS.values()), ADMISSIONS)
}
LAGS: Mapping[str, int] = {**{spec.family.name: spec.lag_days for spec in SPECS.values()}, ADMISSIONS.name: 0}
