"""Feeds: each entry of RSS, Atom and JSON Feed is a document."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.intake.seeds import SeedFile
from converters.model import Capture, OtherRecord, Rejection
from converters.readers.reader import Record
from converters.readers.table import read_seed
from tests.conftest import TestArchive, paragraphs

RSS = """<?xml version="1.0" encoding="utf-8"?>
<!-- a feed -->
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Harbour</title><link>https://example.org/</link>
<item><title>Café &amp; ferry</title><link>https://example.org/1</link><guid isPermaLink="false">one</guid>
<pubDate>Wed, 08 Mar 2023 23:30:00 -0500</pubDate><dc:creator>Ann Author</dc:creator>
<description>A short one.</description>
<content:encoded><![CDATA[<p>The <b>café</b> opened.</p><p>It stays</item> open.</p>]]></content:encoded></item>
<item><title>Second</title><link>https://example.org/2</link><guid>two</guid>
<description>&lt;p&gt;Escaped &amp;amp; kept.&lt;/p&gt;</description></item>
<item><title>Empty</title><link>https://example.org/3</link></item>
</channel></rss>
"""
ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour</title>
<entry><title type="html">In &lt;i&gt;bold&lt;/i&gt; letters</title>
<link href="https://example.org/a"/><id>tag:example.org,1</id>
<published>2023-03-08T09:00:00Z</published><updated>2023-03-09T09:00:00Z</updated>
<author><name>Ben Writer</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>One &amp; two.</p><ul><li>Three</li></ul></div></content>
</entry></feed>
"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Harbour",
    "authors": [{"name": "The editors", "url": "https://example.org/"}],
    "items": [
        {"id": "1", "url": "https://example.org/j", "title": "A < B & C", "content_html": "<p>First.</p><p>Next.</p>",
         "date_published": "2023-03-08T09:00:00+01:00", "authors": [{"name": "Ann"}]},
        {"id": "2", "content_text": "Only text, 1 < 2 & so on."},
    ],
}  # fmt: skip


def found(folder: Path, name: str, content: str | bytes) -> list[Record]:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_seed(SeedFile(folder / name, f"seeds/{name}")))


def test_the_entries_of_rss(tmp_path: Path) -> None:
    first, second, empty = found(tmp_path, "a.xml", RSS)

    assert isinstance(first, Capture)
    assert (first.title, first.url, first.authors) == ("Café & ferry", "https://example.org/1", ("Ann Author",))
    assert first.published is not None
    assert first.published.isoformat() == "2023-03-08"
    assert first.paragraphs[0] == "The café opened."
    assert first.provenance.record_id == "one"
    assert isinstance(second, Capture)
    assert second.paragraphs == ("Escaped & kept.",)
    assert second.published is None
    assert empty == OtherRecord("seeds/a.xml", "entries without a text")


def test_the_entries_of_atom_and_json(tmp_path: Path) -> None:
    (atom,) = found(tmp_path, "feed", ATOM)
    first, second = found(tmp_path, "feed.json", json.dumps(JSON))

    assert isinstance(atom, Capture)
    assert (atom.title, atom.authors, atom.paragraphs) == (
        "In bold letters",
        ("Ben Writer",),
        ("One & two.", "Three"),
    )
    assert isinstance(first, Capture)
    assert (first.title, first.authors, first.paragraphs) == ("A < B & C", ("Ann",), ("First.", "Next."))
    assert isinstance(second, Capture)
    assert second.paragraphs == ("Only text, 1 < 2 & so on.",)


def test_feeds_go_the_whole_way(archive: TestArchive) -> None:
    archive.add("a.xml", RSS)
    archive.add(
        "b.atom",
        ATOM.replace('version="1.0"', 'version="1.0" encoding="iso-8859-1"').replace("One", "Öne").encode("latin-1"),
    )
    archive.add("c.json", json.dumps(JSON))

    built = archive.run("site", "--no-search")

    assert built.status == 0, built.said
    assert "5 new" in built.said
    assert paragraphs(archive.page("2023/03/08/in-bold-letters.html")) == ["Öne & two."]
    raw = (archive.root / "output/2023/03/08/cafe-ferry.txt").read_text()
    assert raw.startswith("<item><title>Café")
    assert raw.endswith("</item>")
    checked = archive.run("check")
    assert checked.status == 0, checked.said
    assert "5 unchanged" in archive.run("convert", "--verify").said


def test_a_bomb_of_entities_expands_to_nothing(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha">{entities}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    item = "<item><title>T</title><description>A &e11; and &x; text</description></item>"
    (record,) = found(tmp_path, "a.xml", f"{bomb}<rss><channel>{item}</channel></rss>")
    assert isinstance(record, Capture)
    assert len(record.paragraphs[0]) < 100
    assert "root" not in record.paragraphs[0]


@pytest.mark.parametrize("content", [RSS, ATOM, json.dumps(JSON)])
def test_of_a_feed_that_is_cut_all_whole_entries_are_read_and_the_loss_is_named(tmp_path: Path, content: str) -> None:
    whole = [one.title for one in found(tmp_path, "a.xml", content) if isinstance(one, Capture)]
    for cut in range(300, len(content) - 30, 41):
        records = found(tmp_path, "a.xml", content[:cut])
        read = [one.title for one in records if isinstance(one, Capture)]
        assert read == whole[: len(read)]
        assert any(isinstance(one, Rejection) for one in records)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.sampled_from([*RSS.split("\n"), *ATOM.split("\n"), "<item>", "</entry>", "<![CDATA[", "&#0;", "\0"]))
)
def test_nonsense_is_no_exception(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    found(tmp_path_factory.mktemp("feed"), "a.xml", "<rss version='2.0'>\n" + "\n".join(lines))
