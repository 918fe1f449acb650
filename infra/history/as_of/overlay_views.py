"""Overlay views: SQL of a table as of a moment over the live one. Both arms stay open to a reader's conditions."""

from __future__ import annotations

from sqlalchemy import Table


def rows_view(live: Table, then: Table) -> str:
    """The live rows of whoever was not touched, and the rows of the others as of the moment."""
    columns = ",".join(column.name for column in live.columns)
    stayed = f"SELECT {columns} FROM live.{live.name} WHERE client_id NOT IN (SELECT client_id FROM main.touched)"
    return f"{stayed} UNION ALL SELECT {columns} FROM main.{then.name}"


def sums_view(live: Table, moved: Table) -> str:
    """The live sums, moved by ``n`` where there is a row for them; those that come to nothing are left out."""
    keys = [column.name for column in live.primary_key]
    same = " AND ".join(f"now.{key}=moved.{key}" for key in keys)
    others = ",".join(f"moved.{key}" for key in keys)
    here = f"coalesce((SELECT now.n FROM live.{live.name} AS now WHERE {same}), 0) + moved.n"
    return (
        f"SELECT {','.join(keys)}, n FROM live.{live.name} AS now "
        f"WHERE NOT EXISTS (SELECT 1 FROM main.{moved.name} AS moved WHERE {same}) "
        f"UNION ALL SELECT {others}, {here} FROM main.{moved.name} AS moved WHERE {here} <> 0"
    )
