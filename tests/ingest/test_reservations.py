"""A publisher's reservations: read from headers and page, obeyed by default, and recorded where there is leave."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.backfill import backfill
from ingest.errors import SettingsError
from ingest.fetch.config import FetchConfig
from ingest.reservations import reservations
from ingest.settings import Settings
from tests.ingest.test_polling import FEED, NOON, Answer, Desk, ok, rss
from warehouse import Log, connect

pytestmark = pytest.mark.slow  # many passes over real sockets, with reader processes

PAGE = "https://news.example/1"
BODY = b"<html><head><title>Talks</title>%s</head><body><p>The ministers met on Monday.</p></body></html>"


def page(head: bytes = b"", **headers: str) -> Answer:
    return ok(BODY % head, **{"content-type": "text/html", **headers})


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (["noarchive"], ["noarchive"]),
        (["NoArchive, noindex"], ["noarchive"]),
        (["noindex, nofollow, nosnippet, noimageai"], []),
        (["noai, noimageai"], ["noai"]),
        (["courant: noarchive"], ["noarchive"]),
        (["Courant: noindex, noarchive"], ["noarchive"]),
        (["googlebot: noarchive"], []),
        (["googlebot: noindex, noarchive"], []),
        (["googlebot: noarchive", "noai"], ["noai"]),
        (["googlebot: noarchive, courant: noai"], ["noai"]),
        (["unavailable_after: 25 Jun 2027 15:00:00 PST, noarchive"], ["noarchive"]),
        (["max-snippet:20, noarchive"], ["noarchive"]),
        (["noarchiveplease"], []),
        ([""], []),
    ],
)
def test_directives_of_headers_speak_to_all_or_to_one(headers: list[str], found: list[str]) -> None:
    assert reservations([("X-Robots-Tag", value) for value in headers], b"", "courant") == tuple(found)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b'<meta name="robots" content="noarchive">', ["noarchive"]),
        (b"<META CONTENT='index, NOARCHIVE' NAME='ROBOTS'/>", ["noarchive"]),
        (b"<meta name=robots content=noai>", ["noai"]),
        (b'<meta name="courant" content="noarchive">', ["noarchive"]),
        (b'<meta name="googlebot" content="noarchive">', []),
        (b'<meta name="robots" content="noindex, max-image-preview:large">', []),
        (b'<!-- <meta name="robots" content="noarchive"> -->', []),
        (b'<script>var s = \'<meta name="robots" content="noarchive">\'</script>', []),
        (b'<meta name="description" content="noarchive">', []),
        (b'<meta name="tdm-reservation" content="1">', ["tdm-reservation"]),
        (b'<meta name="tdm-reservation" content="0">', []),
        (
            b'<meta property="og:title" content="x"><meta name="robots" content="noarchive, noai">',
            ["noai", "noarchive"],
        ),
    ],
)
def test_directives_of_pages(head: bytes, found: list[str]) -> None:
    assert reservations((), BODY % head, "courant") == tuple(found)
    utf16 = (BODY % head).decode().encode("utf-16")
    assert reservations((), utf16, "courant") == tuple(found)


@pytest.mark.parametrize(
    ("header", "meta", "reserved"), [("1", "", True), ("0", "", False), ("1", "0", False), ("0", "1", True)]
)
def test_the_page_says_last_whether_mining_is_reserved(header: str, meta: str, reserved: bool) -> None:
    head = f'<meta name="tdm-reservation" content="{meta}">'.encode() if meta else b""
    assert bool(reservations([("TDM-Reservation", header)], BODY % head, "courant")) == reserved


@given(st.lists(st.tuples(st.sampled_from(["x-robots-tag", "tdm-reservation"]), st.text())), st.binary(max_size=400))
def test_whatever_stands_there_there_is_an_answer(headers: list[tuple[str, str]], body: bytes) -> None:
    known = {"noarchive", "nocache", "noai", "noml", "tdm-reservation"}
    assert set(reservations(headers, b"<meta " + body, "courant")) <= known


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    Log.create(tmp_path / "log").close()
    made = Desk(tmp_path)
    made.feeds(f"xmlUrl='{FEED}'")
    made.web.answers[FEED] = ok(rss(PAGE, "https://news.example/2"))
    made.web.answers["https://news.example/2"] = page()
    return made


def rows(desk: Desk, sql: str) -> list[tuple]:
    with connect(desk.folder / "log") as con:
        return con.execute(sql).fetchall()


def kept(desk: Desk) -> bytes:
    import gzip

    files = sorted((desk.folder / "log").rglob("*.warc.gz"), key=lambda file: file.stat().st_mtime_ns)
    return b"".join(gzip.decompress(file.read_bytes()) for file in files)


@pytest.mark.parametrize(
    "answer",
    [
        page(b'<meta name="robots" content="noarchive">'),
        page(x_robots_tag="noai"),
        page(tdm_reservation="1"),
    ],
)
def test_a_reserved_page_is_neither_kept_nor_read_and_never_asked_for_again(desk: Desk, answer: Answer) -> None:
    desk.web.answers[PAGE] = answer
    desk.run(NOON)
    [(reason, message, final)] = rows(
        desk,
        "SELECT payload->>'reason', payload->>'message', (payload->>'final')::BOOLEAN FROM event_log"
        " WHERE type = 'capture_failed'",
    )
    assert (reason, final) == ("reserved", True)
    assert "obey_reservations = false" in message
    assert rows(desk, "SELECT url, rights FROM captures") == [("https://news.example/2", [])]
    assert PAGE.encode() + b"\r\n" not in kept(desk)
    assert rows(desk, "SELECT count(*) FROM proj.pending_pages") == [(0,)]


def test_with_leave_it_is_kept_and_what_it_reserves_is_recorded(desk: Desk) -> None:
    desk.web.answers[PAGE] = page(b'<meta name="robots" content="noarchive">', tdm_reservation="1")
    desk.more["obey_reservations"] = False
    desk.run(NOON)
    assert rows(desk, "SELECT rights FROM captures ORDER BY url") == [(["noarchive", "tdm-reservation"],), ([],)]


def test_what_was_captured_before_a_reservation_stays_and_the_log_says_what_came_of_an_update(desk: Desk) -> None:
    def atom(updated: str) -> Answer:
        entry = f"<entry><id>1</id><title>T</title><link href='{PAGE}'/><published>2026-09-14T09:00:00Z</published>"
        head = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><updated>{updated}</updated>"
        return ok(f"{head}{entry}<updated>{updated}</updated></entry></feed>".encode())

    desk.web.answers |= {FEED: atom("2026-09-14T09:00:00Z"), PAGE: page()}
    desk.run(NOON)
    before = kept(desk)
    desk.web.answers |= {FEED: atom("2026-09-14T12:20:00Z"), PAGE: page(b'<meta name="robots" content="noarchive">')}
    desk.web.urls()
    desk.run(NOON + timedelta(minutes=30))
    assert desk.web.urls().count(PAGE) == 1
    said = "SELECT payload->>'outcome', payload->>'reason' FROM event_log WHERE type = 'page_revisited'"
    assert rows(desk, said) == [("failed", "reserved")]
    assert rows(desk, "SELECT url, kept FROM captures") == [(PAGE, "yes")]
    assert before in kept(desk)
    assert b"noarchive" not in kept(desk)
    desk.run(NOON + timedelta(minutes=60))
    assert desk.web.urls().count(PAGE) == 0


@pytest.mark.parametrize(("said", "has"), [({}, True), ({"x_robots_tag": "noarchive"}, False)])
def test_a_reserved_feed_is_read_and_not_kept(desk: Desk, said: dict[str, str], has: bool) -> None:
    desk.web.answers[FEED] = ok(rss("https://news.example/2"), **said)
    desk.run(NOON)
    assert (b"<rss" in kept(desk)) == has
    assert rows(desk, "SELECT last_outcome, entries FROM feeds") == [("fetched", 1)]


@pytest.mark.parametrize("obey", [True, False])
def test_an_archived_page_is_left_alone_in_the_same_way(tmp_path: Path, obey: bool) -> None:
    archive = tmp_path / "pages.jsonl"
    html = (BODY % b'<meta name="robots" content="noarchive">').decode()
    free = (BODY % b"").decode()
    lines = [{"url": PAGE, "html": html}, {"url": "https://news.example/2", "html": free}]
    archive.write_text("".join(json.dumps(line) + "\n" for line in lines))
    settings = Settings(log=tmp_path / "log", coder="none", workers=1, obey_reservations=obey)
    Log.create(settings.log).close()
    report = backfill(settings, [archive], clock=lambda: NOON)
    assert (report.taken, report.rejected) == ((1, 1) if obey else (2, 0))
    with connect(settings.log) as con:
        found = con.execute(
            "SELECT payload->>'reason', payload->>'source' FROM event_log WHERE type = 'record_rejected'"
        ).fetchall()
    assert found == ([("reserved", PAGE)] if obey else [])


@pytest.mark.parametrize(("said", "obeys"), [("true", True), ("false", False), ("0", False), ("No", False)])
def test_the_setting_is_true_or_false(said: str, obeys: bool, tmp_path: Path) -> None:
    (tmp_path / "courant.toml").write_text("")
    environ = {"COURANT_OBEY_RESERVATIONS": said}
    assert Settings.load(tmp_path / "courant.toml", environ=environ).obey_reservations is obeys
    (tmp_path / "courant.toml").write_text(f"obey_reservations = {str(obeys).lower()}\n")
    assert Settings.load(tmp_path / "courant.toml", environ={}).obey_reservations is obeys
    with pytest.raises(SettingsError, match="true or false, not 'perhaps'"):
        Settings.load(tmp_path / "courant.toml", environ={"COURANT_OBEY_RESERVATIONS": "perhaps"})


@pytest.mark.parametrize("product", ["Googlebot", "bingbot", "Mozilla", "GPTBot"])
def test_the_user_agent_passes_for_nobody_else(product: str) -> None:
    with pytest.raises(ValueError, match="may not pass for a search engine or a browser"):
        FetchConfig(contact="desk@example.org", product=product)
    assert FetchConfig(contact="desk@example.org").user_agent == "courant/0.1 (+mailto:desk@example.org)"
