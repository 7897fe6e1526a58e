"""Notes in Markdown with front-matter become documents with their form."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.intake.seeds import SeedFile
from converters.model import Capture, Heading, ListBlock, Rejection
from converters.readers.reader import Record
from converters.readers.table import read_seed
from tests.conftest import TestArchive, paragraphs

CLIPPING = """---
title: "Court: \\"opens\\" inquiry"
source: "https://example.org/court"
author:
  - "[[Ann Author]]"
  - Ben
published: 2023-03-08
created: 2023-03-10T09:00:00+01:00
description: >-
  A short word.
tags: [clippings, "courts"]
---
The court said on **Wednesday** that <script>alert(1)</script> it is [open](https://example.org/open).

## Next

- One
- Two
"""


def found(folder: Path, content: str | bytes) -> list[Record]:
    (folder / "a.md").write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_seed(SeedFile(folder / "a.md", "seeds/notes/a.md")))


def test_a_clipping_tells_where_it_is_from(tmp_path: Path) -> None:
    (capture,) = found(tmp_path, CLIPPING)

    assert isinstance(capture, Capture)
    assert (capture.title, capture.url) == ('Court: "opens" inquiry', "https://example.org/court")
    assert capture.source == "example.org"
    assert capture.authors == ("Ann Author", "Ben")
    assert capture.published is not None
    assert capture.published.isoformat() == "2023-03-08"
    assert capture.captured is not None
    assert capture.captured.isoformat() == "2023-03-10T08:00:00+00:00"
    assert dict(capture.provenance.fields) == {"description": "A short word.", "tags": "clippings, courts"}
    assert [type(block) for block in capture.body[1:]] == [Heading, ListBlock]
    assert "alert" not in "".join(capture.paragraphs)


def test_notes_go_the_whole_way(archive: TestArchive) -> None:
    archive.add("a.md", CLIPPING)
    archive.add("b.md", "---\r\ndate: 2023-03-09\r\n---\r\n# A heading\r\n\r\nText in cp1252: é.\r\n".encode("cp1252"))

    built = archive.run("site", "--no-search")

    assert built.status == 0, built.said
    assert paragraphs(archive.page("2023/03/09/a-heading.html")) == ["Text in cp1252: é."]
    checked = archive.run("check")
    assert checked.status == 0, checked.said
    assert "2 unchanged" in archive.run("convert", "--verify").said


@pytest.mark.parametrize("content", ["---\nfoo: bar\n---\nText.\n", "---\n\nA rule above.\n", "---\ntitle: T\nText.\n"])
def test_what_only_looks_like_front_matter_is_no_note(tmp_path: Path, content: str) -> None:
    (record,) = found(tmp_path, content)
    assert isinstance(record, Rejection)
    assert "no header" in record.reason


def test_a_note_without_a_text_is_named(tmp_path: Path) -> None:
    (record,) = found(tmp_path, "---\ntitle: Nothing\n---\n\n")
    assert isinstance(record, Rejection)
    assert "no text" in record.reason


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from([*CLIPPING.split("\n"), "[", "]", ": x", "- ", "\0", "<div>" * 300, "|" * 40])))
def test_nonsense_is_no_exception(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    found(tmp_path_factory.mktemp("note"), "---\ntitle: T\n" + "\n".join(lines))
