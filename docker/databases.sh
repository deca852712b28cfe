#!/bin/sh
# Runs once, when PostgreSQL makes its data folder: a database and a user for Airflow's metadata, and for the catalog.
set -eu

make_database() {
  psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set name="$1" --set password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
}

make_database airflow "${AIRFLOW_DB_PASSWORD:?}"
make_database catalog "${CATALOG_DB_PASSWORD:?}"
