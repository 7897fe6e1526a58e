"""Lays the raw record that a document was read from beside its page, for download.

    2023/03/08/court-opens-inquiry.html
    2023/03/08/court-opens-inquiry.txt      the bytes as received, exactly those that `Seed-SHA256` speaks of

`article.raw` is the address of the raw record, or empty where the seed is gone or is not what it was: a page never
offers anything but the record it was made from.
"""

import hashlib
import logging
import re
from collections import defaultdict
from pathlib import Path

from pelican import signals
from pelican.contents import Article
from pelican.generators import ArticlesGenerator

from converters.seeds import read_records

_BYTES = re.compile(r"([0-9]{1,18})\+([0-9]{1,9})")
_log = logging.getLogger(__name__)


def register() -> None:
    """Copy the raw records once all articles are known."""
    signals.article_generator_finalized.connect(_copy_records)


def _copy_records(generator: ArticlesGenerator) -> None:
    archive = Path(generator.settings["PATH"]).parent
    of_seed: dict[str, list[tuple[int, int, Article]]] = defaultdict(list)
    for article in generator.articles:
        article.raw = ""
        place = _BYTES.fullmatch(article.seed_bytes)
        if place and article.seed:
            of_seed[article.seed.unescape()].append((int(place[1]), int(place[2]), article))
    for seed, records in of_seed.items():
        records.sort(key=lambda record: record[:2])
        try:
            raw_records = read_records(archive, seed, [(start, length) for start, length, _ in records])
            for (*_, article), raw in zip(records, raw_records, strict=True):
                _copy(raw, article, Path(generator.output_path))
        except (OSError, ValueError) as error:
            _log.warning("%s: %s; its pages offer no download of it", seed, error)


def _copy(raw: bytes, article: Article, output: Path) -> None:
    if hashlib.sha256(raw).hexdigest() != article.seed_sha256:
        _log.warning("%s: not the record that %s was made from; run convert", article.seed, article.save_as)
        return
    address = f"{article.save_as.removesuffix('.html')}.txt"
    path = output / address
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    article.raw = address
