#!/bin/sh
# What must be there before the other services start, made where it is missing: Airflow's database and pool, the log,
# and the password of the web page's one user. Safe to run again.
set -eu

python -m dags.prepare
[ -e "$COURANT_LOG/courant-log.json" ] || courant log create "$COURANT_LOG"
umask 077
printf '{"admin": "%s"}\n' "${ADMIN_PASSWORD:?}" > "$AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
