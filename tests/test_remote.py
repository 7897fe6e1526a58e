"""Seeds from elsewhere, and the site put elsewhere, through fsspec; a folder stands for a bucket."""

from pathlib import Path

import pytest

from tests.conftest import TestArchive, record


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    folder = tmp_path / "bucket" / "captures" / "of 2023"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text(record())
    (folder.parent / "b.txt").write_text(record("Another one"))
    return tmp_path / "bucket"


def test_seeds_are_fetched_and_the_site_is_put_where_it_is_wanted(archive: TestArchive, bucket: Path) -> None:
    places = ("--seeds", f"file://{bucket}/captures", "--output", f"file://{bucket}/site")
    (archive.root / "seeds").rmdir()  # a folder with nothing in it will do
    done = archive.run("site", *places)
    assert done.status == 0, done.said
    assert archive.files("seeds") == TestArchive(bucket).files("captures")
    assert TestArchive(bucket).files("site") == archive.files("output")
    (bucket / "captures/c.txt").write_text(record("A third one"))
    next((archive.root / "content").rglob("another-one.md")).unlink()
    (bucket / "captures/b.txt").unlink()
    (archive.root / "seeds/b.txt").unlink()
    done = archive.run("site", *places)
    assert done.status == 1
    assert "2023/03/08/another-one.html; bring one of them back" in done.said
    assert "2023/03/08/a-third-one.html" in archive.files("output")
    assert TestArchive(bucket).files("site") == archive.files("output")
    assert "0 files changed" in archive.run("site", *places).said


def test_a_seed_is_never_replaced_by_another(archive: TestArchive, bucket: Path) -> None:
    seed = archive.add("b.txt", record("The one that was here"))
    kept = seed.read_bytes()
    done = archive.run("convert", "--seeds", f"file://{bucket}/captures")
    assert done.status == 1
    assert "kept: seeds/b.txt" in done.said
    assert seed.read_bytes() == kept
    assert (archive.root / "seeds/of 2023/a.txt").exists()


@pytest.mark.parametrize("url", ["nothing://x/y", "file:///no/such/folder/anywhere"])
def test_a_place_that_cannot_be_reached_is_named(archive: TestArchive, url: str) -> None:
    done = archive.run("convert", "--seeds", url)
    assert "Traceback" not in done.said
    assert (done.status, url in done.said) == (1, True), done.said
