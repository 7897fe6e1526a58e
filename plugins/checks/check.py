"""Verifies a built site from its files alone: that it is what it was written as, and keeps what it promises.

    output/ dist/   →   pages whose text is that of their seed: 1,234
                        pages as they were written: 2,345
                        …
                        faults: 1
                        2023/03/08/a.html: its text is not its seed's; build it again with: ./seedbank build --full

A line for each claim says how often it held; the claims have files of their own in this folder. Each page is read once,
by whichever process is free; what spans pages, which are anchors elsewhere and the ledger, is compared in the end.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from converters.archive.layout import Archive, Progress, Say
from converters.archive.processes import batches, forks
from converters.ledger.ledger import is_address
from plugins.checks.anchors import ANCHORS, check_anchors
from plugins.checks.bag import BUNDLES, check_bundle
from plugins.checks.feeds import ADDRESSES, FEEDS, check_data
from plugins.checks.findings import Findings, Report, Shown
from plugins.checks.fixity import (
    COPIES,
    RAW,
    SEAL,
    check_copies_are_there,
    check_copy,
    check_has_page,
    check_raw,
    check_seal,
    check_seals,
)
from plugins.checks.html import HTML, check_html, check_with_validator
from plugins.checks.jsonld import JSON_LD, check_json_ld
from plugins.checks.ledger import LEDGER, check_ledger
from plugins.checks.limits import check_limits
from plugins.checks.links import ELSEWHERE, LINKS, check_link, check_style
from plugins.checks.manifest import WRITTEN, check_all_there, check_written, files_to_compare, without_told
from plugins.checks.page import read_page
from plugins.checks.site import Site, read_site
from plugins.checks.texts import EDITED, EQUAL, IN_ORDER, KEPT, NO_SEED, check_text
from plugins.engine.manifest import read_manifest

T = TypeVar("T")

_CLAIMS = (
    *(EQUAL, IN_ORDER, KEPT, EDITED, NO_SEED, RAW, SEAL, HTML, LINKS, ANCHORS, ELSEWHERE),
    *(JSON_LD, FEEDS, ADDRESSES, COPIES, LEDGER, BUNDLES, WRITTEN),
)
_HASH = re.compile("[0-9a-f]{64}")


def check(archive: Archive, jobs: int, say: Say, progress: Progress) -> int:
    """Verify the built site and the bundles; return the number of faults.

    Tells `say` how often each claim held, of each fault, and what is near a host's limits. Raises ArchiveError where
    there is no site.
    """
    site, report = read_site(archive), Report(_CLAIMS)
    for findings in _share_out("Checking files", partial(_check_files, site), sorted(site.files), jobs, progress):
        report.add(findings)
    look_for_anchors = partial(check_anchors, site)
    for findings in _share_out("Checking anchors", look_for_anchors, report.anchors_by_page(), jobs, progress):
        report.add(findings)
    report.add(check_seals(site, report))
    report.add(check_copies_are_there(site))
    report.add(check_ledger(site, report))
    report.add(check_with_validator(site, progress))
    bundles = sorted(archive.bundles.glob("*.zip"))
    for done, bundle in enumerate(bundles):
        progress("Checking bundles", done, len(bundles))
        report.add(check_bundle(archive, bundle))
    manifest = read_manifest(archive)
    files = files_to_compare(site, manifest)
    if not any(name.startswith("output/") for name in manifest):
        say(f"warning: what the site was when it was built is not known; {site.build_again}")
    for findings in _share_out("Comparing files", partial(check_written, site), files, jobs, progress):
        report.add(without_told(findings, report))
    report.add(without_told(check_all_there(site, manifest), report))
    for finding in check_limits(archive.output):
        say(f"warning: {finding.text}")
    return report.tell(say)


def _share_out(
    stage: str, work: Callable[[Sequence[T]], Findings], items: Sequence[T], jobs: int, progress: Progress
) -> Iterator[Findings]:
    parts = [*batches(items)]
    done = 0
    with forks(min(jobs, len(parts))) as ordered_map:
        for part, findings in zip(parts, ordered_map(work, parts), strict=True):
            done += len(part)
            progress(stage, done, len(items))
            yield findings


def _check_files(site: Site, names: Sequence[str]) -> Findings:
    findings = Findings()
    for name in names:
        if name in site.copies:
            check_copy(site, name, findings)
        if name.endswith(".html"):
            _check_page(site, name, findings)
        elif name.endswith((".xml", ".json")):
            check_data(site, name, findings)
        elif name.endswith(".css"):
            check_style(site, name, findings)
        elif name.endswith(".txt"):
            check_has_page(site, name, findings)
    return findings


def _check_page(site: Site, name: str, findings: Findings) -> None:
    written = site.path(name).read_bytes()
    check_seal(name, written, findings)
    try:
        page = read_page(written.decode("utf-8"))
    except UnicodeDecodeError as error:
        findings.fault(HTML, name, f"byte {error.start:,} is not UTF-8", site.build_again)
        return
    check_html(name, page, findings)
    for link in page.links:
        check_link(site, name, page, link, findings)
    check_json_ld(site, name, page, findings)
    if is_address(name):
        findings.shown[name] = Shown(page.kind, bool(_HASH.fullmatch(page.facts.get("SHA-256", ""))))
    raw = check_raw(site, name, page, findings)
    if page.kind == "document":
        check_text(site, name, page, raw, findings)
