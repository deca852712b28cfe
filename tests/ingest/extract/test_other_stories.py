"""Nothing of other stories, nor of what a site asks of its readers, comes out of a page; all of its own does."""

import pytest

from ingest.extract import extract

OWN = (
    "The two ministers met in the harbour town on Tuesday and agreed to open the bridge to trucks from Monday on.",
    "Private cars will follow a week later, and inspectors of both sides are to report every month to the capitals.",
    "The opposition called the agreement hasty and demanded that it be put to a vote before the end of the session.",
)
TEXT = "\n".join(OWN)
A, B = "Gunboats sail for the Linna after arrest of consul", "Maravia expels ambassador of Karsk over the port"
A_TEASER = "Ostrel sent two gunboats to the mouth of the Linna on Sunday after its consul was arrested in Velden."
B_TEASER = "Maravia expelled the ambassador of Karsk on Thursday and closed the consulate in the port of Brenn."
PLEA = "Every Friday our editors tell you what happened between the two capitals, and what it will mean for you."

CARDS = {
    "boxes with linked headings": (
        f'<div><div><h3><a href="/x">{A}</a></h3><div>{A_TEASER}</div></div>'
        f'<div><h3><a href="/y">{B}</a></h3><div>{B_TEASER}</div></div></div>'
    ),
    "one box in the text": (
        f'<div><a href="/x"><img src="a.jpg"></a><h4><a href="/x">{A}</a></h4><p>{A_TEASER}</p></div>'
    ),
    "one box with a bold link": f'<div><p><b><a href="/x">{A}</a></b></p><p>{A_TEASER}</p></div>',
    "a link around all": f'<a href="/x"><img src="a.jpg"><div><h4>{A}</h4><p>{A_TEASER}</p></div></a>',
    "links around all, no headings": (
        f'<div><a href="/x"><div>{A}</div><div>{A_TEASER}</div></a>'
        f'<a href="/y"><div>{B}</div><div>{B_TEASER}</div></a></div>'
    ),
    "headings and teasers without boxes": (
        f'<h4><a href="/x">{A}</a></h4><p>{A_TEASER}</p><h4><a href="/y">{B}</a></h4><p>{B_TEASER}</p>'
    ),
    "paragraphs under a foot heading": (
        f'<h3>More like this</h3><p><a href="/x">{A}</a></p><p>{A_TEASER}</p>'
        f'<p><a href="/y">{B}</a></p><p>{B_TEASER}</p>'
    ),
    "headlines that are no links": (
        f'<div><h3>Related stories</h3><div><h4>{A}</h4><p>{A_TEASER}</p><a href="/x">Read more</a></div>'
        f'<div><h4>{B}</h4><p>{B_TEASER}</p><a href="/y">Read more</a></div></div>'
    ),
    "a list under a heading of any wording": (
        f'<section><h2>Elsewhere along the river</h2><ul><li><h3><a href="/x">{A}</a></h3><p>{A_TEASER}</p></li>'
        f'<li><h3><a href="/y">{B}</a></h3><p>{B_TEASER}</p></li></ul></section>'
    ),
    "a list of links with teasers": (
        f'<section><h2>Elsewhere along the river</h2><ul><li><a href="/x">{A}</a><p>{A_TEASER}</p></li>'
        f'<li><a href="/y">{B}</a><p>{B_TEASER}</p></li></ul></section>'
    ),
    "teasers behind links": (
        f'<ul><li><a href="/x">{A}</a> {A_TEASER}</li><li><a href="/y">{B}</a> {B_TEASER}</li></ul>'
    ),
    "a definition list": (
        f'<dl><dt><a href="/x">{A}</a></dt><dd>{A_TEASER}</dd><dt><a href="/y">{B}</a></dt><dd>{B_TEASER}</dd></dl>'
    ),
    "whole sentences as links": (
        f'<div><h5>Lately</h5><p><a href="/x">{A_TEASER}</a></p><p><a href="/y">{B_TEASER}</a></p></div>'
    ),
    "story cards with byline and date": (
        f'<div><article><a href="/x"><img></a><a href="/x"><h2>{A}</h2></a><p>{A_TEASER}</p><span>By Ana Mirel</span>'
        f'<time>March 3</time></article><article><a href="/y"><h2>{B}</h2></a><p>{B_TEASER}</p></article></div>'
    ),
    "fields of a view": (
        f'<div><div class="views-row"><div><span class="field-content"><a href="/x">{A}</a></span></div>'
        f'<div class="field-content">{A_TEASER}</div></div>'
        f'<div class="views-row"><div><span class="field-content"><a href="/y">{B}</a></span></div>'
        f'<div class="field-content">{B_TEASER}</div></div></div>'
    ),
    "links parted by line breaks": (
        f'<div><b>Elsewhere</b><br><a href="/x">{A}</a><br><a href="/y">{B}</a><br>'
        '<a href="/z">River commission elects a chair</a></div>'
    ),
    "a cell of links": (
        f'<table><tr><td><b>Today</b><br><a href="/x">{A}</a><br><a href="/y">{B}</a><br>'
        '<a href="/z">River commission elects a chair</a></td></tr></table>'
    ),
    "previous and next": (
        f'<div><span>Previous article</span><a href="/x">{A}</a><span>Next article</span><a href="/y">{B}</a></div>'
    ),
    "an embedded post": f'<blockquote><p><a href="/x">{A}</a></p></blockquote>',
    "a pointer": f'<p><strong>Read also:</strong> <a href="/x">{A}</a></p>',
    "a pointer that is a sentence": f'<p><strong>ALSO READ |</strong> <a href="/x">{A_TEASER}</a></p>',
    "a pointer without a colon": f'<p><strong>Also read</strong> <a href="/x">{A}</a></p>',
    "a pointer over two lines": f'<p>Read more<br><a href="/x">{A}</a></p>',
    "a pointer in brackets": f'<p>[ <a href="/x">{A}</a> ]</p>',
}
ASKS = {
    "newsletter with a button": f"<div><h4>The week on the river</h4><p>{PLEA}</p><button>Sign up</button></div>",
    "newsletter with a form": (
        f"<div><h4>The week on the river</h4><p>{PLEA}</p><form><input name='e'><button>Go</button></form></div>"
    ),
    "gifts": f"<div><h3>Stand by us</h3><p>{PLEA}</p><a class='btn' href='/give'>Donate now</a></div>",
    "an app": "<div><div>The river, wherever you are</div><button>Get the app</button></div>",
    "notifications": (
        "<div><p>We tell you the moment the two sides sign.</p><button>Not now</button><button>Turn on</button></div>"
    ),
    "notifications without buttons": "<p>Turn on notifications and be the first to hear of it.</p>",
    "an app without a button": "<div>Read the River Post on your phone</div>",
    "offers": (
        "<div><h2>The rest is for subscribers</h2><p>Subscribe to keep reading.</p><ul><li><h3>Paper</h3>"
        f"<p>{PLEA}</p><p>12 a month</p></li><li><h3>Screen</h3><p>5 a month</p></li></ul>"
        "<p>Stop at any time.</p></div>"
    ),
    "an advertisement's label": "<div class='x'><span>- Advertisement -</span><img class='spot_img' src='a.jpg'></div>",
}


def read(body: str, head: str = "<title>Bridge to open</title>") -> str:
    page = f"<html lang='en'><head>{head}</head><body>{body}</body></html>"
    return extract(page, url="https://river.example/world/bridge").text


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


@pytest.mark.parametrize("foreign", [*CARDS.values(), *ASKS.values()], ids=[*CARDS, *ASKS])
def test_nothing_foreign_comes_out(foreign: str) -> None:
    heading = "<h1>Bridge to open</h1>"
    assert read(f"<article>{heading}{paragraphs(*OWN)}{foreign}</article>") == TEXT
    assert read(f"<article>{heading}{paragraphs(*OWN)}</article>{foreign}") == TEXT
    assert read(f"<main>{heading}<div>{foreign}{paragraphs(*OWN)}</div></main>") == TEXT
    assert read(f"<div><div>{foreign}</div><article>{heading}{paragraphs(*OWN)}</article></div>") == TEXT
    assert read(f"<main>{heading}{paragraphs(OWN[0])}{foreign}{paragraphs(*OWN[1:])}</main>") == TEXT


def test_summary_of_another_story_is_no_standfirst() -> None:
    card = f"<div><h4><a href='/x'>{A}</a></h4><p class='excerpt'>{A_TEASER}</p></div>"
    assert read(f"<article><h1>Bridge to open</h1>{paragraphs(*OWN)}{card}</article>") == TEXT
    assert read(f"<article><h1>Bridge to open</h1>{card}{paragraphs(*OWN)}</article>") == TEXT


def test_short_article_with_longer_teasers() -> None:
    own = paragraphs(*OWN[:2])
    foot = "".join(
        f"<div><h4><a href='/{n}'>{A} {n}</a></h4><p>{A_TEASER} It was the case number {n} of its kind.</p></div>"
        for n in range(5)
    )
    assert read(
        f"<article><h1>Bridge to open</h1>{own}<div><h3>More like this</h3>{foot}</div></article>"
    ) == "\n".join(OWN[:2])


@pytest.mark.parametrize(
    "own",
    [
        f"<h2>What was agreed</h2><p>{PLEA}</p>",
        f"<p>{PLEA} <a href='/x'>The text of the agreement in full</a></p>",
        f"<ul><li>{PLEA}</li><li>{A_TEASER}</li></ul>",
        f"<blockquote><p>{PLEA}</p></blockquote>",
        f"<h3><a href='#terms'>What was agreed in the harbour town</a></h3><p>{PLEA}</p>",
        f"<h3><a href='/world/bridge?part=2'>What was agreed in the harbour town</a></h3><p>{PLEA}</p>",
        f"<h3><a href='https://shop.elsewhere.test/1'>A lamp for long negotiations</a></h3><p>{PLEA}</p>",
        f"<p>More than <a href='/x'>forty people were killed when the bridge was shelled</a>.</p><p>{PLEA}</p>",
        f"<div><p>{PLEA}</p><button>Share</button></div>",
        f"<p>At <time>nine</time> the delegations left the hotel.</p><p>{PLEA}</p>",
    ],
)
def test_what_is_the_articles_own_stays(own: str) -> None:
    expected = read(f"<article><h1>Bridge to open</h1>{paragraphs(*OWN)}{own}{paragraphs(B_TEASER)}</article>")
    assert PLEA in expected
    assert expected.startswith(TEXT)
    assert expected.endswith(B_TEASER)


def test_pointers_between_paragraphs_take_none_with_them() -> None:
    body = f"<p>{OWN[0]}</p><p><a href='/x'>{A}</a></p><p>{OWN[1]}</p><p><a href='/y'>{B}</a></p><p>{OWN[2]}</p>"
    assert read(f"<article><h1>Bridge to open</h1>{body}</article>") == TEXT


def test_menus_above_the_headline_are_cut_and_a_standing_lead_is_not() -> None:
    menu = "<div>19 degrees</div><div><a href='/a'>Harbour</a> <a href='/b'>Cattle</a></div>"
    assert read(f"{menu}<div><h1>Bridge to open</h1>{paragraphs(*OWN)}</div>") == TEXT
    late = f"<div>{paragraphs(*OWN)}</div><h1>Bridge to open</h1>"
    assert read(late) == TEXT


@pytest.mark.parametrize("heading", ["<h1>Bridge to open</h1>", "<div>A day by the river</div>"])
def test_form_around_the_whole_page_is_kept(heading: str) -> None:
    page = f"<form action='/a.aspx'><input type='hidden'>{heading}<div>{'<br><br>'.join(OWN)}</div><input></form>"
    assert read(page).endswith(TEXT)


def test_line_with_date_and_byline_is_cut() -> None:
    line = "<div><span>Piet Ravnholm</span> <time datetime='2026-05-02'>2 May</time></div>"
    assert read(f"<div><h1>Bridge to open</h1>{line}<div>{paragraphs(*OWN)}</div></div>") == TEXT


def test_agencys_slug_and_rights_are_cut() -> None:
    slug, rights = "<div>WORLD / URGENT / Q7</div>", "<div>Wire. <a href='/buy'>License this story</a></div>"
    assert read(f"<div><h1>Bridge to open</h1>{slug}{paragraphs(*OWN)}{rights}</div>") == TEXT


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("The Lower Post - Bridge at Velden to open", "<h2>Bridge at Velden to open</h2>", "Bridge at Velden to open"),
        ("Bridge at Velden to open : Lower Post", "<b>Bridge at Velden to open</b>", "Bridge at Velden to open"),
        ("Lower Post | Bridge at Velden to open", "<a href='/'>Lower Post</a>", "Bridge at Velden to open"),
        (
            "Bridge at Velden to open - Lower Post",
            "<a href='https://river.example/'><img alt='Lower Post'></a>",
            "Bridge at Velden to open",
        ),
        ("Velden - Bridge to open", "<h1>Velden - Bridge to open</h1>", "Velden - Bridge to open"),
        ("Lower Post", "<h1>Bridge at Velden to open</h1><a href='/'>Lower Post</a>", "Bridge at Velden to open"),
    ],
)
def test_site_name_in_titles(head: str, body: str, title: str) -> None:
    page = f"<html><head><title>{head}</title></head><body>{body}{paragraphs(*OWN)}</body></html>"
    found = extract(page, url="https://river.example/a")
    assert (found.title, found.text) == (title, TEXT)


@pytest.mark.parametrize("post", ["article", "li", "div"])
def test_posts_of_a_live_blog_keep_their_headings(post: str) -> None:
    head = (
        '<title>Count</title><script type="application/ld+json">{"@type":"LiveBlogPosting","headline":"Count"}</script>'
    )
    posts = "".join(
        f"<{post}><header><time>1{n}:00</time><h3>News of {n} o'clock</h3></header><p>{text}</p>"
        f"<footer><a href='#{n}'>Copy link</a></footer></{post}>"
        for n, text in enumerate(OWN)
    )
    feed = f"<ol>{posts}</ol>" if post == "li" else f"<div>{posts}</div>"
    lines = [line for n, text in enumerate(OWN) for line in (f"News of {n} o'clock", text)]
    assert read(f"<main><span>LIVE</span><h1>Count</h1>{feed}</main>", head) == "\n".join(lines)
