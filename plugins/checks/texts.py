"""Claims that a document's words are those of its seed, found from the raw record without the reader that read it.

    2023/03/08/slug.txt ─ decode, as the page says ─► words  ═  the reader's header, and the words of slug.html

A reader that keeps all: nothing of the raw record is missing, nothing is added, no word is parted or joined. A reader
that extracts: every word of the page stands in order in what a person sees of the raw record, and the page tells how
much of that it keeps. Which of them read a document stands in its front-matter.
"""

import re
from collections.abc import Iterable
from html import unescape
from itertools import accumulate, dropwhile

from converters.intake.visible import comparable, first_missing, is_visible, keeps_prose, plain, share_kept
from converters.readers.reader import Reader
from converters.readers.table import reader_of
from converters.text import frontmatter
from plugins.checks.findings import Findings
from plugins.checks.page import Page
from plugins.checks.site import Site

EQUAL = "pages whose text is that of their seed"
IN_ORDER = "pages whose words stand in order in their seed"
KEPT = "pages that tell what share of their seed they keep"
EDITED = "pages edited by hand, whose text is not compared"
NO_SEED = "pages whose raw record is not at hand"

_WORD = re.compile(r"\w+")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")  # titles may stand in JSON-LD alone
_WORDS_OF_FIELDS = 8  # that stand one after another, and are none of the text
_HARDLY_ANYTHING = 10  # of a hundred characters
_EXCERPT = 40  # characters
_PERCENT = re.compile(r"([0-9]{1,3}) ?%")


def check_text(site: Site, name: str, page: Page, raw: bytes | None, findings: Findings) -> None:
    """Compare a document with its raw record."""
    if raw is None:
        findings.held[NO_SEED] += 1
        return
    if "Edited" in page.facts:
        findings.held[EDITED] += 1
        return
    document = _content_file(site, name)
    label, told = frontmatter.value(document, "Reader"), {*frontmatter.values(document, "Sidecar")}
    reader = reader_of(label)
    if reader is None:
        remedy = "bring the content file, or the program that knows this reader, back from git"
        findings.fault(EQUAL, name, f"was read by {label or 'no reader that its content file names'}", remedy)
        return
    raw = reader.unpacked(raw)
    encoding = page.facts.get("Encoding", "").partition(",")[0] or "utf-8"
    if not reader.extracts:
        fault = _difference(reader, page, comparable(reader.visible(raw, encoding)), told)
        _settle(site, EQUAL, name, fault, findings)
        return
    visible = reader.visible(raw, encoding)
    _settle(site, IN_ORDER, name, _not_in_order(page, raw, encoding, visible, told), findings)
    _settle(site, KEPT, name, _not_as_told(page, visible), findings)


def _settle(site: Site, claim: str, name: str, fault: str, findings: Findings) -> None:
    if fault:
        findings.fault(claim, name, fault, site.build_again)
    else:
        findings.held[claim] += 1


def _content_file(site: Site, name: str) -> str:
    content = site.archive.content / f"{name.removesuffix('.html')}.md"
    try:
        return content.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


# Readers that keep all


def _difference(reader: Reader, page: Page, raw: str, told: set[str]) -> str:
    """Return what a page has otherwise than its raw record; "" where it has all of the words, and no other.

    What a curator told in a sidecar does not stand in the record.
    """
    return _difference_from_text(reader, page, raw, told) if reader.header else _difference_from_fields(page, raw, told)


def _difference_from_text(reader: Reader, page: Page, raw: str, told: set[str]) -> str:
    url = page.original or page.facts.get("Captured from", "-")
    header = reader.header.format(date=page.published or "-", url=url).split()
    in_seed = raw.split()
    if in_seed[: len(header)] == header:
        in_seed = in_seed[len(header) :]
    elif not told & {"date", "address", "title"}:
        return "its date or its address is not that of its seed"
    elif in_seed[:1] == header[:1]:
        in_seed = raw.lstrip().partition("\n")[2].split()
    title = comparable(page.title).split()
    if in_seed[: len(title)] != title and "title" not in told:
        return "its title is not that of its seed"
    if "title" in told and in_seed[: len(title)] != title:
        title = []
        in_seed = list(dropwhile(lambda word: not is_visible(word), in_seed))
    paragraphs = [title, *(comparable(paragraph).split() for paragraph in page.paragraphs)]
    shown = [word for paragraph in paragraphs for word in paragraph]
    text, expected = "".join(shown), "".join(in_seed)
    if text != expected:
        at = next((at for at, pair in enumerate(zip(text, expected, strict=False)) if pair[0] != pair[1]), 0)
        at = at or min(len(text), len(expected))  # the title is the same in both
        return (
            f"its text is not that of its seed: “{text[at : at + _EXCERPT]}” stands on the page, "
            f"and “{expected[at : at + _EXCERPT]}” in the seed (spaces left out)"
        )
    edges, edges_in_seed = {*_edges(shown)}, {*_edges(in_seed)}
    restored = {*_edges("".join(paragraph) for paragraph in paragraphs)} if reader.lost_breaks else set()
    if odd := (edges_in_seed - edges) | (edges - edges_in_seed - restored):
        at = min(odd)
        return f"its words are parted otherwise than in its seed, at “{text[max(0, at - _EXCERPT) : at]}”"
    return ""


def _difference_from_fields(page: Page, raw: str, told: set[str]) -> str:
    """Compare with a record that names its fields: what is left of it must be names, and short values."""
    where = [at for at, character in enumerate(raw) if not character.isspace()]
    text = "".join(raw.split())
    taken: list[tuple[int, int]] = []
    after = 0
    fields = {"title": page.title, "address": page.original, "date": page.published}
    for piece in [*page.paragraphs, *(piece for key, piece in fields.items() if key not in told)]:
        in_order = len(taken) < len(page.paragraphs)
        wanted = "".join(comparable(piece).split())
        start = text.find(wanted, after if in_order else 0)
        if start < 0 and piece != page.published:  # a date may be written in any way
            return f"its text is not that of its seed: “{piece[:_EXCERPT]}” does not stand there"
        taken.append((start, start + len(wanted)) if start >= 0 else (0, 0))
        after = taken[-1][1]
    end = 0
    for start, until in [*sorted(taken), (len(text), len(text))]:
        left = raw[where[end] : where[start - 1] + 1] if start > end else ""
        if len(_WORD.findall(left)) > _WORDS_OF_FIELDS:
            return f"its text is not that of its seed: “{left.strip()[:_EXCERPT]}” is missing"
        end = max(end, until)
    return ""


def _edges(words: Iterable[str]) -> Iterable[int]:
    return accumulate(map(len, words))


# Readers that extract


def _not_in_order(page: Page, raw: bytes, encoding: str, visible: str, told: set[str]) -> str:
    words = [word for paragraph in page.paragraphs for word in comparable(paragraph).split()]
    if missing := first_missing(words, visible):
        return f"“{missing[:_EXCERPT]}” of its text does not stand there in its seed"
    as_written = _JSON_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), plain(raw, encoding))
    source = "".join(comparable(f"{unescape(as_written)} {as_written}").split())  # a reference may be meant as such
    title = [] if "title" in told else comparable(page.title).split()
    if strange := next((word for word in title if word not in source), ""):
        return f"“{strange[:_EXCERPT]}” of its title does not stand in its seed"
    return ""


def _not_as_told(page: Page, visible: str) -> str:
    share = share_kept(page.paragraphs, visible)
    told = _PERCENT.match(page.facts.get("Kept", ""))
    if not told:
        return f"does not tell what share of its seed it keeps, which is {share} %"
    if int(told[1]) != share:
        return f"tells that it keeps {told[1]} % of its seed, and keeps {share} %"
    if share < _HARDLY_ANYTHING and not keeps_prose(page.paragraphs, visible):
        return f"keeps {share} % of its seed, and none of its longer paragraphs"
    return ""
