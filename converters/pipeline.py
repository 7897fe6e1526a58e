"""Converts an archive's seeds into content files.

    seeds/… ─ read ─► Capture ─ assign addresses ─► restore breaks, tell language, find subjects ─► content/…/slug.md

What was read before and has not changed since is known from the register, and not read again. Seeds with something to
write are cut into records twice: an address depends on all captures, and no process holds all captures. Cutting is
cheap; what costs, finding the document in a page (`extraction.py`) and the work on its text, is shared out to processes
in small batches whose results come back in order.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from hashlib import sha256
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from converters.archive.atomic import atomic_output, atomic_write, sync_file_system
from converters.archive.inside import check_inside
from converters.archive.layout import Archive, Progress, Say
from converters.archive.processes import BATCH, batches, forks, processes
from converters.archive.stamps import stamp_of
from converters.extraction import Share, extracted, fetch_pictures, read_here, weight_of
from converters.intake.seeds import SeedFile, carries_no_checksum, find_seeds, forget_containers, read_records
from converters.ledger.addresses import Departed, content_file
from converters.ledger.extractions import Extractions
from converters.ledger.media import PictureLimits, Pictures, publish, seen_from, with_pictures
from converters.ledger.register import Register
from converters.ledger.tombstones import lost_tombstone
from converters.model import KINDS_OF_TAGS, Capture, Provenance, Rejection
from converters.readers.reader import RawRecord, Record, place_of, seed_of
from converters.readers.table import cut_seed, reader_of
from converters.rejections import CUT
from converters.subjects.vocabulary import Vocabulary, read_vocabulary
from converters.text import frontmatter
from converters.text.language import load_model, tell_language
from converters.text.markdown import write
from converters.text.paragraphs import restore

if TYPE_CHECKING:
    from converters.subjects.index import Held, Tagged
    from converters.subjects.tally import Tally

_ToWrite = tuple[Record | RawRecord, tuple[str, ...], str, str]
"""A record, when its text was captured, its address, and the stamp of the content file that is there before."""
Outcome = Literal["new", "changed", "unchanged", "edited"]
OUTCOMES = ("new", "changed", "unchanged", "edited", "duplicate", "rejected")

_MOST_KINDS = 6  # of records that are no documents, told in a line
_MOST_ALIKE = 20  # rejections of a kind in one file that are told one by one


def convert(
    archive: Archive,
    jobs: int,
    verify: bool,
    say: Say,
    progress: Progress,
    scheduler: str = "",
    accept: bool = False,
    limits: Callable[[], PictureLimits] = PictureLimits,
) -> Counter[str]:
    """Convert all seeds; give how many records had each of OUTCOMES, each record counted once.

    The work is shared out to `jobs` processes, or to the cluster of the Dask scheduler at an address.

    `limits` is asked how much of pictures the archive takes, if there are any. With `verify`, seeds that seem unchanged
    are read too and compared with their SHA-256; records that differ are counted as `damaged` besides. A seed that
    holds less than before counts as rejected, and what was published from it stays, unless `accept`. Tells `say` of
    every rejected or damaged seed, edited file and document without a seed, and leaves all of it in
    `.cache/report.json` too. Raises ArchiveError for a fault in the ledger or the vocabulary.
    """
    vocabulary = read_vocabulary(archive.vocabulary)
    share = partial(processes, jobs, scheduler)
    register = Register(archive)
    counts: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
    unread: set[str] = set()
    with atomic_write(archive.cache / "report.json", durable=False) as report:
        report.write("{\n")
        _list(report, "rejected", map(_entry, _read(archive, register, unread, counts, say, progress, share)))
        _list(report, "damaged", _verify(archive, register, counts, say) if verify else ())
        register.forget_unseen_seeds()
        if archive.seeds.is_dir():
            forget_containers(archive.seeds)
        carried_over = register.assign(unread, accept)
        counts["duplicate"] = register.duplicates()
        late: list[Rejection] = []
        to_write = _to_write(archive, register, unread, late, limits)
        _list(report, "edited", _write(archive, register, vocabulary, to_write, counts, say, progress, share))
        lost: dict[str, list[Departed]] = {}
        _list(report, "without_seed", _without_record(register, unread, lost, say))
        late += _shrunk(archive, register, lost, accept, say)
        _list(report, "rejected_later", map(_entry, _told(late, counts, say)))
        _list(report, "no_documents", _others(register, say))
        _tell_of_guesses(register, say)
        _list(report, "encodings", ({"encoding": name, "records": number} for name, number in register.encodings()))
        report.write(f'"garbled": {register.garbled()[0]},\n')
        report.write(f'"stand_ins": {register.stand_ins()},\n"counts": {json.dumps(counts)}\n}}\n')
    if counts["new"] or counts["changed"]:
        sync_file_system(archive.content)
    was_published = any(counts[outcome] for outcome in ("changed", "unchanged", "edited"))
    if register.has_changed("vocabulary", stamp_of(archive.vocabulary)) and was_published:
        _tell_of_untagged(archive, jobs, say)
    register.close()
    if carried_over:
        say(f"{carried_over:,} of an earlier version are known by their records from now on; every address stays")
    return counts


def seeds_with(archive: Archive, records: Iterable[str]) -> set[str]:
    """Return the names of all seeds that hold one of the records, by SHA-256 or identity, or another of its text."""
    register = Register(archive)
    try:
        for _ in _read(archive, register, set(), Counter(), lambda _: None, lambda *_: None, partial(forks, 1)):
            pass
        register.forget_unseen_seeds()
        return set().union(*map(register.seeds_with, records))
    finally:
        register.discard()


def _read(
    archive: Archive,
    register: Register,
    unread: set[str],
    counts: Counter[str],
    say: Say,
    progress: Progress,
    share: Share,
) -> Iterator[Rejection]:
    """Enter every capture in the register; yield what was rejected, and note seeds and folders that were not read."""
    done = 0
    records = extracted(archive, share, _cut(archive, register, say))
    for seed, of_seed in groupby(records, seed_of):
        alike: Counter[str] = Counter()
        for record in of_seed:
            register.add(record)
            if isinstance(record, Rejection):
                if record.unread:
                    unread.add(record.seed)
                counts["rejected"] += 1
                alike[record.remedy] += 1
                if alike[record.remedy] <= _MOST_ALIKE:
                    say(f"rejected: {record}")
                yield record
            elif isinstance(record, Capture) and record.withheld:
                place = f"{seed}, byte {record.provenance.start}"
                say(f"{place}: a password stands in the address; only the seed keeps it, so its record is not offered")
            done += 1
            progress("Reading seeds", done, None)
        for remedy, number in alike.items():
            if number > _MOST_ALIKE:
                more = f"{number - _MOST_ALIKE:,} more of this kind, all in {archive.cache / 'report.json'}"
                say(f"rejected: {seed}: {more}; {remedy}")


def _cut(archive: Archive, register: Register, say: Say) -> Iterator[Record | RawRecord]:
    """Yield the records of seeds that are new or changed, and what was rejected of the others."""
    for seed in _seeds(archive):
        if isinstance(seed, Rejection):
            register.keep(seed.seed)
            yield seed
        elif register.knows(seed):
            yield from register.take_rejections(seed)
        else:
            if carries_no_checksum(seed):
                say(f"{seed.name}: is packed without a checksum, so damage to it cannot be noticed; pack it with one")
            yield from cut_seed(seed)


def _entry(rejection: Rejection) -> dict[str, object]:
    return {"seed": rejection.seed, "line": rejection.line, "reason": rejection.reason, "remedy": rejection.remedy}


def _verify(archive: Archive, register: Register, counts: Counter[str], say: Say) -> Iterator[str]:
    """Compare every record with its SHA-256; give those that differ."""
    for seed in _seeds(archive):
        if isinstance(seed, Rejection):
            continue
        for name, records in groupby(register.records(seed), lambda row: row[0]):
            yield from _differing(archive, name, [row[1:] for row in records], counts, say)


def _differing(
    archive: Archive, seed: str, records: list[tuple[int, int, str]], counts: Counter[str], say: Say
) -> Iterator[str]:
    raws = read_records(archive.root, seed, [(start, length) for start, length, _ in records])
    try:
        for raw, (start, length, expected) in zip(raws, records, strict=True):
            if sha256(raw).hexdigest() != expected:
                counts["damaged"] += 1
                place = f"{seed}, bytes {start}+{length}"
                what = "its SHA-256 is not what it was when it was converted; restore it from a copy"
                say(f"damaged: {place}: {what}")
                yield place
    except OSError as error:
        counts["damaged"] += 1
        say(f"damaged: {error}")
        yield seed


def _write(
    archive: Archive,
    register: Register,
    vocabulary: Vocabulary,
    to_write: Iterable[_ToWrite],
    counts: Counter[str],
    say: Say,
    progress: Progress,
    share: Share,
) -> Iterator[str]:
    """Bring the content file of every capture up to date; give the files that were edited by hand."""
    from converters.subjects.index import Held, Index  # it takes long to load, and is needed where there is work alone

    edited = []
    for outcome, address in register.up_to_date():
        counts[outcome] += 1
        if outcome == "edited":
            edited.append(address)
    counts["unchanged"] += register.withdrawn()
    _mend_tombstones(archive, register, say)
    for address in sorted(edited):
        yield _kept(archive, address, say)
    total, done = register.unsettled(), 0
    if total:
        load_model(archive.cache)
    with share() if total > BATCH else forks(1) as ordered_map:
        # New documents are held until all are read: their subjects depend on what the whole archive says.
        index = Index(archive, vocabulary) if total else None
        if index:
            index.refresh(ordered_map)
        work = partial(_write_documents, archive, vocabulary)
        for results, tally in ordered_map(work, batches(to_write, lambda one: weight_of(one[0]))):
            new = [(address, before, found) for found, address, before in results if isinstance(found, Held)]
            if index:
                index.hold(new, tally)
            for found, address, _ in results:
                if isinstance(found, Held):
                    continue
                counts[found] += 1
                register.record_outcome(address, found)
                if found == "edited":
                    yield _kept(archive, address, say)
            done += len(results)
            progress("Reading documents", done, total)
        if index:
            done = 0
            for written in ordered_map(partial(_publish, archive), index.chosen(ordered_map)):
                for tagged in written:
                    counts["changed" if tagged.before else "new"] += 1
                    register.record_outcome(tagged.address, "new")
                index.settle(written)
                done += len(written)
                progress("Writing content", done, total)
            index.close()


def _mend_tombstones(archive: Archive, register: Register, say: Say) -> None:
    """Write the tombstones again that were deleted: a withdrawal is taken back by a command, never by that."""
    for address in register.tombstones():
        path = content_file(archive, address)
        if not path.exists():
            with atomic_write(path) as file:
                file.write(lost_tombstone(address))
            say(
                f"{address}: is withdrawn, and the file that said so was deleted; it is written again, without the "
                "title, day and reason that are not known any more, so bring it back from git; to take the withdrawal "
                f"back: {archive.command(f'withdraw {address} --undo')}"
            )


def _kept(archive: Archive, address: str, say: Say) -> str:
    file = content_file(archive, address).relative_to(archive.root).as_posix()
    say(f"edited by hand, kept: {file}")
    return file


def _to_write(
    archive: Archive, register: Register, unread: set[str], late: list[Rejection], limits: Callable[[], PictureLimits]
) -> Iterator[_ToWrite]:
    """Read the seeds with something to write a second time; note in `late` what cannot be read any more."""
    if not register.unsettled():
        return
    pictures: Pictures | None = None
    for name, start, found in fetch_pictures(archive, register.pictures_to_fetch()):
        register.note_picture(name, start, found)
    with closing(Extractions(archive)) as extractions:
        for seed in _seeds(archive):
            records = cut_seed(seed) if isinstance(seed, SeedFile) and register.has_unsettled(seed) else ()
            for record in [seed] if isinstance(seed, Rejection) else records:
                if isinstance(record, Rejection):
                    if record.unread and record.seed not in unread:
                        late.append(record)
                    continue
                place = place_of(record)
                if place and (address := register.address_to_write(*place)) is not None:
                    known = extractions.known(record)
                    if isinstance(known, Capture):
                        known = with_pictures(known, register.picture)
                    if isinstance(known, Capture) and known.media:
                        pictures = pictures or Pictures(archive, limits())
                        known = pictures.within_limits(known)
                    yield known, register.moments(*place), address, stamp_of(content_file(archive, address))


def _tell_of_guesses(register: Register, say: Say) -> None:
    guessed = [(name, number) for name, number in register.encodings() if not name.startswith("utf-")]
    if total := sum(number for _, number in guessed):
        names = ", ".join(f"{number:,} {name}" for name, number in guessed)
        say(f"records in an encoding that was guessed, so look at some of them: {total:,} ({names})")
    garbled, seed = register.garbled()
    if garbled:
        are = "1 record looks" if garbled == 1 else f"{garbled:,} records look"
        say(f"{are} as if read in a wrong encoding before the capture (Ã© for é): see {seed}; the words stay so")


def _tell_of_untagged(archive: Archive, jobs: int, say: Say) -> None:
    """Tell of the names of a vocabulary that has changed which published documents dwell on and are not tagged with."""
    from converters.tags.report import curated_names, told_of_untagged  # they are seldom needed
    from converters.tags.retag import untagged

    names = [name for name, (kind, _) in curated_names(archive).items() if kind != "hidden"]
    if names:
        for line in told_of_untagged(archive, untagged(archive, names, jobs)):
            say(f"{archive.vocabulary}: {line}")


def _without_record(register: Register, unread: set[str], lost: dict[str, list[Departed]], say: Say) -> Iterator[str]:
    """Tell of the published documents whose record was not found, and yield their addresses.

    Those of a seed that holds less than before are put into `lost`.
    """
    for departed in register.without_record():
        if departed.is_below(unread):
            say(f"its seed could not be read this time, the page stays: {departed.address}")
        elif not departed.document:
            say(f"its seed and its content file are gone: {departed.address}; bring one of them back, or withdraw it")
        elif departed.place and register.stands(departed.seed):
            lost.setdefault(departed.seed, []).append(departed)
        else:
            say(f"its seed is gone, the page stays: {departed.address}")
        yield departed.address


def _shrunk(
    archive: Archive, register: Register, lost: dict[str, list[Departed]], accept: bool, say: Say
) -> Iterator[Rejection]:
    """Yield a rejection of each seed that holds less than before; with `accept` take note that it is meant to be so."""
    addresses = {seed: [departed.address for departed in of_seed] for seed, of_seed in lost.items()}
    if accept:
        for departed in chain.from_iterable(lost.values()):
            path = content_file(archive, departed.address)
            document = path.read_bytes().decode("utf-8", "surrogateescape")  # as it is, line ends and all
            with atomic_output(path) as partial_path:
                partial_path.write_bytes(frontmatter.without_place(document).encode("utf-8", "surrogateescape"))
            say(f"its record is gone from {departed.seed}, the page stays: {departed.address}")
        return
    for seed, address in register.cut():
        addresses.setdefault(seed, []).append(address)
    for seed in sorted(addresses):
        first, *others = sorted(addresses[seed])
        yield CUT.rejects(seed, found=f"{first} and {len(others):,} more" if others else first)


def _told(rejections: Iterable[Rejection], counts: Counter[str], say: Say) -> Iterator[Rejection]:
    for rejection in rejections:
        counts["rejected"] += 1
        say(f"rejected: {rejection}")
        yield rejection


def _others(register: Register, say: Say) -> Iterator[dict[str, object]]:
    """Tell of the records that are no documents, and yield them by seed and kind."""
    alike: Counter[tuple[str, ...]] = Counter()
    for seed, of_seed in groupby(register.others(), lambda row: row[0]):
        kinds = [(what, number) for _, what, number in of_seed]
        told = ", ".join(f"{number} {what}" for what, number in kinds[:_MOST_KINDS])
        more = ", …" if len(kinds) > _MOST_KINDS else ""
        total = sum(number for _, number in kinds)
        alike[names := tuple(what for what, _ in kinds)] += 1
        if alike[names] <= _MOST_ALIKE:
            say(f"{seed}: {total} record{' is no document' if total == 1 else 's are no documents'}: {told}{more}")
        yield from ({"seed": seed, "what": what, "records": number} for what, number in kinds)
    for names, number in alike.items():
        if number > _MOST_ALIKE:
            told = ", ".join(names[:_MOST_KINDS])
            say(f"{number - _MOST_ALIKE:,} more files like these, all in the report, hold what is no document: {told}")


def _seeds(archive: Archive) -> Iterator[SeedFile | Rejection]:
    if archive.seeds.is_dir():
        yield from find_seeds(archive.seeds)


def _write_documents(
    archive: Archive, vocabulary: Vocabulary, batch: list[_ToWrite]
) -> "tuple[list[tuple[Outcome | Held, str, str]], Tally]":
    """Bring content files up to date, or return what new ones are to be, and what there is to count of these."""
    from converters.subjects.tally import Tally

    load_model(archive.cache)  # once a process; forks have it already
    tally = Tally()
    results = [
        (
            _write_document(archive, vocabulary, replace(capture, moments=moments), address, before, tally),
            address,
            before,
        )
        for record, moments, address, before in batch
        if isinstance(capture := read_here(archive, record), Capture)
    ]
    return results, tally


def _write_document(
    archive: Archive, vocabulary: Vocabulary, capture: Capture, address: str, before: str, tally: "Tally"
) -> "Outcome | Held":
    """Bring a content file up to date, or return what a new one is to be, and count what it says.

    The outcome is the same if it was done before, by a worker that was killed.
    """
    path = content_file(archive, address)
    check_inside(path, archive.content)
    try:
        published = path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        published = None
    if published is not None and not frontmatter.is_sealed(published):
        _follow_seed(path, published, capture.provenance)
        return "edited"
    publish(archive, capture)
    capture = seen_from(address, capture)
    reader = reader_of(capture.provenance.reader)
    capture = tell_language(restore(capture) if reader and reader.lost_breaks else capture)
    if published is None:
        from converters.subjects.index import TO_COME, hold

        to_come = tuple((key, (TO_COME,)) for key in KINDS_OF_TAGS)
        return hold(vocabulary, write(replace(capture, tags=(TO_COME,), kinds=to_come), path.stem), tally)
    # A document keeps the tags that it was published with; only its curator changes them.
    kinds = tuple((key, frontmatter.values(published, key)) for key in KINDS_OF_TAGS)
    document = write(replace(capture, tags=frontmatter.values(published, "Tags"), kinds=kinds), path.stem)
    if document != published and not frontmatter.says_the_same(document, published):
        with atomic_write(path, durable=False) as file:
            file.write(document)
    elif stamp_of(path) == before:
        return "unchanged"
    return "changed" if before else "new"


def _follow_seed(path: Path, published: str, origin: Provenance) -> None:
    """Let a file that was edited by hand name the seed that holds its record now: one that was moved or renamed."""
    moved = frontmatter.relocate(published, origin.seed, f"{origin.start}+{origin.length}", origin.sha256)
    if moved != published:
        with atomic_write(path) as file:
            file.write(moved)


def _publish(archive: Archive, batch: "list[Tagged]") -> "list[Tagged]":
    """Write new documents with their subjects."""
    for tagged in batch:
        values = {"Tags": ", ".join(subject.name for subject in tagged.subjects)}
        for key, kind in KINDS_OF_TAGS.items():
            values[key] = ", ".join(subject.name for subject in tagged.subjects if subject.kind == kind)
        with atomic_write(content_file(archive, tagged.address), durable=False) as file:
            file.write(frontmatter.reseal(tagged.document, values))
    return [tagged._replace(document="") for tagged in batch]


def _list(report: TextIO, name: str, entries: Iterable[object]) -> None:
    """Write a list of any length as JSON, an entry at a time."""
    report.write(f'"{name}": [')
    separator = "\n"
    for entry in entries:
        report.write(separator + json.dumps(entry, ensure_ascii=True))
        separator = ",\n"
    report.write("],\n")
