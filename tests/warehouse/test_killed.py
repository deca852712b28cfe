"""Guarantees 1 to 3 against the real thing: writers killed at any moment, a full disk, one that cannot be written."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.warehouse.sample_events import failed
from tests.warehouse.stores import Logs
from warehouse import Log, connect
from warehouse.errors import LogError, LogNotWritableError
from warehouse.verify import verify

ROOT = Path(__file__).parents[2]
# What a library prints, a progress bar say, goes to standard error: only the numbers are told.
WRITE = """
import os, sys
told = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
from tests.warehouse.sample_events import call_article, failed
from warehouse import Log
from warehouse.upkeep import upkeep
from datetime import timedelta
path, start = sys.argv[1], int(sys.argv[2])
print("ready", file=told, flush=True)
with Log.open(path) as log:
    for n in range(start, start + 30):
        log.append([failed(f"https://a.example/{n}/{k}", 1) for k in range(5)] + call_article(f"https://a.example/story/{n}"))
        log.catch_up()
        print(n, file=told, flush=True)
        if n % 3 == 2:
            upkeep(path, grace=timedelta(hours=1))
"""


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_g2_killed_again_and_again(path: Path, catalog: Logs) -> None:
    """Each writer begins one batch before what the last one was killed at: so that all of it is told again.

    It is killed at a random point of a random one of its batches, however fast the machine is.
    """
    kills = int(os.environ.get("COURANT_KILLS", "30" if catalog.server else "100"))
    chance, reached, told, pace = random.Random(7), 0, set[int](), 0.5
    for kill in range(kills):
        command = [sys.executable, "-c", WRITE, str(path), str(max(0, reached - 1))]
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            lines = []
            for _ in range(chance.randrange(5)):
                began = time.monotonic()
                lines.append(writer.stdout.readline())
                pace = time.monotonic() - began
            time.sleep(chance.uniform(0, 1.5) * pace)
            writer.send_signal(signal.SIGKILL)
            lines += writer.stdout.read().splitlines(keepends=True)
        assert writer.returncode == -signal.SIGKILL, f"the writer that kill {kill} was for had ended by itself"
        # The last line may be cut in two.
        told |= {int(line) for line in lines if line.endswith("\n")}
        reached = max(told, default=0)
        with connect(path) as con:
            [(events, ids, last)] = con.execute(
                "SELECT count(*), count(DISTINCT event_id), coalesce(max(position), 0) FROM event_log"
            ).fetchall()
            assert events == ids == last, f"kill {kill}"
            torn = con.execute("SELECT commit_id FROM event_log GROUP BY 1 HAVING count(*) <> 10").fetchall()
            assert torn == [], f"kill {kill}"
            held = con.execute(
                "SELECT DISTINCT split_part(stream, '/', 4)::INTEGER FROM event_log WHERE type = 'capture_failed'"
            )
            assert told <= {row[0] for row in held.fetchall()}, f"kill {kill}: what a writer was told is gone"
    assert len(told) >= kills / 3, "the writers were killed before they wrote much: nothing was tested"
    assert list(verify(path)) == []


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A real small file system, in memory."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def remount(folder: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], check=True)


@pytest.mark.catalogs("sqlite")
def test_g1_a_disk_that_cannot_be_written(new_log: Callable[..., Path], tmp_path: Path) -> None:
    """Read-only from one append to the next, as a disk with errors becomes: one line, the log intact, nothing lost."""
    with small_disk(tmp_path / "disk") as disk:
        path = Path(shutil.copytree(new_log(), disk / "log"))
        log = Log.open(path)
        log.append([failed("https://a.example/1", 1)])
        remount(disk, "ro")
        try:
            with pytest.raises(LogNotWritableError, match="Read-only file system") as error:
                log.append([failed("https://a.example/2", 1)])
            assert "\n" not in str(error.value)
            with pytest.raises(LogNotWritableError), Log.open(path) as another:
                another.append([failed("https://a.example/2", 1)])
            with pytest.raises(LogNotWritableError):
                log.location.require_writable()
        finally:
            remount(disk, "rw")
        log.append([failed("https://a.example/2", 1)])
        log.catch_up()
        log.close()
        assert list(verify(path)) == []


def fill_up(log: Log) -> None:
    for n in range(200):
        log.append([failed(f"https://a.example/{n}/{'x' * 200}{k}", 1) for k in range(2000)])


@pytest.mark.slow
@pytest.mark.catalogs("sqlite")
def test_g1_a_full_disk(new_log: Callable[..., Path], tmp_path: Path) -> None:
    """A real small file system: the append that does not fit fails with one line, and nothing of it is there."""
    with small_disk(tmp_path / "disk") as disk:
        path = Path(shutil.copytree(new_log(), disk / "log"))
        log = Log.open(path)
        log.append([failed("https://a.example/1", 1)])
        with pytest.raises(LogError) as error:
            fill_up(log)
        log.close()
        assert "\n" not in str(error.value)
        shutil.move(path, tmp_path / "moved")
        assert [f for f in verify(tmp_path / "moved") if f.check != "projections"] == []
        with Log.open(tmp_path / "moved") as log:
            assert log.append([failed("https://b.example/1", 1)]).added == 1
