"""The index of the search: the same bytes whatever came before, and words parted alike by Python and by the page."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.text import analysis
from plugins.search import anew, packing, tree
from plugins.search import index as indexing
from plugins.search.files import Document
from plugins.search.index import update
from plugins.search.state import Index, Wanted
from tests.conftest import PROJECT

EXAMPLES = {
    "The Müllers' e-mail of 9/11": "the mullers e mail of 9 11 | 2 email 5 9/11",
    "£1.5bn R&D C++ (C#) .NET G8": "1 5bn r d c c net g8 | 0 1.5bn 2 r&d 4 c++ 5 c# 6 .net",
    "O'Brien don't l’école dell'arte": "o brien dont l ecole dell arte | 0 obrien 3 lecole 5 dellarte",
    "al-Qaeda's U.S. 1,000,000": "al qaeda u s 1 000 000 | 0 alqaeda 2 us 4 1000000",
    "Soft\u00adhyphen word.Next 2004-05": "softhyphen word next 2004 05 |",
    "المحكمة": "المحكمة | 0 محكمة",
    "法院开始": "法院 院开 开始 始 |",
    "사건에 대한": "사건 건에 에 대한 한 |",
    "Größe İstanbul Ёлка Йод ᾈδης": "grosse istanbul елка йод αιδησ |",
}
VOCABULARY = (
    "the the the a of court courts café 法院开始 it's e-mail 9/11 Ελλάδα zebra \U00020000\U00020001 \ue000x".split()
)


@pytest.mark.parametrize(("text", "wanted"), EXAMPLES.items())
def test_words_are_parted_as_people_write_them(text: str, wanted: str) -> None:
    assert said(*analysis.words(text)) == wanted


def test_the_page_parts_words_as_python_does() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node")
    folds = "\n".join(content.decode() for _, content in indexing._folds())
    asked = f"console.log(JSON.stringify({json.dumps(list(EXAMPLES))}.map((text) => seedbankWordsOf(text))))"
    program = f"{(PROJECT / 'theme/static/search.js').read_text()}\n{folds}\n{asked}"
    done = subprocess.run([node, "-"], input=program, capture_output=True, text=True, check=True)
    assert [said(*parted) for parted in json.loads(done.stdout)] == list(EXAMPLES.values())


def said(plain: Sequence[str], further: Sequence[tuple[int, str]]) -> str:
    return f"{' '.join(plain)} | {' '.join(f'{place} {form}' for place, form in further)}".strip()


@given(st.lists(st.tuples(st.integers(0, 9_000_000), st.integers(0, 31)), min_size=1, unique_by=lambda one: one[0]))
def test_postings_are_unpacked_as_they_were(held: list[tuple[int, int]]) -> None:
    numbers, weights = (np.array(of, np.int64) for of in zip(*sorted(held), strict=True))
    packed, _ = packing.packed_postings(numbers, weights, np.arange(len(held)) == 0)
    unpacked = packing.unpacked_postings(packed)
    assert [of.tolist() for of in unpacked] == [numbers.tolist(), weights.tolist()]


@given(st.lists(st.binary(), min_size=1))
def test_texts_are_inflated_as_they_were(texts: list[bytes]) -> None:
    packed = [(np.frombuffer(characters, "<u2"), length) for length, characters in packing.deflated(texts)]
    assert [packing.inflated(*one) for one in packed] == texts


class Shelf:
    """Documents to read from, wherever the reading is done."""

    def __init__(self, documents: dict[int, Document]) -> None:
        self._documents = dict(documents)

    def __call__(self, wanted: Sequence[Wanted]) -> Iterator[Document]:
        return (self._documents[one.number] for one in wanted)


texts = st.lists(st.sampled_from(VOCABULARY), max_size=40).map(" ".join)
documents = st.builds(
    lambda title, text, language, source, tags: Document(0, "", title, language, source, "2020-01-02", tags, text),
    texts,
    texts,
    st.sampled_from(["en", "de", "und", "zh"]),
    st.sampled_from("ab"),
    st.lists(st.sampled_from("xyz"), max_size=2, unique=True).map(tuple),
)
histories = st.lists(st.dictionaries(st.integers(0, 30), st.none() | documents, max_size=8), min_size=2, max_size=4)


@settings(max_examples=30, deadline=None)
@given(histories)
def test_the_history_of_an_archive_leaves_no_trace(history: list[dict[int, Document | None]]) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        # So that a few documents make many pages, leaves and pieces, and are merged from many batches.
        for name, size in (
            ("PAGE", 150),
            ("WORDS", 40),
            ("PLACES", 60),
            ("WHOLE", 40),
            ("_SMALLEST", 2),
            ("_LARGEST", 3),
        ):
            patch.setattr(tree, name, size)
        patch.setattr(anew, "_BATCH", 3)
        patch.setattr(anew, "_AT_ONCE", 100)
        patch.setattr(indexing, "_ANEW", 0)
        root, held = Path(folder), dict[int, Document]()
        for changes in history:
            for number, document in changes.items():
                if document:
                    held[number] = document._replace(number=number, address=f"{number}.html")
                else:
                    held.pop(number, None)
            bring_up_to_date(root / "site", root / "cache", held)
        assert content(root / "site") == content(bring_up_to_date(root / "full", root / "other", held))


def bring_up_to_date(site: Path, cache: Path, held: dict[int, Document]) -> Path:
    new = site.with_suffix(".new")
    wanted = [Wanted(number, document.address, repr(document)) for number, document in sorted(held.items())]
    changes = update(Index(site, new, cache), "code", wanted, Shelf(held), 1, lambda *_: None)
    for path in changes.gone:
        (site / path).unlink(missing_ok=True)
    if new.exists():
        shutil.copytree(new, site, dirs_exist_ok=True)
        shutil.rmtree(new)
    return site


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
