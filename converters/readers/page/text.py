"""From the bytes of a page to its text, in the encoding that a browser would read it in.

b"<meta charset=koi8-r>\\xf3\\xd5\\xc4"  ->  Decoded("<meta charset=koi8-r>Суд", "koi8-r", 0)
"""

import re

from converters.intake.encoding import NUL_STAND_IN, Decoded, decode

_HEAD = 64 * 1024
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-z0-9_:-]{2,40})""", re.IGNORECASE)
# What browsers read under these names (the WHATWG's Encoding Standard).
_READ_AS = {
    **dict.fromkeys(("iso-8859-1", "latin1", "ascii", "us-ascii", "iso8859-1"), "windows-1252"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    **dict.fromkeys(("iso-8859-9", "latin5"), "windows-1254"),
    **dict.fromkeys(("tis-620", "iso-8859-11"), "cp874"),
    "big5": "big5hkscs",
}
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode_page(raw: bytes, charset: str = "") -> Decoded:
    """Return the text of a page: by its mark, as UTF-8, as its server or the page itself says, else as it looks."""
    declared = _DECLARED.search(raw[:_HEAD])
    name = charset or (declared[1].decode("ascii").lower() if declared else "")
    marked = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), "")
    encoding = marked or _READ_AS.get(name, name)
    if encoding and (marked or not _is_utf8(raw)):
        try:
            text = raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            pass
        else:
            return Decoded(text.replace("\0", NUL_STAND_IN), encoding, text.count("\0"))
    found = decode(raw)
    return found._replace(text=found.text.removeprefix("\ufeff"))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
