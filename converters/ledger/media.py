"""Keeps the pictures of captures: each once, called by its SHA-256, whichever documents show it.

Media("cf07….jpg", 81920, "Court_files/harbour.jpg", b"\\xff\\xd8…")
->  .cache/media/cf07….jpg      when its page was read
->  content/files/cf07….jpg     when a document that shows it is written

PictureLimits(largest=5 MB, all=1000 MB)    what is larger, or would be too much, is told by its address instead
"""

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from converters.archive.layout import Archive
from converters.model import Block, Capture, Figure, ListBlock, Media, Quote, pictures_sought

_SHOWN = re.compile(r'src="[./]*files/([0-9a-f]{64}\.[a-z]+)"')


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """How much of pictures an archive takes, in bytes."""

    largest: int = 5_000_000
    all: int = 1_000_000_000


class Pictures:
    """What the documents of an archive show, within its limits."""

    def __init__(self, archive: Archive, limits: PictureLimits) -> None:
        self._folder, self._limits = archive.pictures, limits
        self._total: int | None = None

    def within_limits(self, capture: Capture) -> Capture:
        """Return a capture without the pictures that are too large, or would be too much in all."""
        refused = {media.file: media.address for media in capture.media if not self._takes(media.file, media.size)}
        if not refused:
            return capture

        def without(figure: Figure) -> Figure | None:
            if figure.file not in refused:
                return figure
            return replace(figure, file="") if figure.caption else None

        return replace(
            capture,
            body=_changed(capture.body, without),
            media=tuple(media for media in capture.media if media.file not in refused),
            missing_pictures=(*capture.missing_pictures, *filter(None, refused.values())),
        )

    def _takes(self, file: str, size: int) -> bool:
        if (self._folder / file).exists():
            return True
        if self._total is None:
            with suppress(FileNotFoundError):
                self._total = sum(entry.stat().st_size for entry in os.scandir(self._folder))
        total = (self._total or 0) + size
        if size > self._limits.largest or total > self._limits.all:
            return False
        self._total = total
        return True


def with_pictures(capture: Capture, find: Callable[[str], Media | None]) -> Capture:
    """Return a capture with the pictures that were sought in the archive, and the addresses of those not found."""
    sought = pictures_sought(capture)
    if not sought:
        return capture
    found = {url: media for url in sought if (media := find(url))}

    def settled(figure: Figure) -> Figure | None:
        if "://" not in figure.file:
            return figure
        file = found[figure.file].file if figure.file in found else ""
        return replace(figure, file=file) if file or figure.caption else None

    return replace(
        capture,
        body=_changed(capture.body, settled),
        media=tuple({media.file: media for media in (*capture.media, *found.values())}.values()),
        missing_pictures=(*capture.missing_pictures, *(url for url in sought if url not in found)),
    )


def keep_picture(archive: Archive, content: bytes, name: str) -> None:
    """Keep a picture in `.cache/`."""
    _put(_kept(archive) / name, content)


def keep(archive: Archive, capture: Capture) -> Capture:
    """Keep the pictures of a capture in `.cache/`; return the capture without their bytes."""
    for media in capture.media:
        _put(_kept(archive) / media.file, media.content)
    return replace(capture, media=tuple(replace(media, content=b"") for media in capture.media))


def are_kept(archive: Archive, capture: Capture) -> bool:
    """Whether all pictures of a capture are at hand."""
    places = (_kept(archive), archive.pictures)
    return all(any((place / media.file).exists() for place in places) for media in capture.media)


def publish(archive: Archive, capture: Capture) -> None:
    """Put the pictures of a document into `content/`; raises OSError where they are not at hand."""
    for media in capture.media:
        target = archive.pictures / media.file
        if not target.exists():
            _put(target, (_kept(archive) / media.file).read_bytes())


def forget_pictures(archive: Archive, document: str) -> None:
    """Delete the pictures that a document showed, which is withdrawn by now, and no other document shows."""
    names = {*_SHOWN.findall(document)}
    for path in archive.content.rglob("*.md") if names else ():
        names.difference_update(_SHOWN.findall(path.read_bytes().decode("utf-8", "replace")))
    for name in names:
        for folder in (archive.pictures, _kept(archive)):
            (folder / name).unlink(missing_ok=True)


def seen_from(address: str, capture: Capture) -> Capture:
    """Return a capture whose figures name their files as its page and content file see them: `../../../files/…`."""
    capture = with_pictures(capture, lambda _: None)  # nothing may be asked for elsewhere
    if not capture.media:
        return capture
    folder = f"{'../' * address.count('/')}files/"
    body = _changed(capture.body, lambda figure: replace(figure, file=folder + figure.file) if figure.file else figure)
    return replace(capture, body=body)


def _kept(archive: Archive) -> Path:
    return archive.cache / "media"


def _put(path: Path, content: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as partial:  # others may write the same
        partial.write(content)
    os.chmod(partial.name, 0o644)  # noqa: PTH101
    os.replace(partial.name, path)  # noqa: PTH105


def _changed(blocks: Iterable[Block], change: Callable[[Figure], Figure | None]) -> tuple[Block, ...]:
    """Return blocks with their figures changed, and without those of which nothing is left."""
    changed: list[Block] = []
    for block in blocks:
        match block:
            case Figure():
                if figure := change(block):
                    changed.append(figure)
            case Quote(blocks=inner):
                changed.append(Quote(_changed(inner, change)))
            case ListBlock(items=items):
                changed.append(replace(block, items=tuple(_changed(item, change) for item in items)))
            case _:
                changed.append(block)
    return tuple(changed)
