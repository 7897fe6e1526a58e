"""The bag in a zip, judged as whoever receives it would: with other programs, and in a browser without a network."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import bagit
import pytest
from playwright.sync_api import Browser

from tests.conftest import PROJECT, TestArchive, record

DOCUMENT = "2023/03/08/harbour-opens-to-visitors.html"


@pytest.fixture
def built(archive: TestArchive) -> TestArchive:
    archive.add("a.txt", record(body="Norway was glad.\n\nNorway said so."))
    archive.add("b.txt", record("Harbour closes", date="2022-01-31", url="https://example.org/closes"))
    assert archive.run("site").status == 0
    return archive


def unpack(archive: TestArchive, name: str = "archive") -> Path:
    target = archive.root.parent / "received"
    shutil.rmtree(target, ignore_errors=True)
    with zipfile.ZipFile(archive.root / f"dist/{name}.zip") as packed:
        packed.extractall(target)
    assert [path.name for path in target.iterdir()] == [name]
    return target / name


def names(archive: TestArchive, name: str = "archive") -> list[str]:
    with zipfile.ZipFile(archive.root / f"dist/{name}.zip") as packed:
        return packed.namelist()


def test_a_bundle_is_a_valid_bag_that_holds_the_site_and_the_seeds(built: TestArchive) -> None:
    ran = built.run("bundle")
    assert ran.status == 0
    assert "dist/archive.zip" in ran.said
    bag = unpack(built)
    assert bagit.Bag(str(bag)).validate()
    assert (bag / "bagit.txt").read_text() == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    received = TestArchive(bag)
    assert received.files("data/site") == built.files("output")
    assert received.files("data/seeds") == built.files("seeds")
    checked = ["sha256sum", "--quiet", "-c", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
    assert subprocess.run(checked, cwd=bag).returncode == 0
    files = [path for path in (bag / "data").rglob("*") if path.is_file()]
    assert bagit.Bag(str(bag)).info["Payload-Oxum"] == f"{sum(path.stat().st_size for path in files)}.{len(files)}"


def test_a_flipped_byte_is_found(built: TestArchive) -> None:
    built.run("bundle")
    page = unpack(built) / "data/site" / DOCUMENT
    raw = bytearray(page.read_bytes())
    raw[100] ^= 1
    page.write_bytes(raw)
    with pytest.raises(bagit.BagValidationError, match="harbour-opens"):
        bagit.Bag(str(page.parents[5])).validate()


def test_a_bundle_is_the_same_to_the_byte_wherever_and_whenever_it_is_packed(built: TestArchive) -> None:
    built.run("bundle", TZ="Asia/Tokyo", PYTHONHASHSEED="1")
    packed = (built.root / "dist/archive.zip").read_bytes()
    for path in built.root.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o755 if path.is_dir() else 0o600)
    built.run("bundle", TZ="America/Lima", PYTHONHASHSEED="2", LC_ALL="C")
    assert (built.root / "dist/archive.zip").read_bytes() == packed
    with zipfile.ZipFile(built.root / "dist/archive.zip") as zipped:
        assert zipped.testzip() is None
        assert {(entry.date_time, entry.external_attr >> 16) for entry in zipped.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 0o100644)
        }


def test_seeds_are_left_out_when_asked(built: TestArchive) -> None:
    assert built.run("bundle", "--no-seeds").status == 0
    assert not [name for name in names(built) if "/data/seeds/" in name]
    bag = unpack(built)
    assert bagit.Bag(str(bag)).validate()
    assert "data/seeds" not in (bag / "README.txt").read_text()


def test_a_bundle_is_named_as_the_archive_is(built: TestArchive) -> None:
    (built.root / "pelicanconf.py").write_text('SITENAME = "Häfen & <Docks>: ../press"\n')
    built.run("build")
    assert built.run("bundle").status == 0
    assert [path.name for path in (built.root / "dist").iterdir()] == ["hafen-docks-press.zip"]
    start = (unpack(built, "hafen-docks-press") / "START.html").read_text()
    assert "Häfen &amp; &lt;Docks&gt;: ../press" in start


def test_without_a_site_there_is_nothing_to_pack(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    for options in ((), ("--zim",)):
        ran = archive.run("bundle", *options)
        assert ran.status == 1
        assert "build first: ./seedbank site" in ran.said
        assert "Traceback" not in ran.said
    assert not (archive.root / "dist").exists()


def test_names_of_seeds_are_made_fit_for_every_system(built: TestArchive) -> None:
    strange = ["aux.txt", "two\nlines.txt", 'a:b?"c".txt', "end.", "Capital.txt", "capital.txt", "a=b.txt", "архив.txt"]
    strange += ["\u00e9.txt", "e\u0301.txt"]
    for name in strange:
        built.add(
            name, record(name.replace("\n", " "), url=f"https://example.org/{hashlib.md5(name.encode()).hexdigest()}")
        )
    (built.root / "seeds" / os.fsdecode(b"caf\xe9.txt")).write_text(record("Café", url="https://example.org/cafe"))
    built.run("site")
    assert built.run("bundle").status == 0
    seeds = [name for name in names(built) if "/data/seeds/" in name]
    assert len(seeds) == len({name.casefold() for name in seeds}) == len(strange) + 3
    assert not [name for name in seeds if set(name) & set('<>:"|?*\\%\n') or name.endswith(".") or "/aux." in name]
    assert "archive/data/seeds/архив.txt" in seeds
    bag = unpack(built)
    assert bagit.Bag(str(bag)).validate()
    received = sorted(path.read_bytes() for path in (bag / "data/seeds").iterdir())
    assert received == sorted(built.files("seeds").values())
    assert "=XX" in (bag / "README.txt").read_text()
    renamed = (bag / "seed-names.tsv").read_text().splitlines()
    assert "seeds/a=3Db.txt\tseeds/a=b.txt" in renamed
    assert [line.partition("\t")[2] for line in renamed if "/=" in line] == [
        "seeds/aux.txt",
        "seeds/capital.txt",
        "seeds/\u00e9.txt",
    ]


def test_a_page_of_a_name_that_some_systems_cannot_hold_is_named(built: TestArchive) -> None:
    files = built.root / "content/pages/files"
    files.mkdir(parents=True)
    (files / "a:b.png").write_bytes(b"PNG")
    built.run("build")
    ran = built.run("bundle")
    assert ran.status == 1
    assert "a:b.png" in ran.said
    assert not list((built.root / "dist").glob("*"))


@pytest.mark.parametrize("key", ["Withdrawn: 2024-01-01", "withdrawn: at the publisher's wish"])
def test_a_seed_that_holds_a_withdrawn_document_is_left_out_with_all_its_copies(built: TestArchive, key: str) -> None:
    built.add("copies/again.txt", (built.root / "seeds/a.txt").read_bytes())
    built.run("convert")
    document = built.root / "content" / DOCUMENT.replace(".html", ".md")
    document.write_text(document.read_text().replace("Slug:", f"{key}\nSlug:"))
    for options in ((), ("--zim",)):
        refused = built.run("bundle", *options)
        assert refused.status == 1
        assert "still on the site; build first" in refused.said
    (built.root / "output" / DOCUMENT.replace(".html", ".txt")).unlink()  # as building without the document does
    ran = built.run("bundle")
    assert ran.status == 0
    for seed in ("seeds/a.txt", "seeds/copies/again.txt"):
        assert f"left out, since it holds a withdrawn document: {seed}" in ran.said
    assert [name for name in names(built) if "/seeds/" in name] == ["archive/data/seeds/b.txt"]
    assert "seeds/a.txt" in (unpack(built) / "README.txt").read_text()


def test_a_word_in_a_text_withdraws_nothing(built: TestArchive) -> None:
    built.add("c.txt", record("Offer ends", "It was so:\n\nWithdrawn: the offer.", url="https://example.org/offer"))
    built.run("site")
    assert "left out" not in built.run("bundle").said


def test_a_run_that_is_killed_leaves_the_bundle_of_before(built: TestArchive) -> None:
    built.run("bundle")
    before = (built.root / "dist/archive.zip").read_bytes()
    (built.root / "seeds/large.bin").write_bytes(os.urandom(1 << 26))
    command = [sys.executable, "-m", "invoke", "bundle", "--archive", str(built.root)]
    partial = built.root / "dist/.archive.zip.partial"
    with subprocess.Popen(command, cwd=PROJECT) as run:
        while not partial.exists():
            assert run.poll() is None
        run.send_signal(signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL
    assert (built.root / "dist/archive.zip").read_bytes() == before
    (built.root / "seeds/large.bin").unlink()
    assert built.run("bundle").status == 0
    assert [path.name for path in (built.root / "dist").iterdir()] == ["archive.zip"]


def test_memory_does_not_grow_with_the_archive(new_archive: Callable[[str], TestArchive]) -> None:
    peaks = []
    for number in (100, 12_000):
        archive = new_archive(f"of-{number}")
        (archive.root / "output").mkdir()
        (archive.root / "output/index.html").write_text("<title>Home</title>")
        for page in range(number):
            path = archive.root / f"output/2023/{page // 100}/{page:0100}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("<title>Page</title>")
        command = [sys.executable, "-m", "invoke", "bundle", "--archive", str(archive.root)]
        run = subprocess.Popen(command, cwd=PROJECT)
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        assert run.returncode == 0
        peaks.append(used.ru_maxrss)
        with zipfile.ZipFile(archive.root / f"dist/of-{number}.zip") as packed:
            assert len(packed.infolist()) == number + 7
    assert peaks[1] - peaks[0] < 4_000  # KB; zipfile alone would keep 12,000 entries in 10,000 KB


@pytest.mark.browser
@pytest.mark.parametrize("with_script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_double_click_opens_the_site_without_a_network(
    built: TestArchive, browser: Browser, with_script: bool
) -> None:
    assert built.run("bundle").status == 0
    bag = unpack(built)
    asked: list[str] = []
    context = browser.new_context(offline=True, java_script_enabled=with_script)
    try:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto((bag / "START.html").as_uri(), wait_until="commit")
        page.wait_for_url((bag / "data/site/index.html").as_uri())
        page.get_by_role("link", name="Harbour opens to visitors").click()
        assert page.get_by_text("Norway said so.").is_visible()
        page.get_by_role("link", name="Norway").first.click()
        page.get_by_role("link", name="Sources").click()
        page.get_by_role("link", name="example.org").click()
        assert page.url == (bag / "data/site/sources/example.org.html").as_uri()
        if with_script:
            page.get_by_placeholder("Search").fill("glad")
            page.get_by_placeholder("Search").press("Enter")
            page.locator("#results li a").click()
            assert page.get_by_text("Norway said so.").is_visible()
    finally:
        context.close()
    assert len(asked) > 5
    assert all(url.startswith(bag.as_uri()) for url in asked)
