"""The tables beside the access log, in its database: which client an entry is about, open glass, web sessions."""

from __future__ import annotations

from infra.store.rows import LogRecorder

_TABLES = (
    """CREATE TABLE IF NOT EXISTS access_client (
        client_id TEXT NOT NULL, position BIGINT NOT NULL, PRIMARY KEY (client_id, position))""",
    """CREATE TABLE IF NOT EXISTS access_glass (
        person TEXT NOT NULL, client_id TEXT NOT NULL, until_us BIGINT NOT NULL, PRIMARY KEY (person, client_id))""",
    """CREATE TABLE IF NOT EXISTS web_session (
        id_hash TEXT PRIMARY KEY, state_hash TEXT UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, sites TEXT,
        subject TEXT NOT NULL, provider_session TEXT NOT NULL, id_token TEXT NOT NULL,
        began BIGINT NOT NULL, seen BIGINT NOT NULL)""",
)


def create_tables(recorder: LogRecorder) -> None:
    """Create what is missing; processes that start together take turns by the write lock."""
    with recorder.writing() as tx:
        for statement in _TABLES:
            tx.rows(statement)
