"""Documents that are withdrawn or renamed: no address that was ever published leads nowhere."""

import os
import shutil
from collections.abc import Callable
from datetime import date
from xml.etree import ElementTree

import pytest

from converters.archive.layout import open_archive
from converters.ledger.curation import rename, withdraw
from tests.conftest import TestArchive, paragraphs, record
from tests.kill_at import die_at

MakeArchive = Callable[[str], TestArchive]

HARBOUR = "2023/03/08/harbour-opens-to-visitors.html"
CASTLE = "2021/05/05/castle-closes.html"
NEW = "2023/03/09/harbour-opens.html"
WHY = "The publisher asked for it.\nSee <the letter> & its answer."


@pytest.fixture
def site(archive: TestArchive) -> TestArchive:
    """An archive of two documents, each the only one of its source, its tags and its year."""
    archive.add("a.txt", record(body="Zyzzyva came to Norway.\n\nNorway was glad."))
    archive.add("b.txt", record("Castle closes", date="2021-05-05", url="https://castle.example/"))
    (archive.root / "publishconf.py").write_text('SITEURL = "https://example.net/kept"\n')
    assert archive.run("convert").status == 0
    return archive


def ledger(archive: TestArchive) -> list[list[str]]:
    return [line.split(",") for line in (archive.root / "content/addresses.csv").read_text().splitlines()]


def sitemap(archive: TestArchive) -> set[str]:
    root = ElementTree.fromstring(archive.files("output")["sitemap.xml"])
    return {str(location.text).removeprefix("https://example.net/kept/") for location in root.findall("{*}url/{*}loc")}


def test_a_withdrawn_document_leaves_a_tombstone_and_nothing_of_its_text(site: TestArchive) -> None:
    seeds = site.files("seeds")
    done = site.run("withdraw", HARBOUR, "--why", WHY, "--on", "2026-05-03")
    assert done.status == 0, done.said
    assert site.run("site").status == 0
    page = site.page(HARBOUR)
    shown = page.select_one("main").get_text(" ")
    for words in ("Harbour opens to visitors", "8 March 2023", "example.org", "3 May 2026", WHY):
        assert words in shown
    assert page.select_one("meta[name=robots]")["content"] == "noindex"
    assert not page.select("main a")
    files = site.files("output")
    assert not [name for name, raw in files.items() if b"Zyzzyva" in raw or b"zyzzyva" in raw]
    assert [name for name, raw in files.items() if b"Harbour opens to visitors" in raw] == [HARBOUR]
    assert HARBOUR.replace(".html", ".txt") not in files
    assert HARBOUR not in sitemap(site)
    assert CASTLE in sitemap(site)
    assert site.files("seeds") == seeds
    assert ledger(site)[-1][:2] == [HARBOUR, "tombstone"]
    done = site.run("check")
    assert done.status == 0, done.said


def test_what_is_withdrawn_is_not_published_again(site: TestArchive) -> None:
    assert site.run("withdraw", HARBOUR, "--why", WHY).status == 0
    tombstone = site.documents()[HARBOUR.replace(".html", ".md")]
    for change in (
        lambda: None,
        lambda: shutil.rmtree(site.root / ".cache"),
        lambda: (site.root / "seeds/a.txt").rename(site.root / "seeds/c.txt"),
        lambda: site.add("again.txt", record(body="Zyzzyva came to Norway.\n\nNorway was glad.")),
    ):
        change()
        done = site.run("convert")
        assert done.status == 0
        assert "0 new, 0 changed, 2 unchanged, 0 edited" in done.said
        assert "edited by hand" not in done.said
        assert "its seed is gone" not in done.said
        assert len(site.documents()) == 2
        assert site.documents()[HARBOUR.replace(".html", ".md")] == tombstone


def test_a_corrected_capture_of_what_is_withdrawn_stays_withdrawn(site: TestArchive) -> None:
    site.run("withdraw", HARBOUR, "--why", WHY)
    site.add("a.txt", record(body="Zyzzyva came to Norway in spring.\n\nNorway was glad."))
    assert "0 new, 0 changed, 2 unchanged, 0 edited" in site.run("convert").said
    assert ledger(site)[-1][:2] == [HARBOUR, "tombstone"]
    assert len(site.documents()) == 2


def test_what_a_curator_wrote_stands_on_the_tombstone(site: TestArchive) -> None:
    path = site.root / "content" / HARBOUR.replace(".html", ".md")
    path.write_text(path.read_text().replace("Title: Harbour", "title: The harbour & all"))
    assert site.run("withdraw", HARBOUR, "--why", WHY).status == 0
    assert site.run("build").status == 0
    assert site.page(HARBOUR).select_one("h1").get_text() == "The harbour & all opens to visitors"


@pytest.mark.parametrize(
    "named",
    [
        HARBOUR,
        f"content/{HARBOUR.replace('.html', '.md')}",
        f"/elsewhere/content/{HARBOUR.replace('.html', '.md')}",
        f"https://example.net/kept/{HARBOUR}?q=1#p2",
    ],
)
def test_a_document_may_be_named_by_address_file_or_url(site: TestArchive, named: str) -> None:
    assert site.run("withdraw", named, "--why", WHY).status == 0
    assert ledger(site)[-1][:2] == [HARBOUR, "tombstone"]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["withdraw", HARBOUR], "why?"),
        (["withdraw", HARBOUR, "--why", "  "], "why?"),
        (["withdraw", HARBOUR, "--why", WHY, "--on", "yesterday"], "such as --on 2026-03-08"),
        (["withdraw", "2023/03/08/another.html", "--why", WHY], "no document was published there"),
        (["withdraw", "../../etc/passwd", "--why", WHY], "is no document's address"),
        (["rename", HARBOUR, CASTLE], "is taken"),
        (["rename", HARBOUR, HARBOUR], "is taken"),
        (["rename", HARBOUR, "2023/03/08/Harbour.html"], "is no document's address"),
        (["rename", HARBOUR, "2023/02/30/harbour.html"], "is no day"),
        (["rename", HARBOUR, "2023/03/08/index.html"], "choose another"),
        (["rename", HARBOUR, f"2023/03/08/{'a' * 250}.html"], "choose another"),
        (["rename", "2023/03/08/another.html", NEW], "no document was published there"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(site: TestArchive, command: list[str], told: str) -> None:
    before = site.files("content")
    done = site.run(*command)
    assert done.status == 1
    assert told in done.said
    assert "Traceback" not in done.said
    assert site.files("content") == before


def test_nothing_is_withdrawn_or_renamed_twice(site: TestArchive) -> None:
    site.run("withdraw", HARBOUR, "--why", WHY, "--on", "2026-05-03")
    before = site.files("content")
    done = site.run("withdraw", HARBOUR, "--why", "Another reason")
    assert done.status == 1
    assert "withdrawn already, since 2026-05-03" in done.said
    assert site.files("content") == before
    site.run("rename", CASTLE, "2021/05/05/castle.html")
    assert "was renamed to 2021/05/05/castle.html already" in site.run("rename", CASTLE, NEW).said
    assert "was renamed to 2021/05/05/castle.html" in site.run("withdraw", CASTLE, "--why", WHY).said
    assert "is taken, or was once" in site.run("rename", "2021/05/05/castle.html", CASTLE).said


def test_a_renamed_document_stands_at_its_new_address_and_the_old_one_leads_there(site: TestArchive) -> None:
    assert site.run("rename", HARBOUR, "2023/03/09/between.html").status == 0
    assert site.run("rename", "2023/03/09/between.html", NEW).status == 0
    assert site.run("site").status == 0
    assert paragraphs(site.page(NEW)) == ["Zyzzyva came to Norway.", "Norway was glad."]
    for old in (HARBOUR, "2023/03/09/between.html"):
        page = site.page(old)
        assert page.select_one("meta[http-equiv=refresh]")["content"] == f"0; url=../../../{NEW}"
        assert page.select_one("a")["href"] == f"../../../{NEW}"
        assert page.select_one("link[rel=canonical]")["href"] == f"https://example.net/kept/{NEW}"
        assert page.select_one("meta[name=robots]")["content"] == "noindex"
        assert old not in sitemap(site)
    assert NEW in sitemap(site)
    files = site.files("output")
    assert NEW.replace(".html", ".txt") in files
    assert HARBOUR.replace(".html", ".txt") not in files
    done = site.run("check")
    assert done.status == 0, done.said


def test_a_later_conversion_keeps_a_renamed_document_where_it_is(site: TestArchive) -> None:
    site.run("rename", HARBOUR, NEW)
    assert "0 new, 0 changed, 2 unchanged, 0 edited" in site.run("convert").said
    shutil.rmtree(site.root / ".cache")
    assert "0 new, 0 changed, 2 unchanged, 0 edited" in site.run("convert").said
    site.add("a.txt", record(body="Zyzzyva came to Norway in spring.\n\nNorway was glad."))
    assert "0 new, 1 changed, 1 unchanged, 0 edited" in site.run("convert").said
    assert [*site.documents()] == [CASTLE.replace(".html", ".md"), NEW.replace(".html", ".md")]
    assert ledger(site)[-1][:2] == [NEW, "document"]


def test_an_edited_document_is_renamed_as_it_is(site: TestArchive) -> None:
    path = site.root / "content" / HARBOUR.replace(".html", ".md")
    path.write_text(path.read_text().replace("Norway was glad.", "Norway was very glad."))
    text = path.read_text()
    assert site.run("rename", HARBOUR, NEW).status == 0
    assert site.documents()[NEW.replace(".html", ".md")] == text
    assert not path.parent.exists()
    assert "1 unchanged, 1 edited" in site.run("convert").said


def test_a_tombstone_may_be_renamed(site: TestArchive) -> None:
    site.run("withdraw", HARBOUR, "--why", WHY)
    assert site.run("rename", HARBOUR, NEW).status == 0
    assert "0 new, 0 changed, 2 unchanged, 0 edited" in site.run("site").said
    assert "The publisher asked for it." in site.page(NEW).get_text()
    assert site.page(HARBOUR).select_one("a")["href"] == f"../../../{NEW}"
    assert sitemap(site).isdisjoint({HARBOUR, NEW})
    assert site.run("check").status == 0


def test_a_site_whose_documents_are_all_withdrawn_is_the_same_whenever_it_is_built(site: TestArchive) -> None:
    for address in (HARBOUR, CASTLE):
        assert site.run("withdraw", address, "--why", WHY, "--on", "2026-05-03").status == 0
    assert site.run("build").status == 0
    before = site.files("output")
    assert site.run("build", "--full").status == 0
    assert site.files("output") == before
    assert site.run("check").status == 0


def test_redirects_that_lead_in_a_circle_are_told(site: TestArchive) -> None:
    with (site.root / "content/addresses.csv").open("a") as lines:
        lines.write("2020/01/01/a.html,redirect,2020/01/01/b.html\n2020/01/01/b.html,redirect,2020/01/01/a.html\n")
    done = site.run("build")
    assert done.status == 0
    assert "lead in a circle" in done.said
    done = site.run("check")
    assert done.status == 1
    assert "2020/01/01/a.html: was published" in done.said


def test_pelicans_own_generator_writes_the_same_tombstones_and_redirects(site: TestArchive) -> None:
    site.run("withdraw", CASTLE, "--why", WHY)
    site.run("rename", HARBOUR, NEW)
    assert site.run("site").status == 0
    fast = site.files("output")
    (site.root / "pelicanconf.py").write_text('FAST = False\nSITENAME = "archive"\n')
    assert site.run("build", "--full").status == 0
    assert site.files("output") == fast


def test_a_theme_that_knows_neither_shows_both(site: TestArchive) -> None:
    (site.root / "pelicanconf.py").write_text('THEME = "simple"\n')
    site.run("withdraw", CASTLE, "--why", WHY, "--on", "2026-05-03")
    site.run("rename", HARBOUR, NEW)
    done = site.run("build")
    assert done.status == 0, done.said
    assert "Withdrawn on 3 May 2026: The publisher asked for it." in site.page(CASTLE).get_text()
    assert site.page(HARBOUR).select_one("a")["href"] == f"../../../{NEW}"


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize(
    "command", [["withdraw", HARBOUR, "--why", WHY, "--on", "2026-05-03"], ["rename", HARBOUR, NEW]]
)
def test_killed_at_any_moment_the_same_command_finishes_the_job(
    site: TestArchive, new_archive: MakeArchive, command: list[str], edited: bool
) -> None:
    if edited:
        path = site.root / "content" / HARBOUR.replace(".html", ".md")
        path.write_text(path.read_text().replace("Norway was glad.", "Norway was very glad."))
    whole = new_archive("whole")
    shutil.copytree(site.root, whole.root, dirs_exist_ok=True)
    assert whole.run(*command).status == 0
    killed, moment = True, 0
    while killed:
        torn = new_archive(f"torn-{moment}")
        shutil.copytree(site.root, torn.root, dirs_exist_ok=True)
        if (child := os.fork()) == 0:
            die_at(moment)
            if command[0] == "withdraw":
                withdraw(open_archive(str(torn.root)), HARBOUR, WHY, date(2026, 5, 3))
            else:
                rename(open_archive(str(torn.root)), HARBOUR, NEW)
            os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        if killed:
            assert torn.run(*command).status in (0, 1)  # 1 where nothing was left to be done
        assert torn.files("content") == whole.files("content"), moment
        moment += 1
    assert moment > 3


def test_an_edited_document_keeps_its_download_when_its_seed_is_moved(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("site", "--no-search")
    (file,) = (archive.root / "content").rglob("*.md")
    file.write_bytes(file.read_bytes().replace(b"Title: Harbour opens", b"Title: The harbour opens"))
    before = file.read_text()
    (archive.root / "seeds/old").mkdir()
    (archive.root / "seeds/a.txt").rename(archive.root / "seeds/old/b.txt")

    ran = archive.run("site", "--no-search")

    assert ran.status == 0, ran.said
    assert file.read_text() == before.replace("Seed: seeds/a.txt", "Seed: seeds/old/b.txt")
    assert (archive.root / "output" / file.relative_to(archive.root / "content")).with_suffix(".txt").is_file()
    assert archive.run("check").status == 0


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_only_the_head_of_an_edited_document_follows_its_seed(archive: TestArchive, ends: bytes) -> None:
    """A line of the text may begin as a key does, and an editor may have written other line ends."""
    archive.add("a.txt", record())
    archive.run("convert")
    (file,) = (archive.root / "content").rglob("*.md")
    edited = (file.read_bytes() + b"\nSeed: of doubt\nSeed-Bytes: none\n").replace(b"\n", ends)
    file.write_bytes(edited)
    (archive.root / "seeds/a.txt").rename(archive.root / "seeds/b.txt")

    ran = archive.run("convert")

    assert ran.status == 0, ran.said
    assert file.read_bytes() == edited.replace(b"Seed: seeds/a.txt", b"Seed: seeds/b.txt")
