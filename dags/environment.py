"""Airflow's settings for a machine of one's own: a private home, SQLite metadata, nothing but our DAGs.

`eval "$(python -m dags.environment)"` gives a shell the settings of what `make up` started, for `airflow` commands.
"""

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".courant" / "airflow"

PORT = 8080
"""Where the API server listens unless another port is asked for."""

PARALLELISM = 4
"""More tasks at once make a SQLite metadata database answer "database is locked"."""

SQLITE_PATIENCE = {"timeout": 30}
"""Seconds that a process waits for another one's write; SQLite's own 5 are too few on a busy machine."""


def airflow_environment(environ: Mapping[str, str], *, home: Path = HOME, port: int | None = None) -> dict[str, str]:
    """The environment that Airflow's processes start in: `environ`, but of Airflow's own settings only ours.

    `port` is where the API server listens, on the loopback address. COURANT_AIRFLOW_DATABASE names another metadata
    database (`postgresql+psycopg2://…`) than a SQLite file in `home`. Must be set before Airflow is imported.
    """
    inherited = {name: value for name, value in environ.items() if not name.startswith("AIRFLOW")}
    database = environ.get("COURANT_AIRFLOW_DATABASE")
    settings = {
        "CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": str(PARALLELISM),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "DATABASE__SQL_ALCHEMY_CONN": database or f"sqlite:///{home / 'airflow.db'}",
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "USAGE_DATA_COLLECTION__ENABLED": "False",
        # The default of 5 makes every task last 5 seconds.
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "API__HOST": "127.0.0.1",
        "API__WORKERS": "1",
        "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
    }
    if not database:
        settings["DATABASE__SQL_ALCHEMY_CONNECT_ARGS"] = f"{__name__}.SQLITE_PATIENCE"
    if port is not None:
        settings |= {
            "API__PORT": str(port),
            "API__BASE_URL": f"http://127.0.0.1:{port}",
            "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        }
    return inherited | {
        "AIRFLOW_HOME": str(home),
        # The DAG files import `dags`, wherever the process was started.
        "PYTHONPATH": ":".join(filter(None, (str(ROOT), inherited.get("PYTHONPATH")))),
        **{f"AIRFLOW__{name}": value for name, value in settings.items()},
    }


def airflow_home(environ: Mapping[str, str]) -> Path:
    """The folder of Airflow's files: COURANT_AIRFLOW_HOME, else `.courant/airflow`."""
    return Path(environ.get("COURANT_AIRFLOW_HOME") or HOME).resolve()


def exports(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Shell commands that make an environment `after` of one that is `before`."""
    gone = [f"unset {name}" for name in sorted(before.keys() - after.keys())]
    return gone + [
        f"export {name}={shlex.quote(after[name])}" for name in sorted(after) if after[name] != before.get(name)
    ]


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    ours = airflow_environment(os.environ, home=airflow_home(os.environ), port=port)
    beside = f"{Path(sys.executable).parent}:{ours.get('PATH', os.defpath)}"
    print("\n".join(exports(os.environ, {**ours, "PATH": beside})))
