"""Tells files that other programs leave in any folder from those that a person put there.

    .DS_Store  ._letter.md  .#letter.md  Thumbs.db  desktop.ini  ~$letter.docx  __MACOSX/  lost+found/   →  passed over

They are passed over in seeds/, in content/ and in what is unpacked, everywhere alike and without a word: they hold
nothing that was captured or written.
"""

_LEFT_BY_PROGRAMS = frozenset(
    ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "$recycle.bin", "system volume information")
    + ("lost+found",)
)


def is_junk(name: str) -> bool:
    """Return whether a file or folder of this name, without the folders above it, is one that a program left."""
    return name.startswith((".", "~$")) or name.lower() in _LEFT_BY_PROGRAMS
