"""The real command on a real log, in this process."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.warehouse.sample_events import article, call_article, polled
from warehouse import Log

HOSTILE = '=2+5 | \x1b[31mred\x1b]0;pwned\x07 \u202egnitirw\x9b1m "quoted", and <b>bold</b>'
"""A headline with a formula, a pipe, escape sequences, a turned reading direction, and markup."""


@dataclass(frozen=True)
class Result:
    """What a command did: its exit code, data (as bytes and as text) and words."""

    code: int
    data: bytes
    words: str

    @property
    def text(self) -> str:
        return self.data.decode()


Courant = Callable[..., Result]


@pytest.fixture
def courant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Courant:
    """Runs `courant` with these arguments, in an empty folder, with none of this machine's settings."""
    for name in [name for name in os.environ if name.startswith("COURANT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None) -> Result:
        done = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin, env=env)
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return Result(done.exit_code, done.stdout_bytes, done.stderr)

    return run


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with three feeds, of which one always fails, and six events in three articles. Only for reading."""
    path = tmp_path_factory.mktemp("cli") / "log"
    failing = [
        polled("dead", f"2026-09-14T1{n}:00Z", outcome="failed", reason="timeout", message="It is silent.", failures=n)
        for n in (1, 2, 3)
    ]
    quiet = {"kind": "country", "role": "actor"}
    with Log.create(path) as made:
        made.append(
            [
                polled("harbour", "2026-09-14T10:00Z"),
                polled("valley", "2026-09-14T10:00Z", at=1),
                *failing,
                *call_article("https://harbour.example/call"),
                *article(
                    "https://harbour.example/hostile",
                    HOSTILE,
                    "Norland will meet Ostria in Port Elsa on 20 September.\n\nOstria denied that it fired at Norland.",
                    claims=[
                        {
                            "type": "talks_planned",
                            "quote": "Norland will meet Ostria in Port Elsa on 20 September",
                            "occurred_on": "2026-09-20",
                            "participants": [
                                {"name": "Norland", "kind": "country", "code": "NOR", "role": "party"},
                                {"name": "Ostria", "kind": "country", "code": "OST", "role": "party"},
                            ],
                        },
                        {
                            "type": "attack_carried_out",
                            "modality": "denied",
                            "quote": "Ostria denied that it fired at Norland",
                            "participants": [{"name": "Ostria", "code": "OST", **quiet}],
                        },
                    ],
                ),
                *article(
                    "https://valley.example/history",
                    "Looking back",
                    "In May 2020 Norland signed a treaty. On 1 September Élodie Straße of Sûdland signed another one.",
                    published="2026-09-02",
                    claims=[
                        {
                            "type": "agreement_signed",
                            "background": True,
                            "quote": "In May 2020 Norland signed a treaty",
                            "occurred_on": "2020-05",
                            "participants": [{"name": "Norland", "code": "NOR", **quiet}],
                        },
                        {
                            "type": "agreement_signed",
                            "quote": "On 1 September Élodie Straße of Sûdland signed another one",
                            "occurred_on": "2026-09-01",
                            "participants": [
                                {
                                    "name": "Élodie Straße",
                                    "actor_id": "person:elodie-strasse",
                                    "kind": "person",
                                    "code": "SUD",
                                    "role": "actor",
                                }
                            ],
                        },
                    ],
                ),
            ]
        )
    return path
