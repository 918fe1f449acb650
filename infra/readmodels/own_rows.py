"""Reader beside another release: its rows where the columns are there, else our own last ones.

The views are named as every release names its tables, and show the live generation. While that is another release's,
and lacks a column that this one asks for, statements of this release read the generation that this release made
last. It stands where it was when the other one took its place. Where there is none, nothing is answered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Column, Connection, FromClause, Table, event, inspect
from sqlalchemy.sql.visitors import replacement_traverse

from domain.errors import ExpectedError
from infra.readmodels.generations import NEVER_BUILT, Generation

Own = Mapping[Table, FromClause | None]


class UnreadableGenerationError(ExpectedError, kind="not-ready"):
    """What is live has not the columns of this release, and there are no rows of its own: they are being built."""

    def __init__(self, name: str) -> None:
        """Of a read model."""
        super().__init__(f"the read model {name} is of another release, and this one has none of its own yet")


class OwnRows:
    """Where the statements of this release are to read, transaction by transaction."""

    def __init__(self) -> None:
        """Know of no generation yet."""
        self._columns: dict[tuple[int, int], Mapping[str, frozenset[str]]] = {}

    def read(self, connection: Connection, every: Collection[Generation]) -> None:
        """Let the statements of this transaction read what they can; ``every`` are all generations."""
        instead: dict[Table, FromClause | None] = {}
        for live in self._unfit(connection, every):
            kept = _own(live, every)
            instead |= {table: _shown(kept, table) if kept else None for table in live.model.all_tables}
        if instead:
            _replace_in(connection, instead)

    def missing(self, connection: Connection, every: Collection[Generation]) -> list[str]:
        """The read models that this release cannot read now."""
        return [live.model.name for live in self._unfit(connection, every) if _own(live, every) is None]

    def _unfit(self, connection: Connection, every: Iterable[Generation]) -> list[Generation]:
        others = [
            generation
            for generation in every
            if generation.state == "live" and generation.version != generation.model.version
        ]
        return [live for live in others if not self._fits(connection, live)]

    def _fits(self, connection: Connection, live: Generation) -> bool:
        if live.version == NEVER_BUILT:
            return False
        key = live.id, live.version
        if key not in self._columns:
            inspector = inspect(connection)
            there = {f"{table.name}_g{live.id}" for table in live.model.all_tables} & set(inspector.get_table_names())
            self._columns[key] = {
                name: frozenset(column["name"] for column in inspector.get_columns(name)) for name in there
            }
        columns = self._columns[key]
        return all(
            {column.name for column in table.columns} <= columns.get(f"{table.name}_g{live.id}", frozenset())
            for table in live.model.all_tables
        )


def _own(live: Generation, every: Iterable[Generation]) -> Generation | None:
    """The generation of this release's version that is kept beside another release's."""
    kept = [generation for generation in every if generation.model is live.model and generation.state == "previous"]
    return next((generation for generation in reversed(kept) if generation.version == generation.model.version), None)


@lru_cache(maxsize=200)
def _shown(generation: Generation, table: Table) -> FromClause:
    return generation.shown(table).subquery(table.name)


def _replace_in(connection: Connection, instead: Own) -> None:
    def other(element: Any, **_: Any) -> Any:
        table = element.table if isinstance(element, Column) else element
        if not isinstance(table, Table) or table not in instead:
            return None
        rows = instead[table]
        if rows is None:
            raise UnreadableGenerationError(table.name)
        return rows.c[element.name] if isinstance(element, Column) else rows

    def before(_: Connection, statement: Any, multiparams: Any, params: Any, __: Any) -> Any:
        if isinstance(statement, ClauseElement):
            statement = replacement_traverse(statement, {}, other)
        return statement, multiparams, params

    event.listen(connection, "before_execute", before, retval=True)
