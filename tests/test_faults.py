"""What cannot be read this time: nothing that was published is taken for gone, and no passing fault is remembered.

Root may read everything, so commands are run without that right.
"""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from converters.archive.layout import Archive
from plugins.engine.manifest import read_manifest
from tests.conftest import LONGEST, PROJECT, Run, TestArchive, installed, record

BRIDGE = record("Bridge closes", "The bridge was closed.\n\nIt stays closed.", url="https://example.org/bridge")
HARBOUR = record(body="The harbour was opened on Monday.\n\nIt will stay open for all.")


def as_anybody(archive: TestArchive, task: str, *options: str) -> Run:
    """Run a command that permissions keep out, as they do not keep out root."""
    kept_out = (installed("setpriv", "util-linux"), "--bounding-set=-dac_override,-dac_read_search")
    return run_under(kept_out if os.geteuid() == 0 else (), archive, task, *options)


def under_strace(archive: TestArchive, task: str, injection: str, path: Path) -> Run:
    """Run a command in which a call of the system that is about a file fails, such as `read:error=EIO:when=2`."""
    strace = (installed("strace", "strace"), "-f", "-qq", "-o", os.devnull, "-P", str(path))
    call = injection.partition(":")[0]
    return run_under((*strace, "-e", f"trace={call}", "-e", f"inject={injection}"), archive, task, "--jobs", "1")


def run_under(program: tuple[str, ...], archive: TestArchive, task: str, *options: str) -> Run:
    command = [*program, sys.executable, "-m", "invoke", task, "--archive", str(archive.root), *options]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=LONGEST)
    return Run(done.returncode, done.stdout + done.stderr)


@contextmanager
def hidden(path: Path) -> Iterator[None]:
    mode = path.stat().st_mode
    path.chmod(0)
    yield
    path.chmod(mode)


def clean(archive: TestArchive) -> dict[str, bytes]:
    """Give the content that a first conversion of the same seeds makes."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(archive.root / "seeds", Path(folder, "seeds"))
        other = TestArchive(Path(folder))
        assert other.run("convert").status == 0
        return other.files("content")


@pytest.mark.parametrize("forgotten", [False, True], ids=["remembered", "forgotten"])
def test_a_seed_that_cannot_be_read_this_time_loses_nothing(archive: TestArchive, forgotten: bool) -> None:
    seed = archive.add("deep/harbour.txt", HARBOUR)
    archive.add("bridge.txt", BRIDGE)
    assert as_anybody(archive, "convert").status == 0
    # The same page and date in another seed would take the place of one that is gone.
    archive.add("other.txt", record(body="Something else was written."))
    if forgotten:
        shutil.rmtree(archive.root / ".cache")

    for unreadable in (seed, seed.parent):
        with hidden(unreadable):
            run = as_anybody(archive, "convert")
        assert run.status == 1
        assert f"{unreadable.relative_to(archive.root)}: cannot be read: Permission denied" in run.said
        assert "gone" not in run.said
        assert "opened on Monday" in "".join(archive.documents().values())
    run = as_anybody(archive, "convert")
    assert run.status == 0, run.said
    assert len(archive.documents()) == 3
    assert archive.files("content").keys() == clean(archive).keys()


def test_a_link_that_leads_nowhere_today_loses_nothing(archive: TestArchive) -> None:
    link = archive.root / "seeds/linked.txt"
    archive.add(".disk/harbour.txt", HARBOUR)  # as on a disk that is mounted: read by way of the link alone
    link.symlink_to(".disk/harbour.txt")
    assert archive.run("convert").status == 0
    before = archive.documents()

    link.unlink()
    link.symlink_to("linked.txt")
    run = archive.run("convert")

    assert run.status == 1
    assert "seeds/linked.txt: a link that leads nowhere" in run.said
    assert "gone" not in run.said
    assert archive.documents() == before


@pytest.mark.parametrize("forgotten", [False, True], ids=["remembered", "forgotten"])
@pytest.mark.parametrize("kept", [0.34, 0.8])
def test_a_seed_that_was_cut_keeps_its_text_until_that_is_accepted(
    archive: TestArchive, kept: float, forgotten: bool
) -> None:
    body = "\n\n".join(f"Гавань открыли в понедельник, и это абзац номер {number}." for number in range(40))
    whole = (record(body=body) + BRIDGE).encode()
    seed = archive.add("dump.txt", whole)
    assert archive.run("convert").status == 0
    before = archive.documents()

    seed.write_bytes(whole[: int(len(whole) * kept)])
    for _ in range(2):
        if forgotten:
            shutil.rmtree(archive.root / ".cache")
        run = archive.run("convert")
        assert run.status == 1
        assert "seeds/dump.txt: holds less than before" in run.said
        assert "--accept" in run.said
        assert archive.documents() == before

    assert archive.run("convert", "--accept").status == 0
    after = archive.documents()
    assert after.keys() == before.keys()
    (harbour,) = (text for name, text in after.items() if "harbour" in name)
    assert "номер 0" in harbour
    assert "номер 39" not in harbour
    assert any("The bridge was closed" in text for text in after.values())
    if forgotten:
        shutil.rmtree(archive.root / ".cache")
    assert archive.run("convert").status == 0


def test_a_whole_seed_that_comes_back_is_as_it_was(archive: TestArchive) -> None:
    seed = archive.add("dump.txt", HARBOUR + BRIDGE)
    archive.run("convert")
    before = archive.files("content")
    seed.write_text((HARBOUR + BRIDGE)[: len(HARBOUR) - 20])
    assert archive.run("convert").status == 1
    seed.write_text(HARBOUR + BRIDGE)

    assert archive.run("convert").status == 0
    assert archive.files("content") == before


def test_a_seed_with_another_text_of_the_same_page_is_not_taken_for_cut(archive: TestArchive) -> None:
    seed = archive.add("harbour.txt", HARBOUR)
    archive.run("convert")
    seed.write_text(record(body="It was opened at noon."))

    run = archive.run("convert")

    assert run.status == 0, run.said
    (document,) = archive.documents().values()
    assert "It was opened at noon." in document


@pytest.mark.parametrize("failing", ["openat:1", "openat:2", "read:2", "openat:1+", "openat:2+", "read:1+"])
def test_an_error_of_the_disk_while_a_seed_is_read_is_never_remembered(archive: TestArchive, failing: str) -> None:
    call, when = failing.split(":")
    seed = archive.add("harbour.txt", HARBOUR)
    archive.add("bridge.txt", BRIDGE)

    run = under_strace(archive, "convert", f"{call}:error=EIO:when={when}", seed)

    assert run.status == ("+" in when), run.said
    assert ("Input/output error" in run.said) == ("+" in when)
    assert archive.run("convert").status == 0
    assert archive.files("content").keys() == clean(archive).keys()
    if "+" not in when:
        assert archive.files("content") == clean(archive)


def test_a_raw_record_is_back_on_its_page_when_its_seed_can_be_read_again(archive: TestArchive) -> None:
    seed = archive.add("deep/harbour.txt", HARBOUR)
    archive.add("bridge.txt", BRIDGE)
    assert archive.run("site", "--no-search").status == 0
    whole = archive.files("output")
    raw = "2023/03/08/harbour-opens-to-visitors.txt"

    for unreadable, options in ((seed, ()), (seed.parent, ("--full",))):
        os.utime(seed)
        with hidden(unreadable):
            run = as_anybody(archive, "build", "--no-search", *options)
            assert run.status == 1
            assert f"{unreadable.relative_to(archive.root)}: cannot be read: Permission denied" in run.said
            assert as_anybody(archive, "build", "--no-search").status == 1
        assert ("--full" not in options) == (raw in archive.files("output"))

    assert archive.run("build", "--no-search").status == 0
    assert archive.files("output") == whole
    assert archive.run("build", "--no-search").said.startswith("Nothing changed")


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_an_error_of_the_disk_while_raw_records_are_read_is_made_good(archive: TestArchive, ending: str) -> None:
    packed = gzip.compress(HARBOUR.encode(), mtime=0) if ending else HARBOUR.encode()
    seed = archive.add(f"harbour.txt{ending}", packed)
    archive.run("convert")
    run = under_strace(archive, "build", "openat:error=EIO:when=1", seed)
    assert run.status == 0, run.said
    assert archive.files("output")["2023/03/08/harbour-opens-to-visitors.txt"] == HARBOUR.encode()


def test_bad_seeds_never_keep_the_others_from_the_site(archive: TestArchive) -> None:
    archive.add("bridge.txt", BRIDGE)
    (archive.root / "seeds/loop.txt").symlink_to("loop.txt")
    os.mkfifo(archive.root / "seeds/pipe")
    archive.add("secret.txt", HARBOUR)
    archive.add("deep/secret.txt", HARBOUR)
    with hidden(archive.root / "seeds/secret.txt"), hidden(archive.root / "seeds/deep"):
        run = as_anybody(archive, "site", "--no-search")
        assert run.status == 1
        for name in ("loop.txt: a link", "pipe: not a regular file", "secret.txt: cannot", "deep: cannot"):
            assert f"rejected: seeds/{name}" in run.said
        assert (archive.root / "output/2023/03/08/bridge-closes.html").exists()
        assert as_anybody(archive, "build", "--no-search").status == 0


@pytest.fixture
def site(archive: TestArchive) -> TestArchive:
    archive.add("harbour.txt", HARBOUR)
    archive.add("bridge.txt", BRIDGE)
    (archive.root / "content/pages").mkdir(parents=True)
    (archive.root / "content/pages/about.md").write_text("Title: About\n\nWhat this is.\n")
    assert archive.run("site", "--no-search").status == 0
    return archive


@pytest.mark.parametrize("folder", ["2023/03", "pages"])
def test_a_folder_of_content_that_cannot_be_listed_is_named_and_takes_nothing_off(
    site: TestArchive, folder: str
) -> None:
    before = site.files("output")
    place = site.root / "content" / folder
    with hidden(place):
        runs = [as_anybody(site, "build", "--full", "--no-search")]
        runs += [as_anybody(site, "export"), as_anybody(site, "bundle")] if folder != "pages" else []
    for run in runs:
        assert run.status == 1
        assert str(place) in run.said
        assert "Permission denied" in run.said
    assert site.files("output") == before
    assert not (site.root / "dist").exists() or not [*(site.root / "dist").iterdir()]


def test_a_document_that_the_ledger_knows_and_nobody_shows_is_named(site: TestArchive) -> None:
    address = "2023/03/08/bridge-closes.html"
    (site.root / "content" / address.replace(".html", ".md")).unlink()
    (site.root / "seeds/bridge.txt").unlink()
    for _ in range(2):
        for command in (("build", "--no-search"), ("export",), ("bundle",)):
            run = site.run(*command)
            assert run.status == 1, command
            assert f"{address}: was published, as the ledger says, and is missing" in run.said
    assert site.run("withdraw", address, "--why", "It is lost.").status == 0
    for command in (("build", "--no-search"), ("export",), ("bundle",)):
        assert site.run(*command).status == 0, command


def test_of_very_many_missing_documents_twenty_are_named(site: TestArchive) -> None:
    ledger = site.root / "content/addresses.csv"
    lines = [f"2023/03/08/lost-{number}.html,document,{number:064x}\n" for number in range(30)]
    ledger.write_text(ledger.read_text() + "".join(lines))
    run = site.run("build", "--no-search")
    assert run.status == 1
    assert run.said.count("/lost-") == 20
    assert "10 more are missing on the site" in run.said


@pytest.mark.parametrize("kind", ["pipe", "/dev/zero", "/etc/passwd", "loop"])
def test_what_is_no_file_of_the_content_is_named_and_not_waited_for(site: TestArchive, kind: str) -> None:
    place = site.root / "content/2023/03/08/stranger.md"
    if kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(place if kind == "loop" else kind)
    for command in ("build", "export", "bundle", "convert"):
        run = site.run(command)
        assert (run.status, str(place) in run.said) == ((0, False) if command == "convert" else (1, True)), command


@pytest.mark.parametrize(
    "name",
    [".cache", ".cache/lock", ".cache/register.sqlite", ".cache/state", "dist", "output", "content", "seeds/a.txt"],
)
def test_no_link_lets_an_archive_reach_out_of_itself(archive: TestArchive, tmp_path: Path, name: str) -> None:
    archive.add("bridge.txt", BRIDGE)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.md").write_text("Title: Mine\nDate: 2023-03-08\n\nNobody else's.\n")
    link = archive.root / name
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(mine if name in (".cache", "dist", "output", "content") else mine / "notes.md")
    before = archive_files(mine)

    runs = [archive.run(*command) for command in (("site", "--no-search"), ("export",), ("bundle",))]

    assert runs[0].status == 1
    assert name in runs[0].said
    assert archive_files(mine) == before
    for folder in {"output", "dist"} - {name}:
        assert not any(b"Nobody else" in content for content in archive.files(folder).values())


def archive_files(folder: Path) -> dict[str, bytes]:
    return TestArchive(folder.parent).files(folder.name)


def test_a_link_in_the_site_is_neither_packed_nor_followed(site: TestArchive, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Nobody else's.")
    (site.root / "output/secret.txt").symlink_to(tmp_path / "secret.txt")
    for command in (("bundle",), ("bundle", "--zim")):
        run = site.run(*command)
        assert run.status == 1
        assert "output/secret.txt: is a link" in run.said


def test_a_folder_of_content_that_is_a_link_is_not_written_to(archive: TestArchive, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (archive.root / "content").mkdir()
    (archive.root / "content/2023").symlink_to(tmp_path / "mine")
    archive.add("bridge.txt", BRIDGE)
    run = archive.run("convert")
    assert run.status == 1
    assert "content/2023: is a link" in run.said
    assert not [*(tmp_path / "mine").iterdir()]


def test_a_pipe_at_a_documents_address_is_named_and_not_waited_for(archive: TestArchive) -> None:
    place = archive.root / "content/2023/03/08/bridge-closes.md"
    place.parent.mkdir(parents=True)
    os.mkfifo(place)
    archive.add("bridge.txt", BRIDGE)
    run = archive.run("convert")
    assert run.status == 1
    assert f"{place}: is no file that can be read" in run.said


def test_a_strangers_archive_is_built_without_running_anything_of_it(archive: TestArchive) -> None:
    archive.add("bridge.txt", BRIDGE)
    assert archive.run("site", "--no-search").status == 0
    plain = archive.files("output")
    ran = archive.root / "ran"
    for name in ("pelicanconf.py", "publishconf.py"):
        (archive.root / name).write_text(f"open({str(ran)!r}, 'w')\nSITENAME = 'Taken over'\n")
    theme = archive.root / "theme/templates"
    theme.mkdir(parents=True)
    (theme / "article.html").write_text(f"{{{{ cycler.__init__.__globals__.os.system('touch {ran}') }}}}")

    for command in (("site", "--no-search"), ("build", "--no-search"), ("check",), ("export",), ("bundle",)):
        run = archive.run(*command, "--safe")
        assert run.status == 0, run.said
    assert not ran.exists()
    assert archive.files("output") == plain
    assert archive.run("build", "--no-search").status == 0
    assert ran.exists()


def test_check_sees_each_flipped_bit_and_each_file_that_came_or_went(archive: TestArchive) -> None:
    archive.add("harbour.txt", HARBOUR + BRIDGE)
    (archive.root / "publishconf.py").write_text('SITEURL = "https://example.net"\n')
    for command in (("site",), ("export",), ("bundle",), ("bundle", "--zim")):
        assert archive.run(*command).status == 0
    assert archive.run("check").status == 0
    files = [path for folder in ("output", "dist") for path in (archive.root / folder).rglob("*") if path.is_file()]
    kept = {path: path.read_bytes() for path in files}
    for number, path in enumerate(files):
        bit = number * 7919 % (8 * len(kept[path]))
        flipped = bytearray(kept[path])
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
    sitemap = archive.root / "output/sitemap.xml"
    sitemap.unlink()
    (archive.root / "output/theme/evil.js").write_text("alert(1)")

    found = check_written(archive)

    assert found == {path.relative_to(archive.root).as_posix() for path in files} | {"output/theme/evil.js"}
    assert archive.run("check").status == 1
    for path, content in kept.items():
        path.write_bytes(content)
    assert check_written(archive) == {"output/theme/evil.js"}
    (archive.root / "output/theme/evil.js").unlink()

    # What a later build changes is entered, and no more.
    archive.add("more.txt", record("Lighthouse lit", date="2024-01-01", url="https://example.org/light"))
    assert archive.run("site").status == 0
    assert archive.run("check").status == 0


def check_written(archive: TestArchive) -> set[str]:
    """Give the files that are not as the manifest has them."""
    manifest = read_manifest(Archive(archive.root))
    there = {
        f"{folder}/{name}": sha256(content).hexdigest()
        for folder in ("output", "dist")
        for name, content in archive.files(folder).items()
    }
    return {name for name in manifest.keys() | there.keys() if manifest.get(name) != there.get(name)}
