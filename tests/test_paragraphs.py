"""Lost paragraph breaks: what is put back, what is left alone, and that nothing else changes."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.model import Capture, PartialDate, Provenance, plain
from converters.text.paragraphs import breaks, restore

ROOT = Path(__file__).resolve().parent.parent
PROVENANCE = Provenance("seeds/a.txt", 0, 1, "0" * 64, "seed-text 1", "utf-8")

any_text = st.text(st.characters(exclude_categories=()))
glue = st.lists(
    st.sampled_from(
        [
            *"\"'“”„«»‘’.!?…:()[]—–-•*_#©0129 \t\n\u200b\ud800\x00",
            *("The", "the", "USA", "A", "a", "end", "iPhone", "https://", "...", "___", "Да", "да", "है", "।"),
            *("。", "本", "「", "」", "نعم", "؟", "e\u0301", "ა", "ก"),
        ]
    )
).map("".join)
texts = st.one_of(any_text, glue)


def capture(*paragraphs: str) -> Capture:
    return Capture(
        url="https://example.org/a",
        source="example.org",
        published=PartialDate(2023, 3, 8),
        title="A title",
        body=tuple(map(plain, paragraphs)),
        provenance=PROVENANCE,
    )


def split(text: str) -> str:
    """The text with a bar at each break that is found."""
    offsets = [0, *breaks(text), len(text)]
    return "|".join(text[start:end] for start, end in pairwise(offsets))


@given(st.lists(texts))
def test_nothing_is_inserted_but_breaks(paragraphs: list[str]) -> None:
    before = capture(*paragraphs)
    after = restore(before)
    assert "".join(after.paragraphs) == "".join(before.paragraphs)


@given(st.lists(texts.filter(str.strip)))
def test_the_count_of_inferred_breaks_is_that_of_those_inserted(paragraphs: list[str]) -> None:
    before = capture(*paragraphs)
    after = restore(before)
    assert after.inferred_breaks == len(after.paragraphs) - len(before.paragraphs)


@given(st.lists(texts.filter(str.strip)))
def test_every_paragraph_has_something_to_read(paragraphs: list[str]) -> None:
    assert all(paragraph.strip() for paragraph in restore(capture(*paragraphs)).paragraphs)


@given(st.lists(texts.filter(str.strip)))
def test_the_breaks_that_were_kept_stay(paragraphs: list[str]) -> None:
    after = restore(capture(*paragraphs)).paragraphs
    ends = {sum(map(len, after[:i])) for i in range(len(after) + 1)}
    assert {sum(map(len, paragraphs[:i])) for i in range(len(paragraphs) + 1)} <= ends


@given(st.lists(texts))
def test_restoring_twice_is_restoring_once(paragraphs: list[str]) -> None:
    once = restore(capture(*paragraphs))
    assert restore(once) == once


@given(texts)
def test_offsets_ascend_inside_the_text(text: str) -> None:
    offsets = breaks(text)
    assert offsets == sorted(set(offsets))
    assert all(0 < offset < len(text) for offset in offsets)


def test_what_was_not_glued_is_the_same_capture() -> None:
    before = capture("One sentence. Another one.", "A paragraph of its own.")
    assert restore(before) is before


def test_the_glued_seed_gets_the_breaks_a_person_would_put() -> None:
    seed = next((ROOT / "seeds").glob("000_*.txt")).read_text("utf-8")
    first, glued = seed.strip().split("\n\n")[-2:]
    restored = restore(capture(first, glued))
    assert [paragraph[-10:] for paragraph in restored.paragraphs[1:-1]] == [
        "ar crimes.",
        "ch a move.",
        " children.",
        " the move.",
    ]
    assert restored.inferred_breaks == 4


@pytest.mark.parametrize(
    "text",
    [
        "The ferry sank.|Nobody was hurt.|The owner regrets it.",  # Latin
        "Was it late? Yes!|Then it rained.",
        "La niebla cubrió el puerto.|¿Quién lo vio?|¡Nadie!|Él tampoco.",
        "Der Fluss stieg über die Ufer.|Ärzte halfen.",
        "Поезд ушёл ночью.|Ждали до утра.",  # Cyrillic
        "Το πλοίο έφυγε.|Ήταν νύχτα.",  # Greek
        "انتهت المباراة.|وعاد الجميع إلى المنزل.",  # Arabic
        "هل وصل القطار؟|نعم وصل.",
        "بارش رک گئی۔|لوگ گھر گئے۔",  # Urdu
        "הגשם פסק בבוקר.|הילדים יצאו לשחק.",  # Hebrew
        "नदी शांत है।|नाव चल पड़ी।",  # Devanagari
        "নদী শান্ত।|নৌকা চলল।",  # Bengali
        "기차가 떠났다.|사람들은 기다렸다.",  # Hangul
        "მატარებელი წავიდა.|ყველა ელოდა.",  # Georgian
        "Գնացքը մեկնեց։|Բոլորը սպասում էին։",  # Armenian
    ],
)
def test_a_sentence_that_touches_the_next_ends_a_paragraph(text: str) -> None:
    assert split(text.replace("|", "")) == text


@pytest.mark.parametrize(
    "text",
    [
        "“We waited.”|The boat never came.",
        "Nobody came.|“We waited,” she said.",
        "“We waited.”|“So did I.”",
        '"We waited."|The boat never came.',
        'Nobody came.|"We waited," she said.|"So did I," said he.',
        'He said: "We waited."|"So did I."|That was all.',
        '"We waited all night.|"Then we left," she said. "It was cold."',
        "„Wir warteten.“|Das Boot kam nicht.|„Schade.“",
        "« Nous attendions. »|Le bateau ne vint pas.",
        "»Vi ventede.«|Båden kom ikke.",
        "'We waited.'|The boat never came.|'Pity.'",
    ],
)
def test_quotation_marks_stay_with_what_they_quote(text: str) -> None:
    assert split(text.replace("|", "")) == text


@pytest.mark.parametrize(
    "text",
    [
        "It closed (for good).|The town mourned.",
        "It closed (for good)|The town mourned.",
        "What it takes:|Patience, mostly.",
        "The village choir sang.|— Привет, — сказал он.",
        "See the clips|https://example.org/clips",
        "It rained all day.|• Roads were closed",
        "He came at 9 p.m.|The doors were shut.",
        "She lives in the U.S.|The lake is near. In the end the rest stayed.",
        "Visit www.example.org.|Tickets are free.",
        "It ended in spring.|2019 was no better.",
        "終わりました。|※写真はイメージです。",
        "「行こう。」|「はい。」",
    ],
)
def test_other_endings_and_beginnings_are_known(text: str) -> None:
    assert split(text.replace("|", "")) == text


@pytest.mark.parametrize(
    "text",
    [
        "Sales in the north|The firm sold more in the north than before.",
        "THE LAST FERRY|Passengers waited for hours.",
        "It was posted on March 3, 2019|We asked the author.",
        "Roads near the Harbour|The mayor closed a road. The harbour, the Harbour Office says, stays open.",
        "Fairs in Leeds|June 4 and York|June 9 and Bath|June 12",
    ],
)
def test_a_line_without_an_end_is_told_by_the_words_of_the_document(text: str) -> None:
    assert split(text.replace("|", "")) == text


@pytest.mark.parametrize(
    "text",
    [
        "The U.S.A. and the U.K. met in Washington, D.C., with J.K. Rowe and J.Smith of the I.M.F.",
        "Ann Lee, Ph.D., and Dr.Who met Mr.Brown.",
        "Its shares (ABC.N) and <XYZ.L> rose.",
        "See example.com, Node.js, notes.txt, www.Example.org and https://example.org/A.Page?q=B.C for more.",
        "At 4:30 it rose 3.5 per cent to 1.234,5 or v.2 of No.5.",
        "An iPhone, a MacBook, eBay, YouTube, LinkedIn and the McDonald family as @JaneDoe #OpenDay",
        "The IRAs and TVs of NATO members.",
        "Wait… and “…so it goes”, ...And then ... nothing",
        'She said "yes" and "no", then: "Well." He nodded. "Fine."',
        "He said ‘Go.’ She didn't. The 1990's were like that; rock 'n' roll.",
        "A well-known Franco-German and all-Irish team — or so — won.",
        "The claim[2] is old.[3] It is disputed.",
        "先週、駅が開きました。多くの人が集まりました。「よかった」と話しました。",
        "她昨天到了。“天气很好。”她说。",
        "เขาเกิดเมื่อ พ.ศ.๒๕๐๐ ที่ ต.บางรัก",
        "د.محمد في القاهرة",
        "A first line.\nA second line.\u00a0A third.",
        "",
        " ",
        "A",
    ],
)
def test_what_only_looks_glued_stays_whole(text: str) -> None:
    assert breaks(text) == []


def bench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "bench" / "paragraphs.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.parametrize("folder", [".", "paragraphs"])
def test_the_benchmark_scores_both_methods(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(exist_ok=True)
    document = {"id": "1", "paragraphs": ["It rained.", "The U.S. team won."]}
    (tmp_path / folder / "paragraphs.jsonl").write_text(json.dumps(document) + "\n", "utf-8")
    result = bench("--eval", tmp_path)
    assert result.returncode == 0
    ours, plain = (line for line in result.stdout.splitlines() if "1.000" in line)
    assert ours.count("1.000") == 3
    assert "0.500" in plain


def test_the_benchmark_says_in_one_line_what_is_missing(tmp_path: Path) -> None:
    result = bench("--eval", tmp_path / "nowhere")
    assert result.returncode == 1
    assert result.stdout == ""
    assert "paragraphs.jsonl" in result.stderr
    assert result.stderr.count("\n") == 1
