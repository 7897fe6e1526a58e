"""Tells the files that other programs leave in a folder, which are nobody's seed and nobody's document.

.DS_Store   ._court.txt   .#court.md   Thumbs.db   desktop.ini   ~$letter.docx
"""

JUNK = (".*", "~$*", "[Tt]humbs.db", "[Dd]esktop.ini", "__MACOSX")
"""Patterns of their names, as a shell or Pelican's `IGNORE_FILES` has them."""


def is_junk(name: str) -> bool:
    """Whether a file or a folder of this name is passed over."""
    return name.startswith((".", "~$")) or name.lower() in ("thumbs.db", "desktop.ini", "__macosx")
