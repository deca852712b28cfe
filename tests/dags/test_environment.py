"""The environment that Airflow's processes start in."""

import subprocess
from pathlib import Path

from dags.environment import ROOT, airflow_environment, airflow_home, exports


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


def test_the_home_can_be_moved(tmp_path: Path) -> None:
    assert airflow_home({"COURANT_AIRFLOW_HOME": str(tmp_path)}) == tmp_path
    assert airflow_home({}) == ROOT / ".courant" / "airflow"


def test_a_shell_gets_the_same_settings(tmp_path: Path) -> None:
    before = {"PATH": "/usr/bin:/bin", "AIRFLOW__CORE__EXECUTOR": "Other", "AIRFLOW_CONFIG": "a b"}
    after = airflow_environment(before, home=tmp_path / "it's here", port=8123)
    script = "\n".join([*exports(before, after), "env"])
    shell = subprocess.run(["sh", "-c", script], env=before, capture_output=True, text=True, check=True)
    got = dict(line.split("=", 1) for line in shell.stdout.splitlines())
    assert {name: got.get(name) for name in after} == after
    assert "AIRFLOW_CONFIG" not in got
