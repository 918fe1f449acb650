"""Publications as rows of PostgreSQL, for tools outside: the schema ``reporting``.

The publications themselves are the truth, signed; these rows are made of them, and made again wherever they are
missing, as after a restore. What is there already is not touched: a publication never changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, text

from infra.eventstore.rows import LogRecorder
from infra.eventstore.unavailable import database_errors
from infra.migrations.model import MigrationError
from infra.migrations.steps import PUBLICATIONS, REPORTING
from infra.publications.numbers import numbers_of
from infra.publications.rows import row_columns
from infra.publications.store import PublicationError, signed_content, unpacked
from infra.readmodels.context import HasReads
from infra.readmodels.readstore import ReadStore
from infra.readmodels.timeouts import may_idle
from infra.readmodels.turns import TABLE, take_from_silent

FIXED = ("publications", "tables", "numbers")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_KEPT = "SELECT number, digest FROM publication"
_TABLE = "reporting_data.publication"
_OWN = f"SELECT number, digest FROM {_TABLE}"
_IDLE_SECONDS = 10  # a process that is paused with the lock keeps others from publishing


def follow(services: HasReads) -> int:
    """Bring the schema up to what is published, where there is one and this login may; how many were added.

    What cannot be written now is written the next time: nothing of it is lost.
    """
    if services.reads.is_sqlite or not services.reads.may_write:
        return 0
    try:
        return refresh(services.log.recorder, services.reads)
    except (*database_errors(), MigrationError, PublicationError) as error:
        log = structlog.get_logger("publications")
        log.warning(
            "the schema reporting is behind: run `carejourney publication refresh-sql`", error=type(error).__name__
        )
        return 0


def refresh(recorder: LogRecorder, reads: ReadStore) -> int:
    """Write the publications that the schema does not have, all or none of them; how many these were.

    Raises:
        PublicationError: one is not as it was signed.
        MigrationError: a table is missing, and this login may not make it.
    """
    recorder.migrate(PUBLICATIONS)
    reads.bring_up(REPORTING)
    with reads.engine.connect() as connection:
        # one process at a time: what another one publishes and writes meanwhile is seen
        lock = text(f"LOCK TABLE {_TABLE} IN SHARE ROW EXCLUSIVE MODE")
        take_from_silent(connection, lock, TABLE, [_TABLE])
        connection.execute(text(f"SELECT {may_idle(_IDLE_SECONDS)}"))
        missing = _missing(recorder, connection)
        connection.commit()
    return missing


def _missing(recorder: LogRecorder, connection: Connection) -> int:
    """Write what is missing; what another database published, before this one was restored, goes."""
    kept = {int(number): str(digest) for number, digest in recorder.query(_KEPT)}
    had = {int(number): str(digest) for number, digest in connection.execute(text(_OWN)).all()}
    outdated = [number for number, digest in had.items() if kept.get(number) != digest]
    missing = [number for number in sorted(kept) if number in outdated or number not in had]
    if outdated:
        connection.execute(text(f"DELETE FROM {_TABLE} WHERE number = ANY(:gone)"), {"gone": outdated})
    for number in missing:
        _write(connection, recorder, number)
    if outdated or missing:
        _make_views(connection)
    return len(missing)


def _write(connection: Connection, recorder: LogRecorder, number: int) -> None:
    sql = "SELECT content, digest, signature, key_id FROM publication WHERE number=?"
    [(packed, digest, signature, key_id)] = recorder.query(sql, (number,))
    content = signed_content(number, unpacked(number, bytes(packed)), digest)
    head = {name: content[name] for name in ("number", "title", "made_at", "day", "entry", "numbers", "shown")}
    signed = {"tables": len(content["tables"]), "digest": digest, "signature": signature, "key_id": key_id}
    _insert(connection, "publication", [head | signed])
    _insert(connection, "published_table", [_table(number, *placed) for placed in enumerate(content["tables"])])
    for table in content["tables"]:
        _insert(connection, "published_number", _numbers(number, table))


def _table(number: int, place: int, table: Mapping[str, Any]) -> dict[str, Any]:
    same = {name: table[name] for name in ("name", "report", "period", "title", "definition", "source")}
    sizes = {"numbers": table["numbers"], "shown": table["shown"]}
    row = {"publication": number, "place": place, "grouping": table["by"], "columns": [*row_columns(table)[2:]]}
    return same | sizes | row


def _numbers(number: int, table: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = ("period", "group_name", "column_name", "value", "withheld")
    row = {"publication": number, "table_name": table["name"]}
    return [row | dict(zip(names, values, strict=True)) for values in numbers_of(table)]


def _insert(connection: Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    names = [*rows[0]] if rows else []
    sql = f"INSERT INTO reporting_data.{table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
    if rows:
        connection.execute(text(sql), rows)


def _make_views(connection: Connection) -> None:
    """One wide view for each table, over all publications that have it: completion_by_site_quarter."""
    drop = "SELECT viewname FROM pg_views WHERE schemaname = 'reporting' AND NOT viewname = ANY(:fixed)"
    for (view,) in connection.execute(text(drop), {"fixed": [*FIXED]}).all():
        connection.execute(text(f"DROP VIEW reporting.{_checked(view)}"))
    columns: dict[str, dict[str, None]] = {}
    query = "SELECT name, columns FROM reporting_data.published_table ORDER BY publication, place"
    for name, names in connection.execute(text(query)):
        columns.setdefault(name, {}).update(dict.fromkeys(names))
    for name, names in columns.items():
        values = "".join(
            f", max(value) FILTER (WHERE column_name = '{_checked(column)}') AS {_checked(column)}" for column in names
        )
        view = _checked(name.replace("-", "_"))  # so that the name itself has nothing else but dashes
        connection.execute(
            text(
                f"CREATE VIEW reporting.{view} AS SELECT publication, period, group_name{values} "
                f"FROM reporting_data.published_number WHERE table_name = '{name}' "
                "GROUP BY publication, period, group_name"
            )
        )


def _checked(name: str) -> str:
    """A name as it may stand in SQL.

    Raises:
        PublicationError: it is none of ours.
    """
    if not _NAME.fullmatch(name):
        raise PublicationError("a table or column has a name that is not ours: see `publication verify`")
    return name
