#!/bin/bash
# The logins: one that owns the tables, one for the API, one for relays and projectors; and what group each is in.
# Runs once, on an empty data folder, and can be run again. `carejourney database roles` gives the groups their rights.
# The server's superuser is for operators only: no process of ours knows its password.
set -euo pipefail
secrets=${SECRETS:-/run/secrets}
owner=$(cat "$secrets/database_password_owner") api=$(cat "$secrets/database_password_api")
worker=$(cat "$secrets/database_password_worker")
psql -X -q -v ON_ERROR_STOP=1 -v owner="$owner" -v api="$api" -v worker="$worker" \
  --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
SELECT format('CREATE ROLE %I NOLOGIN', name)
  FROM unnest(ARRAY['carejourney_writer', 'carejourney_projector', 'carejourney_reader', 'carejourney_reporting']) name
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SELECT format('CREATE ROLE %I LOGIN', name)
  FROM unnest(ARRAY['carejourney', 'carejourney_api', 'carejourney_worker']) name
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE carejourney PASSWORD :'owner' CREATEROLE;
ALTER ROLE carejourney_api PASSWORD :'api';
ALTER ROLE carejourney_worker PASSWORD :'worker';
GRANT carejourney_writer, carejourney_projector, carejourney_reader, carejourney_reporting TO carejourney WITH ADMIN OPTION;
GRANT carejourney_writer, carejourney_reader TO carejourney_api;
GRANT carejourney_projector TO carejourney_worker;
SELECT 'CREATE DATABASE carejourney OWNER carejourney ENCODING ''UTF8'' TEMPLATE template0'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'carejourney') \gexec
REVOKE ALL ON DATABASE carejourney FROM PUBLIC;
SQL
