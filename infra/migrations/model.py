"""What a migration is made of: steps, and the component of the database that they bring forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from domain.errors import ExpectedError

Dialect = Literal["sqlite", "postgresql"]
Execute = Callable[[str, Sequence[Any]], Sequence[Sequence[Any]]]
"""Runs one statement, with ``?`` for its parameters, and gives the rows that it returns."""

_TYPES: Mapping[Dialect, Mapping[str, str]] = {
    "sqlite": {"id": "BLOB", "blob": "BLOB", "serial": "INTEGER NOT NULL", "without_rowid": " WITHOUT ROWID"},
    "postgresql": {"id": "BYTEA", "blob": "BYTEA", "serial": "SERIAL", "without_rowid": ""},
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step forward. Its statements may name ``{id}``, ``{blob}``, ``{serial}``, ``{without_rowid}``, and what the
    component itself says.

    Both databases get ``both``, then each its own. A step is never changed once it was released: add another one.
    """

    purpose: str
    both: tuple[str, ...] = ()
    sqlite: tuple[str, ...] = ()
    postgresql: tuple[str, ...] = ()

    def statements(self, dialect: Dialect, values: Mapping[str, str]) -> list[str]:
        """The statements for one database, in order."""
        of_dialect = self.sqlite if dialect == "sqlite" else self.postgresql
        return [statement.format(**_TYPES[dialect], **values) for statement in (*self.both, *of_dialect)]


@dataclass(frozen=True, slots=True)
class Component:
    """Tables that are versioned together: the version is the number of steps that were taken.

    ``founded_on`` is a table whose presence, without any recorded version, shows a database of version 1: from
    before versions were kept.
    ``foundation`` is what others (a library) give us, before the first step.
    """

    name: str
    steps: tuple[Step, ...]
    founded_on: str
    foundation: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def newest(self) -> int:
        """The version that this code needs."""
        return len(self.steps)


class MigrationError(ExpectedError):
    """The database's tables are not those that this release needs; the message says what to do."""
