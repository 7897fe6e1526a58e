"""Whatever files of an archive are called, a bundle of them unpacks whole on every system."""

import shutil
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from converters.archive.layout import ArchiveError
from plugins.outputs.places import check_site, places_of_seeds

NAMES = st.text(st.sampled_from("aAäÄßsS=3Dé\u0301e:.xCON "), min_size=1, max_size=6).filter(
    lambda name: not name.startswith(".") and name.strip(". ") != "" and not name.startswith("~$")
)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=12)


def folded(text: str) -> str:
    """Give what a file system that folds case and Unicode forms makes of a path."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def write(folder: Path, names: list[str]) -> int:
    """Write files of these names as far as they can lie side by side; give how many there are."""
    for name in names:
        try:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(name.encode())
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue
    return sum(path.is_file() for path in folder.rglob("*"))


@settings(max_examples=60, deadline=None)
@given(PATHS)
@example(["Box/a", "box"])
@example(["a", "A/a", "ä", "a\u0308/x"])
def test_no_system_takes_two_files_of_a_bundle_for_one(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    seeds = tmp_path_factory.mktemp("places") / "seeds"
    seeds.mkdir()
    written = write(seeds, names)

    places = {place: seed.path.read_bytes().decode() for seed, place in places_of_seeds(seeds, "archive")}

    shutil.rmtree(seeds.parent)
    assert len({folded(place) for place in places}) == len(places) == written
    files = {folded(place) for place in places}
    folders = {folded(place[:at]) for place in places for at, char in enumerate(place) if char == "/"}
    assert not files & folders
    assert not [place for place in places if set(place) & set('<>:"|?*\\%') or place.endswith((".", " "))]


def test_a_path_that_is_too_long_gets_a_short_place_of_its_own(tmp_path: Path) -> None:
    deep = tmp_path / "seeds" / "/".join(["folder of a long name"] * 14)
    deep.mkdir(parents=True)
    for name in ("a.txt", "b.txt", "𝔸.txt"):
        (deep / name).write_bytes(b"x")

    places = [place for _, place in places_of_seeds(tmp_path / "seeds", "archive")]

    assert len({*places}) == 3
    assert all(len(f"archive/archive/data/{place}".encode("utf-16-le")) // 2 <= 259 for place in places)
    assert sorted(place[-6:] for place in places) == ["=a.txt", "=b.txt", "=𝔸.txt"]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["files/Plan.png", "files/plan.png"], "cannot tell this name from Plan.png"),
        (["files/caf\u00e9.png", "files/cafe\u0301.png"], "cannot tell this name from"),
        (["Files/a.png", "files/b.png"], "cannot tell this name from Files"),
        ([f"files/{'x' * 120}/{'y' * 120}.png"], "cannot hold this name"),
        (["files/a:b.png"], "cannot hold this name"),
    ],
)
def test_a_file_of_the_site_that_some_system_cannot_hold_is_named_before_anything_is_packed(
    tmp_path: Path, names: list[str], told: str
) -> None:
    write(tmp_path, names)
    with pytest.raises(ArchiveError, match="some systems") as error:
        check_site(tmp_path, "archive")
    assert told in str(error.value)
