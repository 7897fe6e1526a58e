"""Lays the raw record that a document was read from beside its page, for download.

    2023/03/08/court-opens-inquiry.html
    2023/03/08/court-opens-inquiry.txt      the bytes as received, exactly those that `Seed-SHA256` speaks of

`article.raw` is the address of the raw record, or empty where the seed is gone or is not what it was, or where the
document is withdrawn: a page never offers anything but the record it was made from. A seed that cannot be read is a
fault of the build: it is told, and looked at again by the next one.
"""

import hashlib
import logging
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from html import unescape
from itertools import chain
from pathlib import Path

from pelican import signals
from pelican.contents import Article
from pelican.generators import ArticlesGenerator

from converters.archive.atomic import atomic_output
from converters.intake.seeds import SeedFile, file_of, find_seeds, is_packed_member, members_of, read_records, unpack
from converters.model import Rejection
from converters.rejections import SeedError

_BYTES = re.compile(r"([0-9]{1,18})\+([0-9]{1,9})")
_log = logging.getLogger(__name__)


class Originals:
    """The seeds of an archive, for reading records from; compressed ones are unpacked once where `unpacked` is given.

    Records of a compressed seed can only be read in their order, which processes that share the work do not keep.
    """

    def __init__(self, archive: Path, unpacked: Path | None) -> None:
        self._archive = archive
        self._unpacked = unpacked
        found = list(find_seeds(archive / "seeds")) if (archive / "seeds").is_dir() else []
        self._seeds = [seed for seed in found if isinstance(seed, SeedFile)]
        self._unread = [seed for seed in found if isinstance(seed, Rejection)]
        self._is_unpacked = unpacked is None
        self.stamps = {seed.name: seed.stamp for seed in self._seeds}
        """Name of each seed, of members that of their container -> what tells whether its file is as it was."""
        self.faults: dict[str, str] = {}
        """Name of each seed that could not be read when a record of it was asked for -> what is wrong with it."""

    def stamp_of(self, seed: str) -> str | None:
        """Return what tells whether the file that holds a seed is as it was; None where it is gone."""
        return self.stamps.get(file_of(seed))

    def unpack(self) -> None:
        """Unpack what is compressed and was not unpacked before; forget what is gone. It is done once a build."""
        if self._is_unpacked or self._unpacked is None:
            return
        self._is_unpacked = True
        self._unpacked.mkdir(parents=True, exist_ok=True)
        wanted = set()
        for seed in chain.from_iterable(map(_to_unpack, self._seeds)):
            target = self._unpacked / self._copy_of(seed.name)
            if not target.exists():
                # Writes nothing where nothing is packed; of a seed that cannot be read, reading a record will tell.
                with suppress(FileNotFoundError, SeedError), atomic_output(target, durable=False) as partial:
                    unpack(seed, partial)
            wanted.add(target)
        for path in self._unpacked.iterdir():
            if path not in wanted:
                path.unlink()

    def read(self, seed: str, records: Sequence[tuple[str, str]]) -> Iterator[bytes | None]:
        """Yield records by range (`0+1944`) and SHA-256; None for one that is not what it was."""
        done, failed = 0, -1
        while done < len(records) and file_of(seed) in self.stamps:
            try:
                for raw in self._raw(seed, [_range(text) for text, _ in records[done:]]):
                    _, sha256 = records[done]
                    done += 1
                    yield raw if hashlib.sha256(raw).hexdigest() == sha256 else None
            except OSError as error:
                if done == failed:  # for the second time: most faults pass
                    self.faults[seed] = str(error)
                    done += 1
                    yield None
                else:
                    failed = done
        if file_of(seed) not in self.stamps:
            if unread := self.unread(seed):
                self.faults[seed] = str(unread)
            yield from (None for _ in records)

    def unread(self, seed: str) -> Rejection | None:
        """Return why a seed, or a folder above it, cannot be looked at; None also where the seed is gone."""
        return next((one for one in self._unread if f"{file_of(seed)}/".startswith(f"{one.seed}/")), None)

    def _raw(self, seed: str, ranges: Sequence[tuple[int, int]]) -> Iterator[bytes]:
        copy = self._unpacked / self._copy_of(seed) if self._unpacked else None
        return _slices(copy, ranges) if copy and copy.exists() else read_records(self._archive, seed, ranges)

    def at_hand(self, seed: str, records: Sequence[tuple[str, str]]) -> list[bool]:
        """Return for each record, by range and SHA-256, in any order, whether it still is in the seed."""
        named = (at for at, (place, _) in enumerate(records) if _BYTES.fullmatch(place))
        ascending = sorted(named, key=lambda at: _range(records[at][0]))
        found = self.read(seed, [records[at] for at in ascending])
        there = {at for at, raw in zip(ascending, found, strict=True) if raw is not None}
        return [at in there for at in range(len(records))]

    def copy(self, articles: Sequence[Article], output: Path) -> None:
        """Write the raw record of each article into the site, and let the article know where."""
        of_seed: dict[str, list[Article]] = defaultdict(list)
        for article in articles:
            article.raw = ""
            if (
                article.seed
                and not article.withdrawn
                and not article.raw_withheld
                and _BYTES.fullmatch(article.seed_bytes)
            ):
                of_seed[str(article.seed)].append(article)
        for seed, from_seed in of_seed.items():
            from_seed.sort(key=lambda article: _range(article.seed_bytes))
            ranges = [(str(article.seed_bytes), str(article.seed_sha256)) for article in from_seed]
            for article, raw in zip(from_seed, self.read(unescape(seed), ranges), strict=True):
                if raw is not None:
                    article.raw = raw_address(article.save_as)
                    write_new(f"{output}/{article.raw}", raw)

    def _copy_of(self, seed: str) -> str:
        name = f"{seed}\0{self.stamp_of(seed)}".encode("utf-8", "surrogateescape")
        return hashlib.sha256(name).hexdigest()[:32]


def write_new(path: str, content: bytes) -> None:
    """Write a file that is not there yet, and the folders above it; raises FileExistsError if another is.

    One that holds the same, or its beginning, is the work of a process that was killed: it is as good, or done anew.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        file = os.open(path, flags, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120  # there may be very many
        file = os.open(path, flags, 0o666)
    except FileExistsError:
        there = Path(path).read_bytes() if Path(path).is_file() else None
        if there is None or not content.startswith(there):
            raise
        if there == content:
            return
        os.unlink(path)  # noqa: PTH108
        file = os.open(path, flags, 0o666)
    try:
        while content:
            content = content[os.write(file, content) :]
    finally:
        os.close(file)


def raw_address(page: str) -> str:
    """Return the address of the raw record of a page."""
    return f"{page.removesuffix('.html')}.txt"


def register() -> None:
    """Copy the raw records once Pelican has read all articles."""
    signals.article_generator_finalized.connect(_copy_all)


def _copy_all(generator: ArticlesGenerator) -> None:
    originals = Originals(Path(generator.settings["PATH"]).parent, None)
    articles = chain(generator.articles, generator.hidden_articles, generator.drafts)
    originals.copy(list(articles), Path(generator.output_path))
    for fault in originals.faults.values():
        _log.warning("%s; pages offer no download of it", fault)


def _to_unpack(seed: SeedFile) -> Iterator[SeedFile]:
    """Yield a seed, or those members of a container that are packed, and not small."""
    try:
        members = members_of(seed)
    except OSError:  # of which convert tells
        members = None
    yield from (seed,) if members is None else filter(is_packed_member, members)


def _range(text: str) -> tuple[int, int]:
    start, length = text.split("+")
    return int(start), int(length)


def _slices(path: Path, ranges: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    with path.open("rb") as file:
        for start, length in ranges:
            file.seek(start)
            yield file.read(length)
