"""What is said of failures."""

import logging
from types import SimpleNamespace

import pytest

from dags.failures import cause, report_retry, report_run_failure, report_task_failure
from ingest.errors import SettingsError

TASK = SimpleNamespace(dag_id="news_live", task_id="collect", map_index=2, try_number=4)


def test_a_failed_task_names_itself_its_tries_and_the_cause(caplog: pytest.LogCaptureFixture) -> None:
    report_task_failure({"task_instance": TASK, "exception": TimeoutError("no answer in 600 s\nand more")})
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.message == "news_live.collect[2] failed for good at try 4: TimeoutError: no answer in 600 s"


def test_a_retry_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    plain = SimpleNamespace(dag_id="news_live", task_id="append", map_index=-1, try_number=1)
    report_retry({"task_instance": plain, "exception": OSError("disk full")})
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.message == "news_live.append failed at try 1, to be tried again: OSError: disk full"


def test_a_failed_run_says_what_becomes_of_its_work(caplog: pytest.LogCaptureFixture) -> None:
    report_run_failure({"dag_run": SimpleNamespace(dag_id="news_live", run_id="manual__1")})
    assert caplog.records[0].message.startswith("manual__1 of news_live failed")
    assert "the next run takes up" in caplog.records[0].message


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SettingsError("no contact is set: set COURANT_CONTACT"), "no contact is set: set COURANT_CONTACT"),
        (KeyError("etag"), "KeyError: 'etag'"),
        (ValueError(), "ValueError"),
        ("killed", "killed"),
        (None, "no reason given (killed from outside, or out of memory)"),
    ],
)
def test_causes(error: object, said: str) -> None:
    assert cause(error) == said
