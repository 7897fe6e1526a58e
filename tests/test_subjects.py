import shutil
import sqlite3
import sys
import unicodedata
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from converters.model import Capture, PartialDate, Provenance, plain
from converters.subjects import choose
from converters.subjects.choose import MOST_TAGS, Subject
from converters.subjects.evidence import MOST_CHARACTERS_READ
from converters.subjects.relations import log_likelihood
from converters.subjects.statistics import Statistics
from converters.subjects.thesaurus import LABELS, read_thesaurus
from converters.subjects.vocabulary import Vocabulary, read_vocabulary
from converters.subjects.words import words
from converters.text import frontmatter
from tests.conftest import TestArchive, record

HERE = Path(__file__).parents[1]
FILLER = "It was a day on which little else went on and people spoke about it for a while, as they would."


def capture(*paragraphs: str, title: str = "A quiet day", language: str = "en") -> Capture:
    provenance = Provenance("seeds/one.txt", 0, 0, "0" * 64, "seed-text 1", "utf-8")
    body = tuple(map(plain, paragraphs))
    day = PartialDate(2020, 1, 2)
    return Capture("https://example.org/", "example.org", day, title, body, provenance, language=language)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return read_vocabulary(Path("no such file"))


def indexed(vocabulary: Vocabulary, *captures: Capture) -> list[list[Subject]]:
    """Give the subjects of documents that are an archive of their own."""
    statistics = Statistics(sqlite3.connect(":memory:"))
    evidence = []
    for one in captures:
        said, tally = choose.gather(vocabulary, one.language, one.title, one.paragraphs)
        statistics.add(tally)
        evidence.append(said)
    return [choose.subjects(choose.choose(one, statistics)) for one in evidence]


def subjects(document: Capture, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Give the names of the subjects of the only document of an archive."""
    return tuple(subject.name for subject in indexed(vocabulary, document)[0])


def curated(folder: Path, text: str) -> Vocabulary:
    (folder / "tags.toml").write_text(text, encoding="utf-8")
    return read_vocabulary(folder / "tags.toml")


@pytest.fixture(scope="module")
def tags_of_the_seed() -> tuple[str, ...]:
    lines = next((HERE / "seeds").glob("*.txt")).read_text(encoding="utf-8").splitlines()
    title, *paragraphs = [line for line in lines[1:] if line.strip()]
    return subjects(capture(*paragraphs, title=title), read_vocabulary(HERE / "content" / "tags.toml"))


@pytest.mark.parametrize(
    "tag",
    [
        "International Criminal Court",
        "Joe Biden",
        "Karim Khan",
        "Lloyd Austin",
        "Russia",
        "Ukraine",
        "United States",
        "war crimes",
    ],
)
def test_the_seed_has_the_subjects_that_a_librarian_would_write(tags_of_the_seed: tuple[str, ...], tag: str) -> None:
    assert tag in tags_of_the_seed


def test_the_seed_has_no_junk(tags_of_the_seed: tuple[str, ...]) -> None:
    junk = "The Move|On March|March|Report|Reports|Defense Secretary|Defense|Prosecutor|Washington|Biden|ICC|US|States"
    assert not set(junk.split("|")) & set(tags_of_the_seed)
    assert 8 <= len(tags_of_the_seed) <= MOST_TAGS


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("Talks with Finance Minister Ada Bell went on.", ["Ada Bell"], ["Finance Minister", "Finance"]),
        ("A word from US President Olga Reed came.", ["Olga Reed", "United States"], ["US President Olga Reed", "US"]),
        ("Then Secretary of State Ada Bell left.", ["Ada Bell"], ["State Ada Bell", "State", "Secretary of State"]),
        ("The Alpine Motor Co chairman, Alpine Motor chief Jo Hill, left.", ["Alpine Motor"], ["Alpine Motor Co"]),
        ("They asked the Seeds and Plants Board.", ["Seeds and Plants Board"], ["Plants Board", "Seeds"]),
        ("They asked the Museum of the Northern Seas.", ["Museum of the Northern Seas"], ["Museum"]),
        ("He wrote to the Northern Lights Review.", ["Northern Lights Review"], ["the Northern Lights Review"]),
        ("Scores of Swedish boats came.", ["Sweden"], ["Scores of Swedish", "Scores"]),
        ("They like Ada O'Brien and Jean-Luc Petit.", ["Ada O'Brien", "Jean-Luc Petit"], ["Brien", "Luc Petit"]),
        ("On Monday and in March nothing happened to them.", [], ["Monday", "March", "On Monday"]),
    ],
)
def test_names_are_taken_whole_and_alone(
    vocabulary: Vocabulary, text: str, wanted: list[str], unwanted: list[str]
) -> None:
    tags = subjects(capture(f"{text} {FILLER} {FILLER}"), vocabulary)
    assert set(wanted) <= set(tags)
    assert not set(unwanted) & set(tags)


def test_a_paper_that_a_report_is_from_is_no_subject_unless_it_is_about_it(vocabulary: Vocabulary) -> None:
    text = f"Boats came to Peru, the Northern Harbour Times said. {FILLER} {FILLER}"
    assert "Northern Harbour Times" not in subjects(capture(text), vocabulary)
    about = f"{text} The Northern Harbour Times is for sale, and few read the Northern Harbour Times."
    assert "Northern Harbour Times" in subjects(capture(about), vocabulary)


def test_people_before_a_name_are_no_part_of_it_and_a_family_name_may_have_two_words(vocabulary: Vocabulary) -> None:
    text = f"They saw the Swede Potita Hill, and Swedish Potita Hill saw them. {FILLER} Hill sang, and Hill left."
    assert "Swedish Potita Hill" not in subjects(capture(text), vocabulary)
    text = f"They know Robert De Lora of old. {FILLER} For De Lora sings, and they say that De Lora can."
    assert [tag for tag in subjects(capture(text), vocabulary) if "Lora" in tag] == ["Robert De Lora"]


def test_a_surname_is_joined_to_the_full_name(vocabulary: Vocabulary) -> None:
    tags = subjects(
        capture(f"Some say that Ada Bell sings. {FILLER}", "They know that Bell and Bell alone can."), vocabulary
    )
    assert [tag for tag in tags if "Bell" in tag] == ["Ada Bell"]


def test_an_abbreviation_is_joined_to_its_long_form(vocabulary: Vocabulary) -> None:
    text = "They joined the General League on Ships and Harbours (GLSH) there. The GLSH was glad, and so the GLSH sang."
    tags = subjects(capture(FILLER, FILLER, text), vocabulary)
    assert "General League on Ships and Harbours" in tags
    assert "GLSH" not in tags


def test_forms_of_one_country_are_one_tag(vocabulary: Vocabulary) -> None:
    tags = subjects(capture("The US, the U.S. and the United States: Americans went to Washington."), vocabulary)
    assert tags == ("United States",)


@pytest.mark.parametrize(
    "text",
    [
        "We saw Michael Jordan there, and then Michael Jordan left.",
        "We read the Ottawa Herald, and then the Ottawa Herald closed.",
        "We saw New Mexico, and then New Mexico was gone.",
    ],
)
def test_a_place_inside_another_name_is_no_place(vocabulary: Vocabulary, text: str) -> None:
    assert not {"Jordan", "Canada", "Mexico"} & set(subjects(capture(text), vocabulary))


def test_a_place_named_once_far_from_the_lead_is_no_subject(vocabulary: Vocabulary) -> None:
    paragraphs = (FILLER, FILLER, "A man from Peru came by, and two from Chile, near Chile.")
    assert subjects(capture(*paragraphs), vocabulary) == ("Chile",)
    assert "Peru" in subjects(capture(*paragraphs, title="Peru comes by"), vocabulary)


def test_topics_are_nouns_that_recur_and_stand_as_in_the_text(vocabulary: Vocabulary) -> None:
    text = (
        "The price of tin ore rose as tin ores are rare. Last year the miners said that miners and other miners left."
    )
    tags = subjects(capture(FILLER, FILLER, text), vocabulary)
    assert {"tin ores", "miners"} <= set(tags)
    assert not {"tin", "ores", "last year", "year", "tin or"} & set(tags)


def test_a_headline_alone_proves_no_name(vocabulary: Vocabulary) -> None:
    assert subjects(capture(FILLER, title="Great Green Bridge Opens Over Quiet Water"), vocabulary) == ()


def test_capitals_of_a_heading_prove_no_name(vocabulary: Vocabulary) -> None:
    assert subjects(capture("How To Paint Wooden Garden Chairs", FILLER), vocabulary) == ()


def test_hidden_names_never_become_tags(tmp_path: Path) -> None:
    vocabulary = curated(tmp_path, '[hidden]\n"Harbour Press" = ["HBP"]\n"Peru" = []\n"tin ores" = []\n')
    text = (
        "Harbour Press and the Harbour Press, said HBP in Lima, Peru, of tin ores and tin ores; HARBOUR PRESS said so."
    )
    assert subjects(capture(text, title=text), vocabulary) == ()


def test_curated_tags_come_under_their_preferred_names(tmp_path: Path) -> None:
    vocabulary = curated(tmp_path, '[topic]\n"river floods" = ["high water"]\n[person]\n"Ada Bell" = ["A. Bell"]\n')
    assert subjects(capture("A. Bell spoke of high water."), vocabulary) == ("Ada Bell", "river floods")


def test_german_nouns_are_not_taken_for_names(vocabulary: Vocabulary) -> None:
    text = "Wir sehen das Haus und den Garten, und dann das Haus und den Garten in Peru."
    tags = subjects(capture(text, language="de"), vocabulary)
    assert "Peru" in tags
    assert not {"Haus", "Garten", "Haus und"} & set(tags)


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        (
            "de",
            "In Norwegen sprach Anna Weber. Norwegen hörte Anna Weber zu.",
            {"Norway", "Anna Weber"},
        ),
        ("ru", "В Норвегии прошли выборы. Избиратели Норвегии ждали выборов. Выборы прошли.", {"Norway", "elections"}),
        ("zh", "挪威地震。昨天挪威发生地震，地震很大。", {"Norway", "earthquakes"}),
    ],
)
def test_countries_persons_and_broad_subjects_are_found_in_other_languages(
    vocabulary: Vocabulary, language: str, text: str, wanted: set[str]
) -> None:
    assert wanted <= set(subjects(capture(text, language=language, title=text[:9]), vocabulary))


@pytest.mark.parametrize(
    ("language", "text", "person"),
    [
        ("ko", "이재명 대통령은 부산에 갔다. 시민들은 이재명의 말을 들었다.", "이재명"),
        ("ja", "石破茂首相は神戸を訪れた。石破茂氏は港を見た。", "石破茂"),
        ("ja", "ドナルド・トランプ氏が来た。ドナルド・トランプ氏は話した。", "ドナルド・トランプ"),
        ("zh", "国家主席习近平昨天到了港口。习近平说，港口很大。", "习近平"),
        ("ar", "وصل الرئيس الأمريكي جو بايدن إلى الميناء. وقال جو بايدن إن الميناء كبير.", "جو بايدن"),
        ("de", "Der Bundestrainer Weber sprach. Dann ging Bundestrainer Weber mit dem Hund.", "Weber"),
        ("cs", "Viděli jsme Michala Redla. Potom Michal Redl odešel. Michal Redl mluvil.", "Michal Redl"),
    ],
)
def test_persons_are_found_in_other_languages_by_titles_and_cases(
    vocabulary: Vocabulary, language: str, text: str, person: str
) -> None:
    found = indexed(vocabulary, capture(text, language=language, title="—"))[0]
    assert [subject.name for subject in found if subject.kind in ("person", "organisation")] == [person]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "es",
            "Dijo que la Comisión irá. Así lo quiere la Comisión, y el Ejecutivo sabe que la Comisión y el Ejecutivo",
        ),
        ("fr", "Ils ont vu le Village. Puis le Village, et encore le Village, et la Villa, la Villa, la Villa"),
        ("es", "Esto es para los correos, y para ti, para mí, para todos"),
    ],
)
def test_what_has_an_article_or_is_an_institution_is_no_name_in_other_languages(
    vocabulary: Vocabulary, language: str, text: str
) -> None:
    assert subjects(capture(text, language=language, title="—"), vocabulary) == ()


def test_other_languages_with_capitals_have_names_that_stand_twice(vocabulary: Vocabulary) -> None:
    text = "Мы видели, как Анна Белова пела. Потом говорили, что Анна Белова и Пётр ушли."
    assert subjects(capture(text, language="ru"), vocabulary) == ("Анна Белова",)


def test_scripts_without_capitals_have_the_tags_of_the_vocabulary(tmp_path: Path) -> None:
    vocabulary = curated(tmp_path, '[place]\n"China" = ["中国"]\n')
    assert subjects(capture("昨天中国说中国的事。", language="zh"), vocabulary) == ("China",)


def test_a_document_has_the_same_tags_whatever_was_read_before(vocabulary: Vocabulary) -> None:
    one, two = capture("The tale of Ada Bell in Peru. " + FILLER), capture("The tale of Bell in Chile. " + FILLER)
    alone = subjects(two, vocabulary)
    subjects(one, vocabulary)
    assert subjects(two, vocabulary) == alone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("John F. Kennedy met J. R. R. Bell.", "John|F.|Kennedy|met|J.|R.|R.|Bell|."),
        ("They sat in row F. she said, (F. Kennedy", "They|sat|in|row|F|.|she|said|,|(|F.|Kennedy"),
        ("The U.S.-backed plan of AT&T. Dr. O’Brien said.", "The|U.S.-backed|plan|of|AT&T|.|Dr.|O'Brien|said|."),
        ("Row F.", "Row|F|."),
        ("中国 said\nso", "中|国|said|\n|so"),
    ],
)
def test_text_is_parted_into_words_and_marks(text: str, expected: str) -> None:
    assert words(text) == expected.split("|")
    assert words(text) == expected.split("|")  # what was seen before is not looked at again


@given(st.lists(st.text("aB É.,'-&中1 "), max_size=8))
def test_words_do_not_depend_on_what_was_read_before(texts: list[str]) -> None:
    first = [words(text) for text in texts]
    assert [words(text) for text in reversed(texts)] == first[::-1]
    for text, found in zip(texts, first, strict=True):
        assert "".join(found) == text.replace(" ", "")


words_of_news = st.sampled_from(
    "President of the US U.S. New York Times Ada Bell ( ) ICC and & - – Bank for Minister said , . \n ' s “ war crimes "
    "al-Amin 中国 É. A. СССР < > Paris Secretary State - Court 9th".split(" ")
)


@settings(max_examples=300, deadline=None)
@given(
    paragraphs=st.lists(st.one_of(st.text(), st.lists(words_of_news, max_size=60).map(" ".join)), max_size=5),
    title=st.one_of(st.text(), st.lists(words_of_news, max_size=12).map(" ".join)),
    language=st.sampled_from(["en", "en-GB", "de", "ru", "zh", "und", ""]),
)
@example(paragraphs=["Of and"], title="", language="en")
@example(paragraphs=["\ud800 (AB) A\u0300B (C"], title="\x00", language="en")
def test_any_text_gives_clean_tags_and_the_same_every_time(
    vocabulary: Vocabulary, paragraphs: list[str], title: str, language: str
) -> None:
    document = capture(*paragraphs, title=title, language=language)
    tags = subjects(document, vocabulary)
    assert subjects(document, vocabulary) == tags
    assert len(tags) <= MOST_TAGS
    assert len({tag.casefold() for tag in tags}) == len(tags)
    for tag in tags:
        assert 0 < len(tag) <= 80
        assert tag == tag.strip()
        assert not any(char in ",;" or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in tag)


@pytest.mark.parametrize(
    "unit", ["President Ada ", "A. ", "a-", "(AB) ", "Bank of ", "x", "A", "war crimes ", "中", "'"]
)
def test_a_huge_paragraph_costs_no_more_than_what_is_read_of_it(vocabulary: Vocabulary, unit: str) -> None:
    read = unit * (MOST_CHARACTERS_READ // len(unit) + 1)
    of_read, of_huge = (calls(partial(subjects, capture(text), vocabulary)) for text in (read, read * 600))
    assert of_huge <= 1.1 * of_read
    assert of_read <= 10 * MOST_CHARACTERS_READ


def calls(work: Callable[[], object]) -> int:
    """Return how many functions are called, in Python and in C."""
    number = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal number
        number += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return number


def test_a_surname_stands_for_the_only_full_name_of_the_archive(vocabulary: Vocabulary) -> None:
    one = capture("Talks with President Ada Bell went on. Bell sang, and Ada Bell left.")
    two = capture(f"In Peru they like Bell. {FILLER} They say that Bell and Bell alone can sing.")
    assert Subject("Ada Bell", "person") in indexed(vocabulary, one, two)[1]
    another = capture("Talks with President Olga Bell went on. Bell sang, and Olga Bell left.")
    assert "Ada Bell" not in [subject.name for subject in indexed(vocabulary, one, two, another)[1]]


def test_a_concept_brings_the_one_at_the_top_of_its_branch(vocabulary: Vocabulary) -> None:
    text = "The rugby match was lost in the scrum. The rugby coach spoke, and rugby players cried."
    found = indexed(vocabulary, capture(text, title="Rugby in the rain"))[0]
    assert {Subject("rugby", "topic"), Subject("sport", "topic")} <= set(found)


def test_the_thesaurus_is_a_tree_that_can_be_walked_from_the_top() -> None:
    thesaurus = read_thesaurus()
    walked: list[str] = []
    waiting = [*thesaurus.narrower("")]
    while waiting:
        walked.append(waiting.pop())
        waiting += thesaurus.narrower(walked[-1])
        assert all(thesaurus.broader(name) == walked[-1] for name in thesaurus.narrower(walked[-1]))
    assert sorted(walked) == sorted(thesaurus.concepts)
    assert thesaurus.broader("tennis") == "sport"
    assert thesaurus.broader("Ada Bell") == ""


def test_a_concept_has_a_label_in_each_language_of_the_interface_and_english_elsewhere() -> None:
    thesaurus = read_thesaurus()
    assert thesaurus.label("tennis", "ru") == ("Теннис", "ru")
    assert thesaurus.label("tennis", "fi") == ("tennis", "en")
    assert thesaurus.label("Ada Bell", "ru") == ("Ada Bell", "")
    for name in thesaurus.concepts:
        assert [thesaurus.label(name, language)[1] for language in LABELS] == list(LABELS), name


def news(number: int) -> str:
    """Return a seed about a harbour, in words that differ a little from document to document."""
    place, person = ("Peru", "Chile", "Ghana")[number % 3], ("Ada Bell", "Olga Hill")[number % 2]
    return record(
        f"Harbour number {number} opens in {place}",
        f"The river boats of {person} reached {place}. She said river boats pay. {person} has river boats.",
        url=f"https://example.org/{number}",
    )


def tags_of(documents: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: frontmatter.values(document, "Tags") for name, document in documents.items()}


def test_neither_order_nor_jobs_nor_a_deleted_cache_change_a_tag(archive: TestArchive) -> None:
    for number in range(70):
        archive.add(f"{number:02}.txt", news(number))
    assert archive.run("convert", "--jobs", "1").status == 0
    first = tags_of(archive.documents())
    shutil.rmtree(archive.root / ".cache")
    shutil.rmtree(archive.root / "content")
    for number in range(70):
        (archive.root / "seeds" / f"{number:02}.txt").unlink()
    for number in range(70):
        archive.add(f"{99 - number}.txt", news(number))
    assert archive.run("convert", "--jobs", "2").status == 0
    assert tags_of(archive.documents()) == first
    shutil.rmtree(archive.root / ".cache")
    archive.add("later.txt", news(70))
    assert archive.run("convert").status == 0
    later = tags_of(archive.documents())
    assert first.items() <= later.items()
    assert set(later.values()) == set(first.values())
    assert all("river boats" in tags for tags in later.values())
    assert all("Persons: Ada Bell\n" in text or "Persons: Olga Hill\n" in text for text in archive.documents().values())


def test_a_deleted_cache_changes_no_tag_of_a_later_document_and_none_of_a_published_one(
    archive: TestArchive, tmp_path: Path
) -> None:
    for number in range(60):
        archive.add(f"{number:02}.txt", news(number))
    assert archive.run("convert").status == 0
    first = tags_of(archive.documents())
    edited = archive.root / "content" / min(archive.documents())
    edited.write_text(edited.read_text().replace("Tags: ", "Tags: harbour masters, "))
    other = TestArchive(tmp_path / "other")
    shutil.copytree(archive.root, other.root)
    shutil.rmtree(other.root / ".cache")
    for one in (archive, other):
        one.add("later.txt", news(60) + news(61).replace("river boats", "tin ores"))
        assert one.run("convert").status == 0
    kept, anew = (tags_of(one.documents()) for one in (archive, other))
    assert kept == anew
    assert len(kept) == len(first) + 2
    first[edited.relative_to(archive.root / "content").as_posix()] = kept[min(first)]
    assert first.items() <= kept.items()
    assert "harbour masters" in kept[min(first)]


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(1, 50))
def test_subjects_are_related_the_more_the_less_chance_explains_it(
    both: int, first: int, second: int, rest: int
) -> None:
    one, other, total = both + first, both + second, both + first + second + rest
    near = log_likelihood(both, one, other, total)
    assert near >= 0
    assert near == pytest.approx(log_likelihood(both, other, one, total))
    assert log_likelihood(both, one, other, 2 * total) >= near - 1e-9
    if both * total <= one * other:
        assert near == 0


def test_the_most_frequent_subject_is_not_related_to_all() -> None:
    assert log_likelihood(8, 10, 12, 1000) > 20 * log_likelihood(9, 850, 10, 1000)
