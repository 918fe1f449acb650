"""Every table of every report that people may ask for who see no clients: what its columns count, in which population.

A population is divided by level, by an attribute, and into cells, which are what became of its people. ``cells`` gives
the people of each cell of a row from unsuppressed numbers, ``columns`` the cells that each shown column counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.vocabulary import REASONS

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
)
