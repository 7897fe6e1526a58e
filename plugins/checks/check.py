"""Verifies a built site from its files alone: that it is what it was written as, and keeps what it promises.

    output/ dist/   →   pages whose text is that of their seed: 1,234
                        pages as they were written: 2,345
                        …
                        faults: 1
                        2023/03/08/a.html: its text is not its seed's; build it again with: ./seedbank build --full

A line for each kind of check says how often it held. Each page is read once, by whichever process is free; what spans
pages, which are anchors elsewhere and the ledger, is compared in the end.
"""

import json
import os
import posixpath
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from shutil import which
from typing import NamedTuple, TypeVar
from urllib.parse import unquote
from xml.etree import ElementTree

from converters.archive.layout import Archive, ArchiveError, Progress, Say
from converters.archive.processes import forks
from converters.archive.stamps import files_below
from converters.ledger.ledger import LIST_KINDS, Line, current, destination, is_address
from converters.model import Capture
from converters.readers.table import origin_of, reader_of
from converters.text import frontmatter
from plugins.checks.bags import faults_of
from plugins.checks.limits import check_limits
from plugins.checks.markup import Kind, Link, Page, read_page
from plugins.engine.build import settings_of
from plugins.site.fixity import is_sealed
from plugins.site.originals import raw_address

T = TypeVar("T")

_TEXT = "pages whose text is that of their seed"
_EDITED = "pages edited by hand, whose text is not compared"
_NO_SEED = "pages whose raw record is not at hand"
_RAW = "raw records with the SHA-256 of their page"
_SEAL = "pages as they were written"
_LINKS = "links within the site that lead to a file"
_ANCHORS = "anchors that links lead to"
_ELSEWHERE = "links to other hosts, all declared"
_HTML = "pages with sound HTML"
_VALIDATOR = "pages that the HTML validator passes"
_DATA = "blocks of JSON-LD that can be read"
_FEEDS = "feeds, sitemaps and other data that can be read"
_ADDRESSES = "addresses in feeds and sitemaps that exist"
_COPIES = "files as they are in theme and content"
_LEDGER = "addresses of the ledger that are kept"
_BUNDLES = "bundles that are whole"
_ALWAYS_TOLD = (
    *(_TEXT, _EDITED, _NO_SEED, _RAW, _SEAL, _HTML, _LINKS, _ANCHORS, _ELSEWHERE),
    *(_DATA, _FEEDS, _ADDRESSES, _COPIES, _LEDGER, _BUNDLES),
)

_ARCHIVE = "{archive}"  # in a remedy: what a command needs to work on this archive
_AGAIN = f"build it again with: ./seedbank build --full{_ARCHIVE}"
_AGAIN_OR_MEND = f"{_AGAIN}; or mend the link where it is written"
_MOST_TOLD = 20  # faults of one kind that are told one by one
_BATCH = 64  # files handed to a process at once
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_WEB = re.compile(r"(?:https?:)?//|mailto:", re.IGNORECASE)
_DECLARED = {"original", "external", "license", "author", "me"}  # values of `rel` that own up to another host
_CSS_REFERENCE = re.compile(r"""(?:url\(|@import)\s*["']?\s*(?:[a-z]+:)?//""", re.IGNORECASE)
_WORDS_OF_A_SEED = "Forbidden code point"  # a control character that was captured is kept, whatever HTML thinks of it
_HASH = re.compile("[0-9a-f]{64}")


class Fault(NamedTuple):
    """What is wrong with a file, and what the person at the keyboard can do."""

    kind: str
    file: str
    what: str
    remedy: str


@dataclass(slots=True)
class Findings:
    """What looking at some files has shown."""

    held: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    kinds: list[tuple[str, Kind, bool]] = field(default_factory=list)
    """Of each page at a document's address: what it is, and whether it says that it came from a seed."""
    redirects: list[tuple[str, str]] = field(default_factory=list)
    unsealed: list[str] = field(default_factory=list)
    anchors: set[tuple[str, str, str]] = field(default_factory=set)
    """Page, the page it leads to, and the anchor there."""

    def fault(self, kind: str, file: str, what: str, remedy: str = _AGAIN) -> None:
        self.faults.append(Fault(kind, file, what, remedy))


@dataclass(frozen=True, slots=True)
class _Site:
    """The site that is looked at; processes have it from the fork."""

    top: str
    content: str
    files: set[str]
    address: str
    """Where the site is on the web, as its home page says; empty if it does not."""
    sources: dict[str, str]
    """Each file that is the copy of another -> that other."""


def check(archive: Archive, jobs: int, say: Say, progress: Progress) -> int:
    """Verify the built site and the bundles; give the number of faults.

    Tells `say` how often each kind of check held, of each fault, and what is near a host's limits. Raises
    ArchiveError where there is no site.
    """
    global _site
    _site = _site_of(archive)
    found = _Summary()
    names = sorted(_site.files)
    for batch in _share_out("Checking files", _look_at, names, jobs, progress):
        found.add(batch)
    for batch in _share_out("Checking anchors", _look_for_anchors, found.anchors_by_page(), jobs, progress):
        found.add(batch)
    found.add(_check_seals(found))
    found.add(_check_ledger(archive, found))
    found.add(_check_with_validator(progress))
    bundles = sorted(archive.bundles.glob("*.zip"))
    for done, bundle in enumerate(bundles):
        progress("Checking bundles", done, len(bundles))
        found.add(_check_bundle(archive, bundle))
    for finding in check_limits(archive.output):
        say(f"warning: {finding.text}")
    return found.tell(archive, say)


class _Summary:
    """All findings, without those faults that are too many to tell one by one."""

    def __init__(self) -> None:
        self.held: Counter[str] = Counter(dict.fromkeys(_ALWAYS_TOLD, 0))
        self.kinds: dict[str, tuple[Kind, bool]] = {}
        self.redirects: dict[str, str] = {}
        self.unsealed: list[str] = []
        self._anchors: dict[str, dict[str, str]] = defaultdict(dict)
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self._count: Counter[str] = Counter()

    def add(self, findings: Findings) -> None:
        self.held += findings.held
        self.kinds.update((address, (kind, from_seed)) for address, kind, from_seed in findings.kinds)
        self.redirects.update(findings.redirects)
        self.unsealed += findings.unsealed
        for page, target, anchor in sorted(findings.anchors):
            self._anchors[target].setdefault(anchor, page)
        for fault in findings.faults:
            self._count[fault.kind] += 1
            if self._count[fault.kind] <= _MOST_TOLD:
                self._faults[fault.kind].append(fault)

    def anchors_by_page(self) -> list[tuple[str, dict[str, str]]]:
        """Give the pages that links lead into, and the anchors that these name, each with a page that does."""
        return sorted(self._anchors.items())

    def tell(self, archive: Archive, say: Say) -> int:
        for kind in [*_ALWAYS_TOLD, *sorted(self.held.keys() - {*_ALWAYS_TOLD})]:
            say(f"{kind}: {self.held[kind]:,}")
        total = self._count.total()
        say(f"faults: {total:,}")
        for kind, faults in self._faults.items():
            for fault in faults:
                say(f"{fault.file}: {fault.what}; {fault.remedy.replace(_ARCHIVE, archive.option)}")
            if self._count[kind] > len(faults):
                say(f"… and {self._count[kind] - len(faults):,} more, besides the “{kind}”")
        return total


_site: _Site


def _site_of(archive: Archive) -> _Site:
    home = archive.output / "index.html"
    if not home.is_file():
        raise ArchiveError(f"{archive.output}: holds no site; build it with: {archive.command('build')}")
    links = read_page(home.read_text(encoding="utf-8", errors="replace")).links
    address = next((link.address.rstrip("/") for link in links if link.rel == "canonical"), "")
    settings = settings_of(archive, archive.cache / "site")
    theme = Path(settings["THEME"])
    copied = [(theme / folder, settings["THEME_STATIC_DIR"]) for folder in settings["THEME_STATIC_PATHS"]]
    copied += [(archive.content / folder, folder) for folder in settings["STATIC_PATHS"]]
    sources = {
        f"{target}/{name}": f"{folder}/{name}"
        for folder, target in copied
        if folder.is_dir()
        for name in files_below(folder)
        if not Path(name).name.startswith(".")
    }
    return _Site(str(archive.output), str(archive.content), {*files_below(archive.output)}, address, sources)


def _share_out(
    stage: str, work: Callable[[Sequence[T]], Findings], items: Sequence[T], jobs: int, progress: Progress
) -> Iterator[Findings]:
    batches = [items[at : at + _BATCH] for at in range(0, len(items), _BATCH)]
    done = 0
    with forks(min(jobs, len(batches))) as shared_out:
        for batch, findings in zip(batches, shared_out(work, batches), strict=True):
            done += len(batch)
            progress(stage, done, len(items))
            yield findings


def _look_at(names: Sequence[str]) -> Findings:
    findings = Findings()
    for name in names:
        path = Path(_site.top, name)
        if name in _site.sources:
            _check_copy(name, path.read_bytes(), findings)
        if name.endswith(".html"):
            _check_page(name, path.read_bytes(), findings)
        elif name.endswith((".xml", ".json")):
            _check_data(name, path.read_bytes(), findings)
        elif name.endswith(".css") and _CSS_REFERENCE.search(path.read_text(encoding="utf-8", errors="replace")):
            findings.fault(_ELSEWHERE, name, "asks another host for something", "keep a copy in the theme")
        elif name.endswith(".txt") and is_address(f"{name[:-4]}.html") and f"{name[:-4]}.html" not in _site.files:
            findings.fault(_RAW, name, "is the raw record of no page")
    return findings


def _check_copy(name: str, raw: bytes, findings: Findings) -> None:
    if raw == Path(_site.sources[name]).read_bytes():
        findings.held[_COPIES] += 1
    else:
        findings.fault(_COPIES, name, f"differs from {_site.sources[name]}, which it was copied from")


# Pages


def _check_page(name: str, raw: bytes, findings: Findings) -> None:
    if is_sealed(raw):
        findings.held[_SEAL] += 1
    else:
        findings.unsealed.append(name)
    try:
        page = read_page(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        findings.fault(_HTML, name, f"byte {error.start:,} is not UTF-8")
        return
    for fault in page.faults:
        findings.fault(_HTML, name, fault, "mend the template or the hand-written page")
    findings.held[_HTML] += not page.faults
    edited = "Edited" in page.facts
    for link in page.links:
        _check_link(name, page, link, edited, findings)
    for block in page.data:
        _check_json(name, block, _DATA, findings)
    if is_address(name):
        findings.kinds.append((name, page.kind, bool(_HASH.fullmatch(page.facts.get("SHA-256", "")))))
    if page.kind == "document":
        _check_document(name, page, edited, findings)
    elif page.kind != "other" and raw_address(name) in _site.files:
        findings.fault(_RAW, raw_address(name), "is a raw record, and the page beside it shows no document")


def _check_document(name: str, page: Page, edited: bool, findings: Findings) -> None:
    """Compare a document with the raw record that lies beside it."""
    beside = raw_address(name)
    if beside not in _site.files:
        findings.held[_NO_SEED] += 1
        return
    raw = Path(_site.top, beside).read_bytes()
    if sha256(raw).hexdigest() == page.facts.get("SHA-256"):
        findings.held[_RAW] += 1
    else:
        findings.fault(_RAW, beside, "its SHA-256 is not the one on its page")
    if edited:
        findings.held[_EDITED] += 1
        return
    captured = _capture_of(raw, Path(_site.content, f"{name.removesuffix('.html')}.md"))
    if captured is None:
        findings.fault(_TEXT, beside, "holds no document for the reader that its content file names")
    elif _words(page.title) != _words(captured.title):
        findings.fault(_TEXT, name, "its title is not that of its seed")
    elif _words(page.text) != _words("".join(captured.paragraphs)):
        findings.fault(_TEXT, name, "its text is not that of its seed")
    else:
        findings.held[_TEXT] += 1


def _capture_of(raw: bytes, content: Path) -> Capture | None:
    """Return what the reader that a content file names finds in the raw record."""
    document = content.read_text(encoding="utf-8", errors="replace") if content.is_file() else ""
    reader = reader_of(frontmatter.value(document, "Reader"))
    return (
        captured if reader and isinstance(captured := reader.read_record(raw, origin_of(document)), Capture) else None
    )


def _words(text: str) -> str:
    return "".join(text.split())


# Links


def _check_link(name: str, page: Page, link: Link, edited: bool, findings: Findings) -> None:
    address = link.address.strip()
    told = address[:200]
    if address.startswith("/") and not address.startswith("//"):
        findings.fault(_LINKS, name, f"leads to {told}, which depends on where the site lies", "make it relative")
    elif not _SCHEME.match(address):
        _check_target(name, page, link, _resolved(posixpath.dirname(name), address), findings)
    elif _site.address and f"{address}/".startswith(f"{_site.address}/"):
        path = address[len(_site.address) + 1 :]
        _check_target(name, page, link, _resolved("", path or "index.html"), findings)
    elif _is_declared(link, by_hand=link.in_text and (edited or page.kind != "document")):
        findings.held[_ELSEWHERE] += 1
    elif link.element == "a":
        findings.fault(_ELSEWHERE, name, f"leads to {told}", 'if that is meant, declare it: rel="external"')
    else:
        findings.fault(_ELSEWHERE, name, f"asks for {told} ({link.element})", "keep a copy in the site")


def _is_declared(link: Link, by_hand: bool) -> bool:
    """Whether a link to another host says that it is one, or was put where it is by a curator."""
    if not _WEB.match(link.address.strip()):
        return False
    is_link = link.element in ("a", "area")
    return (is_link and by_hand) or ((is_link or link.element == "link") and not _DECLARED.isdisjoint(link.rel.split()))


def _check_target(name: str, page: Page, link: Link, found: tuple[str, str], findings: Findings) -> None:
    target, anchor = found[0] or name, found[1]
    if target not in _site.files:
        findings.fault(_LINKS, name, f"leads to {link.address[:200]}, where there is nothing", _AGAIN_OR_MEND)
        return
    findings.held[_LINKS] += 1
    if link.element == "meta":
        findings.redirects.append((name, target))
    if not anchor or anchor == "top":
        return
    if target != name:
        if target.endswith(".html"):
            findings.anchors.add((name, target, anchor))
    elif anchor in page.ids:
        findings.held[_ANCHORS] += 1
    else:
        findings.fault(_ANCHORS, name, f"leads to #{anchor}, which is not on it")


@lru_cache(maxsize=100_000)
def _resolved(folder: str, address: str) -> tuple[str, str]:
    """Give the file, nothing for the page itself, and the anchor that an address leads to from a folder."""
    path, _, anchor = address.partition("#")
    path = unquote(path.partition("?")[0])
    if not path:
        return "", unquote(anchor)
    return posixpath.normpath(posixpath.join(folder, path)) + ("/" if path.endswith("/") else ""), unquote(anchor)


def _look_for_anchors(wanted: Sequence[tuple[str, dict[str, str]]]) -> Findings:
    findings = Findings()
    for name, anchors in wanted:
        ids = read_page(Path(_site.top, name).read_text(encoding="utf-8", errors="replace")).ids
        for anchor, page in anchors.items():
            if anchor in ids:
                findings.held[_ANCHORS] += 1
            else:
                findings.fault(_ANCHORS, page, f"leads to {name}#{anchor}, which is not there")
    return findings


# Feeds, sitemaps and other data


def _check_data(name: str, raw: bytes, findings: Findings) -> None:
    addresses: Iterable[str]
    if name.endswith(".json"):
        data = _check_json(name, raw, _FEEDS, findings)
        addresses = _addresses_in(data) if "feed" in name else ()
    else:
        try:
            root = ElementTree.fromstring(raw)  # noqa: S314  # our own file; a bomb in it would be ours
        except ElementTree.ParseError as error:
            findings.fault(_FEEDS, name, f"is no XML: {error}")
            return
        findings.held[_FEEDS] += 1
        locations = [element.text or "" for element in root.iter() if element.tag.endswith("}loc")]
        addresses = locations + [
            element.get("href", "")
            for element in root.iter()
            if element.tag.endswith("}link") and element.get("rel", "alternate") in ("alternate", "self")
        ]
    for address in addresses:
        path = unquote(address.removeprefix(f"{_site.address}/").partition("#")[0])
        if not f"{address}/".startswith(f"{_site.address}/"):
            findings.fault(_ADDRESSES, name, f"names {address[:200]}, which is not on this site")
        elif (path if path and path != address else "index.html") not in _site.files:
            findings.fault(_ADDRESSES, name, f"names {address[:200]}, where there is nothing")
        else:
            findings.held[_ADDRESSES] += 1


def _check_json(name: str, text: str | bytes, kind: str, findings: Findings) -> object:
    try:
        data: object = json.loads(text)
    except ValueError as error:
        findings.fault(kind, name, f"is no JSON: {error}")
        return None
    findings.held[kind] += 1
    return data


def _addresses_in(feed: object) -> Iterator[str]:
    items = feed.get("items") if isinstance(feed, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(item.get("url"), str):
            yield item["url"]


# What spans the site


def _check_seals(found: _Summary) -> Findings:
    """Take a page without its seal for changed, in a site whose pages have one."""
    findings = Findings()
    for name in found.unsealed if found.held[_SEAL] else ():
        findings.fault(_SEAL, name, "is not as it was written")
    for name in sorted(_site.sources.keys() - _site.files):
        findings.fault(_COPIES, name, f"is missing; {_site.sources[name]} is to be copied there")
    return findings


def _check_ledger(archive: Archive, found: _Summary) -> Findings:
    """Compare the pages with the ledger: each address that was ever published is a page, a redirect or a tombstone."""
    findings = Findings()
    lines = current(archive.ledger)
    for address, line in lines.items():
        kind, _ = found.kinds.get(address, ("other", False))
        if not is_address(address):
            _check_list(address, line, lines, found, findings)
        elif address not in found.kinds:
            what = f"was published, as the ledger says, and is gone ({line.holds})"
            take_back = f"./seedbank withdraw {address} --why …{_ARCHIVE}"
            remedy = f"bring its content file back from git, or take it back: {take_back}"
            findings.fault(_LEDGER, address, what, remedy)
        elif line.holds == "redirect" and found.redirects.get(address) != destination(address, lines):
            findings.fault(_LEDGER, address, f"does not lead to {line.detail}, as the ledger says")
        elif line.holds == "tombstone" and kind == "document":
            findings.fault(_LEDGER, address, "is withdrawn, as the ledger says, and shows a document")
        elif line.holds == "document" and kind in ("redirect", "tombstone"):
            remedy = "finish what was begun: give the command again that withdrew or renamed it"
            findings.fault(_LEDGER, address, f"is a {kind}, and the ledger says a document", remedy)
        else:
            findings.held[_LEDGER] += 1
    for address, (kind, from_seed) in found.kinds.items():
        if kind == "document" and from_seed and address not in lines:
            remedy = "bring the ledger back from git, or move the file back to where it was"
            findings.fault(_LEDGER, address, "is a document that is not in content/addresses.csv", remedy)
    return findings


def _check_list(address: str, line: Line, lines: dict[str, Line], found: _Summary, findings: Findings) -> None:
    """Compare what stands at the address of a list with its line in the ledger."""
    if address not in _site.files:
        findings.fault(_LEDGER, address, f"was published, as the ledger says, and is gone ({line.holds})")
    elif line.holds == "redirect" and found.redirects.get(address) != destination(address, lines):
        findings.fault(_LEDGER, address, f"does not lead to {line.detail}, as the ledger says")
    elif line.holds in LIST_KINDS and address in found.redirects:
        findings.fault(_LEDGER, address, f"leads elsewhere, and the ledger says that it is a {line.holds}")
    else:
        findings.held[_LEDGER] += 1


def _check_with_validator(progress: Progress) -> Findings:
    """Have all pages looked at by the Nu Html Checker, where `VNU_JAR` says where it is."""
    findings = Findings()
    jar, java = os.environ.get("VNU_JAR"), which("java")
    if not jar:
        return findings
    if not java or not Path(jar).is_file():
        raise ArchiveError(f"VNU_JAR={jar}: needs Java and the file vnu.jar there; or unset VNU_JAR")
    command = [java, "-Xss4m", "-jar", jar, "--errors-only", "--format", "gnu", "--skip-non-html", _site.top]
    top = Path(_site.top).as_uri()
    progress("Asking the HTML validator", 0, None)  # which tells nothing until it is done
    faulty = set()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace") as running:  # noqa: S603
        for line in running.stderr or ():
            if _WORDS_OF_A_SEED in line:
                continue
            if match := re.match(r'"?(file:[^"]*?)"?:([0-9.-]+): (.*)', line):
                name = unquote(match[1].removeprefix("file:").removeprefix(top.removeprefix("file://"))).lstrip("/")
                faulty.add(name)
                findings.fault(_VALIDATOR, name, f"at {match[2]}: {match[3]}", "mend the template or the page")
            elif line.strip():
                findings.fault(_VALIDATOR, jar, line.strip(), "see what Java says")
    findings.held[_VALIDATOR] = sum(name.endswith(".html") for name in _site.files) - len(faulty)
    return findings


def _check_bundle(archive: Archive, bundle: Path) -> Findings:
    findings = Findings()
    name = bundle.relative_to(archive.root).as_posix()
    for fault in faults_of(bundle):
        findings.fault(_BUNDLES, name, fault, f"make it again with: ./seedbank bundle{_ARCHIVE}")
    findings.held[_BUNDLES] += not findings.faults
    return findings
