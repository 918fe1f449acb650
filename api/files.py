"""Answers that are saved as files."""

from __future__ import annotations

from fastapi.responses import Response

from api.tabular import Columns, Rows, as_csv


def attachment(name: str) -> dict[str, str]:
    """The headers of a file to be saved."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def csv_of(name: str, rows: Rows, columns: Columns) -> Response:
    """Rows as a file of this name, to which ``.csv`` is added."""
    return Response(as_csv(rows, columns), media_type="text/csv; charset=utf-8", headers=attachment(f"{name}.csv"))
