#!/bin/bash
# Runs once, on an empty data folder: the role that owns the log, and its database. The server's superuser is for
# operators only; no process of ours knows its password.
set -euo pipefail
password=$(cat /run/secrets/database_password)
psql -X -v ON_ERROR_STOP=1 -v password="$password" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE carejourney LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB CREATEROLE;
CREATE DATABASE carejourney OWNER carejourney ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE carejourney FROM PUBLIC;
SQL
