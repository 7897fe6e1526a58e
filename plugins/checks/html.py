"""Claims that the HTML of each page is sound: read strictly, and by the Nu Html Checker where it is at hand.

about.html: line 12: </div> closes nothing, <main> is open
"""

import os
import re
import subprocess
from pathlib import Path
from shutil import which
from urllib.parse import unquote

from converters.archive.layout import ArchiveError, Progress
from plugins.checks.findings import Findings
from plugins.checks.page import Page
from plugins.checks.site import Site

HTML = "pages with sound HTML"
VALIDATOR = "pages that the HTML validator passes"

_WORDS_OF_A_SEED = "Forbidden code point"  # a control character that was captured is kept, whatever HTML thinks of it


def check_html(name: str, page: Page, findings: Findings) -> None:
    """Tell what is wrong with the HTML of a page."""
    for fault in page.faults:
        findings.fault(HTML, name, fault, "mend the template or the hand-written page")
    findings.held[HTML] += not page.faults


def check_with_validator(site: Site, progress: Progress) -> Findings:
    """Have all pages looked at by the Nu Html Checker, where `VNU_JAR` says where it is."""
    findings = Findings()
    jar, java = os.environ.get("VNU_JAR"), which("java")
    if not jar:
        return findings
    if not java or not Path(jar).is_file():
        raise ArchiveError(f"VNU_JAR={jar}: needs Java and the file vnu.jar there; or unset VNU_JAR")
    output = site.archive.output
    command = [java, "-Xss4m", "-jar", jar, "--errors-only", "--format", "gnu", "--skip-non-html", str(output)]
    top = output.as_uri()
    progress("Asking the HTML validator", 0, None)  # which tells nothing until it is done
    faulty = set()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace") as running:  # noqa: S603
        for line in running.stderr or ():
            if _WORDS_OF_A_SEED in line:
                continue
            if match := re.match(r'"?(file:[^"]*?)"?:([0-9.-]+): (.*)', line):
                name = unquote(match[1].removeprefix("file:").removeprefix(top.removeprefix("file://"))).lstrip("/")
                faulty.add(name)
                findings.fault(VALIDATOR, name, f"at {match[2]}: {match[3]}", "mend the template or the page")
            elif line.strip():
                findings.fault(VALIDATOR, jar, line.strip(), "see what Java says")
    findings.held[VALIDATOR] = sum(name.endswith(".html") for name in site.files) - len(faulty)
    return findings
