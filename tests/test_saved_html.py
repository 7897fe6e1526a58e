"""Saved pages: the document in them comes out whole, with what the page says of itself, and nothing of it runs."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.intake.visible import html, share_kept
from converters.model import (
    Capture,
    Emphasis,
    Figure,
    Heading,
    LineBreak,
    Link,
    ListBlock,
    Paragraph,
    PartialDate,
    Quote,
    Rejection,
    Table,
    Text,
    texts_of,
)
from converters.readers.page.dom import PageError
from converters.readers.page.page import read_page
from converters.readers.page.text import decode_page
from converters.readers.reader import Origin
from converters.readers.saved_html import read_record, recognises
from tests.conftest import TestArchive

STANDFIRST = "Judges in The Hague want to know who gave the order, and when."
FIRST = "The court said on Wednesday that it would look into the shelling of the harbour in the spring of last year."
SECOND = "Its prosecutor, who visited the town twice, has heard more than two hundred witnesses since then."
THIRD = "A first hearing is planned for the autumn, when the judges will decide whether the evidence is enough."
LAST = "It may take years."
JSON_LD = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "Person", "@id": "#ada", "name": "Ada Bell"},
        {
            "@type": "NewsArticle",
            "headline": "Court opens inquiry",
            "datePublished": "2023-03-08T23:30:00-05:00",
            "author": [{"@id": "#ada"}, {"@type": "Person", "name": "Bo Chen"}],
        },
    ],
}
PAGE = f"""<!DOCTYPE html>
<!-- Page saved with SingleFile
 url: https://news.example/2023/court?x=1
 saved date: Mon Mar 06 2023 12:34:56 GMT+0100 (Central European Standard Time)
-->
<html lang="en"><head><meta charset="utf-8"><title>Court opens inquiry | Example News</title>
<script type="application/ld+json">{json.dumps(JSON_LD)}</script></head><body>
<header><nav><a href="/">Home</a> <a href="/world">World</a></nav></header>
<main><article><h1>Court opens inquiry</h1><p class="standfirst">{STANDFIRST}</p>
<div class="byline">By Ada Bell and Bo Chen</div>
<div class="body">
<p>{FIRST}</p><p>{SECOND} <em>Nobody</em> was charged, <a href="/law">the law</a> says.<br>Not yet.</p>
<figure><img src="x.jpg" alt="A crane"><figcaption>The harbour in May. Photo: C. Dee</figcaption></figure>
<h2>What happens next</h2><p>{THIRD}</p>
<ul><li>Hearing</li><li><p>Judgment</p><ol start="3"><li>Appeal</li></ol></li></ul>
<blockquote><p>We shall wait, and we shall see.</p></blockquote>
<table><tr><th>Year</th><th>Cases</th></tr><tr><td>2021</td><td></td></tr><tr><td>2022</td><td>7</td></tr></table>
<p>{LAST}</p></div>
<aside class="related"><h3>Related</h3><p>Another story that has nothing to do with this one at all.</p></aside>
</article></main><footer><p>Copyright Example News, all rights reserved, and so on and so forth.</p></footer>
<script>alert(1)</script></body></html>"""


def captured(page: str, name: str = "seeds/court.html") -> Capture:
    found = read_record(page.encode(), Origin(name))
    assert isinstance(found, Capture)
    return found


def test_a_page_says_what_it_is() -> None:
    page = captured(PAGE)

    assert page.title == "Court opens inquiry"
    assert page.url == "https://news.example/2023/court?x=1"
    assert page.source == "news.example"
    assert page.published == PartialDate(2023, 3, 8), "the day in the page's own offset"
    assert page.captured == datetime(2023, 3, 6, 11, 34, 56, tzinfo=UTC)
    assert page.authors == ("Ada Bell", "Bo Chen")


def test_the_document_of_a_page_comes_out_whole_and_in_its_form() -> None:
    assert captured(PAGE).body == (
        Paragraph((Text(STANDFIRST),)),
        Paragraph((Text(FIRST),)),
        Paragraph(
            (
                Text(f"{SECOND} "),
                Emphasis((Text("Nobody"),)),
                Text(" was charged, "),
                Link("https://news.example/law", (Text("the law"),)),
                Text(" says."),
                LineBreak(),
                Text("Not yet."),
            )
        ),
        Figure("", "A crane", (Text("The harbour in May. Photo: C. Dee"),)),
        Heading(2, (Text("What happens next"),)),
        Paragraph((Text(THIRD),)),
        ListBlock(
            False,
            1,
            (
                (Paragraph((Text("Hearing"),)),),
                (Paragraph((Text("Judgment"),)), ListBlock(True, 3, ((Paragraph((Text("Appeal"),)),),))),
            ),
        ),
        Quote((Paragraph((Text("We shall wait, and we shall see."),)),)),
        Table(
            (
                ((Text("Year"),), (Text("Cases"),)),
                ((Text("2021"),), ()),
                ((Text("2022"),), (Text("7"),)),
            ),
            header=True,
        ),
        Paragraph((Text(LAST),)),
    )


def test_what_is_left_out_of_a_page_is_told_by_region() -> None:
    page = read_page(PAGE, "https://news.example/2023/court")

    assert page.left_out == {"navigation": 2, "byline": 6, "related": 13, "footer": 12}
    kept = sum(len(text.split()) for text in texts_of(page.body))
    assert kept + page.left_out.total() + len("Court opens inquiry".split()) == page.words


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        ("<title>Court opens inquiry | Example News</title>", "Court opens inquiry", "Court opens inquiry"),
        ("<title>Court opens inquiry - Example News</title>", "Example NewsOpinion", "Court opens inquiry"),
        ("<title>Court opens inquiry | The Bay Herald</title>", "The Bay Herald", "Court opens inquiry"),
        ('<meta property="og:title" content="Court opens inquiry">', "PortsCourt opens inquiry", "Court opens inquiry"),
        ('<meta property="og:site_name" content="Example News"><title>Example News – Court opens inquiry</title>', "",
         "Court opens inquiry"),
        ('<meta property="og:title" content="Ukraine war: the court opens an inquiry into the shelling">', "Ukraine",
         "Ukraine war: the court opens an inquiry into the shelling"),
        (f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{"Inquiry " * 13}"}}</script>',
         f"{'Inquiry ' * 13}into the harbour", f"{'Inquiry ' * 13}into the harbour"),
        ('<script type="application/ld+json">[{"@type":"NewsArticle","headline":"Another story"},'
         '{"@type":"NewsArticle","headline":"Court opens inquiry"}]</script><title>Court opens inquiry</title>',
         "Court opens inquiry", "Court opens inquiry"),
        ('<script type="application/ld+json">{"@type":"NewsArticle","headline":"Court opens inquiry",,}</script>', "",
         "Court opens inquiry"),
    ],
)  # fmt: skip
def test_a_title_is_what_the_page_shows_and_says_of_itself_without_the_site(
    head: str, heading: str, title: str
) -> None:
    assert captured(f"<html>{head}<h1>{heading}</h1><p>{FIRST}<p>{SECOND}<p>{THIRD}").title == title


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ('<meta name="date" content="Wed, 08 Mar 2023 23:30:00 -0500">', "2023-03-08"),
        ('<meta name="pubdate" content="2023/3/8">', "2023-03-08"),
        ('<meta name="dc.date" content="08.03.2023">', "2023-03-08"),
        ('<meta name="date" content="2023年3月8日">', "2023-03-08"),
        ('<meta name="date" content="March 8th, 2023">', "2023-03-08"),
        ('<span itemprop="datePublished">8 March 2023</span>', "2023-03-08"),
        ('<script type="application/ld+json">{"datePublished": "2023-03-08T23:30-05:00",}</script>', "2023-03-08"),
        ('<link rel="canonical" href="https://example.org/2023/mar/08/court">', "2023-03-08"),
        ('<link rel="canonical" href="https://example.org/20230308/court">', "2023-03-08"),
        ('<meta name="date" content="2023-02-30"><meta name="pubdate" content="2023-03-08">', "2023-03-08"),
    ],
)
def test_a_day_is_read_in_whatever_form_and_place_the_page_has_it(head: str, day: str) -> None:
    found = captured(f"<html>{head}<title>Court</title><h1>Court</h1><p>{FIRST}<p>{SECOND}<p>{THIRD}").published

    assert found is not None
    assert found.isoformat() == day


@pytest.mark.parametrize(
    ("markup", "authors"),
    [
        ('<meta name="author" content="Von Ada Bell und Bo Chen">', ("Ada Bell", "Bo Chen")),
        ('<span class="author-name">Ada Bell</span>', ("Ada Bell",)),
        ('<div class="byline">By Ada Bell and Bo Chen</div>', ("Ada Bell", "Bo Chen")),
        ('<a rel="author">Ada Bell, 8 March 2023 12:01</a>', ("Ada Bell",)),
        ('<script type="application/ld+json">{"@type":"Article","author":[{"@type":"Organization","name":"Wire"},'
         '{"@type":"Person","name":"Maria Sousa e Silva"}]}</script>', ("Maria Sousa e Silva",)),
        ('<script type="application/ld+json">{"@type":"Article","author":{"@type":"Organization","name":"Wire"}}'
         "</script>", ("Wire",)),
    ],
)  # fmt: skip
def test_authors_are_people_before_agencies(markup: str, authors: tuple[str, ...]) -> None:
    page = f"<html><title>Court</title><h1>Court</h1>{markup}<p>{FIRST}<p>{SECOND}<p>{THIRD}"

    assert captured(page).authors == authors


@pytest.mark.parametrize(
    ("head", "standfirst"),
    [
        ("", f'<p class="article__ingress">{STANDFIRST}</p>'),
        ("", f'<div class="header--social-icons-left"><h2 class="c-sottotitolo">{STANDFIRST}</h2></div>'),
        (f'<meta name="twitter:description" content="{STANDFIRST}">', f'<div class="share"><p>{STANDFIRST}</p></div>'),
        (
            f'<meta name="description" content="{STANDFIRST[:60]} …">',
            f"<div><div><span>{STANDFIRST}</span></div></div>",
        ),
    ],
)
def test_a_standfirst_is_kept_by_its_name_or_by_what_the_page_says_of_itself(head: str, standfirst: str) -> None:
    page = f"""<html>{head}<title>Court opens inquiry</title><body><header><h1>Court opens inquiry</h1>{standfirst}
    </header><div class="byline">By Ada Bell</div><div><p>{FIRST}<p>{SECOND}<p>{THIRD}<p>{LAST}</div>"""

    assert captured(page).paragraphs[0] == STANDFIRST
    assert captured(page).paragraphs.count(STANDFIRST) == 1


def test_what_stands_among_the_paragraphs_of_a_text_is_of_it_and_boxes_over_its_words_are_not() -> None:
    page = f"""<html><title>Court opens inquiry</title><h1>Court opens inquiry</h1><div class="body">
    <p>The court of <a href="/h">Haven</a><span class="tooltip-content">Haven is a port. More on Haven.</span> sat.</p>
    <p>{FIRST}<p>{SECOND}<div class="x-crosshead">Our ruling</div><p>{THIRD}<p>Advertisement
    <ul><li>Get the ruling at the court<li>Also at the library</ul><blockquote class="a"><div class="b"><div class="c">
    <p>We shall wait for a year or for two, said the mayor of the town, and then we shall see.</div></div></blockquote>
    <p>{LAST}</div>"""

    assert captured(page).paragraphs == (
        "The court of Haven sat.",
        FIRST,
        SECOND,
        "Our ruling",
        THIRD,
        "Get the ruling at the court",
        "Also at the library",
        "We shall wait for a year or for two, said the mayor of the town, and then we shall see.",
        LAST,
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "<b>x</b>",
                "<!-- c -->",
                "<title>t</title>",
                "é &amp; ",
                "<script>s</script>",
                "<svg>",
                "<style>p</style>",
                "<template>t",
                "</template>",
                "<?x y?>",
                "\x00",
                "&#0;",
                "<td>",
                "word",
            ]
        )
    )
)
def test_the_share_that_is_kept_is_of_what_check_finds_visible(pieces: list[str]) -> None:
    raw = f"<html><body><p>Court {''.join(pieces)}</body></html>".encode()
    decoded = decode_page(raw)

    found = read_page(decoded.text, "").visible

    assert share_kept([found], html(raw, decoded.encoding)) == 100
    assert share_kept([html(raw, decoded.encoding)], found) == 100


@pytest.mark.parametrize(
    ("head", "name", "url"),
    [
        ("<!-- saved from url=(0029)https://www.example.org/page -->", "a.html", "https://www.example.org/page"),
        ("<!-- Mirrored from www.example.org/a/b.html by HTTrack Website Copier/3.x [XR&CO'2014], "
         "Wed, 01 Jan 2020 00:00:00 GMT -->", "a.html", "http://www.example.org/a/b.html"),
        ('<link rel="canonical" href="https://example.org/x">', "a.html", "https://example.org/x"),
        ("", "mirror/www.example.org/2023/court.html", "http://www.example.org/2023/court.html"),
        ("", "mirror/www.example.org/court/index.html", "http://www.example.org/court/"),
        ("", "letters/one.html", ""),
        ("<!-- saved from url=(0029)javascript:alert(1) -->", "one.html", ""),
    ],
)  # fmt: skip
def test_the_address_of_a_page_is_found_where_its_saver_left_it(head: str, name: str, url: str) -> None:
    page = (
        f"<!DOCTYPE html>{head}<html><title>Court opens inquiry</title><h1>Court opens inquiry</h1><p>{FIRST}<p>{THIRD}"
    )

    assert captured(page, f"seeds/{name}").url == url


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-8", "utf-16"])
def test_a_page_is_read_in_the_encoding_that_it_declares(encoding: str) -> None:
    text = "Суд сообщил в среду, что рассмотрит обстрел порта весной прошлого года и опросит двести свидетелей."
    page = f"<!DOCTYPE html><html><meta charset={encoding}><title>Суд</title><h1>Суд</h1><p>{text}<p>{text}"

    found = read_record(page.encode(encoding), Origin("seeds/a.html"))

    assert isinstance(found, Capture)
    assert found.paragraphs[0] == text


@pytest.mark.parametrize(
    "page",
    [
        "<html></html>",
        "<html><title>Only links</title><nav><a href=/>Home</a></nav>",
        "<html>" + "<div>" * 100_000 + FIRST,
        f"<html><title>Court</title><p>{FIRST}<p>{SECOND}" + "<b>x</b>" * 50_000,
        f"<html><title>Court</title><p>{FIRST}<p>{SECOND}" + "x" * 16_000_000,
        "<html>\0",
        "<!doctype html>",
    ],
)
def test_a_page_without_a_document_is_rejected_by_name(page: str) -> None:
    found = read_record(page.encode(), Origin("seeds/a.html"))

    assert isinstance(found, Rejection)
    assert "page" in found.reason


@pytest.mark.parametrize(
    ("head", "name", "is_page"),
    [
        (b"\n<!DOCTYPE html><html>", "a.txt", True),
        (b"<?xml version='1.0'?><!-- x --><html xmlns='y'>", "a", True),
        (b"Just <b>text</b>", "a.html", True),
        (b" date 2023-03-08 https://example.org/\n\n<html>", "a.txt", False),
    ],
)
def test_a_page_is_recognised_by_its_content_first(head: bytes, name: str, is_page: bool) -> None:
    assert recognises(head, name) == is_page


MARKUP = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<ul>",
            "<li>",
            "</ul>",
            "<table>",
            "<tr>",
            "<td>",
            "<a href='javascript:x'>",
            "</a>",
            "<b>",
            "<pre>",
        ]
        + ["</b>", "<br>", "<blockquote>", "<h1>", "<script>", "</script>", "<!--", "-->", "<figure>", "<img>", "&#0;"]
        + [FIRST, SECOND, "word ", "\x00", "é", "\u202e", "</article>", "<svg>", "<template>", "<form>", "]]>", "<?x?>"]
    )
).map("".join)


@settings(max_examples=200, deadline=None)
@given(MARKUP)
def test_no_markup_breaks_the_reader_and_no_link_of_it_runs(markup: str) -> None:
    try:
        page = read_page(f"<html><body><article>{markup}", "https://example.org/")
    except PageError:
        return
    assert "javascript:" not in repr(page.body)


def test_a_saved_page_becomes_a_document_that_check_finds_whole(archive: TestArchive) -> None:
    archive.add("court.html", PAGE)

    assert archive.run("site", "--no-search").status == 0
    page = archive.page("2023/03/08/court-opens-inquiry.html")
    assert page.select_one("h1.p-name").get_text() == "Court opens inquiry"  # type: ignore[union-attr]
    content = page.select_one(".e-content")
    assert content is not None
    assert LAST in content.get_text()
    assert "Related" not in content.get_text()
    checked = archive.run("check")
    assert checked.status == 0, checked.said


def test_check_finds_a_title_that_stands_in_json_alone(archive: TestArchive) -> None:
    headline = json.dumps({"@type": "NewsArticle", "headline": "Öffentliche Anhörung", "datePublished": "2023-03-08"})
    archive.add(
        "a.html", f'<html><script type="application/ld+json">{headline}</script><p>{FIRST}<p>{SECOND}<p>{THIRD}'
    )
    assert "\\u00d6" in headline

    assert archive.run("site", "--no-search").status == 0
    checked = archive.run("check")

    assert checked.status == 0, checked.said
    assert archive.page("2023/03/08/offentliche-anhorung.html").title


def test_a_fault_of_a_library_costs_one_page_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise RecursionError

    monkeypatch.setattr("trafilatura.extract", fail)

    found = read_record(PAGE.encode(), Origin("seeds/a.html"))

    assert isinstance(found, Rejection)
    assert "RecursionError in what reads pages" in found.reason
