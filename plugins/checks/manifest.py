"""Claims that every file is, byte for byte, what it was when it was written, and that none has come or gone since.

output/search/f/0.js     has the SHA-256 that the manifest has of it
output/evil.js           stands in no manifest
dist/archive.sqlite      has the SHA-256 that it was written with
"""

from collections.abc import Sequence

from plugins.checks.findings import Findings, Report
from plugins.checks.site import Site
from plugins.engine.manifest import sha256_of

WRITTEN = "files that are as they were written"


def files_to_compare(site: Site, manifest: dict[str, str]) -> list[tuple[str, str]]:
    """Return each file of the site, and each of dist/ that is there, with the SHA-256 that it was written with.

    It is empty for one that no build has written. Of a site that the manifest knows nothing of, no file is returned.
    """
    bundles = [name for name in manifest if name.startswith("dist/") and (site.archive.root / name).exists()]
    names = [f"output/{name}" for name in site.files] if any(name.startswith("output/") for name in manifest) else []
    return [(name, manifest.get(name, "")) for name in sorted([*names, *bundles])]


def check_written(site: Site, files: Sequence[tuple[str, str]]) -> Findings:
    """Compare files with what they were."""
    findings = Findings()
    for name, sha256 in files:
        path = site.archive.root / name
        if path.is_symlink():
            findings.fault(
                WRITTEN, _shown(name), "is a link, which no build writes", f"remove it, and {site.build_again}"
            )
        elif not sha256:
            findings.fault(WRITTEN, _shown(name), "was not written by a build", f"remove it, or {site.build_again}")
        elif sha256_of(path) != sha256:
            remedy = site.build_again if name.startswith("output/") else "write it again"
            findings.fault(WRITTEN, _shown(name), "is not what it was when it was written", remedy)
        else:
            findings.held[WRITTEN] += 1
    return findings


def check_all_there(site: Site, manifest: dict[str, str]) -> Findings:
    """Look for files of the site that were written and are gone."""
    findings = Findings()
    for name in sorted(
        name for name in map(_shown, manifest) if not name.startswith("dist/") and name not in site.files
    ):
        findings.fault(WRITTEN, name, "was written, and is gone", site.build_again)
    return findings


def without_told(findings: Findings, report: Report) -> Findings:
    """Return findings without the faults of files of which something more telling is known already."""
    findings.faults = [fault for fault in findings.faults if fault.file not in report.faulty]
    return findings


def _shown(name: str) -> str:
    """Return what the other claims call a file."""
    return name.removeprefix("output/")
