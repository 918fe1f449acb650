"""Overlay views: SQL of a table as of a moment over the live one. Both arms stay open to a reader's conditions."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Table

from infra.readmodels.generations import SHARD


class Schemas(NamedTuple):
    """Where the live tables are, and where those of the moment."""

    live: str
    here: str


def rows_view(schemas: Schemas, live: Table, then: Table) -> str:
    """The live rows of whoever was not touched, and the rows of the others as of the moment."""
    columns = ",".join(column.name for column in live.columns)
    touched = f"SELECT 1 FROM {schemas.here}.touched WHERE touched.client_id=now.client_id"
    stayed = f"SELECT {columns} FROM {schemas.live}.{live.name} AS now WHERE NOT EXISTS ({touched})"
    return f"{stayed} UNION ALL SELECT {columns} FROM {schemas.here}.{then.name}"


def sums_view(schemas: Schemas, live: Table, moved: Table) -> str:
    """The live sums, moved by ``n`` where there is a row for them; those that come to nothing are left out."""
    keys = [column.name for column in moved.primary_key]
    names = ",".join(keys)
    same = " AND ".join(f"now.{key}=moved.{key}" for key in keys)
    others = ",".join(f"moved.{key}" for key in keys)
    now, then = f"{schemas.live}.{live.name} AS now", f"{schemas.here}.{moved.name} AS moved"
    # sharded: several rows make a sum
    total, grouped = (
        ("sum(now.n)", f" GROUP BY {names} HAVING sum(now.n) <> 0") if SHARD in live.columns else ("now.n", "")
    )
    here = f"coalesce((SELECT {total} FROM {now} WHERE {same}), 0) + moved.n"
    return (
        f"SELECT {names}, CAST({total} AS BIGINT) AS n FROM {now} "
        f"WHERE NOT EXISTS (SELECT 1 FROM {then} WHERE {same}){grouped} "
        f"UNION ALL SELECT {others}, CAST({here} AS BIGINT) FROM {then} WHERE {here} <> 0"
    )
