"""The environment that Airflow's processes start in."""

from pathlib import Path

from dags.environment import ROOT, airflow_environment


def test_airflow_sees_our_settings_alone() -> None:
    mine = {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW_CONFIG": "/etc/airflow.cfg",
        "PATH": "/bin",
        "COURANT_LOG": "l",
    }
    environ = airflow_environment(mine, home=Path("/tmp/home"), port=8123)
    assert environ["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "AIRFLOW_CONFIG" not in environ
    assert (environ["PATH"], environ["COURANT_LOG"]) == ("/bin", "l")
    assert environ["AIRFLOW_HOME"] == "/tmp/home"
    assert environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "sqlite:////tmp/home/airflow.db"
    assert environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    assert mine["AIRFLOW_CONFIG"] == "/etc/airflow.cfg"


def test_sqlite_bears_few_tasks_at_once() -> None:
    assert 2 <= int(airflow_environment({})["AIRFLOW__CORE__PARALLELISM"]) <= 4


def test_the_project_is_importable_from_anywhere() -> None:
    assert airflow_environment({"PYTHONPATH": "/mine"})["PYTHONPATH"] == f"{ROOT}:/mine"
    assert airflow_environment({})["PYTHONPATH"] == str(ROOT)


def test_another_metadata_database_can_be_named() -> None:
    environ = airflow_environment({"COURANT_AIRFLOW_DATABASE": "postgresql+psycopg2://airflow@db/airflow"})
    assert environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql+psycopg2://airflow@db/airflow"
    assert "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS" not in environ
