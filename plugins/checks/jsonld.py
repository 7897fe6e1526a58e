"""Claims that every block of JSON-LD on a page can be read.

<script type="application/ld+json">{"@type": "NewsArticle", …}</script>
"""

import json

from plugins.checks.findings import Findings
from plugins.checks.page import Page
from plugins.checks.site import Site

JSON_LD = "blocks of JSON-LD that can be read"


def check_json_ld(site: Site, name: str, page: Page, findings: Findings) -> None:
    """Read each block of JSON-LD of a page."""
    for block in page.data:
        check_json(site, name, block, JSON_LD, findings)


def check_json(site: Site, name: str, text: str | bytes, claim: str, findings: Findings) -> object:
    """Return what JSON holds; None, and a fault, where it is none."""
    try:
        data: object = json.loads(text)
    except ValueError as error:
        findings.fault(claim, name, f"is no JSON: {error}", site.build_again)
        return None
    findings.held[claim] += 1
    return data
