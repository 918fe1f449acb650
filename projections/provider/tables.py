"""Tables of the provider's definitions: the things that were ever defined, and a row for each time of a definition."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Text

from projections.base import row_table

# ``kind`` is empty where every definition was taken back.
PROVIDER_STREAM = row_table("provider_stream", Column("kind", String(20), nullable=False), index=(("kind",),))

# ``client_id`` is the stream of the thing. Times are µs UTC: in force from ``from_at`` to before ``until_at``.
DEFINITION = row_table(
    "definition",
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("from_at", BigInteger, nullable=False),
    Column("until_at", BigInteger),
    Column("site", String(200), nullable=False),
    Column("data", Text, nullable=False),
    Column("event_id", String(32), nullable=False),
    index=(("kind", "until_at"),),
)
