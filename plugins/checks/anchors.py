"""Claims that each anchor that a link of another page names is there.

about.html: <a href="tags/norway.html#p2">     tags/norway.html: <p id="p2">
"""

from collections.abc import Mapping, Sequence

from plugins.checks.findings import Findings
from plugins.checks.page import read_page
from plugins.checks.site import Site

ANCHORS = "anchors that links lead to"


def check_anchors(site: Site, wanted: Sequence[tuple[str, Mapping[str, str]]]) -> Findings:
    """Look on pages for anchors; each stands with a page that leads to it."""
    findings = Findings()
    for name, anchors in wanted:
        ids = read_page(site.path(name).read_text(encoding="utf-8", errors="replace")).ids
        for anchor, page in anchors.items():
            if anchor in ids:
                findings.held[ANCHORS] += 1
            else:
                findings.fault(ANCHORS, page, f"leads to {name}#{anchor}, which is not there", site.build_again)
    return findings
