"""Whatever a capture holds comes back from its Markdown, under both renderers, and nothing else does."""

import hashlib
import re
from collections.abc import Callable

import markdown
import pyromark
import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given, settings
from hypothesis import strategies as st

from converters.model import (
    Block,
    Capture,
    Code,
    CodeSpan,
    Emphasis,
    Figure,
    Heading,
    Inline,
    LineBreak,
    Link,
    ListBlock,
    Paragraph,
    PartialDate,
    Provenance,
    Quote,
    Rule,
    Strong,
    Superscript,
    Table,
    Text,
    plain,
    text_of,
)
from converters.text import frontmatter
from converters.text import markdown as markdown_writer
from converters.text.blocks import parse

PIECES = (
    list("\\`*_{}[]()#+-.!<>&|~:\"'^=$%@/;? \t\n\r\x0b\x0c\x02\x03\x85\u2028\u00a0\u3000\u200baA1 b2é中א")
    + [
        "&amp;",
        "&#2;",
        "&#2",
        "&copy",
        "---",
        "===",
        "```",
        "~~~",
        "[TOC]",
        "[^1]: x",
        "{: #id}",
        "{static}",
        "{{ x }}",
    ]
    + [
        "{#id .c}",
        "*[HTML]: x",
        ": def",
        "    code",
        "1. ",
        "2) ",
        "- ",
        "> ",
        "| a |\n|---|",
        "a | b\n--- | ---",
    ]
    + [
        "<div markdown=1>",
        "</p>",
        "<script>",
        "<!--",
        "![x](y)",
        "[a]: http://x",
        "http://x.y",
        "  \n",
        "\n\n",
    ]
    + ["klzzwxh:0001", "wzxhzdk:0", "///Footnotes Go Here///", "<http://a.b>", "Title: x\n", "{% raw %}"]
)
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map("".join),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60),
)
captured = texts.map(lambda text: text.strip(" \t\r\n\x85")).filter(lambda text: text.strip())


def _joined(inlines: list[Inline]) -> tuple[Inline, ...]:
    """Join texts that follow each other, as readers do."""
    joined: list[Inline] = []
    for inline in inlines:
        if isinstance(inline, Text) and joined and isinstance(last := joined[-1], Text):
            joined[-1] = Text(last.text + inline.text)
        else:
            joined.append(inline)
    return tuple(joined)


def _is_line(inlines: tuple[Inline, ...]) -> bool:
    text = text_of(inlines)
    return text.strip() != "" and text == text.strip(" \t\r\n\x85")


CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")  # no attribute can hold them
hrefs = st.sampled_from(["https://example.org/a_b-c*d", "mailto:a@b.example", "HTTP://x.example/?a=1&copy=2&amp;"]) | (
    texts.map(lambda text: f"https://example.org/{CONTROLS.sub('', text)}")
)
spans = st.builds(Text, texts) | st.builds(CodeSpan, texts) | st.just(LineBreak())
in_link = st.recursive(
    spans,
    lambda inner: st.builds(
        lambda kind, inlines: kind(_joined(inlines)),
        st.sampled_from([Emphasis, Strong, Superscript]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=4,
)
links = st.builds(lambda href, inlines: Link(href, _joined(inlines)), hrefs, st.lists(in_link, min_size=1, max_size=2))
lines = st.lists(st.builds(Text, texts) | in_link | links, min_size=1, max_size=4).map(_joined).filter(_is_line)
prose = st.builds(Paragraph, st.builds(Text, captured).map(lambda text: (text,)) | lines)
cells = st.just(()) | st.builds(Text, st.sampled_from(["a", "1.5", "x & y"])).map(lambda text: (text,)) | lines


def _tables(columns: int) -> st.SearchStrategy[Table]:
    row = st.lists(cells, min_size=columns, max_size=columns).map(tuple)
    return st.builds(Table, st.lists(row, min_size=1, max_size=3).map(tuple), st.booleans())


def _holders(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    plainest = st.lists(prose.map(lambda block: (block,)), min_size=1, max_size=3).map(tuple)
    items = st.lists(some, min_size=1, max_size=3).map(tuple)
    return (
        st.builds(ListBlock, st.just(True), st.sampled_from([1, 1, 5, 1998]), items | plainest)
        | st.builds(ListBlock, st.just(False), st.just(1), items | plainest)
        | st.builds(Quote, some)
    )


blocks = st.recursive(
    prose
    | st.builds(Heading, st.integers(2, 6), lines)
    | st.builds(Code, texts)
    | st.integers(1, 3).flatmap(_tables)
    | st.builds(
        Figure,
        st.sampled_from(["", "cf07.jpg"]),
        st.just("") | texts.map(lambda text: CONTROLS.sub(" ", text)),
        st.just(()) | lines,
    )
    | st.just(Rule()),
    _holders,
    max_leaves=6,
)
ITEMS = ((plain("one"), ListBlock(True, 1, ((plain("below"),), (plain("two"),)))), (plain("three"),))

RENDERERS: dict[str, Callable[[str], str]] = {
    "Python-Markdown": lambda text: markdown.markdown(text, extensions=["tables"]),
    "Python-Markdown with extras": lambda text: markdown.markdown(
        text, extensions=["extra", "codehilite", "meta", "toc", "sane_lists", "admonition"]
    ),
    "pyromark": pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES).html,
}


def read_back(html: str) -> list[str]:
    page = BeautifulSoup(html, "html.parser")
    assert {element.name for element in page.find_all(True)} <= {"p"}
    return [paragraph.get_text() for paragraph in page.find_all("p")]


@pytest.mark.parametrize("renderer", RENDERERS)
@settings(max_examples=1000, deadline=None)
@given(st.lists(captured, min_size=1, max_size=3))
@example(["1. First", "- second", "# third", "> fourth", "    fifth", "| sixth |", "===", "7) seventh"])
@example(["R&D at AT&T", "x &amp; y", "a\tb", "line\n\n\nline", "\u3000indented", "a  \nb"])
def test_any_paragraphs_come_back_letter_for_letter(renderer: str, paragraphs: list[str]) -> None:
    head = "Title: x\n\n" if "extras" in renderer else ""
    assert read_back(RENDERERS[renderer](head + markdown_writer.body(tuple(map(plain, paragraphs))))) == paragraphs


@pytest.mark.parametrize("renderer", RENDERERS)
@settings(max_examples=150, deadline=None)
@given(st.lists(blocks, min_size=1, max_size=4))
@example(
    [
        ListBlock(False, 1, ITEMS),
        ListBlock(False, 1, ITEMS),
        ListBlock(True, 1, ITEMS),
        Quote((plain("a"),)),
        Quote((plain("b"),)),
    ]
)
@example([Heading(2, (Text("C# and C#"),)), Rule(), Code("\ta\n\n  \n<b>\n"), plain("2. x"), Code("")])
def test_any_blocks_come_back(renderer: str, body: list[Block]) -> None:
    head = "Title: x\n\n" if "extras" in renderer else ""
    assert parse(RENDERERS[renderer](head + markdown_writer.body(tuple(body)))) == tuple(body)


def test_blocks_look_as_a_person_would_write_them() -> None:
    table = Table(
        (((Text("Year"),), (Text("Ships"),)), ((Text("1998"),), (Link("https://a.example/", (Text("9"),)),))), True
    )
    said = (Text("It is "), Emphasis((Text("open"),)), Text("."))
    assert markdown_writer.body(
        (Heading(2, (Text("Ships"),)), ListBlock(False, 1, ITEMS), Quote((Paragraph(said), plain("So."))), table)
    ) == (
        "## Ships\n\n- one\n    1. below\n    2. two\n- three\n\n> It is <em>open</em>.\n>\n> So.\n\n"
        "| Year | Ships |\n| --- | --- |\n| 1998 | [9](https://a.example/) |\n"
    )


def test_a_link_that_would_run_something_is_words_alone() -> None:
    for href in ("javascript:alert(1)", " javascript:x", "data:text/html,x", "/relative", ""):
        for block in (Paragraph((Link(href, (Text("x"),)),)), Table((((Link(href, (Text("x"),)),),),), False)):
            assert "href" not in RENDERERS["pyromark"](markdown_writer.body((block,)))
    assert parse('<p><a href="javascript:x">x</a></p>') == (plain("x"),)


@settings(max_examples=1000, deadline=None)
@given(texts)
def test_any_value_fits_on_its_line_and_comes_back(text: str) -> None:
    value = frontmatter.encode(text)
    assert len(value.splitlines()) <= 1
    assert "<" not in value
    document = f"Title: {value}\nLang: en\n\nText.\n"
    assert frontmatter.value(document, "Title") == text
    assert frontmatter.value(document, "Lang") == "en"


@given(texts, texts)
def test_a_seal_holds_until_anything_is_edited(title: str, addition: str) -> None:
    sealed = frontmatter.seal(f"Title: {frontmatter.encode(title)}\nLang: en\n\nText.\n")
    assert frontmatter.is_sealed(sealed)
    assert not frontmatter.is_sealed(sealed + addition)
    assert not frontmatter.is_text_sealed(*frontmatter.split(sealed + addition))
    other_language = sealed.replace("Lang: en", "Lang: de")
    assert not frontmatter.is_sealed(other_language)
    assert frontmatter.is_text_sealed(*frontmatter.split(other_language))


def test_a_seal_ignores_line_ends_and_the_mark_of_utf_8() -> None:
    sealed = frontmatter.seal("Title: Ferry\nTags: Oslo\n\nIt came.\n\nIt left.\n")
    for written in (sealed.replace("\n", "\r\n"), "\ufeff" + sealed):
        assert frontmatter.is_sealed(written)
        assert frontmatter.is_text_sealed(*frontmatter.split(written))
        assert frontmatter.says_the_same(written, sealed)
    assert not frontmatter.says_the_same(sealed, sealed.replace("Oslo", "Bergen"))


def test_a_seal_of_a_former_version_holds_for_the_whole_file() -> None:
    unsealed = "Title: Ferry\nTags: Oslo\n\nIt came.\n"
    seal = hashlib.sha256(unsealed.encode()).hexdigest()[:16]
    sealed = unsealed.replace("\n\n", f"\nChecksum: {seal}\n\n", 1)
    assert frontmatter.is_sealed(sealed)
    assert frontmatter.is_text_sealed(*frontmatter.split(sealed))
    assert not frontmatter.is_sealed(sealed.replace("Oslo", "Bergen"))
    assert not frontmatter.is_text_sealed(*frontmatter.split(sealed.replace("Oslo", "Bergen")))


def test_plain_prose_looks_like_plain_prose() -> None:
    prose = (
        "At 9:30 a.m., R&D chief Ana (“the boss”) said: “It’s 5 > 3 – isn't it?” #1!",
        "Cost: $4.50 per m² + tax = 10%; see https://example.org/a-b?c=d&e=f.",
        "حكم المحكمة؛ 判決は、そうだ。",
    )
    assert markdown_writer.body(tuple(map(plain, prose))) == "\n\n".join(prose) + "\n"


def test_a_content_file_is_as_documented() -> None:
    capture = Capture(
        url="https://example.org/court",
        source="example.org",
        published=PartialDate(2023, 3, 8),
        title="Court <opens> inquiry & more",
        body=(plain("The court said *yes*."), Paragraph((Text("- It did."),), inferred=True)),
        provenance=Provenance("seeds/court.txt", 0, 120, "ab" * 32, "seed-text 1", "utf-8"),
        language="en",
        tags=("International Court", "law"),
    )
    document = markdown_writer.write(capture, "court-opens-inquiry")
    assert document == (
        "Title: Court &lt;opens&gt; inquiry & more\n"
        "Date: 2023-03-08\n"
        "Slug: court-opens-inquiry\n"
        "Category: example.org\n"
        "Tags: International Court, law\n"
        "Summary: The court said *yes*.\n"
        "Lang: en\n"
        "Url: https://example.org/court\n"
        "Seed: seeds/court.txt\n"
        "Seed-Bytes: 0+120\n"
        f"Seed-SHA256: {'ab' * 32}\n"
        "Reader: seed-text 1\n"
        "Inferred-Breaks: 1\n"
        f"Checksum: {document.partition('Checksum: ')[2][:33]}\n"
        "\n"
        "The court said \\*yes\\*.\n"
        "\n"
        "\\- It did.\n"
    )


@given(captured)
def test_a_summary_is_one_short_line_of_the_beginning(paragraph: str) -> None:
    summary = markdown_writer.summary(paragraph)
    assert len(summary) <= 201
    assert " ".join(paragraph.split()).startswith(summary.removesuffix("…"))
