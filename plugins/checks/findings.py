"""What looking at a site has shown: how often each claim held, each fault, and what is compared once all is seen.

    Findings(held={"pages with sound HTML": 64}, faults=[Fault("links within the site …", "about.html", …)], …)
    ─► Report ─►    pages with sound HTML: 1,234
                    faults: 1
                    about.html: leads to sources/x.html, where there is nothing; build it again with: …

Processes look at files in batches and hand their findings back; the report adds them up.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from converters.archive.layout import Say
from plugins.checks.page import Kind

_MOST_TOLD = 20  # faults of one claim that are told one by one


class Fault(NamedTuple):
    """What is wrong with a file, and what the person at the keyboard can do."""

    claim: str
    file: str
    what: str
    remedy: str


class Shown(NamedTuple):
    """What stands at a document's address."""

    kind: Kind
    from_seed: bool
    """Whether it says that it came from a seed."""


@dataclass(slots=True)
class Findings:
    """What looking at some files has shown."""

    held: Counter[str] = field(default_factory=Counter)
    """Claim -> how often it held."""
    faults: list[Fault] = field(default_factory=list)
    shown: dict[str, Shown] = field(default_factory=dict)
    """Address of a document -> what stands there."""
    redirects: dict[str, str] = field(default_factory=dict)
    """Page that leads on by itself -> page that it leads to."""
    unsealed: list[str] = field(default_factory=list)
    anchors: set[tuple[str, str, str]] = field(default_factory=set)
    """Page, the page it leads to, and the anchor there."""

    def fault(self, claim: str, file: str, what: str, remedy: str) -> None:
        """Note what is wrong with a file."""
        self.faults.append(Fault(claim, file, what, remedy))


class Report:
    """All findings, without those faults that are too many to tell one by one."""

    def __init__(self, claims: Iterable[str]) -> None:
        """Begin a report that tells of these claims in this order, however often they held."""
        self.held: Counter[str] = Counter()
        self.shown: dict[str, Shown] = {}
        self.redirects: dict[str, str] = {}
        self.unsealed: list[str] = []
        self.faulty: set[str] = set()
        """The files with a fault."""
        self._claims = tuple(claims)
        self._anchors: dict[str, dict[str, str]] = defaultdict(dict)
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self._count: Counter[str] = Counter()

    def add(self, findings: Findings) -> None:
        """Add what looking at some more files has shown."""
        self.held += findings.held
        self.shown |= findings.shown
        self.redirects |= findings.redirects
        self.unsealed += findings.unsealed
        for page, target, anchor in sorted(findings.anchors):
            self._anchors[target].setdefault(anchor, page)
        for fault in findings.faults:
            self.faulty.add(fault.file)
            self._count[fault.claim] += 1
            if self._count[fault.claim] <= _MOST_TOLD:
                self._faults[fault.claim].append(fault)

    def anchors_by_page(self) -> list[tuple[str, dict[str, str]]]:
        """Return the pages that links lead into, and the anchors that these name, each with a page that does."""
        return sorted(self._anchors.items())

    def tell(self, say: Say) -> int:
        """Tell `say` a line for each claim and for each fault; return the number of faults."""
        for claim in [*self._claims, *sorted(self.held.keys() - {*self._claims})]:
            say(f"{claim}: {self.held[claim]:,}")
        total = self._count.total()
        say(f"faults: {total:,}")
        for claim, faults in self._faults.items():
            for fault in faults:
                say(f"{fault.file}: {fault.what}; {fault.remedy}")
            if self._count[claim] > len(faults):
                say(f"… and {self._count[claim] - len(faults):,} more, besides the “{claim}”")
        return total
