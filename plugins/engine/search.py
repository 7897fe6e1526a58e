"""Full-text search that works alike on a web host, below a folder, and from `file://`: Pagefind's index, in scripts.

    documents ─ by a hash of their addresses ─► 1 to 6 indexes ─ Pagefind ─► search/0/…  search/5/…

    search/pagefind.js           Pagefind's own program, as a classic script
    search/wasm.js               its WebAssembly
    search/0.js                  what index 0 holds
    search/0/index/en_27127ab.js       a part of its words; a query loads those with its words alone
    search/0/fragment/en_25e6472.js    a document's text, for excerpts
    search/0/facets.js           date, source, language and tags of its documents; loaded when somebody narrows down

A page opened from a disk may not fetch anything, but it may load scripts. So every file of the index is a script that
hands over its bytes, and `theme/static/search.js` gives them to Pagefind in the place of what it fetches. Bytes stand
in a string of UTF-16, 15 bits a character, which takes a fifteenth more room; base64 would take a third.

Which index a document is in depends on its address and the number of documents alone, so that an added document costs
one index anew and a full build gives the same bytes. All languages share an index. Words are stemmed as those of the
site's own language; in scripts without spaces every character is a word, and a query of several a phrase.
"""

import gzip
import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from html import escape, unescape
from itertools import count
from pathlib import Path
from typing import NamedTuple

from pelican import Pelican, signals
from pelican.generators import ArticlesGenerator

from converters.archive.atomic import link
from converters.archive.processes import forks
from converters.archive.stamps import code_fingerprint, stamp_of
from plugins.engine.pagefind import indexed
from plugins.engine.run import BuildRun, run_of
from plugins.site import dates
from plugins.site.browse import number_of_indexes
from plugins.site.originals import write_new
from plugins.site.reader import ContentReader, tags_of

_FOLDER = "search"
_FIRST = 0x3400  # of 32,768 characters that stand for 15 bits each; none of them means anything in a script
_BITS = 15
_SCRIPTS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARKS = "".join(mark for mark in map(chr, range(0xE00, 0x1800)) if unicodedata.category(mark) in ("Mn", "Mc"))
_WITHOUT_SPACES = re.compile(f"[{_SCRIPTS}][{_MARKS}]*")  # Thai to Khmer, kana, Chinese characters


class Document(NamedTuple):
    """A document that is to be found: its content file below content/, whether that is as it was, and its tags."""

    file: str
    stamp: str
    tags: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"{self.file.removesuffix('.md')}.html"


Indexes = dict[str, tuple[str, list[str]]]
"""Number of each index -> whether its documents are as they were, and the addresses of its files."""


def register() -> None:
    """Index when Pelican has written all pages, unless SEARCH is off."""
    signals.article_generator_finalized.connect(_note_articles)
    signals.finalized.connect(_index)


def _note_articles(generator: ArticlesGenerator) -> None:
    top = len(generator.settings["PATH"]) + 1
    generator.settings["SEARCHED"] = [
        Document(article.source_path[top:], stamp_of(article.source_path), ()) for article in generator.articles
    ]


def _index(program: Pelican) -> None:
    run, settings = run_of(program), program.settings
    if not settings["SEARCH"]:
        return
    state, documents = run.state, settings.get("SEARCHED", [])
    before: Indexes = {}
    if state and state.search and run.search == "kept":
        _bring_along(state.search, run)
        return
    if state:
        published = [(file, one) for file, one in state.records.items() if one.status == "published"]
        tags = ((tag.name for tag in tags_of(one.tag_names, settings)) for _, one in published)
        documents = [Document(file, one.stamp, tuple(of)) for (file, one), of in zip(published, tags, strict=True)]
        before = state.search
    now = _bring_up_to_date(documents, before, run)
    if state:
        _bring_along({number: now[number] for number in now if now[number] == before.get(number)}, run)
        state.search = now
        if run.stale is not None:
            run.stale |= _files(before) - _files(now)


def _bring_up_to_date(documents: Sequence[Document], before: Indexes, run: BuildRun) -> Indexes:
    """Make those indexes anew whose documents have changed; return all."""
    settings, site = run.settings, Path(run.settings["OUTPUT_PATH"])
    shares: list[list[Document]] = [[] for _ in range(number_of_indexes(len(documents)))]
    for document in sorted(documents):
        shares[_share(document.address, len(shares))].append(document)
    now: Indexes = {}
    tasks = []
    for number, share in zip(map(str, count()), shares, strict=False):
        made_of = repr((share, settings["DEFAULT_LANG"], code_fingerprint()))
        digest = hashlib.blake2b(made_of.encode(), digest_size=16).hexdigest()
        if number in before and before[number][0] == digest and _stand(before[number][1], run):
            now[number] = before[number]
        else:
            tasks.append((number, digest, share))
    done = 0
    plain = {name: value for name, value in settings.items() if name == "PAGE_PATHS" or isinstance(value, str | int)}
    with forks(min(run.jobs, len(tasks)), ahead=1) as ordered_map:
        made = ordered_map(_make, [(number, share, plain, site) for number, _, share in tasks])
        for (number, digest, share), files in zip(tasks, made, strict=True):
            now[number] = digest, files
            done += len(share)
            run.progress("Indexing for search", done, sum(len(share) for *_, share in tasks))
    return dict(sorted(now.items()))


def _bring_along(indexes: Indexes, run: BuildRun) -> None:
    """Give a site that is built as a whole the indexes that stand; a part of a site goes where they stand already."""
    if run.stale is None:
        for file in _files(indexes):
            target = f"{run.settings['OUTPUT_PATH']}/{file}"
            os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120  # there may be very many
            with suppress(FileExistsError):
                link(run.archive.output / file, target)


def _share(address: str, shares: int) -> int:
    return int.from_bytes(hashlib.blake2b(address.encode(), digest_size=8).digest()) % shares


def _stand(files: Sequence[str], run: BuildRun) -> bool:
    return run.stale is not None or all((run.archive.output / file).exists() for file in files)


def _files(indexes: Indexes) -> set[str]:
    return {file for _, files in indexes.values() for file in files}


def _make(task: tuple[str, list[Document], dict[str, object], Path]) -> list[str]:
    """Make one index; give the addresses of its files."""
    number, documents, settings, site = task
    facets: dict[str, dict[str, object]] = {}
    files = dict(indexed(_pages(documents, settings, facets), str(settings["DEFAULT_LANG"])))
    return _write_scripts(number, files, facets, site)


def _pages(
    documents: Sequence[Document], settings: dict[str, object], facets: dict[str, dict[str, object]]
) -> Iterator[tuple[str, str]]:
    """Give the address of each document and what Pagefind is to read; note by what it can be narrowed down."""
    reader, top = ContentReader(settings), str(settings["PATH"])
    for document in documents:
        content, metadata = reader.read(f"{top}/{document.file}")
        when = metadata["date"]
        assert isinstance(when, date)  # noqa: S101  # as the reader gives it
        source, language = unescape(str(metadata.get("category", ""))), str(metadata.get("lang", "und"))
        tags = [unescape(str(tag)) for tag in tags_of(metadata["tag_names"], settings)]  # type: ignore[arg-type]
        facets[document.address] = {"date": f"{when:%Y-%m-%d}", "source": source, "language": language, "tags": tags}
        title = unescape(str(metadata["title"]))
        kept = {"title": title, "day": dates.day(when), "source": source, "language": language}
        yield document.address, _page(content, kept, str(settings["DEFAULT_LANG"]))


def _page(content: str, kept: dict[str, str], language: str) -> str:
    metas = (f'<meta data-pagefind-meta="{key}[content]" content="{escape(text)}">' for key, text in kept.items())
    return (
        f'<!DOCTYPE html><html lang="{escape(language)}"><meta charset="utf-8"><body>{"".join(metas)}'
        f"<h1>{_spaced(escape(kept['title']))}</h1>{_spaced(content)}</body></html>"
    )


def _spaced(text: str) -> str:
    return text if text.isascii() else _WITHOUT_SPACES.sub(r" \g<0> ", text)


def _write_scripts(number: str, files: dict[str, bytes], facets: dict[str, dict[str, object]], site: Path) -> list[str]:
    scripts: dict[str, bytes] = {f"{_FOLDER}/pagefind.js": _classic(files["pagefind.js"].decode()).encode()}
    (language,) = json.loads(files["pagefind-entry.json"])["languages"].values()
    wasm = f"wasm.{language['wasm'] or 'unknown'}.pagefind"
    scripts[f"{_FOLDER}/wasm.js"] = _script([(wasm, files[wasm])])
    heads = ["pagefind-entry.json", f"pagefind.{language['hash']}.pf_meta"]
    scripts[f"{_FOLDER}/{number}.js"] = _script((f"{number}/{name}", files[name]) for name in heads)
    for name in sorted(files):
        kind, slash, file = name.partition("/")
        if slash and kind in ("index", "fragment"):
            stem = file.partition(".")[0]
            scripts[f"{_FOLDER}/{number}/{kind}/{stem}.js"] = _script([(f"{number}/{name}", files[name])])
            if kind == "fragment":
                text = gzip.decompress(files[name]).removeprefix(b"pagefind_dcd")
                facets[json.loads(text)["url"].removeprefix("/")]["id"] = stem
    told = json.dumps(list(facets.values()), sort_keys=True, separators=(",", ":"))
    scripts[f"{_FOLDER}/{number}/facets.js"] = f'seedbankFacets("{number}",{told})'.encode()
    for address, script in scripts.items():
        shared = address in (f"{_FOLDER}/pagefind.js", f"{_FOLDER}/wasm.js")
        try:
            write_new(f"{site}/{address}", script)
        except FileExistsError:
            if not shared:  # the program is the same for all indexes
                raise
    return sorted(scripts)


def _classic(module: str) -> str:
    """Give Pagefind's module as a classic script that asks our loader for files."""
    program, exports, _ = module.rpartition("export{createInstance,")
    if not exports or "import.meta.url" not in program or "await fetch(queued.input)" not in program:
        raise RuntimeError("this version of Pagefind is unknown to plugins/engine/search.py; use requirements.txt's")
    program = program.replace("import.meta.url", "undefined")
    program = program.replace("await fetch(queued.input)", "await seedbankFetch(queued.input)")
    return f"(function(){{{program}window.seedbankPagefind=createInstance;}})();"


def _script(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """Give a script that hands over files: `seedbankPart(name, length, "…")` for each."""
    calls = (f'seedbankPart("{name}",{len(data)},"{_packed(data)}");' for name, data in parts)
    return b"\xff\xfe" + "".join(calls).encode("utf-16-le")


def _packed(data: bytes) -> str:
    """Give bytes as a string of 15 bits a character, filled up with zeros."""
    import numpy as np

    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    groups = np.pad(bits, (0, -len(bits) % _BITS)).reshape(-1, _BITS)
    characters = groups @ (1 << np.arange(_BITS - 1, -1, -1)) + _FIRST
    return characters.astype("<u2").tobytes().decode("utf-16-le")
