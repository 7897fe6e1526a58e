"""Editions: what the archive held on a day stays known, and what came and went since is told."""

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.site.editions import edition_file, editions, holdings
from tests.conftest import PROJECT, TestArchive, record

SECOND = record("Second", "Words of it.", "2023-03-09", "https://example.org/second")


def git(archive: TestArchive, *command: str) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    done = subprocess.run(["git", *identity, *command], cwd=archive.root, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def kept(archive: TestArchive) -> TestArchive:
    """An archive in git, with a site."""
    archive.add("a.txt", record() + SECOND)
    (archive.root / "publishconf.py").write_text('SITEURL = "https://example.net"\n')
    assert archive.run("site").status == 0
    (archive.root / ".gitignore").write_text("output/\ndist/\n.cache/\n")
    git(archive, "init", "--quiet")
    git(archive, "config", "user.name", "Ada")
    git(archive, "config", "user.email", "ada@example.org")
    git(archive, "add", ".")
    git(archive, "commit", "--quiet", "-m", "All")
    return archive


def test_an_edition_tells_what_came_and_went_and_stays_as_it_is(kept: TestArchive) -> None:
    run = kept.run("edition", "Spring 2026", "--date", "2026-05-01")
    assert run.status == 0, run.said
    assert git(kept, "tag", "--list").split() == ["edition/spring-2026"]
    assert git(kept, "status", "--porcelain") == ""
    first = kept.files("content")["editions/spring-2026.txt"]
    kept.add("b.txt", record("Third", "New words.", "2023-03-10", "https://example.org/third"))
    assert kept.run("convert").status == 0
    changed = kept.root / "content/2023/03/08/harbour-opens-to-visitors.md"
    changed.write_text(changed.read_text().replace("Title: ", "Title: The "))
    kept.run("withdraw", "2023/03/09/second.html", "--why", "asked", "--on", "2026-06-01")
    said = kept.run("edition", "Autumn 2026", "--date", "2026-11-25")
    assert said.status == 1 and "is not committed" in said.said
    git(kept, "add", ".")
    git(kept, "commit", "--quiet", "-m", "More")
    assert kept.run("edition", "Autumn 2026", "--date", "2026-11-25").status == 0
    assert kept.files("content")["editions/spring-2026.txt"] == first
    page = kept.page("editions/autumn-2026.html")
    told = {
        section["aria-labelledby"]: section.select_one("li").get_text().strip() for section in page.select("section")
    }
    assert told["came"].startswith("Third")
    assert told["changed"].startswith("The Harbour opens")
    assert told["went"] == "2023/03/09/second.html"
    assert kept.page("about.html").select_one("a[href$='editions/autumn-2026.html']").get_text() == "Autumn 2026"
    assert [link.get_text() for link in kept.page("editions/index.html").select(".rows a")] == [
        "Autumn 2026",
        "Spring 2026",
    ]
    feed = ElementTree.fromstring(kept.files("output")["feeds/editions/index.atom.xml"])
    assert [title.text for title in feed.findall("{*}entry/{*}title")] == ["Autumn 2026", "Spring 2026"]
    changes = ElementTree.fromstring(kept.files("output")["resourcesync/autumn-2026-1.xml"])
    assert [
        (url.findtext("{*}loc").rpartition("/")[2], url.find("{*}md").attrib["change"])
        for url in changes.findall("{*}url")
    ] == [("third.html", "created"), ("harbour-opens-to-visitors.html", "updated"), ("second.html", "deleted")]
    assert {md.attrib["datetime"] for md in changes.findall("{*}url/{*}md")} == {"2026-11-25T00:00:00Z"}
    (capabilities,) = kept.page("index.html").select("link[rel=resourcesync]")
    assert capabilities["href"] == "https://example.net/resourcesync/capabilitylist.xml"
    index = ElementTree.fromstring(kept.files("output")["resourcesync/changelist.xml"])
    assert [loc.text.rpartition("/")[2] for loc in index.iter() if loc.tag.endswith("}loc")] == [
        "spring-2026-1.xml",
        "autumn-2026-1.xml",
    ]
    with ZipFile(kept.root / "dist/archive-autumn-2026.zip") as bag:
        assert "Last-Edition: Autumn 2026, 2026-11-25\n" in bag.read("archive/bag-info.txt").decode()
        assert "archive/data/archive/content/editions/spring-2026.txt" in bag.namelist()
    assert kept.run("check").status == 0, kept.run("check").said


@pytest.mark.parametrize(
    ("name", "day", "told"),
    [("Spring 2026", "2026-06-01", "there is an edition of that name"), ("Older", "2026-04-30", "before the last"),
     ("…", "2026-06-01", "is no name"), ("Summer", "soon", "--date soon")],
)  # fmt: skip
def test_an_edition_that_cannot_be_is_refused_and_leaves_nothing(
    archive: TestArchive, name: str, day: str, told: str
) -> None:
    archive.add("a.txt", record())
    assert archive.run("site", "--no-search").status == 0
    assert "no tag" in archive.run("edition", "Spring 2026", "--date", "2026-05-01").said
    before = archive.files("content")
    run = archive.run("edition", name, "--date", day)
    assert run.status == 1
    assert told in run.said and "Traceback" not in run.said
    assert archive.files("content") == before


def test_a_site_keeps_the_endings_principles(kept: TestArchive) -> None:
    principles = (PROJECT / "docs/endings.md").read_text(encoding="utf-8")
    for line in principles.splitlines():
        for place in re.findall(r"`(theme/[^`]*|\.ci/[^`]*|content/|seeds/|docs/)`", line.rpartition("|")[0]):
            assert (PROJECT / place).exists(), place
    pages = [name for name in kept.files("output") if name.endswith(".html")]
    assert len(pages) > 10
    for name in pages:
        page = kept.page(name)
        asked = [element.get("src") for element in page.select("[src]")]
        asked += [link["href"] for link in page.select("link[rel=stylesheet], link[rel=icon]")]
        elsewhere = [str(address).removeprefix("https://example.net/") for address in asked if "//" in str(address)]
        assert not [address for address in elsewhere if "//" in address], f"{name} asks another host"
        inside = [str(link["href"]) for link in page.select("a[href]") if "external" not in link.get("rel", [])]
        assert not [link for link in inside if "?" in link], f"{name} needs a query"
        if name != "search.html" and not page.select("meta[http-equiv=refresh]"):
            assert page.select_one("main").get_text(strip=True), f"{name} is empty without a script"
            assert all(not one.get("src") for one in page.select("script"))
    documents = [name for name in kept.files("output") if name.endswith(".bib")]
    assert all(name.replace(".bib", ".txt") in kept.files("output") for name in documents)


some = st.dictionaries(st.sampled_from([f"2023/{at}.html" for at in range(9)]), st.sampled_from(["5f0c", "81aa"]))


@given(before=some, now=some)
def test_an_edition_holds_what_was_there(before: dict[str, str], now: dict[str, str], tmp_path_factory: object) -> None:
    content = Path(str(tmp_path_factory.mktemp("content")))  # type: ignore[attr-defined]
    (content / "editions").mkdir()
    (content / "editions/x.txt").write_text(edition_file("X & <y>", "2026-05-01", before, now))
    (edition,) = editions(content)
    assert holdings(content, edition) == now
    assert (str(edition.title), edition.date, edition.documents) == ("X &amp; &lt;y&gt;", "2026-05-01", len(now))
    assert edition.counts["+"] == len(now.keys() - before.keys())
    assert edition.counts["-"] == len(before.keys() - now.keys())
    assert edition.counts["~"] == sum(before[one] != now[one] for one in before.keys() & now.keys())
