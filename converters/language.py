"""Tells the language and the direction of a capture's text.

    "Суд признал …"  →  language "ru", direction "ltr"
    "أعلنت المحكمة"  →  language "ar", direction "rtl"

Language identification is py3langid's, on the title and the first thousand characters: it settles well before. What
holds no word it knows, such as numbers alone, stays `und`.
"""

import unicodedata
from dataclasses import replace

from py3langid import langid

from converters.capture import Capture

_SAMPLE = 1000  # characters
_KNEW_NOTHING = -1e38  # py3langid scores a text without a single known feature below this


def tell_language(capture: Capture) -> Capture:
    """Give the capture with its language and direction."""
    sample = capture.title
    for paragraph in capture.paragraphs:
        if len(sample) >= _SAMPLE:
            break
        sample += "\n" + paragraph[:_SAMPLE]
    return replace(capture, language=_language(sample), direction=_direction(sample))


def _language(sample: str) -> str:
    code, score = langid.classify(sample)
    return "und" if score < _KNEW_NOTHING or code == "zxx" else str(code)


def _direction(sample: str) -> str:
    strong = [unicodedata.bidirectional(character) for character in sample]
    rightward = strong.count("R") + strong.count("AL")
    return "rtl" if rightward > strong.count("L") else "ltr"
