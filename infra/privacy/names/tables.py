"""The index's tables, in the read database: keyed hashes and ciphertext, nothing in clear."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table

METADATA = MetaData()
VERSION = 4  # a higher one builds the index anew

# One row for each mark of a client; the mark is a byte that says what for, and a keyed hash.
NAME_TOKEN = Table(
    "name_token",
    METADATA,
    Column("token", LargeBinary(13), primary_key=True),
    Column("client_id", String(32), primary_key=True),
    sqlite_with_rowid=False,
)

# Which marks of likeness more than one client has.
NAME_SHARED = Table(
    "name_shared",
    METADATA,
    Column("token", LargeBinary(13), primary_key=True),
    sqlite_with_rowid=False,
)

# Which marks a client has, one after another, and the names themselves under the client's own key.
NAME_CLIENT = Table(
    "name_client",
    METADATA,
    Column("client_id", String(32), primary_key=True),
    Column("tokens", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

NAME_STATE = Table(
    "name_state",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)
