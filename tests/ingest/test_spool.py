import multiprocessing
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from ingest.spool import Spool
from schemas.envelope import Event, Origin
from schemas.facts import RecordRejected

ORIGIN = Origin(datetime(2026, 9, 14, tzinfo=UTC), "run", "test/1")


def event(n: int) -> Event:
    fact = RecordRejected(source="a", place=str(n), digest="d", reason="r", message="m")
    return Event.of_fact(fact, ORIGIN, texts=("prose", "more"))


def test_a_file_goes_from_collected_to_read_to_done(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.publish_collected("run.0001.try1", [event(1), event(2)])
    assert (spool.to_read(), spool.to_append()) == (["run.0001.try1"], [])
    spool.publish_read("run.0001.try1", [])
    assert (spool.to_read(), spool.to_append()) == ([], ["run.0001.try1"])
    assert spool.collected("run.0001.try1")["texts"].to_pylist() == [["prose", "more"]] * 2
    assert spool.read("run.0001.try1").num_rows == 0
    spool.done("run.0001.try1")
    assert (spool.to_read(), spool.to_append()) == ([], [])
    assert len(list((tmp_path / "done").iterdir())) == 2


def test_a_half_written_file_is_never_seen(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.publish_collected("whole", [event(1)])
    (tmp_path / "collected" / "half.arrow.part").write_bytes(b"ARROW1 and no more")
    assert spool.to_read() == ["whole"]


def test_done_that_was_cut_short_leaves_nothing_to_append_twice(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.publish_collected("a", [event(1)])
    spool.publish_read("a", [])
    (tmp_path / "done").mkdir()
    (tmp_path / "collected" / "a.arrow").replace(tmp_path / "done" / "a.collected.arrow")
    assert (spool.to_read(), spool.to_append()) == ([], [])


def test_old_files_are_pruned_and_unfinished_work_is_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for name in ("old", "waiting"):
        spool.publish_collected(name, [event(1)])
    spool.publish_read("old", [])
    spool.done("old")
    long_ago = time.time() - 30 * 86400
    for file in tmp_path.rglob("*.arrow"):
        os.utime(file, (long_ago, long_ago))
    spool.prune(keep_days=7)
    assert list((tmp_path / "done").iterdir()) == []
    assert spool.to_read() == ["waiting"]


def _hold(root: str, ready: "multiprocessing.synchronize.Event", stop: "multiprocessing.synchronize.Event") -> None:
    with Spool(Path(root)).claim("a") as ours:
        assert ours
        ready.set()
        stop.wait(20)


def test_a_claim_shuts_out_others_until_its_holder_is_gone(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, stop = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(str(tmp_path), ready, stop))
    process.start()
    try:
        assert ready.wait(20)
        with Spool(tmp_path).claim("a") as ours:
            assert not ours
        process.kill()
        process.join(20)
        with Spool(tmp_path).claim("a") as ours:
            assert ours
    finally:
        process.kill()
        process.join()


def test_a_name_that_is_taken_is_stepped_around_whoever_has_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    assert spool.publish_collected("a", [event(1)]) == "a"
    assert spool.publish_collected("a", [event(2)]) == "a-2"
    spool.publish_read("a", [])
    spool.done("a")
    (tmp_path / "collected" / "a-3.arrow.part").write_bytes(b"being written")
    assert spool.publish_collected("a", [event(3)]) == "a-4"
    assert spool.to_read() == ["a-2", "a-4"]
    assert [spool.collected(name)["event_id"].to_pylist() for name in spool.to_read()] == [
        [str(event(n).event_id)] for n in (2, 3)
    ]


def test_what_is_being_read_is_not_replaced_by_a_second_try(tmp_path: Path) -> None:
    """The reading of the first try's file must not be taken for that of the second's, whose captures stay unread."""
    spool = Spool(tmp_path)
    spool.publish_collected("b.0001.try1", [event(1)])
    with spool.claim("b.0001.try1") as ours:
        assert ours
        spool.publish_collected("b.0001.try1", [event(2)])
        spool.publish_read("b.0001.try1", [])
    assert spool.to_append() == ["b.0001.try1"]
    assert spool.to_read() == ["b.0001.try1-2"]
    assert spool.collected("b.0001.try1")["event_id"].to_pylist() == [str(event(1).event_id)]
