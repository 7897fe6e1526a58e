"""The same work on a Dask cluster: the same bytes, whatever happens to its workers."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from bench.make_seeds import make_seeds
from plugins.site.originals import write_new
from tests import dying_worker
from tests.conftest import PROJECT, Run, TestArchive, record

MakeArchive = Callable[[str], TestArchive]
DOCUMENTS = 300


@pytest.fixture(scope="module")
def doom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file by which the cluster is asked to lose a worker."""
    return tmp_path_factory.mktemp("cluster") / "doom"


@pytest.fixture(scope="module")
def cluster(doom: Path) -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        env={"SEEDBANK_DOOM": str(doom)},
        preload=[dying_worker.__file__],
    ) as cluster:
        yield cluster


@pytest.fixture
def alike(new_archive: MakeArchive) -> tuple[TestArchive, TestArchive]:
    """Two archives of the same name and seeds, one to be worked on here and one by the cluster."""
    here, there = new_archive("here/archive"), new_archive("there/archive")
    for archive in (here, there):
        make_seeds(archive.root, DOCUMENTS)
        archive.add("faulty.txt", " date 2023-99-99 https://example.org/faulty\n\nFaulty\n\nText.\n\n")
    return here, there


def without_progress(run: Run) -> Run:
    """What a run said, but for how far it was every ten seconds."""
    return Run(run.status, re.sub("(?m)^[A-Z][a-z ]+: [0-9,]+( of [0-9,]+)?\n", "", run.said))


def assert_same(here: TestArchive, there: TestArchive, folder: str) -> None:
    ours, theirs = here.files(folder), there.files(folder)
    assert ours.keys() == theirs.keys()
    assert [name for name, content in ours.items() if theirs[name] != content] == []


def test_a_cluster_that_loses_workers_comes_to_the_same(
    cluster: LocalCluster, doom: Path, alike: tuple[TestArchive, TestArchive]
) -> None:
    here, there = alike

    def run_while_a_worker_is_killed(task: str) -> Run:
        doom.write_text(str(there.root))
        run = without_progress(there.run(task, "--scheduler", cluster.scheduler_address))
        assert not doom.exists(), "no worker was killed"
        return run

    for outcome in ("new", "changed"):
        converted = without_progress(here.run("convert"))
        assert f"{DOCUMENTS} {outcome}" in converted.said
        assert run_while_a_worker_is_killed("convert") == converted
        assert_same(here, there, "content")
        assert here.files(".cache")["report.json"] == there.files(".cache")["report.json"]
        for archive in alike:
            for seed in (archive.root / "seeds").glob("2*.txt"):
                seed.write_text(re.sub(r"(?m)\.\n\n(?= date|\Z)", ". Indeed.\n\n", seed.read_text()))
    assert here.run("build").status == 0
    assert run_while_a_worker_is_killed("build").status == 0
    assert_same(here, there, "output")


def test_an_incremental_build_on_a_cluster_comes_to_the_same(
    cluster: LocalCluster, alike: tuple[TestArchive, TestArchive]
) -> None:
    for archive, options in zip(alike, ([], ["--scheduler", cluster.scheduler_address]), strict=True):
        archive.run("site", *options)
        content = archive.root / "content"
        pages = content / "pages"
        pages.mkdir()
        (pages / "help.md").write_text("Title: Help\n\nHow to read this.\n")
        for number, (file, text) in enumerate(archive.documents().items()):
            if number % 4 == 0:
                (content / file).write_text(re.sub("(?m)^Title: ", "Title: Anew, ", text))
            elif number % 50 == 1:
                (content / file).write_text(f"Status: draft\n{text}")
        (content / "tags.toml").write_text('[place]\n"Kingdom of Norway" = ["Norway"]\n')
        assert archive.run("build", *options).status == 0
        for file in list(archive.documents())[::5]:
            (content / file).unlink()
        done = archive.run("build", *options)
        assert done.status == 1
        assert "was published, as the ledger says, and is missing on the site" in done.said
    assert_same(*alike, "output")


def test_a_cluster_says_what_is_wrong_as_the_machine_itself_does(
    cluster: LocalCluster, alike: tuple[TestArchive, TestArchive]
) -> None:
    said = []
    for archive, options in zip(alike, ([], ["--scheduler", cluster.scheduler_address]), strict=True):
        archive.run("convert", *options)
        file = archive.root / "content" / list(archive.documents())[-1]
        file.write_text(re.sub("(?m)^Date: .*", "Date: tomorrow", file.read_text()))
        for _ in range(2):
            run = archive.run("build", *options)
            assert run.status == 1
            said.append(without_progress(run).said.replace(str(archive.root), ""))
    assert "tomorrow" in said[0]
    assert len({*said}) == 1


def test_workers_with_other_code_are_refused(cluster: LocalCluster, archive: TestArchive) -> None:
    make_seeds(archive.root, 100)
    script = (
        "import sys, converters.archive.cluster as cluster; cluster.CODE = 'another';"
        f"from invoke import main; main.program.run(['invoke', 'convert', '--archive', {str(archive.root)!r},"
        f"'--scheduler', {cluster.scheduler_address!r}])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "start the workers anew" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_dask_is_named_with_the_way_to_get_it(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    script = (
        "import sys; sys.modules['distributed'] = None; from invoke import main; main.program.run("
        f"['invoke', 'convert', '--archive', {str(archive.root)!r}, '--scheduler', 'tcp://127.0.0.1:1'])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install distributed fsspec" in done.stderr


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "tcp://127.0.0.1", "nonsense"])
def test_an_address_without_a_scheduler_is_named(archive: TestArchive, address: str) -> None:
    archive.add("a.txt", record())
    for task in ("convert", "build", "site"):
        run = archive.run(task, "--scheduler", address)
        assert run.status == 1
        assert f"--scheduler {address}: " in run.said
        assert "Traceback" not in run.said


def test_a_file_that_a_killed_worker_left_unfinished_is_written_anew(tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    for left in (b"", b"<html>", b"<html></html>"):
        place.write_bytes(left)
        write_new(str(place), b"<html></html>")
        assert place.read_bytes() == b"<html></html>"
    with pytest.raises(FileExistsError):
        write_new(str(place), b"<html>another</html>")
