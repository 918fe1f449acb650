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
    own = {_name(table): _row(table) for name in REPORTS for table in tables_of(name, DEFAULTS)}
    assert own.keys().isdisjoint(schemas)
    schemas.update(own)
    schemas["ReportView"]["properties"]["rows"] |= {"items": {"anyOf": [{"$ref": _REF + name} for name in own]}}


def _row(table: ReportTable) -> dict[str, Any]:
    said = f"`{table.option}`" if table.option else "what it begins with"
    return {
        "type": "object",
        "title": _name(table),
        "description": f"A row of the report {table.report}: {said}. Groups are there where they were asked for.",
        "properties": {one.name: _property(one) for one in (*table.groups, *table.columns)},
        "required": list(names(table.columns)),
    }


def _property(column: Column) -> dict[str, Any]:
    return {**_TYPES[column.kind], "description": column.meaning}


def _name(table: ReportTable) -> str:
    """As ``CompletionLengthsRow``."""
    asked = table.asked
    part = (
        asked.show
        or asked.unit * (asked.unit != "stay")
        or "client" * asked.per_client
        or "compared" * bool(asked.compare)
    )
    words = (*table.report.split("-"), part, "measure" * (asked.measure is not None), "row")
    return "".join(word.capitalize() for word in words)
