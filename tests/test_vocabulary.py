from pathlib import Path

import pytest

from converters.subjects.vocabulary import PLACES, Vocabulary, VocabularyError, read_vocabulary
from converters.subjects.words import words


def curated(folder: Path, text: str) -> Vocabulary:
    path = folder / "tags.toml"
    path.write_text(text, encoding="utf-8")
    return read_vocabulary(path)


def found(vocabulary: Vocabulary, text: str) -> list[str]:
    return [mention.form.preferred for mention in vocabulary.mentions(words(text), [*enumerate(words(text))])]


@pytest.fixture(scope="module")
def places() -> Vocabulary:
    return read_vocabulary(Path("no such file"))


def test_without_a_curated_file_the_places_of_the_world_are_known(places: Vocabulary) -> None:
    assert found(places, "Peruvian farmers, in Ulan Bator and Côte d’Ivoire") == ["Peru", "Mongolia", "Ivory Coast"]
    assert places.kind("Peru") == "place"


@pytest.mark.parametrize("form", ["US", "U.S.", "USA", "United States", "Americans", "UNITED STATES"])
def test_all_forms_of_a_country_are_one_tag(places: Vocabulary, form: str) -> None:
    assert found(places, f"It was said in {form} long ago.") == ["United States"]


def test_a_curators_tag_keeps_its_name_unless_it_is_another_form_of_one(places: Vocabulary) -> None:
    assert places.preferred("U.S.") == "United States"
    assert places.preferred("Americans") == "Americans"
    assert places.preferred("Washington") == "Washington"
    assert places.preferred("harbours") == "harbours"


@pytest.mark.parametrize("text", ["tell us, all of us", "Us and them", "the BUS", "usa", "an uk or un", "malicious"])
def test_an_abbreviation_is_found_only_in_capitals_and_as_a_word_of_its_own(places: Vocabulary, text: str) -> None:
    assert found(places, text) == []


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("Latin American and North American plains", ["Latin America", "North America"]),
        ("South Korean and North Korean athletes", ["South Korea", "North Korea"]),
        ("the US-China line and a Russian-built bridge", ["United States", "China", "Russia"]),
        ("the U.S.-built bridge", ["United States"]),
        ("the United  States", ["United States"]),
        ("United, States", []),
        ("Guinea-Bissau", ["Guinea-Bissau"]),
    ],
)
def test_the_longest_form_is_found_in_whole_words(places: Vocabulary, text: str, tags: list[str]) -> None:
    assert found(places, text) == tags


def test_no_form_stands_for_two_places() -> None:
    lines = [line for line in PLACES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    forms = [form for line in lines for form in line.split('"')[1::2]]
    assert sorted({form for form in forms if forms.count(form) > 1}) == []


def test_a_curated_name_takes_over_all_forms_of_a_place(tmp_path: Path) -> None:
    vocabulary = curated(tmp_path, '[place]\n"Türkiye" = ["Turkey"]\n[hidden]\n"Norway" = []\n')
    assert found(vocabulary, "Turkish ships left Ankara for Turkey") == ["Türkiye"] * 3
    assert vocabulary.hidden("Oslo")
    assert vocabulary.hidden("Norwegians")


def test_a_form_in_lower_case_is_found_in_any_case(tmp_path: Path) -> None:
    vocabulary = curated(tmp_path, '[topic]\n"river floods" = ["high water"]\n')
    assert found(vocabulary, "River floods; RIVER FLOODS; High Water; highwater") == ["river floods"] * 3


def test_forms_in_any_script_are_found(tmp_path: Path) -> None:
    forms = '["世界卫生组织", "Всемирная организация здравоохранения", "منظمة الصحة العالمية", "สถานี", "세계보건기구"]'
    vocabulary = curated(tmp_path, f'[organisation]\n"World Health Organization" = {forms}\n')
    for text in (
        "昨天世界卫生组织说",
        "как Всемирная организация здравоохранения, так",
        "قالت منظمة الصحة العالمية اليوم",
        "ที่สถานีนี้",
        "세계보건기구는",
    ):
        assert found(vocabulary, text) == ["World Health Organization"], text


def test_a_word_does_not_end_before_its_vowel_sign(tmp_path: Path) -> None:
    vocabulary = curated(tmp_path, '[topic]\n"जल" = []\n')
    assert found(vocabulary, "जल") == ["जल"]
    assert found(vocabulary, "जला") == []


def test_thousands_of_entries_are_looked_up_by_their_first_words(tmp_path: Path) -> None:
    lines = [f'"Society number {number}" = ["Club {number}"]' for number in range(5000)]
    vocabulary = curated(tmp_path, "[organisation]\n" + "\n".join(lines))
    assert found(vocabulary, "Club 4999 and Society number 12") == ["Society number 4999", "Society number 12"]
    assert vocabulary.lengths["Club"] == (2,)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[topic]\n"tides" = ebb\n', ["line 2", "TOML"]),
        ('[thing]\n"tides" = []\n', ["[thing]", "person, organisation, place, topic, hidden"]),
        ('topic = "tides"\n', ["topic", "section"]),
        ('[topic]\n"tides" = "ebb"\n', ['[topic] "tides"', "list"]),
        ('[topic]\n"tides" = [3]\n', ['[topic] "tides"', "list"]),
        ('[topic]\n"tides" = ["ebb"]\n"rivers" = ["ebb"]\n', ['[topic] "rivers"', '"ebb"', '"tides"', "take it out"]),
        ('[topic]\n"tides" = []\n"Rivers" = ["Tides"]\n', ['[topic] "Rivers"', '"Tides"', "take it out"]),
        ('[topic]\n"tides" = []\n"tides" = []\n', ["line 3"]),
        ('[topic]\n"tides" = []\n[hidden]\n"Tides" = []\n', ['[hidden] "Tides"', '[topic] "tides"', "remove"]),
        ('[place]\n"Bath, Maine" = []\n', ['"Bath, Maine"', "','", "without"]),
        ('[place]\n"Bath; Maine" = []\n', ['"Bath; Maine"', "';'"]),
        ('[place]\n"Bath\\nMaine" = []\n', ["line break"]),
        ('[place]\n" Bath" = []\n', ['" Bath"', "no space at either end"]),
        ('[place]\n"" = []\n', ["1 to 80"]),
        ('[place]\n"?!" = []\n', ["letter or digit"]),
        (f'[place]\n"{"x" * 81}" = []\n', ["1 to 80"]),
    ],
)
def test_a_broken_file_is_refused_with_file_entry_and_remedy(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(VocabularyError) as error:
        curated(tmp_path, text)
    for part in [str(tmp_path / "tags.toml"), *parts]:
        assert part in str(error.value)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tags.toml").write_bytes('[place]\n"Köln" = []\n'.encode("latin-1"))
    with pytest.raises(VocabularyError, match="UTF-8"):
        read_vocabulary(tmp_path / "tags.toml")


def test_the_starter_of_the_default_archive_is_sound() -> None:
    vocabulary = read_vocabulary(Path(__file__).parents[1] / "content" / "tags.toml")
    assert vocabulary.preferred("global warming") == "climate change"
    assert vocabulary.hidden("AP")
