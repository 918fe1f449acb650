"""The SQL of the group roles: who may do what with which tables. It can be run again at any time.

A login gets its rights by membership in these roles; none of them can log in itself. Rights are taken away first and
then given, so that what was given by hand does not stay.
"""

from __future__ import annotations

WRITER, PROJECTOR = "carejourney_writer", "carejourney_projector"
READER, REPORTING = "carejourney_reader", "carejourney_reporting"
ROLES = (WRITER, PROJECTOR, READER, REPORTING)
REPORTING_SCHEMA = "reporting"
REPORTING_DATA = "reporting_data"

# What is recorded stays as it is: these tables are added to, and nothing in them is changed or removed.
APPENDED = (
    "carejourney_events",
    "carejourney_access_events",
    "access_client",
    "event_index",
    "command",
    "secret",
    "chart_number",
    "audit_head",
    "audit_tile",
    "audit_key",
    "publication",
)
# Keys go with an erasure, sessions and jobs end, subscribers go on, views are renamed, names follow the log, ids of
# bulk imports are merged into the index of all.
CHANGED = (
    *("chart", "erasure", "web_session", "job", "subscriber", "event_index_recent"),
    *("saved_view", "view_pin", "view_paper"),
    *("name_token", "name_shared", "name_client", "name_state"),
)
PUBLISHED = ("relay", "relay_partition")
# What a projector reads: it folds entries to read models, and makes rows of schema `reporting` of publications.
FOLDED_FROM = (
    *("carejourney_events", "event_index", "event_index_recent"),
    *("chart", "chart_number", "secret", "erasure", "publication"),
)
READ_TABLES = (
    "generation",
    "quarantine",
    "healed",
    "stream_partition",
    "name_token",
    "name_shared",
    "name_client",
    "name_state",
    "knowledge_block",
    "knowledge_stream",
    "knowledge_entry",
    "knowledge_of",
    "lease",
)

_GROUPS = """
DO $body$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY[{roles}] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO {all_roles}', current_database());
    -- a moment is laid over the live read models in tables of a session
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO {projector}, {reader}', current_database());
END $body$;
REVOKE ALL ON SCHEMA public FROM PUBLIC, {all_roles};
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {all_roles};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {all_roles};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, {all_roles};
GRANT USAGE ON SCHEMA public TO {writer}, {projector}, {reader};
"""

# Read models belong to the role of the projectors, since each of them makes and drops generations.
_OWNED = """
GRANT CREATE ON SCHEMA public TO {projector};
DO $body$
DECLARE found record; keeper text := (SELECT relowner::regrole FROM pg_class WHERE oid = '{events}'::regclass);
BEGIN
    IF NOT pg_has_role(keeper, '{projector}', 'MEMBER') THEN
        EXECUTE format('GRANT {projector} TO %s', keeper);
    END IF;
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS {data} AUTHORIZATION {projector}');
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS {reporting_schema} AUTHORIZATION {projector}');
    EXECUTE 'ALTER SCHEMA {data} OWNER TO {projector}';
    EXECUTE 'ALTER SCHEMA {reporting_schema} OWNER TO {projector}';
    FOR found IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relowner <> '{projector}'::regrole AND (
            c.relnamespace IN (to_regnamespace('{data}'), to_regnamespace('{reporting_schema}'))
                AND c.relkind IN ('r', 'v')
            OR c.relnamespace = 'public'::regnamespace AND (
                c.relname IN ({read_tables}) OR c.relkind = 'r' AND c.relname ~ '_g[0-9]+$'
                OR c.relkind = 'v' AND EXISTS (
                    SELECT FROM pg_class g WHERE g.relnamespace = c.relnamespace AND g.relkind = 'r'
                    AND g.relname ~ ('^' || c.relname || '_g[0-9]+$'))))
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO {projector}', found.name);
    END LOOP;
END $body$;
"""

_GRANTS = """
GRANT SELECT ON schema_version TO {writer}, {reader};
GRANT SELECT, INSERT ON schema_version TO {projector};
GRANT SELECT, INSERT ON {appended} TO {writer};
GRANT SELECT, INSERT, UPDATE, DELETE ON {changed} TO {writer};
GRANT SELECT ON {published} TO {writer};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {writer};
GRANT EXECUTE ON FUNCTION {functions} TO {writer};
GRANT SELECT ON {folded_from} TO {projector};
GRANT SELECT, INSERT, UPDATE, DELETE ON {published} TO {projector};
DO $body$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT oid::regclass AS name, relkind AS kind FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relowner = '{projector}'::regrole AND relkind IN ('r', 'v', 'S')
    LOOP
        EXECUTE format('GRANT ALL ON %s %s TO {projector}',
                       CASE found.kind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, found.name);
        IF found.kind <> 'S' THEN EXECUTE format('GRANT SELECT ON %s TO {reader}', found.name); END IF;
    END LOOP;
END $body$;
ALTER DEFAULT PRIVILEGES FOR ROLE {projector} IN SCHEMA public GRANT SELECT ON TABLES TO {reader};
REVOKE ALL ON SCHEMA {data} FROM PUBLIC;
REVOKE ALL ON SCHEMA {reporting_schema} FROM PUBLIC;
GRANT USAGE ON SCHEMA {reporting_schema} TO {reporting};
GRANT SELECT ON ALL TABLES IN SCHEMA {reporting_schema} TO {reporting};
ALTER DEFAULT PRIVILEGES FOR ROLE {projector} IN SCHEMA {reporting_schema} GRANT SELECT ON TABLES TO {reporting};
"""

# How large a table is and how often it changed is told to everybody by default, also of tables that one may not read.
# Only a superuser can change that; without one, this part is left out and docs/postgresql.md says what stays visible.
_SIZES = """
DO $body$
DECLARE found record; columns text;
    keeper text := (SELECT relowner::regrole FROM pg_class WHERE oid = '{events}'::regclass);
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN RETURN; END IF;
    SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
        WHERE attrelid = 'pg_class'::regclass AND attname NOT IN ('reltuples', 'relpages', 'relallvisible');
    REVOKE SELECT ON pg_catalog.pg_class FROM PUBLIC;
    EXECUTE format('GRANT SELECT (%s) ON pg_catalog.pg_class TO PUBLIC', columns);
    EXECUTE format('GRANT SELECT ON pg_catalog.pg_class TO pg_monitor, {projector}, %s', keeper);
    FOR found IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND (
            p.proname IN ('pg_relation_size', 'pg_table_size', 'pg_total_relation_size', 'pg_indexes_size',
                          'lo_creat', 'lo_create', 'lo_from_bytea', 'pg_advisory_lock', 'pg_advisory_lock_shared',
                          'pg_advisory_xact_lock', 'pg_advisory_xact_lock_shared', 'pg_try_advisory_lock',
                          'pg_try_advisory_lock_shared', 'pg_try_advisory_xact_lock',
                          'pg_try_advisory_xact_lock_shared')
            OR p.proname ~ '^pg_stat_get_(xact_)?(tuples|live_tuples|dead_tuples|mod_since|ins_since|numscans|blocks)')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', found.name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pg_monitor, {writer}, {projector}, {reader}, %s',
                       found.name, keeper);
    END LOOP;
END $body$;
"""


def roles_sql() -> str:
    """One script: the roles, what they own and what they may; for a database that was migrated."""
    events = [name for name in APPENDED if name.endswith("_events")]
    values = {
        "roles": ", ".join(f"'{role}'" for role in ROLES),
        "all_roles": ", ".join(ROLES),
        "writer": WRITER,
        "projector": PROJECTOR,
        "reader": READER,
        "reporting": REPORTING,
        "events": events[0],
        "data": REPORTING_DATA,
        "reporting_schema": REPORTING_SCHEMA,
        "read_tables": ", ".join(f"'{name}'" for name in READ_TABLES),
        "appended": ", ".join(APPENDED),
        "changed": ", ".join(CHANGED),
        "published": ", ".join(PUBLISHED),
        "functions": ", ".join(f"{name}_{what}()" for name in events for what in ("lock", "begin_writing")),
        "folded_from": ", ".join(FOLDED_FROM),
    }
    parts = (_GROUPS, _OWNED, _GRANTS, _SIZES)
    return (
        "BEGIN;\nSET LOCAL client_min_messages = warning;"
        + "".join(part.format(**values) for part in parts)
        + "COMMIT;\n"
    )
