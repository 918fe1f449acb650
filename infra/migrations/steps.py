"""The steps of each component, oldest first. To change a table, add one entry at the end of its list."""

from __future__ import annotations

from infra.migrations.model import Component, Step
from infra.store.rows import SIDE_TABLES

# The library makes the events table itself; the recorder runs that before step 1.
LOG_STEPS: tuple[Step, ...] = (
    Step("keys, ids and answers beside the events", both=SIDE_TABLES),
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
            (
                "CREATE TABLE IF NOT EXISTS erasure (client_id {id} PRIMARY KEY, state TEXT NOT NULL, "
                "request_id TEXT NOT NULL, requested_by TEXT NOT NULL, requested_at BIGINT NOT NULL, "
                "expires_at BIGINT NOT NULL, ground TEXT NOT NULL, confirmed_by TEXT NOT NULL, "
                "erased_at BIGINT NOT NULL, scrubbed INTEGER NOT NULL)"
            ),
        ),
    ),
)

READ_SCHEMA = "read_models"

# Tables, indexes and views of read models that an earlier release made in the schema of the log.
_MOVE = r"""DO $body$
DECLARE found record;
BEGIN
    IF to_regclass('public.generation') IS NULL THEN RETURN; END IF;
    DROP TABLE generation, quarantine;
    FOR found IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND (
            c.relkind = 'r' AND (c.relname IN ('generation', 'quarantine') OR c.relname ~ '_g[0-9]+$')
            OR c.relkind = 'v' AND EXISTS (
                SELECT FROM pg_class g WHERE g.relnamespace = c.relnamespace AND g.relkind = 'r'
                AND g.relname ~ ('^' || c.relname || '_g[0-9]+$')))
    LOOP
        EXECUTE format('ALTER TABLE %s SET SCHEMA read_models', found.name);
    END LOOP;
END $body$"""

READ_STEPS: tuple[Step, ...] = (
    Step(
        "generations of read models, and clients that could not be folded",
        both=(
            (
                "CREATE TABLE IF NOT EXISTS quarantine (generation INTEGER NOT NULL, client_id VARCHAR(32) NOT NULL, "
                "sequence INTEGER NOT NULL, position BIGINT NOT NULL, error TEXT NOT NULL, "
                "PRIMARY KEY (generation, client_id))"
            ),
        ),
        sqlite=(
            (
                "CREATE TABLE IF NOT EXISTS generation (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL, "
                "version INTEGER NOT NULL, position BIGINT NOT NULL, state VARCHAR(10) NOT NULL)"
            ),
        ),
        postgresql=(
            (
                "CREATE TABLE IF NOT EXISTS generation (id SERIAL PRIMARY KEY, name VARCHAR(40) NOT NULL, "
                "version INTEGER NOT NULL, position BIGINT NOT NULL, state VARCHAR(10) NOT NULL)"
            ),
        ),
    ),
    Step("on PostgreSQL, read models have a schema of their own, apart from the log", postgresql=(_MOVE,)),
)


def log_component(events: str, schema: str = "public") -> Component:
    """The tables of one log, named after its events table."""
    return Component(events, LOG_STEPS, events, values={"events": events, "schema": schema})


READ_COMPONENT = Component("read_models", READ_STEPS, "generation")
