"""The members of tar and zip files are seeds of their own."""

import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.archive.layout import Archive
from converters.intake import seeds as intake
from converters.intake.seeds import SeedFile, find_seeds, members_of, read_records
from converters.model import Capture, OtherRecord, Rejection
from converters.pipeline import convert
from converters.readers.table import read_seed
from tests.conftest import TestArchive, record

Files = list[tuple[str, bytes]]


def tar_of(files: Files, **named: object) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", **named) as tar:  # type: ignore[call-overload]
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def zip_of(files: Files, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as whole:
        for name, content in files:
            with pytest.warns(UserWarning) if name in whole.namelist() else io.BytesIO():
                whole.writestr(zipfile.ZipInfo(name), content, packing)
    return packed.getvalue()


PACK = {
    "box.tar": tar_of,
    "box.tar.gz": lambda files: gzip.compress(tar_of(files)),
    "box.TGZ": lambda files: gzip.compress(tar_of(files)),
    "box.tar.xz": lambda files: lzma.compress(tar_of(files)),
    "box.tar.zst": lambda files: zstandard.ZstdCompressor(write_checksum=True).compress(tar_of(files)),
    "box.zip": zip_of,
    "stored.zip": lambda files: zip_of(files, zipfile.ZIP_STORED),
}


def dump(number: int) -> bytes:
    return record(f"Title {number}", f"Text {number}.", url=f"https://example.org/{number}").encode()


DUMPS: Files = [("2023/court.txt", dump(1) + dump(2)), ("port.txt", dump(3)), ("more/a.txt.gz", gzip.compress(dump(4)))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "seeds").mkdir()
    return tmp_path / "seeds"


def found(folder: Path, name: str, content: bytes) -> list[Capture | Rejection | OtherRecord]:
    (folder / name).write_bytes(content)
    return [each for seed in find_seeds(folder) for each in (read_seed(seed) if isinstance(seed, SeedFile) else [seed])]


def titles(records: list[Capture | Rejection | OtherRecord]) -> list[str]:
    return [each.title for each in records if isinstance(each, Capture)]


def reasons(records: list[Capture | Rejection | OtherRecord]) -> list[str]:
    return [f"{each.seed}: {each.reason}" for each in records if isinstance(each, Rejection)]


@pytest.mark.parametrize("name", PACK)
def test_each_member_is_a_seed_of_its_own(folder: Path, name: str) -> None:
    records = found(folder, name, PACK[name](DUMPS))

    assert titles(records) == ["Title 1", "Title 2", "Title 3", "Title 4"]
    assert reasons(records) == []
    for each in records:
        assert isinstance(each, Capture)
        place = each.provenance
        (raw,) = read_records(folder.parent, place.seed, [(place.start, place.length)])
        assert each.title.encode() in raw
    assert [each.provenance.seed for each in records if isinstance(each, Capture)] == [
        f"seeds/{name}!/2023/court.txt",
        f"seeds/{name}!/2023/court.txt",
        f"seeds/{name}!/port.txt",
        f"seeds/{name}!/more/a.txt.gz",
    ]


def test_the_members_of_containers_go_the_whole_way(archive: TestArchive) -> None:
    archive.add("years/box.tar.gz", PACK["box.tar.gz"]([*DUMPS, ("letters/b.txt", b"Dear all,\n\nNo header.\n")]))
    archive.add("years/box.tar.gz.seed.toml", '[[record]]\nmember = "letters/b.txt"\ndate = 1998\n')
    archive.add("stored.zip", PACK["stored.zip"]([("c.txt", dump(5)), ("c.txt.seed.toml", b'language = "nl"')]))

    built = archive.run("site", "--no-search")

    assert built.status == 0, built.said
    assert "6 new" in built.said
    assert (archive.root / "output/2023/03/08/title-2.txt").read_bytes() == dump(2)
    assert "Lang: nl\n" in archive.documents()["2023/03/08/title-5.md"]
    assert "Category: letters\n" in archive.documents()["1998/dear-all.md"]
    checked = archive.run("check")
    assert checked.status == 0, checked.said
    assert "pages whose text is that of their seed: 6" in checked.said
    verified = archive.run("convert", "--verify")
    assert "6 unchanged, 0 edited, 0 duplicate, 0 rejected" in verified.said
    archive.run("withdraw", "2023/03/08/title-5.html", "--why", "An error")
    archive.run("build", "--no-search")
    bundled = archive.run("bundle")
    assert "left out, since it holds a withdrawn document: seeds/stored.zip" in bundled.said
    (bag,) = (archive.root / "dist").glob("*.zip")
    packed = [name for name in zipfile.ZipFile(bag).namelist() if "/data/seeds/" in name]
    assert [name.partition("/data/")[2] for name in packed] == [
        "seeds/years/box.tar.gz",
        "seeds/years/box.tar.gz.seed.toml",
    ]


def test_an_unchanged_container_is_not_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "box.zip").write_bytes(PACK["box.zip"](DUMPS))
    archive = Archive(folder.parent)
    archive.content.mkdir()
    archive.cache.mkdir()
    said: list[str] = []
    convert(archive, 1, False, said.append, lambda *_: None)
    monkeypatch.setattr(intake, "_open_regular", lambda _: pytest.fail("a file was opened"))
    monkeypatch.setattr(intake, "entries_of", lambda _: pytest.fail("its members were listed"))

    counts = convert(archive, 1, False, said.append, lambda *_: None)

    assert counts["unchanged"] == 4
    assert said == []


def test_a_container_that_changed_or_went_takes_its_members_with_it(archive: TestArchive) -> None:
    path = archive.add("box.zip", PACK["box.zip"](DUMPS))
    archive.run("convert")
    archive.add("box.zip", PACK["box.zip"]([*DUMPS, ("d.txt", dump(5)), ("e.txt", b"no header")]))

    again = archive.run("convert")

    assert "1 new, 0 changed, 4 unchanged, 0 edited, 0 duplicate, 1 rejected" in again.said
    assert "seeds/box.zip!/e.txt:1: no header" in archive.run("convert").said
    path.unlink()
    archive.add("other.txt", dump(9))
    assert archive.run("convert").said.count("its seed is gone, the page stays") == 5
    assert list((archive.root / ".cache/containers").iterdir()) == []


def test_a_name_is_only_a_name(folder: Path) -> None:
    names = ["../../etc/passwd", "/root.txt", "box!/a.txt", "a.txt", "a.txt", "back\\slash.txt", "./b.txt"]
    files = [(name, dump(number)) for number, name in enumerate(names)]

    records = found(folder, "box.tar", tar_of([*files, ("caf\udce9.txt", dump(7))], errors="surrogateescape"))

    assert len(titles(records)) == 8
    assert reasons(records) == []
    assert {each.provenance.seed.removeprefix("seeds/box.tar!/") for each in records if isinstance(each, Capture)} == {
        "../../etc/passwd",
        "/root.txt",
        "box\\x21/a.txt",
        "a.txt",
        "a.txt!2",
        "back\\\\slash.txt",
        "./b.txt",
        "caf\\xe9.txt",
    }
    for each in records:
        assert isinstance(each, Capture)
        place = each.provenance
        (raw,) = read_records(folder.parent, place.seed, [(place.start, place.length)])
        assert each.title.encode() in raw
    assert {path.name for path in folder.parent.iterdir()} == {"seeds", ".cache"}


def test_a_folder_whose_name_ends_in_a_mark_is_no_container(folder: Path) -> None:
    (folder / "box.tar!").mkdir()
    (record_,) = found(folder, "box.tar!/a.txt", dump(1))
    assert isinstance(record_, Capture)
    assert record_.provenance.seed == "seeds/box.tar\\x21/a.txt"
    assert list(read_records(folder.parent, record_.provenance.seed, [(0, 5)])) == [dump(1)[:5]]


def test_junk_folders_and_links_are_no_seeds(folder: Path) -> None:
    junk = [("__MACOSX/._a.txt", b"\0"), (".DS_Store", b"\0"), ("x/Thumbs.db", b"\0"), ("folder/", b"")]
    packed = io.BytesIO(tar_of([*junk[:3], ("a.txt", dump(1))]))
    with tarfile.open(fileobj=packed, mode="a") as tar:
        for kind, name in ((tarfile.SYMTYPE, "link"), (tarfile.DIRTYPE, "folder"), (tarfile.FIFOTYPE, "pipe")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "../../a.txt"
            tar.addfile(member)

    records = found(folder, "box.tar", packed.getvalue())

    assert titles(records) == ["Title 1"]
    assert [each.what for each in records if isinstance(each, OtherRecord)] == ["links to other members"]
    assert reasons(records) == ["seeds/box.tar!/pipe: not a regular file but a pipe; it was not read"]
    assert titles(found(folder, "box.zip", zip_of([*junk, ("b.txt", dump(2))]))) == ["Title 1", "Title 2"]


def test_a_container_in_a_container_is_read_and_one_more_is_refused(folder: Path) -> None:
    inner = gzip.compress(tar_of([("a.txt", dump(1)), ("deep.zip", zip_of([("b.txt", dump(2))]))]))

    records = found(folder, "box.zip", zip_of([("inner.tar.gz", inner), ("c.txt", dump(3))]))

    assert titles(records) == ["Title 1", "Title 3"]
    (first, *_) = records
    assert isinstance(first, Capture)
    assert first.provenance.seed == "seeds/box.zip!/inner.tar.gz!/a.txt"
    assert list(read_records(folder.parent, first.provenance.seed, [(0, len(dump(1)))])) == [dump(1)]
    assert reasons(records) == [
        "seeds/box.zip!/inner.tar.gz!/deep.zip: a container that lies two others deep; it was not read"
    ]


def test_a_bomb_stops_and_what_came_before_it_stands(folder: Path) -> None:
    bomb = bytes(80 << 20)
    for name, content in {
        "a.zip": zip_of([("a.txt", dump(1)), ("b.txt", bomb)]),
        "b.tar.gz": gzip.compress(tar_of([("a.txt", dump(2)), ("b.txt", bomb)])),
        "c.zip": zip_of([("a.txt", dump(3)), ("b.txt.gz", gzip.compress(gzip.compress(bomb + bomb)))]),
    }.items():
        (folder / name).write_bytes(content)
    (folder / "d.txt").write_bytes(dump(4))

    records = [each for seed in find_seeds(folder) if isinstance(seed, SeedFile) for each in read_seed(seed)]

    assert titles(records) == ["Title 1", "Title 3", "Title 4"]  # of a .gz nothing is sure before its checksum
    told = reasons(records)
    assert any(one.startswith("seeds/a.zip: ") and "unpacks to more than" in one for one in told)
    assert any(one.startswith("seeds/b.tar.gz: ") and "unpacks to more than" in one for one in told)
    assert len(told) >= 3


def test_what_cannot_be_read_is_named_and_the_rest_is_read(folder: Path) -> None:
    packed = bytearray(zip_of([("a.txt", dump(1)), ("b.txt", dump(2)), ("c.txt", dump(3))]))
    listed = packed.index(b"PK\x01\x02")
    packed[listed + 8] |= 1  # a.txt is encrypted, as the list says
    third = packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02", listed + 1) + 1)
    packed[third + 10] = 93  # c.txt is packed by Zstandard

    records = found(folder, "box.zip", bytes(packed))

    assert titles(records) == ["Title 2"]
    assert reasons(records) == [
        "seeds/box.zip!/a.txt: the member is encrypted; it was not read",
        "seeds/box.zip!/c.txt: the member is packed in a way that is not read: method 93",
    ]


def test_a_file_that_is_only_called_a_container_is_what_it_is(folder: Path) -> None:
    assert titles(found(folder, "a.zip", dump(1))) == ["Title 1"]
    assert titles(found(folder, "b.tar.gz", gzip.compress(dump(2)))) == ["Title 1", "Title 2"]


def damaged(packed: bytes, folder: Path, name: str) -> tuple[set[str], list[str]]:
    records = found(folder, name, packed)
    return set(titles(records)), reasons(records)


def whole_members(packed: bytes, files: Files, cut: int) -> set[str]:
    """Give the titles of the members whose bytes all lie before a cut."""
    ends = [packed.index(content) + len(content) for _, content in files]
    return {f"Title {number}" for number, end in enumerate(ends) if end <= cut}


@pytest.mark.parametrize("name", ["box.tar", "stored.zip"])
def test_of_a_container_that_is_cut_all_whole_members_are_read_and_the_loss_is_named(folder: Path, name: str) -> None:
    files = [(f"{number}.txt", dump(number)) for number in range(5)]
    packed = PACK[name](files)
    end = 512 * 10 if name == "box.tar" else len(packed)  # zeros follow
    for cut in range(513, end, 61):
        read, told = damaged(packed[:cut], folder, name)
        expected = whole_members(packed, files, cut)
        assert read == expected, cut
        assert told, cut


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["box.tar", "box.zip"]), st.integers(0), st.integers(0, 7))
def test_a_flipped_bit_is_named_or_harms_one_member(
    tmp_path_factory: pytest.TempPathFactory, name: str, at: int, bit: int
) -> None:
    files = [(f"{number}.txt", dump(number)) for number in range(5)]
    packed = bytearray(PACK[name](files))
    packed[at % len(packed)] ^= 1 << bit
    folder = tmp_path_factory.mktemp("flip") / "seeds"
    folder.mkdir()

    read, told = damaged(bytes(packed), folder, name)

    whole = {f"Title {number}" for number in range(5)}
    assert len(whole & read) >= 4 or told
    assert len(whole & read) >= 3


def test_nonsense_is_no_exception(folder: Path) -> None:
    chance = random.Random(3)
    for name, pack in PACK.items():
        packed = pack(DUMPS)
        for _ in range(12):
            other = bytearray(packed)
            for _ in range(chance.randrange(1, 40)):
                other[chance.randrange(len(other))] = chance.randrange(256)
            found(folder, name, bytes(other))


def test_many_members_take_little_memory_and_one_pass(folder: Path) -> None:
    def seeds() -> Iterator[SeedFile]:
        yield from (seed for seed in find_seeds(folder) if isinstance(seed, SeedFile))

    files = [(f"{number % 100}/{number}.txt", dump(number)) for number in range(3000)]
    (folder / "many.tar.gz").write_bytes(gzip.compress(tar_of(files), 1))

    (seed,) = seeds()
    members = members_of(seed)

    assert members is not None
    assert sum(isinstance(one, SeedFile) for one in members) == 3000
    assert titles(list(read_seed(seed))) == [f"Title {number}" for number in range(3000)]
