"""Converts an archive's seeds into content files.

    seeds/… ─ read ─► Capture ─ allot addresses ─► restore paragraphs, tell language, find subjects ─► content/…/slug.md

Seeds are read twice: an address depends on all captures, and no process holds all captures. Reading is cheap; what
costs, the work on the text, is shared out to processes in small batches whose results come back in order.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from functools import partial
from itertools import islice
from typing import Literal, TextIO

from converters import frontmatter
from converters.addresses import Register, content_file
from converters.archive import Archive, Progress, Say, writing
from converters.capture import Capture, Rejection
from converters.formats import read_seed
from converters.language import tell_language
from converters.markdown_writer import write
from converters.paragraphs import restore
from converters.processes import forks
from converters.seeds import find_seeds
from converters.subjects import subjects
from converters.vocabulary import Vocabulary, read_vocabulary

Outcome = Literal["new", "changed", "unchanged", "edited"]

COUNTED = ("new", "changed", "unchanged", "edited", "duplicate", "rejected")

_BATCH = 64  # captures handed to a process at once


def convert(archive: Archive, jobs: int, say: Say, progress: Progress) -> Counter[str]:
    """Convert all seeds; give how many records had each outcome of COUNTED, each record counted once.

    Tells `say` of every rejected seed, edited file and document without a seed, and leaves all of it in
    `.cache/report.json` too. Raises ArchiveError for a fault in the ledger or the vocabulary.
    """
    vocabulary = read_vocabulary(archive.vocabulary)
    register = Register(archive)
    counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    encodings: Counter[str] = Counter()
    with writing(archive, archive.cache / "report.json") as report:
        report.write("{\n")
        _list(report, "rejected", map(asdict, _read(archive, register, counts, encodings, say, progress)))
        register.allot()
        _list(report, "edited", _write(archive, register, vocabulary, jobs, counts, say, progress))
        _list(report, "without_seed", _without_seed(register, say))
        _list(
            report,
            "encodings",
            [{"encoding": name, "records": encodings[name]} for name in sorted(encodings)],
        )
        report.write(f'"stand_ins": {counts.pop("stand-ins", 0)},\n"counts": {json.dumps(counts)}\n}}\n')
    return counts


def _read(
    archive: Archive,
    register: Register,
    counts: Counter[str],
    encodings: Counter[str],
    say: Say,
    progress: Progress,
) -> Iterator[Rejection]:
    """Note every capture in the register; give what was rejected."""
    for done, record in enumerate(_records(archive), 1):
        if isinstance(record, Rejection):
            counts["rejected"] += 1
            say(f"rejected: {record}")
            yield record
            continue
        if not register.add(record):
            counts["duplicate"] += 1
        counts["stand-ins"] += record.stand_ins
        if record.provenance.encoding != "utf-8":
            encodings[record.provenance.encoding] += 1
        progress("Reading seeds", done, None)


def _write(
    archive: Archive,
    register: Register,
    vocabulary: Vocabulary,
    jobs: int,
    counts: Counter[str],
    say: Say,
    progress: Progress,
) -> Iterator[str]:
    """Write the content file of every capture that is no duplicate; give the files that were edited by hand."""
    addressed = (
        (record, address)
        for record in _records(archive)
        if isinstance(record, Capture) and (address := register.address(record)) is not None
    )
    total = register.size()
    done = 0
    with forks(jobs if total > _BATCH else 1) as shared_out:
        for outcomes in shared_out(partial(_write_documents, archive, vocabulary), _batches(addressed)):
            for outcome, file in outcomes:
                counts[outcome] += 1
                if outcome == "edited":
                    say(f"edited by hand, kept: {file}")
                    yield file
            done += len(outcomes)
            progress("Writing content", done, total)


def _without_seed(register: Register, say: Say) -> Iterator[str]:
    for address in register.without_seed():
        say(f"its seed is gone, the page stays: {address}")
        yield address


def _records(archive: Archive) -> Iterator[Capture | Rejection]:
    for seed in find_seeds(archive.seeds) if archive.seeds.is_dir() else ():
        if isinstance(seed, Rejection):
            yield seed
        else:
            yield from read_seed(seed)


def _write_documents(
    archive: Archive, vocabulary: Vocabulary, batch: list[tuple[Capture, str]]
) -> list[tuple[Outcome, str]]:
    return [_write_document(archive, vocabulary, capture, address) for capture, address in batch]


def _write_document(archive: Archive, vocabulary: Vocabulary, capture: Capture, address: str) -> tuple[Outcome, str]:
    path = content_file(archive, address)
    name = path.relative_to(archive.root).as_posix()
    try:
        published = path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        published = None
    if published is not None and not frontmatter.is_sealed(published):
        return "edited", name
    capture = tell_language(restore(capture))
    # A document keeps the tags that it was published with; only its curator changes them.
    tags = frontmatter.values(published, "Tags") if published else subjects(capture, vocabulary)
    document = write(replace(capture, tags=tags), path.stem)
    if document == published:
        return "unchanged", name
    with writing(archive, path) as file:
        file.write(document)
    return ("changed" if published else "new"), name


def _batches(captures: Iterable[tuple[Capture, str]]) -> Iterator[list[tuple[Capture, str]]]:
    captures = iter(captures)
    while batch := list(islice(captures, _BATCH)):
        yield batch


def _list(report: TextIO, name: str, entries: Iterable[object]) -> None:
    """Write a list of any length as JSON, an entry at a time."""
    report.write(f'"{name}": [')
    separator = "\n"
    for entry in entries:
        report.write(separator + json.dumps(entry, ensure_ascii=True))
        separator = ",\n"
    report.write("],\n")
