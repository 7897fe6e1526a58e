"""Two curators of one archive: what docs/ledger.md says of merging their content/ in git."""

import os
import subprocess
from pathlib import Path

from tests.conftest import TestArchive, record

WHO = {f"GIT_{role}_{what}": "Ada" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **WHO}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def commit(archive: TestArchive) -> None:
    git(archive.root, "add", "seeds", "content", ".gitattributes")
    git(archive.root, "commit", "-qm", "more")


def test_what_two_curators_added_and_withdrew_is_all_there_after_a_merge(tmp_path: Path) -> None:
    mine, theirs = TestArchive(tmp_path / "mine"), TestArchive(tmp_path / "theirs")
    mine.add("a.txt", record())
    (mine.root / ".gitattributes").write_text("seeds/** -text\ncontent/addresses.csv merge=union\n")
    git(mine.root, "init", "-q", "-b", "main")
    assert mine.run("convert").status == 0
    commit(mine)
    git(tmp_path, "clone", "-q", "mine", "theirs")
    mine.add("b.txt", record("Castle closes", url="https://example.org/castle"))
    assert mine.run("convert").status == 0
    commit(mine)
    theirs.add("c.txt", record("Mill burns", url="https://example.org/mill"))
    assert theirs.run("convert").status == 0
    assert theirs.run("withdraw", "2023/03/08/harbour-opens-to-visitors.html", "--why", "An error").status == 0
    commit(theirs)

    git(mine.root, "pull", "-q", "--no-rebase", "--no-edit", str(theirs.root), "main")

    assert mine.run("site", "--no-search").status == 0
    checked = mine.run("check")
    assert checked.status == 0, checked.said
    assert "An error" in mine.page("2023/03/08/harbour-opens-to-visitors.html").get_text()
    for slug in ("castle-closes", "mill-burns"):
        assert mine.page(f"2023/03/08/{slug}.html").select_one("article.h-entry")


def test_of_two_documents_that_took_one_address_the_other_gets_its_own(tmp_path: Path) -> None:
    mine, theirs = TestArchive(tmp_path / "mine"), TestArchive(tmp_path / "theirs")
    for archive, text in ((mine, "The quays were shown."), (theirs, "The old port was sold.")):
        archive.add(f"{archive.root.name}.txt", record(body=text, url=f"https://{archive.root.name}.example/"))
        assert archive.run("convert").status == 0
    address = "2023/03/08/harbour-opens-to-visitors.html"
    header, own = (mine.root / "content/addresses.csv").read_text().splitlines()
    (mine.root / "seeds/theirs.txt").write_bytes((theirs.root / "seeds/theirs.txt").read_bytes())
    (mine.root / "content/addresses.csv").write_text(f"{header}\n{own}\n")  # the other side's line is taken out

    assert mine.run("convert").status == 0
    kept = mine.documents()[address.replace(".html", ".md")]
    assert "The quays were shown." in kept
    assert [text for name, text in mine.documents().items() if "The old port was sold." in text]
