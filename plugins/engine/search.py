"""Brings the index of the site's search up to date when the documents are known, unless SEARCH is off.

    records of the published documents, numbers from the ledger ─► plugins.search ─► search/ in the built site

The numbers of documents that the ledger does not name, such as hand-written ones, follow those that it does, in the
order of their addresses. The state of the index lies in `.cache/search`; the engine's own state holds its digest, so
that the two speak of one site whenever a build was killed.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from html import unescape
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pelican import Pelican, signals
from pelican.writers import Writer

from converters.archive.atomic import link
from converters.archive.stamps import code_fingerprint, files_below, stamp_of
from converters.ledger.ledger import document_numbers
from converters.text import frontmatter
from plugins.engine.generator import EngineGenerator
from plugins.engine.run import BuildRun, run_of
from plugins.site.reader import html_of, published_of, tags_of

if TYPE_CHECKING:
    from plugins.search.files import Document
    from plugins.search.state import Changes, Index, Wanted

FOLDER = "search"
"""The folder of the site that holds the index."""
_BLOCK = re.compile(
    r"</?(?:p|h[1-6]|li|[ou]l|blockquote|pre|table|t[rdh]|thead|tbody|figure|figcaption|hr|br|d[ltd]|div)\b[^>]*>"
)
_TAG = re.compile("<[^>]*>")


class SearchGenerator(EngineGenerator):
    """Brings the index up to date when the documents are known."""

    def generate_output(self, _: Writer) -> None:
        """Index what the engine has read or, in a build without its records, Pelican's own generator."""
        if not self.settings["SEARCH"]:
            return
        if self.run.state:
            records = self.run.state.records.items()
            found = [(file, one.stamp, one.tag_names) for file, one in records if one.status == "published"]
        else:
            top = len(self.settings["PATH"]) + 1
            read = ((article.source_path, article.tag_names) for article in self.context["articles"])
            found = [(path[top:], stamp_of(path), tuple(names)) for path, names in read]
        _index(self.run, self.settings, found)


def register() -> None:
    """Let Pelican know of the generator, which comes after those that read documents."""
    signals.get_generators.connect(_give_generator)


def _give_generator(program: Pelican) -> type[EngineGenerator]:
    return SearchGenerator.bound_to(run_of(program))


def _index(run: BuildRun, settings: dict[str, Any], published: Sequence[tuple[str, str, Sequence[str]]]) -> None:
    # Loaded here, since most builds have nothing to index and would only wait for it.
    from plugins.search.index import update
    from plugins.search.state import Changes, Index, digest_of_state

    state, site = run.state, Path(settings["OUTPUT_PATH"], FOLDER)
    index = Index(run.archive.output / FOLDER, site, run.archive.cache / FOLDER)
    if state and state.search and run.search == "kept":
        _bring_along(index, Changes(), run)
        return
    if not state or state.search != digest_of_state(index.cache):
        (index.cache / "state").unlink(missing_ok=True)
    changes = update(
        index, code_fingerprint(), _wanted(published, run), _Reader(_plain(settings)), run.jobs, run.progress
    )
    _bring_along(index, changes, run)
    if state:
        state.search = digest_of_state(index.cache)


def _wanted(published: Iterable[tuple[str, str, Sequence[str]]], run: BuildRun) -> "list[Wanted]":
    """Return the documents that are to be found, in the order of their numbers."""
    from plugins.search.state import Wanted

    numbers = document_numbers(run.archive.ledger)
    further = count(max(numbers.values(), default=-1) + 1)
    wanted = []
    for file, stamp, names in sorted(published):
        address = f"{file.removesuffix('.md')}.html"
        number = numbers.get(address)
        tags = [tag.name for tag in tags_of(names, run.settings)]
        version = blake2b(f"{stamp}\0{address}\0{tags}".encode(), digest_size=12).hexdigest()
        wanted.append(Wanted(next(further) if number is None else number, address, version))
    return sorted(wanted)


def _bring_along(index: "Index", changes: "Changes", run: BuildRun) -> None:
    """Put the files that stand into a site that is built as a whole; note what is no more of one built in part."""
    if run.stale is not None:
        run.stale |= {f"{FOLDER}/{path}" for path in changes.gone}
        return
    if not index.standing.is_dir():
        return
    for path in files_below(index.standing):
        if path not in changes.gone:
            target = f"{index.new}/{path}"
            os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120  # there may be very many
            with suppress(FileExistsError):
                link(index.standing / path, target)


def _plain(settings: dict[str, object]) -> dict[str, object]:
    """Return the settings that reading depends on, which can be sent to other processes."""
    return {name: value for name, value in settings.items() if name == "PAGE_PATHS" or isinstance(value, str | int)}


@dataclass(frozen=True)
class _Reader:
    """Reads documents from their content files: what is to be found of them, in a third of the time of all."""

    settings: dict[str, object]

    def __call__(self, wanted: "Sequence[Wanted]") -> "Iterator[Document]":
        from plugins.search.files import Document

        for one in wanted:
            path = f"{self.settings['PATH']}/{one.address.removesuffix('.html')}.md"
            with open(path, encoding="utf-8-sig", newline="") as file:  # noqa: PTH123  # there may be very many
                keys, body = frontmatter.split(file.read().replace("\r\n", "\n"))
            raw = {key.lower(): value for key, value in keys}
            yield Document(
                one.number,
                one.address,
                _whole(frontmatter.decode(raw["title"])),
                raw.get("lang", "und"),
                _whole(frontmatter.decode(raw.get("category", ""))),
                published_of(raw.get("date", "")),
                tuple(_text(str(tag)) for tag in tags_of(frontmatter.several(raw.get("tags", "")), self.settings)),
                _lines(html_of(body)),
            )


def _lines(html: str) -> str:
    """Return the text of a document, each block a line."""
    if html.count("<") == 2 * html.count("<p>"):
        html = html.replace("<p>", "\n").replace("</p>", "")
    else:
        html = _TAG.sub("", _BLOCK.sub("\n", html))
    return "\n".join(line for part in _text(html).split("\n") if (line := part.strip()))


def _text(html: str) -> str:
    """Return the text of escaped words."""
    return _whole(unescape(html) if "&" in html else html)


def _whole(text: str) -> str:
    """Return a text without halves of characters."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
