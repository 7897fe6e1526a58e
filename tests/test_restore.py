"""An archive that is made again from its own bundle."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import TestArchive, record
from tests.fork_server import ForkServer
from tests.test_check import manifest

Restore = Callable[[Path, Path], tuple[int, str]]
HARBOUR = "2023/03/08/harbour-opens-to-visitors.html"


@pytest.fixture(scope="module")
def restore() -> Restore:
    """Run the command, which takes no `--archive`."""
    with ForkServer() as server:
        yield lambda bundle, folder: server.run("restore", str(bundle), str(folder), timeout=100)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> TestArchive:
    """An archive with all that one can hold, and its bundle."""
    archive = TestArchive(tmp_path_factory.mktemp("packed") / "harbour")
    (archive.root / "seeds").mkdir(parents=True)
    archive.add("a.txt", record(body="Norway was glad.\n\nNorway said so."))
    archive.add("odd/q?: <x>=y.txt", record("Odd name", date="2022-02-02", url="https://example.org/odd"))
    archive.add("odd/Q?: <x>=y.txt", record("Odder name", date="2022-02-03", url="https://example.org/odder"))
    archive.add(os.fsdecode(b"caf\xe9.txt"), record("No UTF-8", date="2022-02-04", url="https://example.org/cafe"))
    archive.add("b.txt", record("To be withdrawn", date="2021-01-01", url="https://example.org/withdrawn"))
    archive.add("c.txt", record("Secret harbour", "Zyzzyva.", date="2020-01-01", url="https://example.org/secret"))
    for file, text in {
        "pelicanconf.py": 'SITENAME = "Harbour"\nSITELOGO = "looks/logo.svg"\n',
        "looks/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "theme/templates/gone.html": "<!DOCTYPE html>\n<title>Gone</title>\n<p>{{ label }}</p>\n",
        "content/sources.toml": '["example.org"]\nnote = "The paper of the harbour."\n',
        "content/tags.toml": '[hidden]\n"Sweden" = []\n',
        "content/pages/Über uns.md": "Title: About us\nSlug: us\n\nWe keep it.\n",
        "content/pages/files/crane.txt": "A crane.\n",
    }.items():
        (archive.root / file).parent.mkdir(parents=True, exist_ok=True)
        (archive.root / file).write_text(text)
    assert archive.run("convert").status == 0
    archive.run("withdraw", "2021/01/01/to-be-withdrawn.html", "--why", "Asked", "--on", "2026-05-03")
    archive.run("rename", "2022/02/02/odd-name.html", "2022/02/02/odd.html")
    secret = archive.root / "content/2020/01/01/secret-harbour.md"
    secret.write_text(secret.read_text().replace("Slug:", "Status: draft\nSlug:"))
    assert archive.run("site").status == 0
    done = archive.run("bundle")
    assert done.status == 0, done.said
    return archive


def test_a_bundle_holds_all_that_its_archive_is_made_of(packed: TestArchive, restore: Restore, tmp_path: Path) -> None:
    status, said = restore(packed.root / "dist/harbour.zip", tmp_path / "again")
    assert status == 0, said
    again = TestArchive(tmp_path / "again")
    left_out = {"b.txt", "c.txt"}  # what is withdrawn or held back is in no bundle
    assert again.files("seeds") == {name: raw for name, raw in packed.files("seeds").items() if name not in left_out}
    stub = "2020/01/01/secret-harbour.md"
    content = packed.files("content")
    assert again.files("content") == content | {stub: b"Title: Title withheld\nDate: 2020-01-01\nStatus: draft\n"}
    for folder in ("theme", "looks", "output"):
        assert again.files(folder) == packed.files(folder)
    assert (again.root / "pelicanconf.py").read_text() == (packed.root / "pelicanconf.py").read_text()
    done = again.run("check")
    assert done.status == 0, done.said
    ran = again.run("site")
    assert ran.status == 0, ran.said
    assert "0 new, 0 changed, 4 unchanged" in ran.said
    assert again.files("output") == packed.files("output")
    assert again.run("check").status == 0


def test_nothing_of_what_is_held_back_is_in_a_bundle(packed: TestArchive) -> None:
    with zipfile.ZipFile(packed.root / "dist/harbour.zip") as bag:
        for name in bag.namelist():
            raw = bag.read(name)
            assert not any(told in raw for told in (b"Zyzzyva", b"Secret harbour", b"example.org/secret")), name


def test_nothing_is_written_over(packed: TestArchive, restore: Restore, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    status, said = restore(packed.root / "dist/harbour.zip", tmp_path)
    assert status == 1
    assert "there is something already" in said
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    assert restore(packed.root / "dist/harbour.zip", tmp_path / "empty")[0] == 0


def test_a_damaged_bundle_is_refused_and_named(packed: TestArchive, restore: Restore, tmp_path: Path) -> None:
    raw = (packed.root / "dist/harbour.zip").read_bytes()
    for name, damaged in {
        "flipped.zip": raw[:3000] + bytes([raw[3000] ^ 1]) + raw[3001:],
        "cut.zip": raw[: len(raw) // 2],
        "none.zip": b"",
        "text.zip": b"This is no bundle.",
    }.items():
        (tmp_path / name).write_bytes(damaged)
        status, said = restore(tmp_path / name, tmp_path / "again")
        assert status == 1, name
        assert name in said
        assert "nothing was restored" in said
        assert "Traceback" not in said
        assert not (tmp_path / "again").exists()
    status, said = restore(tmp_path / "missing.zip", tmp_path / "again")
    assert (status, "no such file" in said) == (1, True)


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("data/archive/../../outside.txt", ""),
        ("data/seeds/a/../../../outside.txt", ""),
        ("data/archive//outside.txt", ""),
        ("data/archive/.git/hooks/post-checkout", ""),
        ("data/elsewhere/outside.txt", ""),
        ("data/seeds/x.txt", "seeds/x.txt\tseeds/../../outside.txt\n"),
        ("data/seeds/x.txt", "seeds/x.txt\t/outside.txt\n"),
        ("data/seeds/x.txt", "seeds/x.txt\tseeds/a.txt\n"),
    ],
)
def test_nothing_gets_out_of_the_folder(restore: Restore, tmp_path: Path, place: str, names: str) -> None:
    """A bundle that is whole by its checksums may have been made by anybody."""
    files = {"data/archive/content/addresses.csv": b"", "data/seeds/a.txt": b"", place: b"out"}
    tags = {"bagit.txt": b"BagIt-Version: 1.0\n", "manifest-sha256.txt": manifest(files)}
    tags |= {"seed-names.tsv": names.encode()} if names else {}
    bundle = tmp_path / "made/hostile.zip"
    bundle.parent.mkdir()
    with zipfile.ZipFile(bundle, "w") as bag:
        for name, raw in (files | tags | {"tagmanifest-sha256.txt": manifest(tags)}).items():
            bag.writestr(zipfile.ZipInfo(f"hostile/{name}", (1980, 1, 1, 0, 0, 0)), raw)
    status, said = restore(bundle, tmp_path / "made/again")
    assert status == 1, said
    assert "nothing was restored" in said
    assert {file.name for file in tmp_path.rglob("*")} == {"made", "hostile.zip"}


def test_a_bundle_of_a_former_version_says_what_to_do(restore: Restore, tmp_path: Path) -> None:
    files = {"data/site/index.html": b"<title>x</title>", "data/seeds/a.txt": b"x"}
    tags = {"bagit.txt": b"BagIt-Version: 1.0\n", "manifest-sha256.txt": manifest(files)}
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as bag:
        for name, raw in (files | tags | {"tagmanifest-sha256.txt": manifest(tags)}).items():
            bag.writestr(zipfile.ZipInfo(f"old/{name}", (1980, 1, 1, 0, 0, 0)), raw)
    status, said = restore(tmp_path / "old.zip", tmp_path / "again")
    assert status == 1
    assert "begin a new archive with its seeds" in said
