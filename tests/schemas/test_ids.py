"""The natural keys, pinned: an id that changes here would double every event of every log."""

from uuid import UUID

import pytest

from schemas.digests import digest
from schemas.facts import (
    ArticleCopied,
    ArticleDiscovered,
    ArticleExtracted,
    ArticleSkipped,
    CaptureFailed,
    CaptureRef,
    CapturesPruned,
    CoderActivated,
    CodingCompleted,
    EventLinked,
    EventUnlinked,
    Fact,
    FeedPolled,
    LinkingCompleted,
    PageCaptured,
    PageRevisited,
    RecordRejected,
)
from schemas.ids import article_id, claim_id, feed_id, natural_id
from schemas.world import CallHeld, Mention

PAGE = "https://newsroom.example/a"
FEED = feed_id("https://newsroom.example/feed.xml")
ARTICLE = article_id(PAGE)
CAPTURE = PageCaptured(url=PAGE, final_url=PAGE, digest=digest("body"), bytes=4)
EXTRACTION = ArticleExtracted(
    article_id=ARTICLE,
    url=PAGE,
    canonical_url=PAGE,
    title_digest=digest("Title"),
    text_digest=digest("Text."),
    published_on="2026-09-14",
    extractor="x/1",
    characters=5,
)

GOLDEN: list[tuple[Fact, str]] = [
    (
        ArticleCopied(article_id=ARTICLE, copy_of=FEED, containment=1, text_digest="t", original_digest="o"),
        "d0c9ed48-9652-5ffe-9e35-090ab2063a3c",
    ),
    (PageRevisited(url=PAGE, updated="2026-09-14T12Z", outcome="unchanged"), "60bb8b76-358d-5f91-97de-cf58d6630622"),
    (CapturesPruned(warc="2026/09/a.warc.gz", bytes=7, reason="age"), "27fb9d89-25fc-5d7e-9ddb-80a0642269de"),
    (
        FeedPolled(feed_id=FEED, url="u", slot="2026-09-14T08:00Z", outcome="failed"),
        "97888e2c-32b4-5692-9650-94ead7ac4124",
    ),
    (ArticleDiscovered(feed_id=FEED, entry_id=PAGE, url=PAGE), "18c4cafd-76c0-591a-970c-a39ee2d60d1a"),
    (CAPTURE, "c5227c5d-36c1-5475-8dba-4b148ae83368"),
    (CaptureFailed(url=PAGE, attempt=2, reason="timeout", message="m"), "a869cbed-242f-5fa0-9669-9e6ea4381fec"),
    (EXTRACTION, "5b807b20-34ca-5389-b4e0-00d7a490548b"),
    (
        ArticleSkipped(url=PAGE, capture_id=CAPTURE.event_id(), reason="empty", message="m", extractor="x/1"),
        "3a0584c2-c69c-56c8-aef4-937d5b075ef9",
    ),
    (
        CodingCompleted(
            extraction_id=EXTRACTION.event_id(),
            article_id=ARTICLE,
            coder="c/1",
            coder_name="c",
            coder_version="1",
            events=0,
        ),
        "998d8412-5d07-558f-8b7c-53f846fad23f",
    ),
    (CoderActivated(coder="c/1", coder_name="c", rank=1), "0da54f77-5d02-5ef5-8515-0e7fe36a17ba"),
    (
        RecordRejected(source="a.warc.gz", place="120", digest=digest("x"), reason="r", message="m"),
        "b18fb9a4-d9e2-544c-9f6f-c3e7905ce821",
    ),
    (
        EventLinked(claim_id=UUID(int=5), happening_id=UUID(int=6), by="l/1", score=0.5),
        "723917ae-9ae1-5caf-9c88-ba0f3125744c",
    ),
    (
        EventUnlinked(claim_id=UUID(int=5), happening_id=UUID(int=6), after=UUID(int=7), by="l/1"),
        "7fcd89d3-0c63-5fb2-8aef-51fbac5de36e",
    ),
    (
        LinkingCompleted(linker="l/1", upto=8, reports=1, linked=0, unlinked=0),
        "49b17ee3-e16f-5a28-9d40-e1e30ff7aaa1",
    ),
]


@pytest.mark.parametrize(("fact", "expected"), GOLDEN, ids=lambda v: v.type if isinstance(v, Fact) else "")
def test_a_facts_id_is_pinned(fact: Fact, expected: str) -> None:
    assert str(fact.event_id()) == expected


def test_ids_of_feeds_articles_claims_and_world_events_are_pinned() -> None:
    event = CallHeld(evidence=Mention(field="text", start=10, end=20))
    coding = UUID(int=7)
    assert [
        str(FEED),
        str(ARTICLE),
        str(claim_id(ARTICLE, "call_held", "The two spoke by “phone” on Monday.", 0)),
        str(event.event_id(coding, 0)),
    ] == [
        "d847b9b7-9c66-5de2-979e-7fe8e334098f",
        "a13cba96-5dc3-5b6c-8354-d6f1a2179795",
        "3a399f89-700a-5d1d-abd4-8976ffe9f172",
        "7799cc38-c4dd-54f2-b64d-62faddfa3490",
    ]


def test_what_is_not_in_the_key_does_not_change_the_id() -> None:
    again = CAPTURE.model_copy(
        update={"via": "backfill", "content_type": "text/html", "capture": CaptureRef(warc="w", offset=1, length=2)}
    )
    assert again.event_id() == CAPTURE.event_id()
    assert EXTRACTION.model_copy(update={"url": "https://other.example/"}).event_id() == EXTRACTION.event_id()


def test_a_claim_outlives_typography_and_coder() -> None:
    plain = claim_id(ARTICLE, "call_held", 'They spoke by "phone".', 0)
    assert claim_id(ARTICLE, "call_held", "They  spoke by “phone”", 0) == plain
    assert claim_id(ARTICLE, "call_planned", 'They spoke by "phone".', 0) != plain


def test_parts_of_a_key_cannot_run_into_each_other() -> None:
    assert natural_id("t", "a", "bc") != natural_id("t", "ab", "c")
    assert natural_id("t", '","') != natural_id("t", "", "")
