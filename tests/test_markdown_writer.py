"""Whatever a capture holds comes back from its Markdown, under both renderers, and nothing else does."""

from collections.abc import Callable

import markdown
import pyromark
import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given, settings
from hypothesis import strategies as st

from converters.model import Capture, Paragraph, PartialDate, Provenance, Text, plain
from converters.text import frontmatter
from converters.text import markdown as markdown_writer

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

RENDERERS: dict[str, Callable[[str], str]] = {
    "Python-Markdown": markdown.markdown,
    "Python-Markdown with extras": lambda text: markdown.markdown(
        text, extensions=["extra", "codehilite", "meta", "toc", "sane_lists", "admonition"]
    ),
    "pyromark": pyromark.html,
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
    assert read_back(RENDERERS[renderer](head + markdown_writer.body(tuple(paragraphs)))) == paragraphs


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
    assert not frontmatter.is_sealed(sealed.replace("Lang: en", "Lang: de"))


def test_plain_prose_looks_like_plain_prose() -> None:
    prose = (
        "At 9:30 a.m., R&D chief Ana (“the boss”) said: “It’s 5 > 3 – isn't it?” #1!",
        "Cost: $4.50 per m² + tax = 10%; see https://example.org/a-b?c=d&e=f.",
        "حكم المحكمة؛ 判決は、そうだ。",
    )
    assert markdown_writer.body(prose) == "\n\n".join(prose) + "\n"


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
        f"Checksum: {document.partition('Checksum: ')[2][:16]}\n"
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
