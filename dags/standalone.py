"""Airflow on one machine, for a first look and for development: `python -m dags.standalone run|up`.

`run` takes one pass of the DAG news_live, in Airflow but without a scheduler, and shows what it found. `up` starts
Airflow with the schedule on and serves its web page. Both keep Airflow to themselves, in `.courant/airflow` or the
folder that COURANT_AIRFLOW_HOME names. Without feeds they poll the sample newsroom, served on the loopback address,
into a log of its own.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

from dags.environment import PORT, ROOT, airflow_environment, airflow_home
from dags.server import AirflowNotStartedError, AirflowServer, admin_login, free_port

SAMPLE_FEEDS = ROOT / "samples" / "feeds.opml"
SAMPLE_LOG = ROOT / ".courant" / "sample-log"
SAMPLE_HOST = "newsroom.example"
NO_CONTACT = "https://no-contact-given.invalid/"


class StartError(Exception):
    """What keeps Airflow from being started: one line with the cause and the way out."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be polled, into which log, and the contact that the user agent names. The samples' where `sample`."""

    feeds: Path
    log: Path
    contact: str | None
    sample: bool

    def environment(self, newsroom_port: int | None) -> dict[str, str]:
        """The variables that tell the DAGs' tasks so, wherever they run."""
        said = {"COURANT_FEEDS": str(self.feeds), "COURANT_LOG": str(self.log), "COURANT_CONTACT": self.contact or ""}
        if newsroom_port is not None:
            said["COURANT_OVERRIDES"] = f"{SAMPLE_HOST}=127.0.0.1:{newsroom_port}"
        return said


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 a task failed, 2 a wrong setting or environment, 130 Ctrl-C."""
    options = _parser().parse_args(arguments)
    print("Courant in Airflow", flush=True)  # before the imports below, which take a second or two
    signal.signal(signal.SIGTERM, _end_as_ctrl_c)
    # A shell starts what runs in the background deaf to Ctrl-C, and what we start would be so too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from ingest.errors import CourantError
    from warehouse.errors import LogError

    try:
        work = prepare(options.feeds, options.log, configured=options.command == "up")
        return run(work, options.port) if options.command == "run" else up(work, options.port)
    except (StartError, AirflowNotStartedError, CourantError, LogError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. What was collected is kept, the next pass takes it up.", file=sys.stderr)
        return 130


def prepare(feeds: Path | None, log: Path | None, *, configured: bool) -> Work:
    """Look at all that can be wrong before Airflow is started, and make the log where there is none.

    With `configured`, feeds that courant.toml or COURANT_FEEDS names count as given.
    Raises StartError, CourantError, LogError.
    """
    from ingest.feeds.opml import read_feeds
    from ingest.settings import Settings
    from warehouse import Log
    from warehouse.location import MARKER

    if find_spec("airflow") is None:
        raise StartError("Airflow is not installed: pip install 'courant[airflow]', or use `courant run`")
    settings = Settings.load(feeds=feeds, log=log)
    sample = feeds is None and not (configured and settings.feeds != Settings().feeds)
    work = Work(
        feeds=SAMPLE_FEEDS if sample else settings.feeds.resolve(),
        log=((log or SAMPLE_LOG) if sample else settings.log).resolve(),
        contact=settings.contact or (None if sample else NO_CONTACT),
        sample=sample,
    )
    count = len(read_feeds(work.feeds))
    if not (work.log / MARKER).exists():
        Log.create(work.log)
    try:
        with tempfile.TemporaryFile(dir=work.log):
            pass
    except OSError as error:
        raise StartError(f"The log at {work.log} cannot be written ({error.strerror}): choose another one") from None
    if work.contact == NO_CONTACT:
        print("No contact is set: sites cannot reach you. Set COURANT_CONTACT to a mail address or a web page.")
    print(f"{count} feeds of {'the sample newsroom' if sample else work.feeds}", flush=True)
    return work


def run(work: Work, port: int) -> int:
    """One pass of news_live in Airflow, then what it found. `port` is the sample newsroom's; 0 takes a free one."""
    home = _airflow_home()
    chatter = home / "one-pass.log"
    with _newsroom(work, port) as newsroom_port, tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        environ = airflow_environment(os.environ | work.environment(newsroom_port), home=home)
        command = [sys.executable, "-m", "dags.one_pass", str(report), str(chatter)]
        failed = subprocess.run(command, env=environ, cwd=ROOT, check=False).returncode
        shown = 0
        if report.exists():
            print(flush=True)
            command = [sys.executable, "-m", "cli.report", str(work.log), str(report)]
            shown = subprocess.run(command, check=False).returncode
    if failed:
        print(
            f"A task failed. What was collected is kept, the next pass takes it up. Details: {chatter}", file=sys.stderr
        )
        return 1
    return shown


def up(work: Work, port: int) -> int:
    """Airflow with the schedule on, until Ctrl-C. `port` is that of its web page; 0 takes a free one."""
    home = _airflow_home()
    chatter = home / "standalone.log"
    try:
        port = free_port(port)
    except OSError as error:
        raise StartError(f"Port {port} cannot be had ({error.strerror}): choose another one with PORT=…") from None
    print("Starting Airflow", flush=True)
    with _newsroom(work, 0) as newsroom_port:
        environ = airflow_environment(os.environ | work.environment(newsroom_port), home=home, port=port)
        with chatter.open("ab") as file:
            made = subprocess.run(
                [sys.executable, "-m", "dags.prepare"], env=environ, cwd=ROOT, stdout=file, stderr=file
            )
        if made.returncode:
            raise StartError(f"Airflow's database could not be made: {chatter} tells why")
        with AirflowServer(environ, chatter) as airflow:
            airflow.wait_until_healthy()
            user, password = admin_login(home)
            print(f"Airflow is up: {airflow.address}  user {user}  password {password}  (Ctrl-C ends it)", flush=True)
            return 1 if airflow.wait() else 0


@contextmanager
def _newsroom(work: Work, port: int) -> Iterator[int | None]:
    """The sample newsroom, served where it is what is polled; its port."""
    if not work.sample:
        yield None
        return
    from samples.newsroom import serve

    try:
        serving = serve(port)
    except OSError as error:
        raise StartError(f"Port {port} cannot be had ({error.strerror}): choose another one with PORT=…") from None
    with serving:
        yield serving.port


def _airflow_home() -> Path:
    home = airflow_home(os.environ)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"Cannot make {home} ({error.strerror}): name another folder by COURANT_AIRFLOW_HOME"
        ) from None
    return home


def _end_as_ctrl_c(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _port(said: str) -> int:
    number = int(said) if said.isdecimal() else -1
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {said}")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dags.standalone", description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what, port in (
        ("run", "one pass of news_live, then what it found", "of the sample newsroom (default: a free one)"),
        ("up", "Airflow with the schedule on, until Ctrl-C", f"of Airflow's web page (default: {PORT})"),
    ):
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("--feeds", type=Path, metavar="FILE", help="OPML file (default: the sample newsroom)")
        command.add_argument("--log", type=Path, metavar="FOLDER", help="the event log, made where there is none")
        command.add_argument("--port", type=_port, default=0 if name == "run" else PORT, help=port)
    return parser


if __name__ == "__main__":
    sys.exit(main())
