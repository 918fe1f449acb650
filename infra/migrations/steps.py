"""The steps of each component, oldest first. To change a table, add one entry at the end of its list."""

from __future__ import annotations

from collections.abc import Sequence

from infra.migrations.model import Component, Step
from infra.migrations.turns import TAKING_TURNS

# After the events table, which is the library's own.
LOG_STEPS: tuple[Step, ...] = (
    Step(
        "keys, ids and answers beside the events",
        both=(
            """CREATE TABLE IF NOT EXISTS chart (
                client_id {id} PRIMARY KEY, wrapped_key {blob} NOT NULL, reference {blob} NOT NULL){without_rowid}""",
            "CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, wrapped {blob} NOT NULL)",
            """CREATE TABLE IF NOT EXISTS event_index (
                event_id {id} PRIMARY KEY, position BIGINT NOT NULL){without_rowid}""",
            """CREATE TABLE IF NOT EXISTS command (
                idempotency_key TEXT PRIMARY KEY, digest TEXT NOT NULL, answer TEXT NOT NULL)""",
        ),
    ),
    Step(
        "a writer without rights to change entries takes the write lock and wakes readers through this function",
        postgresql=(
            """CREATE OR REPLACE FUNCTION {schema}.{events}_begin_writing() RETURNS void LANGUAGE plpgsql
            SECURITY DEFINER SET search_path = pg_catalog AS $body$
            BEGIN
                LOCK TABLE {schema}.{events} IN EXCLUSIVE MODE;
                PERFORM pg_notify('{events}', '');
            END $body$""",
            "REVOKE ALL ON FUNCTION {schema}.{events}_begin_writing() FROM PUBLIC",
        ),
    ),
    Step(
        "erasures that are asked for, and those that were done",
        both=(
            """CREATE TABLE IF NOT EXISTS erasure (
                client_id {id} PRIMARY KEY, state TEXT NOT NULL, request_id TEXT NOT NULL, requested_by TEXT NOT NULL,
                requested_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, ground TEXT NOT NULL,
                confirmed_by TEXT NOT NULL, erased_at BIGINT NOT NULL, scrubbed INTEGER NOT NULL)""",
        ),
    ),
    Step(
        "which streams older releases named by a chart number's exact spelling",
        both=(
            """CREATE TABLE IF NOT EXISTS chart_number (
                hash {id} PRIMARY KEY, client_id {id} NOT NULL){without_rowid}""",
        ),
    ),
    Step("a writer that waits for the lock ends who holds it and is paused", postgresql=TAKING_TURNS),
    Step(
        "ids of bulk imports, until they are merged into the index of all",
        both=(
            """CREATE TABLE IF NOT EXISTS event_index_recent (
                event_id {id} PRIMARY KEY, position BIGINT NOT NULL){without_rowid}""",
        ),
    ),
)

ACCESS_STEPS: tuple[Step, ...] = (
    Step(
        "which client an access is about, open glass, web sessions",
        both=(
            """CREATE TABLE IF NOT EXISTS access_client (
                client_id TEXT NOT NULL, position BIGINT NOT NULL, PRIMARY KEY (client_id, position))""",
            """CREATE TABLE IF NOT EXISTS access_glass (
                person TEXT NOT NULL, client_id TEXT NOT NULL, until_us BIGINT NOT NULL,
                PRIMARY KEY (person, client_id))""",
            """CREATE TABLE IF NOT EXISTS web_session (
                id_hash TEXT PRIMARY KEY, state_hash TEXT UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, sites TEXT,
                subject TEXT NOT NULL, provider_session TEXT NOT NULL, id_token TEXT NOT NULL,
                began BIGINT NOT NULL, seen BIGINT NOT NULL)""",
        ),
    ),
    Step(
        "long work that somebody started, how far it is, and what it came to",
        both=(
            """CREATE TABLE IF NOT EXISTS job (
                id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,
                asked_by TEXT NOT NULL, began BIGINT NOT NULL, beat BIGINT NOT NULL, done BIGINT NOT NULL,
                total BIGINT NOT NULL, outcome TEXT NOT NULL)""",
        ),
    ),
    Step(
        "codes of sessions and jobs, people by issuer and subject; sessions end, and open glass is read from the log",
        both=(
            "DROP TABLE web_session",
            """CREATE TABLE web_session (
                id_hash TEXT PRIMARY KEY, state_hash TEXT UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, sites TEXT,
                issuer TEXT NOT NULL, subject TEXT NOT NULL, provider_session TEXT NOT NULL, id_token TEXT NOT NULL,
                began BIGINT NOT NULL, seen BIGINT NOT NULL, code TEXT NOT NULL)""",
            "DROP TABLE access_glass",
            "ALTER TABLE job ADD COLUMN code TEXT NOT NULL DEFAULT ''",
        ),
    ),
    Step(
        "how far each subscriber of the feed has come",
        both=(
            """CREATE TABLE IF NOT EXISTS subscriber (
                owner TEXT NOT NULL, name TEXT NOT NULL, position BIGINT NOT NULL, moved BIGINT NOT NULL,
                PRIMARY KEY (owner, name))""",
        ),
    ),
    Step(
        "questions that people keep under a name, and where each reader has them in sight",
        both=(
            """CREATE TABLE IF NOT EXISTS saved_view (
                id TEXT PRIMARY KEY, owner TEXT NOT NULL, owner_name TEXT NOT NULL, name TEXT NOT NULL,
                report TEXT NOT NULL, question TEXT NOT NULL, shared INTEGER NOT NULL, made BIGINT NOT NULL,
                deleted BIGINT NOT NULL, code TEXT NOT NULL)""",
            """CREATE TABLE IF NOT EXISTS view_pin (
                owner TEXT NOT NULL, view_id TEXT NOT NULL, place TEXT NOT NULL,
                PRIMARY KEY (owner, view_id, place))""",
        ),
    ),
    Step(
        "which views are written to a folder, when (days by their ordinals), and up to which day that was done",
        both=(
            """CREATE TABLE IF NOT EXISTS view_paper (
                view_id TEXT PRIMARY KEY, every TEXT NOT NULL, on_day INTEGER NOT NULL, language TEXT NOT NULL,
                since BIGINT NOT NULL, written BIGINT NOT NULL, code TEXT NOT NULL)""",
        ),
    ),
)

RELAY_STEPS: tuple[Step, ...] = (
    Step(
        "how far the log is published, and the last offset of each partition",
        postgresql=(
            """CREATE TABLE IF NOT EXISTS relay (
                topic TEXT PRIMARY KEY, topic_id TEXT NOT NULL, position BIGINT NOT NULL,
                beat TIMESTAMPTZ NOT NULL DEFAULT now())""",
            """CREATE TABLE IF NOT EXISTS relay_partition (
                topic TEXT, number INTEGER, last_offset BIGINT NOT NULL, PRIMARY KEY (topic, number))""",
        ),
    ),
)

AUDIT_STEPS: tuple[Step, ...] = (
    Step(
        "signed heads of each log's tree, the tiles it is made of, the keys that sign",
        both=(
            """CREATE TABLE IF NOT EXISTS audit_head (
                log TEXT NOT NULL, number BIGINT NOT NULL, size BIGINT NOT NULL, position BIGINT NOT NULL,
                root TEXT NOT NULL, sealed_at BIGINT NOT NULL, previous TEXT NOT NULL, key_id TEXT NOT NULL,
                signature TEXT NOT NULL, PRIMARY KEY (log, number))""",
            """CREATE TABLE IF NOT EXISTS audit_tile (
                log TEXT NOT NULL, number BIGINT NOT NULL, position BIGINT NOT NULL, root {blob} NOT NULL,
                PRIMARY KEY (log, number))""",
            """CREATE TABLE IF NOT EXISTS audit_key (
                number BIGINT PRIMARY KEY, key_id TEXT NOT NULL UNIQUE, public_key TEXT NOT NULL,
                since BIGINT NOT NULL, certified_by TEXT NOT NULL, certificate TEXT NOT NULL)""",
        ),
    ),
)

PUBLICATION_STEPS: tuple[Step, ...] = (
    Step(
        "publications: their tables as they were signed, and sealed, what these were made of",
        both=(
            """CREATE TABLE IF NOT EXISTS publication (
                number BIGINT PRIMARY KEY, made_at BIGINT NOT NULL, position BIGINT NOT NULL, digest TEXT NOT NULL,
                previous TEXT NOT NULL, key_id TEXT NOT NULL, signature TEXT NOT NULL, content {blob} NOT NULL,
                basis {blob} NOT NULL)""",
        ),
    ),
)

READ_STEPS: tuple[Step, ...] = (
    Step(
        "generations of read models, clients that could not be folded, how far workers are",
        both=(
            """CREATE TABLE IF NOT EXISTS quarantine (
                generation INTEGER NOT NULL, client_id VARCHAR(32) NOT NULL, sequence INTEGER NOT NULL,
                position BIGINT NOT NULL, error TEXT NOT NULL, PRIMARY KEY (generation, client_id))""",
            """CREATE TABLE IF NOT EXISTS stream_partition (
                topic VARCHAR(249) NOT NULL, number INTEGER NOT NULL, topic_id VARCHAR(40) NOT NULL,
                epoch INTEGER NOT NULL, next_offset BIGINT NOT NULL, position BIGINT NOT NULL,
                PRIMARY KEY (topic, number))""",
            """CREATE TABLE IF NOT EXISTS generation (
                id {serial} PRIMARY KEY, name VARCHAR(40) NOT NULL, version INTEGER NOT NULL,
                position BIGINT NOT NULL, state VARCHAR(10) NOT NULL)""",
        ),
    ),
    Step(
        "the keyed index of names",
        both=(
            """CREATE TABLE IF NOT EXISTS name_token (
                token {blob} NOT NULL, client_id VARCHAR(32) NOT NULL,
                PRIMARY KEY (token, client_id)){without_rowid}""",
            """CREATE TABLE IF NOT EXISTS name_client (
                client_id VARCHAR(32) PRIMARY KEY NOT NULL, tokens {blob} NOT NULL,
                sealed {blob} NOT NULL){without_rowid}""",
            """CREATE TABLE IF NOT EXISTS name_state (
                id {serial} PRIMARY KEY, version INTEGER NOT NULL, position BIGINT NOT NULL)""",
        ),
    ),
    Step(
        "when what was recorded: blocks of the log with their earliest and latest knowledge time",
        both=(
            """CREATE TABLE IF NOT EXISTS knowledge_block (
                after_position BIGINT PRIMARY KEY, last_position BIGINT NOT NULL, earliest BIGINT NOT NULL,
                latest BIGINT NOT NULL)""",
        ),
    ),
    Step(
        "the zones that gave a generation's entries their days; before, it was the offsets that they were written with",
        both=("ALTER TABLE generation ADD COLUMN zones VARCHAR(32) NOT NULL DEFAULT ''",),
    ),
    Step(
        "who projects: holder, token and heartbeat",
        both=(
            """CREATE TABLE IF NOT EXISTS lease (
                name VARCHAR(20) PRIMARY KEY NOT NULL, holder VARCHAR(40) NOT NULL, token BIGINT NOT NULL,
                beats BIGINT NOT NULL, beaten_at BIGINT NOT NULL)""",
        ),
    ),
    Step(
        "the entry that stops a client: its place, since when, last when (µs UTC) and how often",
        both=(
            "ALTER TABLE quarantine ADD COLUMN entry_sequence INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE quarantine ADD COLUMN entry_position BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE quarantine ADD COLUMN first_failed BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE quarantine ADD COLUMN last_failed BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE quarantine ADD COLUMN tries INTEGER NOT NULL DEFAULT 0",
        ),
    ),
    Step(
        "dead letters that were healed: by whom, when (µs UTC) and how",
        both=(
            """CREATE TABLE IF NOT EXISTS healed (
                name VARCHAR(40) NOT NULL, client_id VARCHAR(32) NOT NULL, entry_sequence INTEGER NOT NULL,
                entry_position BIGINT NOT NULL, first_failed BIGINT NOT NULL, tries INTEGER NOT NULL,
                healed_at BIGINT NOT NULL, how VARCHAR(10) NOT NULL, healed_by TEXT NOT NULL)""",
            "CREATE INDEX IF NOT EXISTS healed_at ON healed (healed_at)",
        ),
    ),
    Step(
        "when the building of a generation began (µs UTC)",
        both=("ALTER TABLE generation ADD COLUMN began BIGINT NOT NULL DEFAULT 0",),
    ),
    Step(
        "of whom something was learned when: each stream's latest knowledge time and position, and the entries "
        "that say where clients were; made with the blocks of the log, which are made anew for it",
        both=(
            """CREATE TABLE IF NOT EXISTS knowledge_stream (
                client_id VARCHAR(32) PRIMARY KEY NOT NULL, latest BIGINT NOT NULL, position BIGINT NOT NULL)""",
            """CREATE TABLE IF NOT EXISTS knowledge_entry (
                position BIGINT PRIMARY KEY NOT NULL, client_id VARCHAR(32) NOT NULL, recorded BIGINT NOT NULL,
                whole INTEGER NOT NULL)""",
            "CREATE INDEX IF NOT EXISTS ix_knowledge_entry_client ON knowledge_entry (client_id, position, recorded)",
            "CREATE TABLE IF NOT EXISTS knowledge_of (types TEXT PRIMARY KEY NOT NULL)",
            "DELETE FROM knowledge_block",
        ),
    ),
    Step(
        "which marks of likeness more than one client has",
        both=("CREATE TABLE IF NOT EXISTS name_shared (token {blob} PRIMARY KEY NOT NULL){without_rowid}",),
    ),
    Step(
        "up to which position it is known of whom something was learned when; PostgreSQL begins with it",
        both=("ALTER TABLE knowledge_of ADD COLUMN reached BIGINT NOT NULL DEFAULT 0",),
        sqlite=("UPDATE knowledge_of SET reached=(SELECT coalesce(max(last_position), 0) FROM knowledge_block)",),
        postgresql=("DELETE FROM knowledge_block",),
    ),
)


REPORTING_STEPS: tuple[Step, ...] = (
    Step(
        "suppressed reports, for the views of schema reporting",
        postgresql=(
            """DO $body$ BEGIN
                IF to_regnamespace('reporting') IS NULL THEN CREATE SCHEMA reporting; END IF;
                IF to_regnamespace('reporting_data') IS NULL THEN CREATE SCHEMA reporting_data; END IF;
            END $body$""",
            """CREATE TABLE IF NOT EXISTS reporting_data.report (
                name TEXT PRIMARY KEY, title TEXT NOT NULL, definition TEXT NOT NULL, source TEXT NOT NULL,
                position BIGINT NOT NULL, day TEXT NOT NULL, computed_at TIMESTAMPTZ NOT NULL,
                columns JSON NOT NULL)""",
            """CREATE TABLE IF NOT EXISTS reporting_data.report_row (
                report TEXT NOT NULL REFERENCES reporting_data.report ON DELETE CASCADE, n INTEGER NOT NULL,
                content JSONB NOT NULL, PRIMARY KEY (report, n))""",
        ),
    ),
    Step(
        "live reports that hid by question leave the schema: it holds what is published",
        postgresql=(
            """DO $body$ DECLARE found record; BEGIN
                FOR found IN SELECT viewname FROM pg_views WHERE schemaname = 'reporting'
                LOOP EXECUTE 'DROP VIEW IF EXISTS reporting.' || quote_ident(found.viewname) || ' CASCADE'; END LOOP;
            END $body$""",
            "DELETE FROM reporting_data.report",
        ),
    ),
    Step(
        "publications as rows, and the views of all of them",
        postgresql=(
            "DROP TABLE reporting_data.report_row, reporting_data.report CASCADE",
            """CREATE TABLE reporting_data.publication (
                number BIGINT PRIMARY KEY, title TEXT NOT NULL, made_at TIMESTAMPTZ NOT NULL, day DATE NOT NULL,
                entry BIGINT NOT NULL, tables INTEGER NOT NULL, numbers INTEGER NOT NULL, shown INTEGER NOT NULL,
                digest TEXT NOT NULL, signature TEXT NOT NULL, key_id TEXT NOT NULL)""",
            """CREATE TABLE reporting_data.published_table (
                publication BIGINT NOT NULL REFERENCES reporting_data.publication ON DELETE CASCADE,
                place INTEGER NOT NULL, name TEXT NOT NULL, report TEXT NOT NULL, grouping TEXT NOT NULL,
                period TEXT NOT NULL, title TEXT NOT NULL, definition TEXT NOT NULL, source TEXT NOT NULL,
                columns TEXT[] NOT NULL, numbers INTEGER NOT NULL, shown INTEGER NOT NULL,
                PRIMARY KEY (publication, name))""",
            """CREATE TABLE reporting_data.published_number (
                publication BIGINT NOT NULL, table_name TEXT NOT NULL, period TEXT NOT NULL, group_name TEXT NOT NULL,
                column_name TEXT NOT NULL, value DOUBLE PRECISION, withheld BOOLEAN NOT NULL,
                PRIMARY KEY (table_name, publication, period, group_name, column_name),
                FOREIGN KEY (publication, table_name) REFERENCES reporting_data.published_table ON DELETE CASCADE)""",
            "CREATE VIEW reporting.publications AS SELECT * FROM reporting_data.publication",
            """CREATE VIEW reporting.tables AS SELECT publication, name AS table_name, report, grouping, period, title,
                definition, source, columns, numbers, shown FROM reporting_data.published_table""",
            "CREATE VIEW reporting.numbers AS SELECT * FROM reporting_data.published_number",
        ),
    ),
)


def log_component(events: str, library: Sequence[str], schema: str = "public") -> Component:
    """The tables of one log, named after its events table; ``library`` makes that table."""
    values = {"events": events, "schema": schema}
    return Component(events, LOG_STEPS, events, foundation=tuple(library), values=values)


ACCESS = Component("access", ACCESS_STEPS, "web_session")
AUDIT = Component("audit", AUDIT_STEPS, "audit_head")
PUBLICATIONS = Component("publications", PUBLICATION_STEPS, "publication")
RELAY = Component("relay", RELAY_STEPS, "relay_partition")
REPORTING = Component("reporting", REPORTING_STEPS, "reporting_data.publication")
READ_MODELS = Component("read_models", READ_STEPS, "generation")
