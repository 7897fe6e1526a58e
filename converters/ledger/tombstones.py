"""Tombstones: the content files that stand in the place of withdrawn documents.

    Title: Castle closes                       Title: Title withheld
    Date: 2021-05-05                           Date: 2021-05-05
    Category: castle.example                   Category: castle.example
    Tags: castle, Norway                       Url-SHA256: 6c1f…
    Url: https://castle.example/closes         Seed-SHA256: e2e7…
    Seed: seeds/dump.txt                       Status: hidden
    Seed-Bytes: 146+118                        Template: tombstone
    Seed-SHA256: e2e7…                         Withdrawn: 2024-01-02
    Status: hidden                             Reason: The family asked for it.
    Template: tombstone
    Withdrawn: 2024-01-02
    Reason: The family asked for it.

Tags are kept for the day on which the withdrawal is taken back; no page shows them. On the right the title is withheld
too, with all that tells it. A tombstone has no seal, so that no conversion writes over it; one that is sealed was taken
back, and the next conversion writes its text again.
"""

from datetime import date

from converters.intake.hosts import address_digest
from converters.model import KINDS_OF_TAGS
from converters.text import frontmatter

TITLE_WITHHELD = "Title withheld"
_OPEN = ("Tags", *KINDS_OF_TAGS, "Lang", "Url", "Seed", "Seed-Bytes")
_KEPT = ("Title", "Date", "Category", *_OPEN, "Url-SHA256", "Seed-SHA256", "Withdrawn", "Reason")
_LOST = "It is not known any more: the file that said it was deleted."


def tombstone_of(document: str, reason: str = "", when: date | None = None, title_too: bool = False) -> str:
    """Return the tombstone of a document, or another one of a tombstone: with what is given, else as it was."""
    values = {key.lower(): value for key, value in frontmatter.split(document)[0]}
    kept = {key: values.get(key.lower(), "") for key in _KEPT}
    if reason:
        kept |= {"Withdrawn": when.isoformat() if when else "", "Reason": frontmatter.encode(reason)}
    if title_too:
        url = frontmatter.decode(kept["Url"])
        kept |= {"Title": TITLE_WITHHELD, "Url-SHA256": address_digest(url) if url else kept["Url-SHA256"]}
        kept |= dict.fromkeys(_OPEN, "")
    return _written(kept)


def lost_tombstone(address: str) -> str:
    """Return what can be said in the place of a tombstone that is lost, of which the address alone is known."""
    return _written(_told_by(address) | {"Withdrawn": "unknown", "Reason": _LOST})


def placeholder(address: str) -> str:
    """Return what stands for a document that is held back where its text must not go: a draft without a text."""
    return "".join(f"{key}: {value}\n" for key, value in (_told_by(address) | {"Status": "draft"}).items() if value)


def is_tombstone(document: str) -> bool:
    """Whether a content file stands in the place of a document."""
    return bool(frontmatter.value(document, "Withdrawn"))


def taken_back(tombstone: str) -> str | None:
    """Return a tombstone for the next conversion to write over, with its tags; None where it has kept none."""
    return frontmatter.seal(tombstone) if frontmatter.value(tombstone, "Tags") else None


def _told_by(address: str) -> dict[str, str]:
    day = address.rpartition("/")[0].replace("/", "-")
    return {"Title": TITLE_WITHHELD, "Date": "" if day == "undated" else day}


def _written(values: dict[str, str]) -> str:
    last = {key: values.pop(key) for key in ("Withdrawn", "Reason")}
    keys = values | {"Status": "hidden", "Template": "tombstone"} | last
    return "".join(f"{key}: {value}\n" for key, value in keys.items() if value)
