"""Airflow: schedules, retries, pools, assets. The DAGs only call `ingest.pipeline`, which runs without Airflow too."""
