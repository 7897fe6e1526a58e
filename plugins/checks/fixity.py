"""Claims that each page, raw record and copied file is, byte for byte, what it was.

2023/03/08/slug.html    ends with a digest of itself
2023/03/08/slug.txt     has the SHA-256 that its page gives
theme/seedbank.css      is the file of the theme
"""

from hashlib import sha256
from pathlib import Path

from converters.ledger.ledger import is_address
from plugins.checks.findings import Findings, Report
from plugins.checks.page import Page
from plugins.checks.site import Site
from plugins.site.fixity import is_sealed
from plugins.site.originals import raw_address

SEAL = "pages as they were written"
RAW = "raw records with the SHA-256 of their page"
COPIES = "files as they are in theme and content"


def check_seal(name: str, raw: bytes, findings: Findings) -> None:
    """Compare a page with the digest at its end."""
    if is_sealed(raw):
        findings.held[SEAL] += 1
    else:
        findings.unsealed.append(name)


def check_seals(site: Site, report: Report) -> Findings:
    """Take a page without its seal for changed, in a site whose pages have one."""
    findings = Findings()
    for name in report.unsealed if report.held[SEAL] else ():
        findings.fault(SEAL, name, "is not as it was written", site.build_again)
    return findings


def check_raw(site: Site, name: str, page: Page, findings: Findings) -> bytes | None:
    """Return the raw record beside a page, compared with what the page says of it; None where there is none."""
    beside = raw_address(name)
    if beside not in site.files:
        return None
    if page.kind != "document":
        if page.kind != "other":
            what = "is a raw record, and the page beside it shows no document"
            findings.fault(RAW, beside, what, site.build_again)
        return None
    raw = site.path(beside).read_bytes()
    if sha256(raw).hexdigest() == page.facts.get("SHA-256"):
        findings.held[RAW] += 1
    else:
        findings.fault(RAW, beside, "its SHA-256 is not the one on its page", site.build_again)
    return raw


def check_has_page(site: Site, name: str, findings: Findings) -> None:
    """Look for the page of a raw record."""
    page = f"{name.removesuffix('.txt')}.html"
    if is_address(page) and page not in site.files:
        findings.fault(RAW, name, "is the raw record of no page", site.build_again)


def check_copy(site: Site, name: str, findings: Findings) -> None:
    """Compare a file with the one that it was copied from."""
    if site.path(name).read_bytes() == Path(site.copies[name]).read_bytes():
        findings.held[COPIES] += 1
    else:
        findings.fault(COPIES, name, f"differs from {site.copies[name]}, which it was copied from", site.build_again)


def check_copies_are_there(site: Site) -> Findings:
    """Look for files that were to be copied into the site."""
    findings = Findings()
    for name in sorted(site.copies.keys() - site.files):
        findings.fault(COPIES, name, f"is missing; {site.copies[name]} is to be copied there", site.build_again)
    return findings
