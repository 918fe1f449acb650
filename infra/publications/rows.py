"""Publications as rows: the columns of lists, of tables, and of the attack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

LIST_COLUMNS = ("number", "title", "made_at", "entry", "tables", "numbers", "shown", "digest", "signature", "key_id")
TABLE_COLUMNS = ("table", "title", "by", "period", "rows", "numbers", "shown")
CELL_COLUMNS = ("family", "by", "values", "months", "outcomes", "least", "most")


def table_rows(tables: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The tables of a publication, one row each."""
    return [
        {
            "table": table["name"],
            "title": table["title"],
            "by": table["by"],
            "period": table["period"],
            "rows": len(table["rows"]),
            "numbers": table["numbers"],
            "shown": table["shown"],
        }
        for table in tables
    ]


def row_columns(table: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns of a table's rows."""
    shares = [name for share in table["shares"] for name in (share, f"{share}_low", f"{share}_high")]
    return ("period", "group", *table["columns"], *shares)
