"""What goes with resources, as OperationOutcomes: a notice, and which entries are not among them."""

from __future__ import annotations

from collections.abc import Sequence

from infra.eventstore.unreadable import Unread
from infra.interop.fhir.bundles import outcome
from infra.interop.fhir.coding import Resource

_SHOWN = 10


def notice_of(notice: str) -> list[Resource]:
    """The notice that goes with disclosed records, if there is one."""
    return [outcome("information", "informational", notice)] if notice else []


def left_out(unread: Sequence[Unread]) -> list[Resource]:
    """A warning that entries of the chart cannot be read here and are in no resource: how many, and their places."""
    if not unread:
        return []
    places = "; ".join(f"entry {entry.sequence} at position {entry.position}" for entry in unread[:_SHOWN])
    rest = f"; and {len(unread) - _SHOWN} more" if len(unread) > _SHOWN else ""
    many = (
        f"{len(unread)} entries of this chart cannot be read here and are"
        if len(unread) > 1
        else ("1 entry of this chart cannot be read here and is")
    )
    return [outcome("warning", "incomplete", f"{many} in no resource: {places}{rest}. What is here is not everything.")]
