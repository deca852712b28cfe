"""What is looked at before Airflow is started."""

import subprocess
import sys
from pathlib import Path

import pytest

from dags.environment import ROOT
from dags.server import PASSWORDS, AirflowNotStartedError, AirflowServer, admin_login, free_port
from dags.standalone import NO_CONTACT, SAMPLE_FEEDS, SAMPLE_LOG, prepare
from ingest.feeds.opml import FeedsFileError
from warehouse.errors import LogError
from warehouse.location import Location

OPML = '<opml version="2.0"><body><outline xmlUrl="https://feeds.example/world.xml"/></body></opml>'


@pytest.fixture(autouse=True)
def _nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COURANT_CONFIG", "COURANT_LOG", "COURANT_FEEDS", "COURANT_CONTACT", "COURANT_OVERRIDES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_feeds_the_sample_newsroom_is_polled(tmp_path: Path) -> None:
    work = prepare(None, tmp_path / "log", configured=False)
    assert (work.feeds, work.sample, work.contact) == (SAMPLE_FEEDS, True, None)
    assert work.environment(8123)["COURANT_OVERRIDES"] == "newsroom.example=127.0.0.1:8123"
    assert Location(tmp_path / "log").check()  # made, and a log


def test_samples_never_go_into_a_log_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURANT_LOG", str(tmp_path / "mine"))
    monkeypatch.setattr("dags.standalone.SAMPLE_LOG", tmp_path / "sample-log")
    assert prepare(None, None, configured=False).log == tmp_path / "sample-log"
    assert not (tmp_path / "mine").exists()
    assert SAMPLE_LOG.parent.name == ".courant"


def test_feeds_given_are_polled_for_real(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "feeds.opml").write_text(OPML)
    work = prepare(Path("feeds.opml"), None, configured=False)
    assert (work.feeds, work.log) == (tmp_path / "feeds.opml", tmp_path / "courant-log")
    assert not work.sample
    assert work.contact == NO_CONTACT
    assert "COURANT_OVERRIDES" not in work.environment(None)
    assert "Set COURANT_CONTACT" in capsys.readouterr().out


def test_a_contact_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURANT_CONTACT", "mailto:desk@feeds.example")
    (tmp_path / "feeds.opml").write_text(OPML)
    work = prepare(Path("feeds.opml"), None, configured=False)
    assert work.environment(None)["COURANT_CONTACT"] == "mailto:desk@feeds.example"


def test_up_takes_the_feeds_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "mine.opml").write_text(OPML)
    (tmp_path / "courant.toml").write_text('feeds = "mine.opml"\nlog = "mine-log"\ncontact = "desk@feeds.example"\n')
    work = prepare(None, None, configured=True)
    assert (work.feeds, work.log, work.sample) == (tmp_path / "mine.opml", tmp_path / "mine-log", False)


def test_what_cannot_be_used_is_said_before_airflow_starts(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("not a folder")
    with pytest.raises(FeedsFileError, match="does not exist"):
        prepare(tmp_path / "no.opml", None, configured=False)
    with pytest.raises(FeedsFileError, match="no OPML"):
        prepare(tmp_path / "taken", None, configured=False)
    with pytest.raises(LogError, match="choose another folder"):
        prepare(None, tmp_path / "taken", configured=False)


@pytest.mark.parametrize("command", ["run", "up"])
def test_an_error_is_one_line_and_exit_code_2(command: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dags.standalone", command, "--feeds", str(tmp_path / "no.opml")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert str(tmp_path / "no.opml") in line


def test_a_taken_port_is_refused() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            free_port(taken.getsockname()[1])
    assert free_port() > 0


def test_the_login_is_what_airflow_drew(tmp_path: Path) -> None:
    (tmp_path / PASSWORDS).write_text('{"admin": "drawn"}\n')
    assert admin_login(tmp_path) == ("admin", "drawn")
    (tmp_path / PASSWORDS).write_text("")
    with pytest.raises(AirflowNotStartedError, match="start again"):
        admin_login(tmp_path)


def test_an_airflow_that_ends_at_once_is_noticed(tmp_path: Path) -> None:
    environ = {"AIRFLOW__API__BASE_URL": "http://127.0.0.1:9", "PYTHONPATH": str(tmp_path)}
    (tmp_path / "airflow.py").write_text("raise SystemExit(3)")
    with AirflowServer(environ, tmp_path / "chatter.log") as server:
        with pytest.raises(AirflowNotStartedError, match=r"chatter\.log"):
            server.wait_until_healthy(timeout=20)
        server.stop()
        server.stop()
