"""Reads one page: the document in it as blocks, what it says of itself, and what is left out.

read_page("<html>…", "https://example.org/court")
->  Page(metadata=Metadata(title="Court opens inquiry", …), body=(Paragraph(…), …), left_out={"navigation": 120, …})
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from converters.model import Block
from converters.readers.page.blocks import Picture, Surroundings, blocks_of
from converters.readers.page.dom import PageError, parse, prune, visible_text
from converters.readers.page.leaves import Leaf, leaves_of
from converters.readers.page.metadata import Metadata, metadata_of
from converters.readers.page.regions import CAPTION, TEXT, TITLE, pictures_within, regions_of

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Page:
    metadata: Metadata
    body: tuple[Block, ...]
    """Empty where the page holds no text of a document."""
    left_out: Counter[str]
    """How many words of each region are not in the body."""
    words: int
    """How many words the page shows in all."""
    visible: str
    """All that the page shows, and would show if it were unfolded, in no form: what the share that is kept is of."""


def read_page(text: str, url: str, picture: Picture = lambda *_: "") -> Page:
    """Return what a page holds; raises PageError where it is none. `url` is where it was captured, or empty."""
    # Loading it takes an eighth of a second, which archives without pages need not wait for.
    import trafilatura

    tree = parse(text)
    metadata = metadata_of(tree, url)
    visible = visible_text(tree)
    prune(tree)
    witness = trafilatura.extract(tree, include_comments=False, fast=True, favor_recall=True) or ""
    everything = leaves_of(tree)
    leaves = [leaf for leaf in everything if not leaf.is_picture]
    regions = dict(zip(leaves, regions_of(leaves, witness, metadata.title, metadata.descriptions), strict=True))
    kept = [leaf for leaf, region in regions.items() if region in (TEXT, CAPTION)]
    captions = {leaf for leaf, region in regions.items() if region == CAPTION}
    left_out: Counter[str] = Counter()
    for leaf, region in regions.items():
        if region not in (TEXT, CAPTION, TITLE):
            left_out[region] += len(leaf.text.split())
    words = sum(len(leaf.text.split()) for leaf in leaves)
    with_pictures = _with_pictures(everything, kept, captions) if kept else set()
    shown = [leaf for leaf in everything if leaf in with_pictures]
    return Page(metadata, blocks_of(shown, Surroundings(captions, url, picture)), left_out, words, visible)


def _with_pictures(leaves: Sequence[Leaf], kept: Sequence[Leaf], captions: set[Leaf]) -> set[Leaf]:
    """Return the leaves that are kept and the pictures among them, but for those that a caption speaks of."""
    first, last = (next(at for at, leaf in enumerate(leaves) if leaf is edge) for edge in (kept[0], kept[-1]))
    return {*kept, *pictures_within(leaves, first, last, captions)}


def read_fragment(text: str, url: str) -> tuple[Block, ...]:
    """Return all that a piece of HTML shows; raises PageError where it is none."""
    tree = parse(text)
    visible_text(tree)
    prune(tree)
    return blocks_of(leaves_of(tree), Surroundings(set(), url, lambda _: ""))


__all__ = ["Page", "PageError", "read_fragment", "read_page"]
