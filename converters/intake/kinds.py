"""Names the kinds of files that are not read, by their first bytes.

kind_of(b"%PDF-1.7 …")               ->  "a PDF document"
kind_of(b" date 2023-03-08 https…")  ->  ""
"""

import re

_KINDS = (
    (rb"%PDF-", "a PDF document"),
    (rb"PK\x03\x04[\s\S]{0,4096}?word/", "a Word document (DOCX)"),
    (rb"PK\x03\x04[\s\S]{26}mimetypeapplication/epub", "an ePub book"),
    (rb"PK(?:\x03\x04|\x05\x06)", "a ZIP archive under another name, which would be read as .zip"),
    (rb"[\s\S]{257}ustar", "a tar archive under another name, which would be read as .tar"),
    (rb"(?:07070[127]|\xc7\x71|\x71\xc7)", "a cpio archive"),
    (rb"!<arch>\n", "an ar archive"),
    (rb"#! ?/bin/sh\n# This is a shell archive", "a shell archive"),
    (rb"BZh[1-9]", "a bzip2 file"),
    (rb"\x1f[\x9d\xa0]", "a file that compress made"),
    (rb"LZIP", "an lzip file"),
    (rb"MSCF", "a cabinet file"),
    (rb"\xff\xd8\xff", "a JPEG picture"),
    (rb"\x89PNG", "a PNG picture"),
    (rb"GIF8", "a GIF picture"),
    (rb"\xd0\xcf\x11\xe0", "an old Office document"),
    (rb"\{\\rtf", "an RTF document"),
    (rb"7z\xbc\xaf", "a 7z archive"),
    (rb"Rar!", "a RAR archive"),
)
_PATTERNS = tuple((re.compile(pattern), name) for pattern, name in _KINDS)


def kind_of(head: bytes) -> str:
    """Return what a file is whose format is not read, from its first bytes; nothing for any other."""
    return next((name for pattern, name in _PATTERNS if pattern.match(head)), "")
