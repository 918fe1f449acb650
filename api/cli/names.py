"""Rows of a table for people: sites, groups and staff by their names. JSON and CSV have the keys."""

from __future__ import annotations

from api.tabular import Rows
from infra.provider.names import named, names_of
from infra.readmodels.context import HasReads

_HEADS = {"group_id": "group"}


def in_names(services: HasReads, rows: Rows) -> Rows:
    """The rows with names instead of the keys that are known."""
    names = names_of(services)
    return [{_HEADS.get(field, field): value for field, value in named(names, row).items()} for row in rows]
