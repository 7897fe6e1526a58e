"""Packs a built site into a ZIM file, which Kiwix shows and searches on phones, tablets and servers without a network.

    output/  ─►  dist/harbour-press.zim
        every page, raw record and static file at its address, but what only a web host needs
        the site's own search, which works there too, and beside it Kiwix's:
        an index of all words of the documents and the hand-written pages, parted as for the site's search,
        and one of titles
        Title, Description, Language, Creator, Publisher, Date, Name, and an icon

libzim writes it. The same site gives the same bytes: one process compresses and indexes, and the random identities
that libzim and Xapian put in are replaced by a digest of all else, as https://wiki.openzim.org/wiki/ZIM_file_format
lays them out.
"""

import hashlib
import mimetypes
import os
import re
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO

from libzim.writer import Creator, FileProvider, Hint, IndexData, Item  # type: ignore[import-untyped]

from converters.archive.atomic import atomic_output
from converters.archive.layout import Archive, Progress
from converters.ledger.ledger import is_address
from converters.text.analysis import beside_plain_words
from plugins.engine.manifest import enter_files
from plugins.outputs.edition import BATCH, Edition, count_files, edition_of, files_in_order

_HAND_WRITTEN = re.compile(r"(?!search\.html)[^/]+\.html")
_FOR_HOSTS = re.compile(r"404\.html|robots\.txt|sitemap(-[0-9]+)?\.xml|CNAME|\.nojekyll")
_TITLE = re.compile("<title>(.*?)</title>", re.DOTALL)
_TAG = re.compile("<[^>]*>")
_HEAD = 16_384  # bytes in which a page's title stands
_MOST_OF_TITLE = 300  # characters
_LONGEST_TITLE, _LONGEST_DESCRIPTION = 30, 80  # https://wiki.openzim.org/wiki/Metadata
_ISO_639_3 = dict(
    pair.split(":")
    for pair in """
        ar:ara be:bel bg:bul bn:ben ca:cat cs:ces cy:cym da:dan de:deu el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas
        fi:fin fr:fra ga:gle gl:glg gu:guj he:heb hi:hin hr:hrv hu:hun hy:hye id:ind is:isl it:ita ja:jpn ka:kat kk:kaz
        ko:kor la:lat lt:lit lv:lav mk:mkd mn:mon mr:mar ms:msa nb:nob nl:nld nn:nno no:nor pl:pol pt:por ro:ron ru:rus
        sk:slk sl:slv sq:sqi sr:srp sv:swe sw:swa ta:tam te:tel th:tha tr:tur uk:ukr ur:urd vi:vie yi:yid zh:zho
    """.split()
)
_PIECE = 1 << 20
_MD5 = 16  # bytes of the checksum, at the end
_REDIRECTION = 0xFFFF  # stands for the type of an entry
_LONGEST_ENTRY = 4096  # bytes, with path and title
_XAPIAN = b"\x0f\rXapian Glass"
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}


def write_zim(archive: Archive, progress: Progress) -> Path:
    """Write the ZIM file and give its path; the one of before stands until the new one is whole.

    Raises ArchiveError where no site is built.
    """
    edition = edition_of(archive)
    language = _ISO_639_3.get(edition.language.partition("-")[0].casefold(), "mul")
    scratch, total = archive.cache / "zim", count_files(archive.output)
    rmtree(scratch, ignore_errors=True)  # Xapian's, of a run that was killed
    scratch.mkdir()
    name = f"{edition.name}.zim"
    with atomic_output(archive.bundles / name) as partial:
        creator = Creator(scratch / name).config_indexing(True, language).config_nbworkers(1)
        creator.set_mainpath("index.html")
        with _silence(), creator:
            for key, text in _metadata(edition, language).items():
                creator.add_metadata(key, text)
            creator.add_illustration(48, _icon())
            for done, file in enumerate(files_in_order(archive.output), 1):
                if not _FOR_HOSTS.fullmatch(file):
                    creator.add_item(_item(archive.output / file, file, edition.title))
                if done % BATCH == 0 or done == total:
                    progress("Packing the site", done, total)
        with (scratch / name).open("r+b") as written:
            _add_titles(written)
            _settle_identities(written)
        (scratch / name).rename(partial)
    rmtree(scratch)
    enter_files(archive, [archive.bundles / name])
    return archive.bundles / name


def _item(file: Path, address: str, site: str) -> "_File":
    if not address.endswith(".html"):
        return _File(file, address)
    # Lists are not read: they would be found for every word of the titles in them.
    kind = _Page if is_address(address) or _HAND_WRITTEN.fullmatch(address) else _File
    return kind(file, address, _title_of(file, site))


class _Page(Item):  # type: ignore[misc]  # libzim has no types
    """A page that is read, as libzim asks for it: its title and its words go into the indexes."""

    def __init__(self, file: Path, address: str, title: str = "") -> None:
        super().__init__()
        self._file, self._address, self._title = file, address, title

    def get_path(self) -> str:
        return self._address

    def get_title(self) -> str:
        return self._title

    def get_mimetype(self) -> str:
        suffix = self._file.suffix.lower()
        return _TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")

    def get_contentprovider(self) -> FileProvider:
        return FileProvider(self._file)

    def get_hints(self) -> dict[Hint, int]:
        return {Hint.FRONT_ARTICLE: True}

    def get_indexdata(self) -> IndexData:
        return _Words(self._title, _text_of(self._file))


class _File(_Page):
    """Any other file of the site."""

    def get_hints(self) -> dict[Hint, int]:
        return {Hint.FRONT_ARTICLE: False}

    def get_indexdata(self) -> IndexData:
        return _NotIndexed()


class _Words(IndexData):  # type: ignore[misc]
    """The words of a page, and beside them those by which the site's own search finds it, too."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def has_indexdata(self) -> bool:
        return True

    def get_title(self) -> str:
        return self._title

    def get_content(self) -> str:
        return f"{self._text} {beside_plain_words(f'{self._title} {self._text}')}"

    def get_keywords(self) -> str:
        return ""

    def get_wordcount(self) -> int:
        return len(self._text.split())

    def get_position(self) -> None:
        return None


class _NotIndexed(IndexData):  # type: ignore[misc]
    def has_indexdata(self) -> bool:
        return False

    def get_title(self) -> str:
        return ""

    def get_content(self) -> str:
        return ""

    def get_keywords(self) -> str:
        return ""

    def get_wordcount(self) -> int:
        return 0

    def get_position(self) -> None:
        return None


def _metadata(edition: Edition, language: str) -> dict[str, str]:
    return {
        "Title": _cut(edition.title, _LONGEST_TITLE),
        "Description": _cut(edition.subtitle or edition.title, _LONGEST_DESCRIPTION),
        "Language": language,
        "Creator": edition.title,
        "Publisher": edition.title,
        "Date": edition.day,
        "Name": edition.name,
        "Scraper": "Seedbank",
    }


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _title_of(file: Path, site: str) -> str:
    """Return what a page calls itself, without the name of the site behind it."""
    with file.open("rb") as page:
        found = _TITLE.search(page.read(_HEAD).decode(errors="ignore"))
    title = " ".join(unescape(found[1]).split()) if found else ""
    return title.removesuffix(f" · {site}")[:_MOST_OF_TITLE] or file.stem


def _text_of(file: Path) -> str:
    """Return the words of what a page is about, without those around it."""
    page = file.read_text(encoding="utf-8")
    _, _, about = page.partition("<main")
    return " ".join(unescape(_TAG.sub(" ", about.partition(">")[2].partition("</main>")[0])).split())


def _icon() -> bytes:
    """Return the archive's icon, a seed with a shoot in it, as a PNG of 48 by 48."""
    ground, seed, shoot = bytes(4), b"\x0b\x45\x79\xff", b"\xfc\xfb\xf8\xff"
    rows = []
    for y in range(48):
        row = [ground] * 48
        half = 14 if y >= 26 else (y - 4) * 14 // 22  # its tip, and then its belly
        if y >= 30:
            half = int((14**2 - (y - 30) ** 2) ** 0.5) if y <= 44 else -1
        for x in range(24 - half, 24 + half) if y >= 4 else ():
            leaf = abs(x - 23.5) + y in (32.5, 33.5, 34.5) and 0 < abs(x - 23.5) < 7
            row[x] = shoot if leaf or (19 <= y <= 39 and x in (23, 24)) else seed
        rows.append(b"\0" + b"".join(row))
    header = struct.pack(">IIBBBBB", 48, 48, 8, 6, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b"")
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@contextmanager
def _silence() -> Iterator[None]:
    """Let libzim, which speaks past Python, say nothing on the console."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _add_titles(file: BinaryIO) -> None:
    """Add the list of all entries by title, which libzim writes no more, and older readers and zimcheck ask for."""
    count, _, paths, _, _ = _header(file)
    titles = []
    for number in range(count):
        (entry,) = struct.unpack("<Q", _at(file, paths + 8 * number, 8))
        (kind,) = struct.unpack("<H", _at(file, entry, 2))
        raw = _at(file, entry, _LONGEST_ENTRY)
        path, title = raw[12 if kind == _REDIRECTION else 16 :].split(b"\0", 2)[:2]
        titles.append((raw[3:4], title or path, number))
    place = file.seek(-_MD5, os.SEEK_END)
    for _, _, number in sorted(titles):
        file.write(struct.pack("<I", number))
    end = file.tell()
    file.write(bytes(_MD5))
    for field, value in ((40, place), (72, end)):
        file.seek(field)
        file.write(struct.pack("<Q", value))


def _settle_identities(file: BinaryIO) -> None:
    """Replace the random identities, of the file and of its indexes, by a digest of all else; renew the checksum."""
    places = [8, *_identities_of_indexes(file)]
    end = file.seek(-_MD5, os.SEEK_END)
    for place in places:
        file.seek(place)
        file.write(bytes(16))
    identity = bytearray(_digest(file, end, "sha256")[:16])
    identity[6], identity[8] = identity[6] & 0x0F | 0x80, identity[8] & 0x3F | 0x80  # RFC 9562, version 8
    for place in places:
        file.seek(place)
        file.write(identity)
    checksum = _digest(file, end, "md5")
    file.seek(end)
    file.write(checksum)


def _digest(file: BinaryIO, end: int, name: str) -> bytes:
    digest = hashlib.new(name, usedforsecurity=False)
    file.seek(0)
    while file.tell() < end:
        digest.update(file.read(min(_PIECE, end - file.tell())))
    return digest.digest()


def _identities_of_indexes(file: BinaryIO) -> Iterator[int]:
    """Yield where Xapian's databases in a ZIM file have their identities: behind magic and version."""
    count, _, paths, _, clusters = _header(file)
    # Indexes have the last but few addresses, since their namespace, X, sorts behind that of all content.
    for number in range(count - 1, -1, -1):
        (entry,) = struct.unpack("<Q", _at(file, paths + 8 * number, 8))
        kind, _, namespace, _, cluster, blob = struct.unpack("<HBcIII", _at(file, entry, 16))
        if namespace < b"X":
            return
        if kind != _REDIRECTION and _at(file, entry + 16, 20).split(b"\0")[0] in (b"fulltext/xapian", b"title/xapian"):
            (start,) = struct.unpack("<Q", _at(file, clusters + 8 * cluster, 8))
            wide = _at(file, start, 1)[0] & 0x10
            form, size = ("<Q", 8) if wide else ("<I", 4)
            (offset,) = struct.unpack(form, _at(file, start + 1 + size * blob, size))
            place = int(start + 1 + offset)
            if _at(file, place, len(_XAPIAN)) == _XAPIAN:
                yield place + len(_XAPIAN) + 2


def _header(file: BinaryIO) -> tuple[int, int, int, int, int]:
    """Return the numbers of entries and clusters, and where the lists of paths, titles and clusters begin."""
    count, number, paths, titles, clusters = struct.unpack("<IIQQQ", _at(file, 24, 32))
    return count, number, paths, titles, clusters


def _at(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)
