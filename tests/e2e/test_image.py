"""The image without a container engine: the Dockerfile's own commands, on this machine, under another root folder."""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from dags.environment import ROOT
from tests.servers import Postgres
from warehouse.location import Location

FOLDERS = ("/opt/", "/var/lib/")


def instructions(kind: str) -> list[str]:
    """The Dockerfile's instructions of one kind, continuation lines joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    return [line.removeprefix(f"{kind} ") for line in text.splitlines() if line.startswith(f"{kind} ")]


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_compose_is_what_its_specification_admits() -> None:
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        ROOT / "docker-compose.yml",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_secret_has_a_default_and_each_is_asked_for() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    asked = set(re.findall(r"(?<!\$)\$\{(\w+):\?[^}]+\}", text))
    empty = set(re.findall(r"^(\w+)=$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    named = {name for name in re.findall(r"(?<!\$)\$\{(\w+)", text) if re.search("PASSWORD|SECRET|KEY", name)}
    assert named <= empty
    with_profile = {"REDIS_PASSWORD", "OBJECT_STORAGE_PASSWORD"}  # asked for by their containers, when they start
    assert named - with_profile <= asked
    for name in with_profile:
        assert re.search(rf"\$\{{{name}:-\}}", text)
        assert re.search(rf"\$\$\{{(?:{name}|MINIO_ROOT_PASSWORD):\?", text)


def test_an_env_file_answers_all_that_compose_asks() -> None:
    values = dict(line.split("=", 1) for line in env_file().splitlines() if line and not line.startswith("#"))
    text = (ROOT / "docker-compose.yml").read_text()
    for name in re.findall(r"(?<!\$)\$\{(\w+):\?", text):
        assert values[name]
    assert values["COURANT_CONTACT"] == "desk@newsroom.example"
    drawn = [value for name, value in values.items() if re.search("PASSWORD|SECRET|KEY", name)]
    assert len(set(drawn)) == len(drawn) >= 9
    assert env_file() != env_file()


def env_file() -> str:
    filled = runpy.run_path(str(ROOT / "docker" / "make_env.py"))["filled"]
    return str(filled((ROOT / ".env.example").read_text(), "desk@newsroom.example"))


def test_every_service_of_ours_is_checked_and_waits_for_what_it_needs() -> None:
    services = compose()["services"]
    assert set(services) == {
        "postgres", "init", "api-server", "scheduler", "dag-processor", "triggerer", "redis", "worker",
        "object-storage",
    }  # fmt: skip
    for name, service in services.items():
        assert ("healthcheck" in service) == (name != "init"), name
    for name in ("api-server", "scheduler", "dag-processor", "triggerer", "worker"):
        waits = services[name]["depends_on"]
        assert waits["init"]["condition"] == "service_completed_successfully"
        assert waits["postgres"]["condition"] == "service_healthy"
    in_profile = {name for name, service in services.items() if service.get("profiles") == ["cluster"]}
    assert in_profile == {"redis", "worker", "object-storage"}
    assert services["api-server"]["ports"] == ["${AIRFLOW_ADDRESS:-127.0.0.1:8080}:8080"]


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert instructions("USER") == ["50000:0"]


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_the_steps_of_the_image_and_of_init_work_on_a_bare_machine(tmp_path: Path, postgres: Postgres) -> None:
    """RUN by RUN into a temporary root, then PostgreSQL's and our init scripts with what compose would give them."""
    root = tmp_path / "root"

    def moved(text: str) -> str:
        for folder in FOLDERS:
            text = re.sub(rf"(?<![\w.]){folder}", f"{root}{folder}", text)
        return text

    place = root / instructions("WORKDIR")[0].lstrip("/")
    copy_context(place)
    bare = {name: os.environ[name] for name in os.environ if name.startswith(("PIP_", "UV_", "SSL_", "REQUESTS_"))}
    bare["PATH"] = f"{Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin"
    (tmp_path / "home").mkdir()
    bare["HOME"] = str(tmp_path / "home")
    if not (Path(sys.base_prefix) / "bin" / "python").exists():
        pytest.skip("no program `python` of this Python")
    (root / "var/lib").mkdir(parents=True)
    steps = [step if os.geteuid() == 0 else step.replace("-o 50000 -g 0 ", "") for step in instructions("RUN")]
    assert len(steps) == 6
    for step in steps:
        run(["sh", "-ec", moved(step)], place, bare)

    environ = bare | service_environment("init", moved)
    assert f"{root}/opt/venv/bin" in environ["PATH"]
    database = dict(re.findall(r"^(\w+DB_PASSWORD)=(\w+)$", ENV, re.MULTILINE))
    run(["sh", place / "docker/databases.sh"], place, os.environ | database | {
        "PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "POSTGRES_USER": "postgres",
    })  # fmt: skip
    mine = f"127.0.0.1:{postgres.port}"
    environ = {name: value.replace("@postgres/", f"@{mine}/") for name, value in environ.items()}
    init = compose()["services"]["init"]["command"]
    run(init, place, environ)
    run(init, place, environ)  # safe to run again

    Location(Path(environ["COURANT_LOG"])).check()
    import psycopg2

    catalog = f"postgresql://catalog:{database['CATALOG_DB_PASSWORD']}@{mine}/catalog"
    run(init, place, environ | {"COURANT_LOG": str(tmp_path / "log"), "COURANT_CATALOG": catalog})
    assert Location.find(tmp_path / "log").catalog.name == f"postgresql://catalog@{mine}/catalog?schema=courant"

    for name in ("airflow", "catalog"):
        password = database[f"{name.upper()}_DB_PASSWORD"]
        psycopg2.connect(host="127.0.0.1", port=postgres.port, user=name, password=password, dbname=name).close()
    assert "3.3.2" in run(["airflow", "version"], place, environ)
    pools = run(["airflow", "pools", "list", "--output", "plain"], place, environ)
    assert re.search(r"^warehouse_writer\s+1\s", pools, re.MULTILINE)
    run(["airflow", "dags", "reserialize"], place, environ)
    dags = run(["airflow", "dags", "list", "--output", "plain"], place, environ)
    assert re.search(r"^news_live\s", dags, re.MULTILINE)
    assert re.search(r"^news_backfill\s", dags, re.MULTILINE)


ENV = env_file()


def service_environment(service: str, moved: Any) -> dict[str, str]:
    """What a container of the service is started with: the image's ENV, then compose's, its variables filled in."""
    values = dict(line.split("=", 1) for line in ENV.splitlines() if line and not line.startswith("#"))
    environ = dict(pair.split("=", 1) for line in instructions("ENV") for pair in shlex.split(line))
    environ["PATH"] = environ["PATH"].replace("$PATH", os.defpath)
    for name, value in compose()["services"][service]["environment"].items():
        if value is None:  # only where .env sets it, and here it does not
            continue
        environ[name] = re.sub(r"\$\{(\w+):[-?]([^}]*)\}", lambda m: values.get(m[1]) or m[2], value)
    return {name: moved(value) for name, value in environ.items()}


def run(command: Any, folder: Path, environ: Mapping[str, str]) -> str:
    found = shutil.which(str(command[0]), path=environ["PATH"]) or command[0]
    done = subprocess.run(
        [found, *command[1:]], cwd=folder, env=dict(environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def copy_context(target: Path) -> None:
    """What `COPY . .` sees: the repository but for what .dockerignore names."""
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]

    def left_out(folder: str, names: list[str]) -> set[str]:
        top = Path(folder) == ROOT
        patterns = [p.removeprefix("**/") for p in ignored if top or p.startswith("**/")]
        return {name for name in names if any(fnmatch(name, pattern) for pattern in patterns)}

    shutil.copytree(ROOT, target, ignore=left_out)
