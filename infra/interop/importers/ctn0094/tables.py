"""The 15 tables of public.ctn0094data: their columns, their rows, and how they are read together."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, NamedTuple

from infra.interop.importers.ctn0094.csv_tables import (
    Column,
    Table,
    TablesError,
    day,
    number,
    number_or_empty,
    one_of,
    person,
    read_table,
    text,
)

ARMS: Final = (
    "Inpatient BUP",
    "Inpatient NR-NTX",
    "Methadone",
    "Outpatient BUP",
    "Outpatient BUP + EMM",
    "Outpatient BUP + SMM",
)
VISIT_FLAGS: Final = (
    "is_no_note",
    "is_dead",
    "is_no_show",
    "is_no_funding",
    "is_left_study",
    "is_in_jail",
    "is_forgot",
    "is_in_hospital",
    "is_illness",
    "is_moved",
    "is_missing_14_consecutive",
    "is_window",
    "is_unable",
    "is_on_vacation",
    "is_other",
)


class Member(NamedTuple):
    """A person of one of the three studies. ``row`` is the row's number in its table, from 1."""

    row: int
    project: str


class Site(NamedTuple):
    """The masked site of a person."""

    row: int
    site: str


class Details(NamedTuple):
    """A person at baseline; empty words are not known."""

    row: int
    age: int | None
    hispanic: str
    race: str
    job: str
    living_stable: str
    education: str
    marital: str
    male: str


class OnDay(NamedTuple):
    """A row that says a day and no more."""

    row: int
    day: int | None


class Arm(NamedTuple):
    """A randomisation to a treatment arm; ``which`` 1 or 2."""

    row: int
    treatment: str
    which: str
    day: int | None


class DetoxDay(NamedTuple):
    """An ``admission`` to detox or a ``discharge`` from it."""

    row: int
    what: str
    day: int | None


class Visit(NamedTuple):
    """A planned visit, what came of it, and the flags that are set."""

    row: int
    label: str
    what: str
    flags: frozenset[str]
    day: int | None


class SubstanceDay(NamedTuple):
    """A substance of a day: found in a urine (uds) or reported (tlfb)."""

    row: int
    what: str
    day: int | None


class Amount(NamedTuple):
    """A number of a day: a dose, a score, or whether a urine's temperature was right."""

    row: int
    amount: int | None
    day: int | None


class Reference(NamedTuple):
    """A row of a table that says nothing of a person."""

    row: int


@dataclass(frozen=True, slots=True)
class Tables:
    """All 15 tables in memory, the fields named as the files are."""

    everybody: Table[Member]
    site_masked: Table[Site]
    demographics: Table[Details]
    screening_date: Table[OnDay]
    randomization: Table[Arm]
    detox: Table[DetoxDay]
    visit: Table[Visit]
    uds: Table[SubstanceDay]
    uds_temp: Table[Amount]
    treatment: Table[Amount]
    tlfb: Table[SubstanceDay]
    withdrawal: Table[Amount]
    first_survey: Table[OnDay]
    meta_study_length: Table[Reference]
    meta_substance_groups_uds: Table[Reference]

    def all(self) -> list[Table[Any]]:
        """Every table, in the order of the importer's report."""
        return [getattr(self, field.name) for field in fields(self)]


def read_tables(directory: Path) -> Tables:
    """Read all 15 tables from ``NAME.csv.gz`` (or ``NAME.csv``) in a folder.

    Raises:
        TablesError: a file or column is missing, a file is broken, a cell is not what its column holds. Every
            problem of every table is named, with file, line, column and remedy.
    """
    problems: list[str] = []
    yes_no = ("", "Yes", "No")

    def read(name: str, make: Any, *columns: Column) -> Table[Any]:
        return read_table(directory, name, columns, make, problems)

    tables = Tables(
        everybody=read("everybody", Member, person(), one_of("project", "27", "30", "51")),
        site_masked=read("site_masked", Site, person(), text("site_masked")),
        demographics=read(
            "demographics",
            Details,
            person(),
            number_or_empty("age"),
            one_of("is_hispanic", *yes_no),
            *(text(name) for name in ("race", "job")),
            one_of("is_living_stable", *yes_no),
            *(text(name) for name in ("education", "marital")),
            one_of("is_male", *yes_no),
        ),
        screening_date=read("screening_date", OnDay, person(), day("screening_day")),
        randomization=read(
            "randomization", Arm, person(), one_of("treatment", *ARMS), one_of("which", "1", "2"), day()
        ),
        detox=read("detox", DetoxDay, person(), one_of("what", "admission", "discharge"), day()),
        visit=read(
            "visit",
            _visit,
            person(),
            text("visit"),
            one_of("what", "visit", "final", "MISSING", "no visit", ""),
            day(),
            *(one_of(flag, "", "0", "1") for flag in VISIT_FLAGS),
        ),
        uds=read("uds", SubstanceDay, person(), text("what"), day()),
        uds_temp=read("uds_temp", Amount, person(), number("was_temp_ok"), day()),
        treatment=read("treatment", Amount, person(), number("amount"), day()),
        tlfb=read("tlfb", SubstanceDay, person(), text("what"), day()),
        withdrawal=read("withdrawal", Amount, person(), number_or_empty("withdrawal"), day()),
        first_survey=read("first_survey", OnDay, person(), day()),
        meta_study_length=read("meta_study_length", _reference, text("project")),
        meta_substance_groups_uds=read("meta_substance_groups_uds", _reference, text("Substance")),
    )
    if problems:
        raise TablesError(problems)
    return tables


def _visit(row: int, label: str, what: str, when: int | None, *flags: str) -> Visit:
    set_flags = frozenset(name for name, flag in zip(VISIT_FLAGS, flags, strict=True) if flag == "1")
    return Visit(row, label, what, set_flags, when)


def _reference(row: int, _: str) -> Reference:
    return Reference(row)
