"""Lines on how far a task is."""

import pytest

from dags.progress import STEPS, log_progress, log_summary


def test_at_most_one_line_in_a_while_and_one_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", STEPS)
    now = [0.0]
    told = log_progress(every=5.0, clock=lambda: now[0])
    for done in range(1, 41):
        now[0] += 0.5
        told("read", done, 40)
    assert [record.message for record in caplog.records] == [
        "read: 10 of 40", "read: 20 of 40", "read: 30 of 40", "read: 40 of 40",
    ]  # fmt: skip


def test_an_unknown_total_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", STEPS)
    log_progress(every=0.0)("archive", 1200, 0)
    assert [record.message for record in caplog.records] == ["archive: 1200"]


def test_a_summary_leaves_words_to_the_log_and_counts_to_xcom(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", STEPS)
    report = {
        "chunk": "c.0001",
        "feeds_failed": 1,
        "pages_captured": 1200,
        "head": 7,
        "notes": ("https://a.example: gone",),
    }
    assert log_summary("collect", report) == {"chunk": "c.0001", "feeds_failed": 1, "pages_captured": 1200, "head": 7}
    said = [record.message for record in caplog.records]
    assert said == ["collect: 1 feeds failed, 1,200 pages captured", "https://a.example: gone"]
