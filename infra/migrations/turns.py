"""Turns of writers of a log on PostgreSQL, and who is ended for keeping the others out."""

from __future__ import annotations

# The server ends a session that is idle within a transaction, but not one that it takes for active since its client has
# sent half of what it is about to say. So whoever waits looks every other second. It ends such a session by its own
# right, which is to end those of its login: therefore the part with the owner's right is a function of its own.
TAKING_TURNS = (
    """CREATE OR REPLACE FUNCTION {schema}.{events}_lock() RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '2s' AS $body$
    BEGIN
        LOCK TABLE {schema}.{events} IN EXCLUSIVE MODE;
    END $body$""",
    "REVOKE ALL ON FUNCTION {schema}.{events}_lock() FROM PUBLIC",
    # writers of the release before go on while this is done
    """DO $body$ BEGIN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'carejourney_writer') THEN
            GRANT EXECUTE ON FUNCTION {schema}.{events}_lock() TO carejourney_writer;
        END IF;
    END $body$""",
    """CREATE OR REPLACE FUNCTION {schema}.{events}_begin_writing() RETURNS void LANGUAGE plpgsql
    SECURITY INVOKER SET search_path = pg_catalog AS $body$
    DECLARE
        began timestamptz := clock_timestamp();
    BEGIN
        LOOP
            BEGIN
                PERFORM {schema}.{events}_lock();
                EXIT;
            EXCEPTION WHEN lock_not_available THEN
                IF clock_timestamp() > began + interval '30 seconds' THEN RAISE; END IF;
            END;
            PERFORM pg_stat_clear_snapshot();
            BEGIN
                PERFORM pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_locks l USING (pid)
                WHERE l.relation = '{schema}.{events}'::regclass AND l.mode = 'ExclusiveLock' AND l.granted
                    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND a.wait_event = 'ClientRead' AND a.state_change < clock_timestamp() - interval '6 seconds';
            EXCEPTION WHEN insufficient_privilege THEN
                NULL;  -- of another login: the server's own limit has to do
            END;
        END LOOP;
        PERFORM pg_notify('{events}', '');
    END $body$""",
)
