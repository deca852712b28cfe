"""`courant frames`: what fires in a sentence, and a folder of frames and examples of one's own."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Courant

SENTENCE = "Norway and Chile held talks in Oslo on Monday."
OWN_FRAME = """
- id: own-spurned
  type: talks_rejected
  verbs: [spurnize ~object]
  topic: talks
  roles: {subject: actor}
  needs: actor
"""
EXAMPLES = """
talks_rejected:
  positive:
    - {text: "Chile spurnizes talks with Peru.", who: [CHL]}
  negative:
    - "Chile held talks with Peru."
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "my-frames"
    (folder / "examples").mkdir(parents=True)
    (folder / "contact.yaml").write_text(OWN_FRAME)
    (folder / "examples" / "contact.yaml").write_text(EXAMPLES)
    return folder


def test_try_tells_what_fires_on_which_words(courant: Courant) -> None:
    done = courant("frames", "try", SENTENCE, "--published", "2026-05-06", "--json")
    said = json.loads(done.data)
    assert (done.code, list(said)) == (0, ["events", "triggers", "note"])
    (event,) = said["events"]
    assert (event["type"], event["occurred_on"]) == ("talks_held", "2026-05-04")
    fired = [trigger for trigger in said["triggers"] if trigger["type"]]
    assert fired
    for trigger in said["triggers"]:
        assert trigger["word"] == SENTENCE[trigger["start"] : trigger["end"]]
        assert bool(trigger["type"]) != bool(trigger["reason"])


def test_try_tells_why_not(courant: Courant) -> None:
    refused = courant("frames", "try", "Norway and Chile never held talks in Oslo.", "--json")
    said = json.loads(refused.data)
    assert said["events"] == []
    assert all(trigger["reason"] for trigger in said["triggers"])
    silent = json.loads(courant("frames", "try", "The cat sat on the mat.").data)
    assert "not parsed" in silent["note"]
    assert courant("frames", "try", SENTENCE, "--published", "yesterday").code == 2


def test_own_frames_are_found_by_the_option_and_by_the_settings(courant: Courant, own: Path) -> None:
    sentence = "Chile spurnizes talks with Peru."
    types = [
        [event["type"] for event in json.loads(courant("frames", "try", sentence, "--json", *given).data)["events"]]
        for given in ([], ["--frames", own])
    ]
    assert "talks_rejected" not in types[0]
    assert "talks_rejected" in types[1]
    Path("courant.toml").write_text('frames = "my-frames"\n')
    line = json.dumps({"id": "1", "title": "", "text": sentence, "published": "2026-05-06"}).encode()
    coded = json.loads(courant("code", stdin=line).data)
    assert "talks_rejected" in [event["type"] for event in coded["events"]]


def test_the_examples_are_run_with_those_of_ones_own(courant: Courant, own: Path) -> None:
    plain, with_own = courant("frames", "test", "--json"), courant("frames", "test", "--json", "--frames", own)
    failures = [row for row in json.loads(plain.data) if row["gap"] is None]
    assert plain.code == (1 if failures else 0)
    assert json.loads(with_own.data) == json.loads(plain.data)
    (own / "examples" / "contact.yaml").write_text(EXAMPLES.replace("Chile held talks", "Chile spurnizes talks"))
    wrong = courant("frames", "test", "--json", "--frames", own)
    assert wrong.code == 1
    assert {"type": "talks_rejected", "text": "Chile spurnizes talks with Peru.", "gap": None} in [
        {key: row[key] for key in ("type", "text", "gap")}
        for row in json.loads(wrong.data)
        if "should not" in row["fault"]
    ]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("contact.yaml", "- id: [", "contact.yaml is not YAML"),
        ("contact.yaml", "a: b", "contact.yaml must hold a list"),
        ("contact.yaml", OWN_FRAME.replace("talks_rejected", "talks_spurned"), "talks_spurned"),
        ("examples/contact.yaml", "talks_spurned: {}", "talks_spurned"),
        ("examples/contact.yaml", "- talks", "no list of examples"),
    ],
)
def test_a_fault_in_ones_own_files_is_named(courant: Courant, own: Path, file: str, text: str, said: str) -> None:
    (own / file).write_text(text)
    done = courant("frames", "test", "--frames", own)
    assert done.code == 2
    assert said in done.words
    assert done.words.count("\n") == 1


def test_a_folder_that_is_not_there_is_named(courant: Courant, tmp_path: Path) -> None:
    done = courant("frames", "test", "--frames", tmp_path / "nowhere")
    assert done.code == 2
    assert "nowhere" in done.words
