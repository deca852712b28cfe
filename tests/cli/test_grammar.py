"""What holds for every command: where data and words go, exit codes, how errors leave, what start-up costs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.main import get_command

from cli.main import app
from tests.cli.conftest import Courant

ROOT = Path(__file__).parents[2]
HEAVY = ("spacy", "trafilatura", "pyarrow", "duckdb", "pydantic", "aiohttp", "lxml", "feedparser", "prompt_toolkit")


def _process(*arguments: str, cwd: Path, env: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COURANT_")}
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=cwd,
        env={**clean, "PYTHONPATH": str(ROOT), **(env or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _commands(group: object = None, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    """Every command by the words that call it."""
    found: dict[tuple[str, ...], object] = {}
    for name, command in (group or get_command(app)).commands.items():  # type: ignore[attr-defined]
        if hasattr(command, "commands"):
            found |= _commands(command, (*path, name))
        else:
            found[*path, name] = command
    return found


def test_every_command_is_documented_with_all_its_options() -> None:
    manual = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for words, command in _commands().items():
        heading = f"## courant {' '.join(words)}"
        assert f"{heading}\n" in manual, f"docs/cli.md has no section '{heading}'"
        section = manual.split(f"{heading}\n", 1)[1].split("\n## ", 1)[0]
        own = [option for p in command.params for option in p.opts if option.startswith("--")]  # type: ignore[attr-defined]
        common = {"--log", "--format", "--json", "--output", "--help"}
        assert [o for o in own if o not in common and f"`{o}" not in section] == [], heading


@pytest.mark.parametrize("words", sorted(_commands()), ids=" ".join)
def test_help_teaches_with_an_example(courant: Courant, words: tuple[str, ...]) -> None:
    helped = courant(*words, "--help")
    assert helped.code == 0
    assert f"courant {' '.join(words)}" in helped.text.split("Example", 1)[1]
    assert helped.words == ""


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    asked = (
        "import sys; from cli.main import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "Commands:" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "nonsense"),
        (["sql", "--nonsense"], "courant sql --help"),
        (["sql", "SELECT 1", "--format", "xml"], "xml"),
        (["sql", "SELECT 1", "--json", "--format", "csv"], "exclude each other"),
        (["sql", "SELECT 1", "--log", "nowhere"], "courant init"),
        (["events"], "courant init"),
        (["status"], "courant init"),
        (["log", "lock"], "courant init"),
        (["run"], "courant init"),
        (["backfill", "nowhere.warc"], "nowhere.warc"),
        (["extract", "--url", "https://a.example/", "nowhere.html"], "nowhere.html"),
        (["extract"], "--url"),
        (["code", "--coder", "nobody", "-"], "nobody"),
        (["events", "--since", "yesterday"], "yesterday"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(courant: Courant, arguments: list[str], said: str) -> None:
    done = courant(*arguments)
    assert done.code == 2
    assert done.data == b""
    assert done.words.startswith("courant: ")
    assert done.words.count("\n") == 1
    assert said in done.words
    assert "Traceback" not in done.words


def test_a_folder_that_cannot_be_written_is_one_line(courant: Courant, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = courant("log", "create", "file/log")
    assert (done.code, done.words.count("\n")) == (2, 1)
    assert "choose another folder" in done.words


def test_an_unexpected_error_is_one_line_unless_debugging(courant: Courant, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("ingest.feeds.parse.parse_feed", broken)
    quiet = courant("feed", "parse", stdin=b"<rss/>")
    assert (quiet.code, quiet.words.count("\n")) == (2, 1)
    assert "ZeroDivisionError: by nought" in quiet.words
    loud = courant("feed", "parse", stdin=b"<rss/>", env={"COURANT_DEBUG": "1"})
    assert loud.code == 2
    assert "Traceback" in loud.words


def test_the_log_is_found_by_option_then_variable_then_settings(courant: Courant, log: Path, tmp_path: Path) -> None:
    query = ("sql", "SELECT count(*) AS n FROM feeds", "--json")
    assert courant(*query, "--log", log, env={"COURANT_LOG": "nowhere"}).code == 0
    assert courant(*query, env={"COURANT_LOG": str(log)}).code == 0
    (tmp_path / "courant.toml").write_text(f"log = '{log}'\n")
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    os.chdir(tmp_path / "deep" / "deeper")
    assert json.loads(courant(*query).data) == [{"n": 3}]


def test_a_reader_that_leaves_early_is_no_error(log: Path, tmp_path: Path) -> None:
    with _process("sql", "FROM range(3000000)", "--format", "csv", "--log", str(log), cwd=tmp_path) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == b"range\n"
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


def test_ctrl_c_ends_a_query_with_130(log: Path, tmp_path: Path) -> None:
    endless = "SELECT count(*) FROM range(100000000) a, range(1000) b WHERE a.range % 7 = b.range % 3"
    with _process("sql", f"SELECT 1; {endless}", "--format", "markdown", "--log", str(log), cwd=tmp_path) as running:
        assert running.stdout is not None
        assert [running.stdout.readline() for _ in range(3)][-1] == b"| 1 |\n"
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        _, words = running.communicate(timeout=30)
    assert running.returncode == 130
    assert words == b"stopped\n"


def test_data_and_words_are_utf8_whatever_the_locale(log: Path, tmp_path: Path) -> None:
    env = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    query = "SELECT 'Čağrı 停战' AS words"
    with _process("sql", query, "--json", "--log", str(log), cwd=tmp_path, env=env) as running:
        data, _ = running.communicate(timeout=30)
    assert json.loads(data.decode("utf-8")) == [{"words": "Čağrı 停战"}]


def test_version(courant: Courant) -> None:
    assert courant("version").text.startswith("courant ")
    assert json.loads(courant("version", "--json").data)["libraries"]["duckdb"]
