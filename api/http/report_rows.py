"""The schemas of reports' rows, each property with its meaning: from what reports say of their own columns."""

from __future__ import annotations

from typing import Any

from infra.reporting.reports import REPORTS
from infra.reporting.tables import DEFAULTS, ReportTable, tables_of
from projections.columns import Column, Kind, names

_REF = "#/components/schemas/"
_TYPES: dict[Kind, dict[str, Any]] = {
    "text": {"type": "string"},
    "count": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "share": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "days": {"type": ["integer", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "list": {"type": "array"},
    "value": {"type": ["boolean", "number", "string", "null"]},
}


def add_rows(schemas: dict[str, Any]) -> None:
    """Say in a document's schemas what the rows of ``ReportView`` are: those of one of the tables."""
    shapes = {_name(table): _row(table) for name in REPORTS for table in tables_of(name, DEFAULTS)}
    assert shapes.keys().isdisjoint(schemas)
    schemas.update(shapes)
    schemas["ReportView"]["properties"]["rows"] |= {"items": {"anyOf": [{"$ref": _REF + name} for name in shapes]}}


def _row(table: ReportTable) -> dict[str, Any]:
    option = f"`{table.option}`" if table.option else "what it begins with"
    return {
        "type": "object",
        "title": _name(table),
        "description": f"A row of the report {table.report}: {option}. Groups are there where they were asked for.",
        "properties": {column.name: _property(column) for column in (*table.groups, *table.columns)},
        "required": list(names(table.columns)),
    }


def _property(column: Column) -> dict[str, Any]:
    return {**_TYPES[column.kind], "description": column.meaning}


def _name(table: ReportTable) -> str:
    """As ``CompletionLengthsRow``."""
    params = table.params
    part = (
        params.show
        or params.unit * (params.unit != "stay")
        or "client" * params.per_client
        or "compared" * bool(params.compare)
    )
    words = (*table.report.split("-"), part, "measure" * (params.measure is not None), "row")
    return "".join(word.capitalize() for word in words)
