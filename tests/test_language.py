"""Which language a text is in, as py3langid tells it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py3langid import langid

from converters.model import Capture, PartialDate, Provenance, plain
from converters.text.language import tell_language


def language_of(text: str) -> str:
    provenance = Provenance("seeds/one.txt", 0, 0, "0" * 64, "seed-text 1", "utf-8")
    capture = Capture("", "example.org", PartialDate(2020, 1, 2), text, (plain(text),), provenance)
    return tell_language(capture).language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The court said that it would hear the case in the spring.", "en"),
        ("Суд признал, что дело будет рассмотрено весной.", "ru"),
        ("أعلنت المحكمة أن القضية ستنظر في الربيع", "ar"),
        ("法院宣布，此案将于春季审理。", "zh"),
        ("123 456", "und"),
    ],
)
def test_the_language_of_a_text_is_told(text: str, language: str) -> None:
    assert language_of(text) == language


sentences = st.sampled_from(
    "Das Gericht sagte. | Le tribunal a dit. | Sud je rekao. | Суд је рекао. | Суд сказал. | El tribunal dijo. | 法院 "
    "| 1 | Het hof zei. | Domstolen sa. | Domstolen sade. | O tribunal disse. | المحكمة | דין | न्यायालय".split("|")
)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(min_size=1), st.lists(sentences, min_size=1, max_size=4).map("".join)))
def test_the_language_is_what_the_library_tells(text: str) -> None:
    code, score = langid.classify(f"{text}\n{text}"[:500])
    assert language_of(text) == ("und" if score < -1e38 or code == "zxx" else code)
