"""Every table of every report that people may ask for who see no clients: what its columns count, in which population.

A population is divided by level, by an attribute, and into cells, which are what became of its people. ``cells`` gives
the people of each cell of a row from unsuppressed numbers, ``columns`` the cells that each shown column counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.vocabulary import REASONS
from infra.reports import ReportParams, Rows
from infra.services import Services
from projections.retention.queries import MILESTONES, durations

Row = Mapping[str, Any]
Cells = dict[str, int]
Columns = dict[str, tuple[str, ...]]
TALLIES = ("program", "site", "month:admission", "month:discharge")
STAYS = (*TALLIES, "payer", "slot", "dual_diagnosis")


@dataclass(frozen=True)
class Table:
    """One table: its report, which attributes it has, the population of a row, and what the row counts."""

    report: str
    show: str
    attributes: tuple[str, ...]
    population: Callable[[Row], str]
    cells: Callable[[Row], Cells]
    columns: Callable[[Row], Columns]
    levels: str = "level"
    dated: bool = True
    more: tuple[str, ...] = ()
    """Cells that no row of the table has by itself."""
    extra: tuple[str, ...] = ()
    """Groups that are cells: asked for to find the truth, and with every other grouping."""
    estimates: frozenset[str] = frozenset()
    """Columns that are no counts, but tell the count that they were made of."""
    period: tuple[date | None, date | None] = (None, None)
    times: int = 1
    """What a shown number is multiplied by to be a count."""
    rows: Callable[[Services, ReportParams], Rows] | None = None
    """The true rows, where unsuppressed ones do not tell the cells."""

    def level(self, row: Row) -> str | None:
        """The level that a row is of, where it is of one."""
        return row.get(self.levels)


def _rate(yes: str = "numerator", of: str = "denominator") -> Callable[[Row], Cells]:
    return lambda row: {"yes": row[yes] or 0, "no": row[of] - (row[yes] or 0)}


def _rates(*of: str) -> Callable[[Row], Columns]:
    return lambda _: {"numerator": ("yes",), **dict.fromkeys(of, ("yes", "no"))}


PREVALENCE: Columns = {
    "numerator": ("abstinent",),
    "reached": ("abstinent", "use"),
    "denominator": ("abstinent", "use", "lost"),
}
AGREEMENT = ("both", "screen_only", "report_only", "neither")
OFFERED: Columns = {
    "offered": ("attended", "excused", "no_shows", "other"),
    "attended": ("attended",),
    "missed": ("excused", "no_shows", "other"),
    "excused": ("excused",),
    "no_shows": ("no_shows",),
}


def _offered(row: Row) -> Cells:
    other = row["missed"] - row["excused"] - row["no_shows"]
    return {**{name: row[name] for name in ("attended", "excused", "no_shows")}, "other": other}


def _weeks(row: Row) -> Cells:
    bands = {name: row[f"weeks_{name}_hours"] for name in ("below", "within", "above")}
    return {**bands, "unbound": row["weeks"] - sum(bands.values())}


WEEKS: Columns = {
    "weeks": ("below", "within", "above", "unbound"),
    **{f"weeks_{name}_hours": (name,) for name in ("below", "within", "above")},
}
BAND: Columns = {
    "below": ("below",),
    "numerator": ("within",),
    "above": ("above",),
    "denominator": ("below", "within", "above"),
}


def _move(row: Row) -> str:
    return f"{row['step']} to {row['to']}"


MOVES = tuple(
    f"{step} to {to}"
    for step, targets in {
        "left": ("left",),
        "step_down": (
            "residential",
            "partial_hospitalization",
            "intensive_outpatient",
            "standard_outpatient",
            "alumni",
        ),
        "step_up": (
            "medical_detox",
            "residential",
            "partial_hospitalization",
            "intensive_outpatient",
            "standard_outpatient",
        ),
        "same_level": (
            "medical_detox",
            "residential",
            "partial_hospitalization",
            "intensive_outpatient",
            "standard_outpatient",
            "alumni",
        ),
    }.items()
    for to in targets
)


def _constant(name: str) -> Callable[[Row], str]:
    return lambda _: name


def _named(report: str, key: str) -> Callable[[Row], str]:
    return lambda row: f"{report} {row[key]}"


SPANS = (*(f"by day {day}" for day in MILESTONES), "later", "open")


def _spans(services: Services, params: ReportParams) -> Rows:
    """Stays by the first milestone that they had ended by."""
    filters = params.filters(())
    rows: Rows = []
    with services.reads.reading() as connection:
        for group, counts in durations(connection, filters, services.today()):
            found = dict.fromkeys(SPANS, 0)
            for (days, ended), n in counts.items():
                span = next((f"by day {day}" for day in MILESTONES if days <= day), "later")
                found[span if ended else "open"] += n
            rows.append({**dict(zip(filters.by, group, strict=True)), "spans": found})
    return rows


RETENTION: Columns = {
    "stays": SPANS,
    "ended": SPANS[:-1],
    **{f"retained_{day}": SPANS[: place + 1] for place, day in enumerate(MILESTONES)},
}
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
DAYS = tuple(f"2026-03-{day:02}" for day in range(1, 32))
STATES = ("in_treatment", "alumni", "discharged", "not_admitted", "died")

TABLES = (
    Table("quality", "", TALLIES, _named("quality", "measure"), _rate(), _rates("denominator")),
    Table(
        "prevalence",
        "",
        TALLIES,
        _named("prevalence", "milestone"),
        lambda row: {
            "abstinent": row["numerator"],
            "use": row["reached"] - row["numerator"],
            "lost": row["denominator"] - row["reached"],
        },
        lambda _: PREVALENCE,
    ),
    Table(
        "abstinence",
        "",
        TALLIES,
        _named("abstinence", "measure"),
        lambda row: {"yes": row["numerator"] or 0, "no": row["stays"] - (row["numerator"] or 0)},
        _rates("denominator", "stays"),
    ),
    Table(
        "agreement",
        "",
        TALLIES,
        _named("agreement", "target"),
        lambda row: {name: row[name] for name in AGREEMENT},
        lambda _: {
            **{name: (name,) for name in AGREEMENT},
            "numerator": ("both", "neither"),
            "denominator": AGREEMENT,
        },
    ),
    Table("outcomes", "", TALLIES, _named("outcomes", "instrument"), _rate(), _rates("denominator", "episodes")),
    Table(
        "followback",
        "",
        TALLIES,
        _constant("followback"),
        lambda row: {"used": row["reported_use"], "not": row["clients"] - row["reported_use"]},
        lambda _: {"clients": ("used", "not"), "reported_use": ("used",)},
    ),
    Table(
        "flow",
        "entries",
        TALLIES,
        _constant("entries"),
        lambda row: {"first": row["first_entries"], "again": row["numerator"]},
        lambda _: {
            "entries": ("first", "again"),
            "denominator": ("first", "again"),
            "first_entries": ("first",),
            "numerator": ("again",),
        },
    ),
    Table("attendance", "", TALLIES, _constant("offered"), _offered, lambda _: OFFERED),
    Table("attendance", "sessions", (*TALLIES, "kind", "slot"), _constant("offered"), _offered, lambda _: OFFERED),
    Table("attendance", "", TALLIES, _constant("hours"), _weeks, lambda _: WEEKS),
    Table(
        "attendance",
        "",
        TALLIES,
        _constant("stays"),
        lambda row: {"stays": row["stays"]},
        lambda _: {"stays": ("stays",)},
    ),
    Table(
        "attendance",
        "bounds",
        TALLIES,
        lambda row: str(row["bound"]),
        lambda row: {"below": row["below"], "within": row["numerator"], "above": row["above"]},
        lambda _: BAND,
    ),
    Table(
        "completion",
        "",
        STAYS,
        _constant("discharges"),
        lambda row: {reason: row[reason] for reason in REASONS},
        lambda _: {
            **{reason: (reason,) for reason in REASONS},
            "discharges": REASONS,
            "numerator": ("completed",),
            "denominator": REASONS,
        },
    ),
    Table(
        "flow",
        "",
        TALLIES,
        _constant("moves"),
        lambda row: {_move(row): row["numerator"]},
        lambda row: {"numerator": (_move(row),), "denominator": MOVES},
        levels="from",
        more=MOVES,
    ),
    Table(
        "flow",
        "steps",
        TALLIES,
        _constant("moves"),
        lambda _: {},
        lambda row: {
            "numerator": tuple(move for move in MOVES if move.startswith(f"{row['step']} to")),
            "denominator": MOVES,
        },
        more=MOVES,
    ),
    Table(
        "retention",
        "",
        ("program", "site", "payer", "slot", "dual_diagnosis", "month:admission"),
        _constant("retention"),
        lambda row: row["spans"],
        lambda _: RETENTION,
        estimates=frozenset(f"retained_{day}" for day in MILESTONES),
        rows=_spans,
    ),
    Table(
        "census",
        "",
        ("program", "site"),
        _constant("census"),
        lambda row: {row["day"]: row["census"]},
        lambda row: {"census": (row["day"],)},
        more=DAYS,
        period=MARCH,
    ),
    Table(
        "census",
        "average",
        ("program", "site"),
        _constant("census"),
        lambda _: {},
        lambda _: {"average_daily_census": DAYS},
        period=MARCH,
        times=len(DAYS),
        more=DAYS,
    ),
    Table(
        "census",
        "average",
        (),
        _constant("moves"),
        lambda row: {"in": row["admissions"], "out": row["discharges"]},
        lambda _: {"admissions": ("in",), "discharges": ("out",)},
        period=MARCH,
    ),
    Table(
        "status",
        "",
        ("program", "site"),
        _constant("status"),
        lambda row: {row["state"]: row["clients"]},
        lambda row: {"clients": (row["state"],) if "state" in row else STATES},
        extra=("state",),
        more=STATES,
    ),
)
