"""Claims that the site keeps the ledger: each address ever published is a page, a redirect or a tombstone.

content/addresses.csv: 2023/03/08/slug.html,tombstone,5f0c…     2023/03/08/slug.html: <article class="tombstone">
"""

from converters.ledger.ledger import LIST_KINDS, Line, current, destination, is_address
from plugins.checks.findings import Findings, Report, Shown
from plugins.checks.site import Site

LEDGER = "addresses of the ledger that are kept"


def check_ledger(site: Site, report: Report) -> Findings:
    """Compare the pages with the ledger, in both directions; raises ArchiveError where the ledger cannot be read."""
    findings = Findings()
    lines = current(site.archive.ledger)
    for address, line in lines.items():
        kind, _ = report.shown.get(address, Shown("other", False))
        if not is_address(address):
            _check_list(site, line, lines, report, findings)
        elif address not in report.shown:
            what = f"was published, as the ledger says, and is gone ({line.holds})"
            withdraw = site.archive.command(f"withdraw {address} --why …")
            remedy = (
                f"bring its content file back, from git or with: {site.archive.command('convert')}; "
                f"to leave a notice in its place: {withdraw}"
            )
            findings.fault(LEDGER, address, what, remedy)
        elif line.holds == "redirect" and report.redirects.get(address) != destination(address, lines):
            what = f"does not lead to {line.detail}, as the ledger says"
            findings.fault(LEDGER, address, what, site.build_again)
        elif line.holds == "tombstone" and kind == "document":
            what = "is withdrawn, as the ledger says, and shows a document"
            findings.fault(LEDGER, address, what, site.build_again)
        elif line.holds == "document" and kind in ("redirect", "tombstone"):
            remedy = "finish what was begun: convert, or give the command again that withdrew or renamed it"
            findings.fault(LEDGER, address, f"is a {kind}, and the ledger says a document", remedy)
        else:
            findings.held[LEDGER] += 1
    for address, (kind, from_seed) in report.shown.items():
        if kind == "document" and from_seed and address not in lines:
            remedy = "bring the ledger back from git, or move the file back to where it was"
            findings.fault(LEDGER, address, "is a document that is not in content/addresses.csv", remedy)
    return findings


def _check_list(site: Site, line: Line, lines: dict[str, Line], report: Report, findings: Findings) -> None:
    """Compare what stands at the address of a list with its line in the ledger."""
    address, what = line.address, ""
    if address not in site.files:
        what = f"was published, as the ledger says, and is gone ({line.holds})"
    elif line.holds == "redirect" and report.redirects.get(address) != destination(address, lines):
        what = f"does not lead to {line.detail}, as the ledger says"
    elif line.holds in LIST_KINDS and address in report.redirects:
        what = f"leads elsewhere, and the ledger says that it is a {line.holds}"
    if what:
        findings.fault(LEDGER, address, what, site.build_again)
    else:
        findings.held[LEDGER] += 1
