"""Tells the language and the direction of a capture's text.

    "Суд признал …"  →  language "ru", direction "ltr"
    "أعلنت المحكمة"  →  language "ar", direction "rtl"

Language identification is py3langid's, on the title and the beginning, five hundred characters in all: it settles
well before. What holds no word it knows, such as numbers alone, stays `und`.
"""

import pickle
import re
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from py3langid import langid

from converters.archive.atomic import atomic_output
from converters.model import Capture

_SAMPLE = 500  # characters
_LETTER = re.compile(r"[^\W\d_]")
# Hebrew, Arabic and their neighbours, their presentation forms, and the historic scripts that run to the left.
_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_KNEW_NOTHING = -1e38  # py3langid scores a text without a single known feature below this


def tell_language(capture: Capture) -> Capture:
    """Return the capture with its direction, and its language unless that is known."""
    sample = capture.title
    for paragraph in capture.paragraphs:
        if len(sample) >= _SAMPLE:
            break
        sample += "\n" + paragraph
    sample = sample[:_SAMPLE]
    language = _language(sample) if capture.language == "und" else capture.language
    return replace(capture, language=language, direction=_direction(sample))


def load_model(cache: Path) -> None:
    """Load the model now, so that processes forked from this one share it.

    py3langid unpacks it each time, which takes longer than converting a hundred captures; an unpacked one is kept in
    the folder `cache`.
    """
    if langid.IDENTIFIER is not None:
        return
    unpacked = cache / f"language-{version('py3langid')}"
    with suppress(OSError, pickle.UnpicklingError, EOFError, AttributeError), unpacked.open("rb") as file:
        langid.IDENTIFIER = pickle.load(file)  # noqa: S301  # our own file
        return
    langid.classify("")
    with atomic_output(unpacked, durable=False) as partial:
        partial.write_bytes(pickle.dumps(langid.IDENTIFIER))


def _language(sample: str) -> str:
    """Return what `langid.classify` tells, without its care for two languages of one label, which takes half the time.

    The label is the same: the higher of two scores is the highest of all, or neither is.
    """
    model = langid.IDENTIFIER or langid._get_identifier()
    scores = model._raw_score(model._encode(sample))
    best = int(scores.argmax())
    return "und" if scores[best] < _KNEW_NOTHING or model.nb_classes[best] == "zxx" else str(model.nb_classes[best])


def _direction(sample: str) -> str:
    leftward = () if sample.isascii() else _LEFTWARD.findall(sample)
    return "rtl" if leftward and 2 * len(leftward) > len(_LETTER.findall(sample)) else "ltr"
