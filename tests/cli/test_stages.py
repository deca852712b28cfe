"""The stages as filters: the public shapes, bad input, and the other formats."""

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest.code.article import Article
from ingest.code.coder import CoderInfo, Coding
from schemas.world import CallHeld, Mention, Participant, Span
from tests.cli.conftest import Courant

FEED = b"""<rss version="2.0"><channel><title>Harbour News</title><link>https://harbour.example/</link>
<language>en</language><item><title>Ferries &amp; fog</title><link>/fog</link><guid isPermaLink="false">g1</guid>
<pubDate>Mon, 14 Sep 2026 08:30:00 +0200</pubDate></item></channel></rss>"""

PAGE = f"""<html lang="en"><head><title>Fog stops the ferries - Harbour News</title>
<meta property="og:site_name" content="Harbour News"><meta property="article:published_time" content="2026-09-14">
</head><body><article><h1>Fog stops the ferries</h1>{
    "".join(
        f"<p>{words} The harbour master said that no ferry would leave before the fog had lifted,"
        " and asked all travellers to wait at home until the evening.</p>"
        for words in ("On Monday the harbour was closed.", "Many waited on the quay.", "Nobody was hurt.")
    )
}</article></body></html>""".encode()


class FakeCoder:
    """Codes a call wherever somebody called somebody."""

    info = CoderInfo("fake", "1", "frames", "lexicon", "model")
    languages = frozenset({"en"})

    def code(self, article: Article) -> Coding:
        if article.text == "burst":
            raise RuntimeError("the coder burst")
        at = article.text.find("called")
        if at < 0:
            return Coding(article.id, (), self.info)
        span = Span(field="text", start=0, end=at - 1)
        event = CallHeld(
            participants=(Participant(name=article.text[: at - 1], kind="person", role="party", name_at=span),),
            evidence=Mention(field="text", start=0, end=len(article.text), quote=article.text),
        )
        return Coding(article.id, (event,), self.info)


@pytest.fixture
def with_fake_coder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.code.coder.load_coder", lambda *choice: FakeCoder())


def _articles(*articles: dict[str, Any] | bytes) -> bytes:
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in articles)


def _keys(document: Any) -> Sequence[str]:
    return list(document)


def test_feed_parse_has_the_public_shape(courant: Courant) -> None:
    done = courant("feed", "parse", "--url", "https://harbour.example/feed.xml", stdin=FEED)
    said = json.loads(done.data)
    assert (done.code, done.words, done.data.count(b"\n")) == (0, "", 1)
    assert _keys(said) == ["feed", "entries", "problems"]
    assert _keys(said["feed"])[:4] == ["title", "url", "language", "format"]
    assert said["entries"] == [
        {
            "id": "g1",
            "url": "https://harbour.example/fog",
            "title": "Ferries & fog",
            "published": "2026-09-14T06:30:00Z",
            "updated": None,
            "authors": [],
            "summary": None,
        }
    ]


def test_feed_parse_answers_whatever_comes(courant: Courant, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"\x00\xff<html>")
    for done in (courant("feed", "parse", "bad"), courant("feed", "parse", "-"), courant("feed", "parse", stdin=b"{}")):
        assert done.code == 0
        assert json.loads(done.data)["problems"]


def test_feed_parse_as_rows_has_the_entries(courant: Courant) -> None:
    rows = list(csv.DictReader(io.StringIO(courant("feed", "parse", "-f", "csv", stdin=FEED).text)))
    assert [(row["title"], row["authors"]) for row in rows] == [("Ferries & fog", "[]")]


def test_extract_has_the_public_shape(courant: Courant, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(PAGE)
    done = courant("extract", "page.html", "--url", "https://harbour.example/fog?utm_source=x")
    said = json.loads(done.data)
    assert done.code == 0
    public = "url canonical_url title text authors language published_on published_from site_name problems"
    assert _keys(said)[:10] == public.split()
    assert said["url"] == "https://harbour.example/fog"
    assert said["title"] == "Fog stops the ferries"
    assert (said["published_on"], said["site_name"]) == ("2026-09-14", "Harbour News")
    assert said["text"].count("\n") == 2


def test_extract_says_why_there_is_no_article(courant: Courant) -> None:
    done = courant("extract", "--url", "https://harbour.example/", stdin=b"%PDF-1.4")
    assert done.code == 0
    assert json.loads(done.data)["skip_reason"]


@pytest.mark.parametrize("options", [["--url", "no address"], ["--url", "https://a.example/", "--published", "Monday"]])
def test_extract_refuses_what_cannot_be_meant(courant: Courant, options: list[str]) -> None:
    done = courant("extract", *options, stdin=PAGE)
    assert (done.code, done.data, done.words.count("\n")) == (2, b"", 1)


def test_code_has_the_public_shape(courant: Courant, with_fake_coder: None) -> None:
    article = {"id": "a1", "title": "A call", "text": "Ada Lind called at noon.", "published": None, "url": None}
    done = courant("code", stdin=_articles(article))
    said = json.loads(done.data)
    assert done.code == 0
    assert _keys(said) == ["id", "events", "coder", "skipped"]
    (event,) = said["events"]
    public = (
        "type modality participants occurred_on date_words date_basis place scope quantities attributed_to background"
        " confidence evidence mentions"
    )
    assert set(public.split()) <= set(event)
    assert {"name", "actor_id", "kind", "code", "sector", "role"} <= set(event["participants"][0])
    at = event["evidence"]
    assert article[at["field"]][at["start"] : at["end"]] == at["quote"]  # type: ignore[index]


def test_code_leaves_bad_lines_out_and_says_so(courant: Courant, with_fake_coder: None) -> None:
    good = {"id": "a", "text": "Nothing."}
    lines = _articles(
        good, b"{broken", b"[]", {"id": 1, "text": "x"}, b"\xff", {"id": "s", "text": "\ud800"}, b"", good
    )
    done = courant("code", stdin=lines)
    assert done.code == 1
    assert [json.loads(line)["id"] for line in done.text.splitlines()] == ["a", "a"]
    assert [line.split(":")[0] for line in done.words.splitlines()] == [f"line {n}" for n in (2, 3, 4, 5, 6)]


def test_code_survives_an_article_that_the_coder_does_not(courant: Courant, with_fake_coder: None) -> None:
    done = courant("code", stdin=_articles({"id": "a", "text": "burst"}, {"id": "b", "text": "Nothing."}))
    assert (done.code, json.loads(done.data)["id"]) == (1, "b")
    assert "line 1: the coder burst" in done.words


def test_code_as_one_array_and_as_rows(courant: Courant, with_fake_coder: None) -> None:
    lines = _articles({"id": "a", "text": "Ada Lind called."}, {"id": "b", "text": "Nothing."})
    assert [coding["id"] for coding in json.loads(courant("code", "--json", stdin=lines).data)] == ["a", "b"]
    assert json.loads(courant("code", "--json").data) == []
    rows = list(csv.DictReader(io.StringIO(courant("code", "-f", "csv", stdin=lines).text)))
    assert [(r["id"], r["type"], r["who"], r["start"], r["quote"]) for r in rows] == [
        ("a", "call_held", "Ada Lind", "0", "Ada Lind called.")
    ]


def test_code_explains_itself(courant: Courant) -> None:
    text = "President Ada Lind of Norway spoke by telephone with President Boris Ume of Sweden on Monday."
    done = courant("code", "--explain", stdin=_articles({"id": "a", "title": "Fog", "text": text}))
    assert done.code == 0
    assert json.loads(done.data)["events"][0]["type"] == "call_held"
    assert "== a: Fog" in done.words
    assert '+ "spoke" by' in done.words
    assert "= call_held (text 0-" in done.words


def test_code_explains_what_the_judge_leaves_out(courant: Courant) -> None:
    text = (
        "Egypt hosted talks between Libyan and Turkish officials on Sunday, the foreign ministry said. Tripoli called"
        " the Russian plan for a truce a trap."
    )
    done = courant("code", "--explain", stdin=_articles({"id": "a", "title": "Egypt hosts Libya talks", "text": text}))
    told = [line for line in done.words.splitlines() if line.startswith(("= ", "x "))]
    assert any(re.fullmatch(r"= talks_held \(text .*\): the judge gives it 0\.\d\d", line) for line in told)
    assert any(re.fullmatch(r"x \w+ \(text .*\): the judge gives it 0\.\d\d, too little", line) for line in told)
    assert len(json.loads(done.data)["events"]) == sum(line.startswith("= ") for line in told)


def test_a_coder_that_cannot_explain_says_so(courant: Courant, with_fake_coder: None) -> None:
    done = courant("code", "--explain", stdin=_articles({"id": "a", "text": "Nothing."}))
    assert (done.code, done.data, done.words.count("\n")) == (2, b"", 1)
