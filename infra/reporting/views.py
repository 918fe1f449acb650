"""The views of schema `reporting`: one for each report, over rows that are suppressed already."""

from __future__ import annotations

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal
from sqlalchemy import Connection

from infra.migrations.roles import REPORTING_DATA, REPORTING_SCHEMA
from infra.reporting.columns import Columns, meaning, sql_type

OWN_COLUMNS = ("position", "computed_at")
_DEFINITIONS = SQL(
    "CREATE OR REPLACE VIEW {schema}.definitions AS SELECT name AS report, title, definition, source, position, "
    "computed_at FROM {data}.report ORDER BY name"
)


def replace_view(connection: Connection, name: str, columns: Columns, definition: str) -> None:
    """Make a report's view anew, with its documentation."""
    view = SQL("{}.{}").format(Identifier(REPORTING_SCHEMA), Identifier(name))
    shown: list[Composable] = [
        SQL("(r.content->>{})::{} AS {}").format(Literal(column), SQL(sql_type(kind)), Identifier(column))  # type: ignore[arg-type]
        for column, kind in columns.items()
    ]
    shown += [SQL("s.{}").format(Identifier(column)) for column in OWN_COLUMNS]
    body = SQL("SELECT {} FROM {}.report s JOIN {}.report_row r ON r.report = s.name WHERE s.name = {} ORDER BY r.n")
    data = Identifier(REPORTING_DATA)
    _run(connection, SQL("DROP VIEW IF EXISTS {} CASCADE").format(view))
    select = body.format(SQL(", ").join(shown), data, data, Literal(name))
    _run(connection, SQL("CREATE VIEW {} AS {}").format(view, select))
    _run(connection, SQL("COMMENT ON VIEW {} IS {}").format(view, Literal(definition)))
    for column in (*columns, *OWN_COLUMNS):
        said = SQL("COMMENT ON COLUMN {}.{} IS {}")
        _run(connection, said.format(view, Identifier(column), Literal(meaning(column))))


def drop_view(connection: Connection, name: str) -> None:
    """Remove the view of a report that is no more."""
    view = SQL("{}.{}").format(Identifier(REPORTING_SCHEMA), Identifier(name))
    _run(connection, SQL("DROP VIEW IF EXISTS {} CASCADE").format(view))


def define(connection: Connection) -> None:
    """The view that says what each report means."""
    places = {"schema": Identifier(REPORTING_SCHEMA), "data": Identifier(REPORTING_DATA)}
    _run(connection, _DEFINITIONS.format(**places))
    said = "What each view of this schema shows, the source of its definition, and how current it is"
    _run(connection, SQL("COMMENT ON VIEW {schema}.definitions IS {said}").format(**places, said=Literal(said)))


def _run(connection: Connection, statement: Composed) -> None:
    connection.exec_driver_sql(statement.as_string().replace("%", "%%"))
