"""The documents of an archive with their tags, as their content files have them.

Tags: Ada Bell, interest rates, Norway      ─►  Document("2023/03/08/slug.md", "2023-03-08", "Court opens inquiry",
Persons: Ada Bell                                        {"Ada Bell": "person", "interest rates": "topic", …}, True)
Places: Norway
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from converters.archive.atomic import atomic_write
from converters.archive.inside import texts_in
from converters.archive.layout import Archive
from converters.model import KINDS_OF_TAGS
from converters.subjects.index import NO_DOCUMENTS
from converters.text import frontmatter


class Document(NamedTuple):
    """A document and its tags."""

    file: str
    """Below content/."""
    date: str
    title: str
    tags: dict[str, str]
    """Name -> kind."""
    is_sealed: bool
    """Whether it is as a command has left it: no curator has edited its file."""

    @property
    def address(self) -> str:
        return f"{self.file.removesuffix('.md')}.html"


def documents(archive: Archive) -> Iterator[str]:
    """Yield the content files of documents, below content/, in order."""
    for file in texts_in(archive.content) if archive.content.is_dir() else ():
        if not file.startswith(NO_DOCUMENTS):
            yield file


def read(archive: Archive, file: str) -> tuple[Document, str] | None:
    """Return a document, and all that stands in its file; None for one that is withdrawn."""
    text = (archive.content / file).read_bytes().decode("utf-8", "surrogateescape")
    keys = dict(frontmatter.split(text)[0])
    if keys.get("Withdrawn"):
        return None
    tags = dict.fromkeys(frontmatter.several(keys.get("Tags", "")), "topic")
    for key, kind in KINDS_OF_TAGS.items():
        tags |= {name: kind for name in frontmatter.several(keys.get(key, "")) if name in tags}
    title = frontmatter.decode(keys.get("Title", ""))
    return Document(file, keys.get("Date", ""), title, tags, frontmatter.is_sealed(text)), text


def write_tags(archive: Archive, file: str, tags: Mapping[str, str], as_edited: bool) -> None:
    """Give a document other tags; with `as_edited` as its curator's own, which no command changes again."""
    found = read(archive, file)
    assert found  # noqa: S101  # it has tags
    values = {"Tags": ", ".join(tags)}
    for key, kind in KINDS_OF_TAGS.items():
        values[key] = ", ".join(name for name in tags if tags[name] == kind)
    change = frontmatter.replaced if as_edited else frontmatter.reseal
    with atomic_write(archive.content / file) as written:
        written.write(change(found[1], values))
