from pathlib import Path

import pytest

from ingest.errors import SettingsError
from ingest.network import fetch_config, overrides
from ingest.plan import Chunk, FeedTask
from ingest.settings import Settings

TEXT = """
contact = "desk@newsroom.example"
log = "the-log"
interval = 5
[fetch]
per_host = 3
allow_private = ["10.0.0.0/8"]
"""


def write(folder: Path, text: str = TEXT) -> Path:
    file = folder / "courant.toml"
    file.write_text(text)
    return file


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = Settings.load(write(tmp_path), environ={})
    assert settings.log == tmp_path / "the-log"
    assert settings.interval == 5
    config = fetch_config(settings, Chunk())
    assert config.per_host == 3
    assert config.allow_private == frozenset({"10.0.0.0/8"})


def test_what_is_said_last_wins(tmp_path: Path) -> None:
    environ = {"COURANT_INTERVAL": "7", "COURANT_LOG": "/elsewhere/log", "COURANT_CONFIG": str(write(tmp_path))}
    settings = Settings.load(feeds=Path("mine.opml"), environ=environ)
    assert (settings.interval, settings.log, settings.feeds) == (7, Path("/elsewhere/log"), Path("mine.opml"))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("contact = ", "not valid TOML"),
        ("colour = 'red'", "unknown setting: colour"),
        ("interval = 'often'", "interval must be a number"),
        ("interval = 0", "greater than 0"),
        ("overrides = {'a.example' = 'nowhere'}", "host=address:port"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, cause: str) -> None:
    with pytest.raises(SettingsError, match=cause):
        Settings.load(write(tmp_path, text), environ={})


def test_a_missing_file_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="courant init"):
        Settings.load(tmp_path / "none.toml", environ={})


def test_overrides_from_the_environment_answer_for_a_host_and_those_below_it() -> None:
    settings = Settings.load(environ={"COURANT_OVERRIDES": "newsroom.example=127.0.0.1:8123"})
    found = overrides(settings)
    assert found.target("wire.newsroom.example") is not None
    assert found.target("notnewsroom.example") is None


def test_a_real_feed_needs_a_contact() -> None:
    work = Chunk(feeds=(FeedTask("1", "https://feeds.elsewhere.example/rss", "slot"),))
    with pytest.raises(SettingsError, match="no contact is set"):
        fetch_config(Settings(), work)
    assert fetch_config(Settings(contact="desk@newsroom.example"), work).contact == "desk@newsroom.example"


def test_wrong_fetch_settings_are_named() -> None:
    with pytest.raises(SettingsError, match="under \\[fetch\\]"):
        fetch_config(Settings(contact="a@b.example", fetch={"speed": 9}), Chunk())
