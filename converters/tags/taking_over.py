"""Takes names over into content/tags.toml from a vocabulary of others: SKOS (Turtle, RDF/XML, JSON-LD) or CSV.

    <…/20000350> a skos:Concept ; skos:prefLabel "interest rates"@en ; skos:altLabel "lending rates"@en .
    name,kind,forms                     ─►      [topic]
    interest rates,topic,lending rates          "interest rates" = ["lending rates"]

Lines are added below their section; nothing that stands in the file is changed, so that its comments and its order
stay. In CSV several forms have `|` between them.
"""

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from rdflib import DCTERMS, RDF, SKOS, Graph, Literal

from converters.archive.atomic import atomic_write
from converters.archive.layout import Archive, ArchiveError
from converters.subjects.vocabulary import KINDS, MOST_CHARACTERS, read_vocabulary
from converters.subjects.words import words
from converters.tags.report import curated_names

_FORMATS = {".ttl": "turtle", ".nt": "nt", ".rdf": "xml", ".xml": "xml", ".jsonld": "json-ld", ".json": "json-ld"}


class Name(NamedTuple):
    """A name of another vocabulary."""

    name: str
    kind: str
    forms: tuple[str, ...]


class Taken(NamedTuple):
    """What became of the names of another vocabulary."""

    added: list[str]
    known: list[str]
    """Those that content/tags.toml has already, with a form of them."""
    unfit: list[str]
    """Those that cannot be tags, such as names with a comma."""


def take_over(archive: Archive, path: Path, language: str) -> Taken:
    """Add the names in a file to the vocabulary; those in `language` are preferred, the others are forms.

    Raises ArchiveError where the file cannot be understood; nothing is written then.
    """
    names = list(_of_csv(path) if path.suffix.lower() == ".csv" else _of_skos(path, language))
    claimed = {_key(form) for name, (_, forms) in curated_names(archive).items() for form in (name, *forms)}
    taken = Taken([], [], [])
    lines: dict[str, list[str]] = {}
    for name in sorted({name.name: name for name in names}.values()):
        if not _is_fit(name.name):
            taken.unfit.append(name.name)
        elif _key(name.name) in claimed:
            taken.known.append(name.name)
        else:
            claimed.add(_key(name.name))
            forms = [form for form in dict.fromkeys(name.forms) if _is_fit(form) and _key(form) not in claimed]
            claimed.update(map(_key, forms))
            taken.added.append(name.name)
            lines.setdefault(name.kind, []).append(f"{_quoted(name.name)} = [{', '.join(map(_quoted, forms))}]")
    if lines:
        _add(archive, lines)
    return taken


def _add(archive: Archive, lines: dict[str, list[str]]) -> None:
    """Add lines to the sections of the vocabulary; what stood there stays if they make it one that cannot be read."""
    path = archive.vocabulary
    before = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    text = before if before.endswith("\n") or not before else f"{before}\n"
    for kind, some in sorted(lines.items()):
        block = "\n".join(some) + "\n"
        header = re.search(rf"^[ \t]*\[{kind}\][^\n]*\n", text, re.MULTILINE)
        text = text[: header.end()] + block + text[header.end() :] if header else f"{text}\n[{kind}]\n{block}".lstrip()
    _write(path, text)
    try:
        read_vocabulary(path)
    except ArchiveError:
        _write(path, before)
        raise


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.write(text)


def _of_csv(path: Path) -> Iterator[Name]:
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except UnicodeDecodeError:
        raise ArchiveError(f"{path}: expected UTF-8; save it as CSV in UTF-8") from None
    for number, row in enumerate(rows, 2):
        kind = (row.get("kind") or "topic").strip()
        if not (name := (row.get("name") or "").strip()) or kind not in KINDS:
            raise ArchiveError(
                f"{path}:{number}: expected the columns name, kind and forms, and a kind among {', '.join(KINDS)}"
            )
        yield Name(name, kind, tuple(form.strip() for form in (row.get("forms") or "").split("|") if form.strip()))


def _of_skos(path: Path, language: str) -> Iterator[Name]:
    graph = Graph()
    try:
        graph.parse(str(path), format=_FORMATS.get(path.suffix.lower(), "turtle"))
    except OSError:
        raise
    except Exception as error:  # rdflib has an error of its own for each format
        raise ArchiveError(f"{path}: cannot be read as SKOS: {error}") from None
    for concept in sorted(graph.subjects(RDF.type, SKOS.Concept), key=str):
        labels = sorted(
            (one for one in graph.objects(concept, SKOS.prefLabel) if isinstance(one, Literal)),
            key=lambda one: (one.language != language, one.language != "en", one.language or "", str(one)),
        )
        others = sorted(str(one) for one in graph.objects(concept, SKOS.altLabel) if isinstance(one, Literal))
        kinds = {str(one) for one in graph.objects(concept, DCTERMS.type)} & {*KINDS}
        if labels:
            forms = (*map(str, labels[1:]), *others)
            yield Name(str(labels[0]).strip(), min(kinds, default="topic"), tuple(form.strip() for form in forms))


def _is_fit(written: str) -> bool:
    """Whether a tag may be written so."""
    odd = any(char in ",;" or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in written)
    return not odd and any(map(str.isalnum, written)) and len(written) <= MOST_CHARACTERS


def _key(written: str) -> tuple[str, ...]:
    return tuple(words(written.lower()))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def told_of(taken: Taken) -> Iterable[str]:
    """Yield what became of the names, in lines for the person at the keyboard."""
    yield f"{len(taken.added):,} names added to content/tags.toml, {len(taken.known):,} known already"
    if taken.unfit:
        some = ", ".join(map(repr, taken.unfit[:10])) + (", …" if len(taken.unfit) > 10 else "")
        yield f"{len(taken.unfit):,} cannot be tags, which have no comma and at most {MOST_CHARACTERS} letters: {some}"
