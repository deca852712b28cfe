"""`airflow standalone` as a process of ours: started, waited for, and ended without leaving any of its own behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

PASSWORDS = "simple_auth_manager_passwords.json.generated"
_PARTS = ("metadatabase", "scheduler", "dag_processor")
_GRACE = 30.0
"""Seconds that Airflow has to end by itself; tasks under way are then cut off, and done again by the next run."""


class AirflowNotStartedError(Exception):
    """Airflow ended before it was ready, or was not ready in time: one line with the cause and the way out."""


@dataclass
class AirflowServer:
    """API server, scheduler, DAG processor and triggerer, in the environment `environ`. A context manager.

    What they say goes to the file `chatter`. `address` is that of the web page and the API.
    """

    environ: Mapping[str, str]
    chatter: Path

    def __post_init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return self.environ["AIRFLOW__API__BASE_URL"]

    def __enter__(self) -> Self:
        # `airflow standalone` looks for `airflow` in PATH, which need not hold this environment's.
        path = f"{Path(sys.executable).parent}:{self.environ.get('PATH', os.defpath)}"
        with self.chatter.open("ab") as chatter:
            # A session of its own: Ctrl-C reaches us alone, and we end it in order.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "airflow", "standalone"],
                env={**self.environ, "PATH": path, "NO_COLOR": "1"},
                stdin=subprocess.DEVNULL,
                stdout=chatter,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def wait_until_healthy(self, timeout: float = 300.0) -> None:
        """Wait for all parts. `timeout` in seconds; raises AirflowNotStartedError."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise AirflowNotStartedError(f"Airflow ended before it was ready: see {self.chatter}")
            if self._healthy():
                return
            time.sleep(0.5)
        raise AirflowNotStartedError(f"Airflow was not ready after {timeout:.0f} s: see {self.chatter}")

    def wait(self) -> int:
        """Wait until Airflow ends by itself; its exit code."""
        return self._process.wait() if self._process else 0

    def stop(self) -> None:
        """End Airflow and all that it started. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGINT)  # it ends its parts on this signal alone
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                pass
        for last_word in (signal.SIGTERM, signal.SIGKILL):
            if not _signal_group(process.pid, last_word):
                break
            _wait_for_group(process.pid, 5.0)
        process.wait()

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/api/v2/monitor/health", timeout=5) as answer:
                health = json.load(answer)
        except (OSError, ValueError):
            return False
        return all(health.get(part, {}).get("status") == "healthy" for part in _PARTS)


def admin_login(home: Path) -> tuple[str, str]:
    """User and password that Airflow's simple auth manager made for its web page. Raises AirflowNotStartedError."""
    try:
        said: dict[str, str] = json.loads((home / PASSWORDS).read_text())
        return next(iter(said.items()))
    except (OSError, ValueError, StopIteration):
        raise AirflowNotStartedError(
            f"Airflow made no password at {home / PASSWORDS}: delete {home} and start again"
        ) from None


def free_port(wanted: int = 0) -> int:
    """A port of the loopback address that can be had: `wanted`, or for 0 any. Raises OSError for one that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", wanted))
        return int(probe.getsockname()[1])


def _signal_group(group: int, number: int) -> bool:
    """Send a signal (0: none, only ask) to what is left of a process group; whether anything was."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _wait_for_group(group: int, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and _signal_group(group, 0):
        time.sleep(0.1)
