"""Frame files: what they may say, and how an error names its place."""

import pytest

from ingest.code.forms import noun_forms, verb_forms
from ingest.code.frameset import FrameError, Frames

WORDS = "carriers: []\nofficials: []\npresuppose_nouns: []\ncommit_nouns: []\nreport: [say]\n"
TOPICS = "talks:\n  nouns:\n    - {noun: [talks]}\n"
STANCES = "reject:\n  verbs: [reject ~object, rule out]\n  nouns: [refusal]\n"
FRAME = (
    "- id: refused\n  type: talks_rejected\n  stance: reject\n  topic: talks\n  roles: {subject: actor, on: target}\n"
)


def read(frame: str) -> Frames:
    return Frames.read({"words.yaml": WORDS, "topics.yaml": TOPICS, "stances.yaml": STANCES, "contact.yaml": frame})


def test_a_frame_joins_a_stance_with_a_topic() -> None:
    (frame,) = read(FRAME).frames
    assert [(v.verb, v.particle, v.slots) for v in frame.verbs] == [
        ("reject", None, ("object",)),
        ("rule", "out", ("object", "clause")),
    ]
    assert frame.nouns == {"refusal"}
    assert frame.types == {"held": "talks_rejected"}
    assert frame.roles == {"subject": "actor", "on": "target"}
    assert frame.family == "contact"


def test_the_digest_names_the_state_of_the_files() -> None:
    assert read(FRAME).digest == read(FRAME).digest
    assert read(FRAME).digest != read(FRAME + "  confidence: 0.9\n").digest


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("talks_rejected", "talks_refused"), "talks_refused"),
        (("topic: talks", "topic: chats"), "chats"),
        (("stance: reject", "stance: spurn"), "spurn"),
        (("roles:", "rolls:"), "rolls"),
        (("type: talks_rejected", "types: {heard: talks_rejected}"), "heard"),
    ],
)
def test_errors_name_file_frame_and_fault(change: tuple[str, str], named: str) -> None:
    with pytest.raises(FrameError, match=rf"contact\.yaml.*refused.*{named}"):
        read(FRAME.replace(*change))


def test_broken_yaml_is_a_frame_error() -> None:
    with pytest.raises(FrameError, match="not YAML"):
        read("- id: [")


def test_only_topic_words_and_words_of_open_frames_are_triggers() -> None:
    triggers = read(FRAME).triggers
    assert "talks" in triggers
    assert "rejected" not in triggers


def test_the_frames_that_ship_can_be_read() -> None:
    frames = Frames.load()
    ids = [f.id for f in frames.frames]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("base", "forms"),
    [
        ("reject", {"rejects", "rejected", "rejecting"}),
        ("plan", {"plans", "planned", "planning"}),
        ("deny", {"denies", "denied", "denying"}),
        ("condemn", {"condemned", "condemning"}),
        ("seize", {"seizes", "seized", "seizing"}),
        ("withdraw", {"withdrew", "withdrawn", "withdrawing"}),
        ("kidnap", {"kidnapped", "kidnapping"}),
        ("free", {"freed", "frees", "freeing"}),
    ],
)
def test_verb_forms(base: str, forms: set[str]) -> None:
    assert forms | {base} <= verb_forms(base)


def test_noun_forms() -> None:
    assert noun_forms("ally") == {"ally", "allies"}
    assert noun_forms("talks") == {"talks"}
    assert noun_forms("clash") == {"clash", "clashes"}


def test_frames_of_ones_own_are_put_over_the_built_in_ones() -> None:
    files = {"words.yaml": WORDS, "topics.yaml": TOPICS, "stances.yaml": STANCES, "contact.yaml": FRAME}
    own = {
        "words.yaml": "report: [quip]\n",
        "topics.yaml": "talks:\n  nouns:\n    - {noun: [parley]}\nducks:\n  nouns:\n    - {noun: [duck]}\n",
        "contact.yaml": FRAME.replace("talks_rejected", "talks_suspended") + FRAME.replace("refused", "refused-too"),
    }
    both = Frames.read(files, own)
    assert both.words["report"] == {"say", "quip"}
    assert [n for p in both.topics["talks"].nouns for n in sorted(p.nouns)] == ["talks", "parley"]
    assert "ducks" in both.topics
    assert [(f.id, f.types["held"]) for f in both.frames] == [
        ("refused", "talks_suspended"),
        ("refused-too", "talks_rejected"),
    ]
    assert both.digest != Frames.read(files).digest
    assert Frames.read(files, {}).digest == Frames.read(files).digest
