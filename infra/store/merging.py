"""Merges of duplicate charts: what the other chart's stream gets when one chart takes it over."""

from __future__ import annotations

import hashlib
from uuid import UUID

from domain.events import ChartClosed, ChartsMerged


def closing_id(merge_id: str) -> str:
    """The id of the entry that closes the other chart, from the id of the merge (both 32 hex digits)."""
    digest = bytearray(hashlib.blake2b(bytes.fromhex(merge_id) + b"closed", digest_size=16).digest())
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return digest.hex()


def linked(merge: ChartsMerged, other_id: str) -> ChartsMerged:
    """The merge with the other chart's stream filled in."""
    return merge.model_copy(update={"other_client_id": UUID(hex=other_id)})


def closing(survivor_id: str) -> ChartClosed:
    """The entry that closes the other chart and points to the one that took it over."""
    return ChartClosed(merged_into=UUID(hex=survivor_id))
