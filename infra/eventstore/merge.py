"""Merge of duplicate charts: the entry that closes the other chart's stream."""

from __future__ import annotations

import hashlib
from typing import TypeVar
from uuid import UUID

from domain.events import ChartClosed, ChartsMerged, MergedChartContinued, NotSamePerson


def closing_id(merge_id: str) -> str:
    """The id of the entry that closes the other chart, from the id of the merge (both 32 hex digits)."""
    return _derived(merge_id, b"closed")


def continuing_id(late_id: str) -> str:
    """The id of the entry by which the survivor takes over a late one, from that one's id (both 32 hex digits)."""
    return _derived(late_id, b"continued")


def repeated_id(decision_id: str, client_id: str) -> str:
    """The id of a decision's copy in the stream of a chart that was taken over (all 32 hex digits)."""
    return _derived(decision_id, client_id.encode())


AboutAnother = TypeVar("AboutAnother", bound=ChartsMerged | NotSamePerson)


def linked(about: AboutAnother, other_id: str) -> AboutAnother:
    """The merge, or the decision that it is another person's, with the other chart's stream filled in."""
    return about.model_copy(update={"other_client_id": UUID(hex=other_id)})


def closing(survivor_id: str) -> ChartClosed:
    """The entry that closes the other chart and points to the one that took it over."""
    return ChartClosed(merged_into=UUID(hex=survivor_id))


def continuing(closed_id: str) -> MergedChartContinued:
    """The entry by which the survivor takes over what came to the other chart's stream after the merge."""
    return MergedChartContinued(other_client_id=UUID(hex=closed_id))


def _derived(event_id: str, use: bytes) -> str:
    """The id of an entry that follows from another: a UUID v8, always the same."""
    digest = bytearray(hashlib.blake2b(bytes.fromhex(event_id) + use, digest_size=16).digest())
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return digest.hex()
