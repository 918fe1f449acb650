"""Place of an entry that belongs to no stay."""

from __future__ import annotations

from domain.entries import Entry
from projections.base import Row
from projections.clinical.course import stay_of
from projections.quality.index import Client, place_of


def place_at(client: Client, entry: Entry) -> Row:
    """The stay that an entry is counted with; without one its own day, at the site that recorded it."""
    stay = stay_of(client.treatment, entry)
    return ("", "", entry.site, entry.day, entry.day) if stay is None else place_of(stay)
