"""Documents that are withdrawn or renamed: no address that was ever published leads nowhere."""

import os
import re
import shutil
from collections.abc import Callable
from datetime import date
from xml.etree import ElementTree

import pytest

from converters.archive.layout import open_archive
from converters.ledger.curation import rename, take_back, withdraw
from converters.ledger.ledger import is_address
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
    """Return the lines about documents."""
    lines = [line.split(",") for line in (archive.root / "content/addresses.csv").read_text().splitlines()]
    return [line for line in lines if is_address(line[0])]


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


def test_a_document_may_go_back_to_an_address_that_was_its_own(site: TestArchive) -> None:
    before = site.documents()
    for old, new in ((HARBOUR, "2023/03/09/between.html"), ("2023/03/09/between.html", NEW), (NEW, HARBOUR)):
        done = site.run("rename", old, new)
        assert done.status == 0, done.said
    assert site.documents() == before
    assert site.run("site").status == 0
    assert paragraphs(site.page(HARBOUR)) == ["Zyzzyva came to Norway.", "Norway was glad."]
    for old in (NEW, "2023/03/09/between.html"):
        assert site.page(old).select_one("a")["href"] == f"../../../{HARBOUR}"
    assert site.run("rename", CASTLE, NEW).status == 1  # it was another's
    assert site.run("check").status == 0


def test_a_withdrawal_is_taken_back_with_the_tags_of_before(site: TestArchive) -> None:
    path = site.root / "content" / HARBOUR.replace(".html", ".md")
    path.write_text(re.sub("^Tags: .*", "Tags: Harbours, Oslo", path.read_text(), flags=re.MULTILINE))
    assert site.run("withdraw", HARBOUR, "--why", WHY).status == 0
    done = site.run("withdraw", HARBOUR, "--undo")
    assert done.status == 0, done.said
    assert ledger(site)[-1][:2] == [HARBOUR, "document"]
    assert "is not withdrawn" in site.run("withdraw", HARBOUR, "--undo").said
    assert site.run("build").status == 0  # shows the notice until the text is there
    assert site.page(HARBOUR).select_one(".tombstone")
    assert "0 new, 1 changed, 1 unchanged, 0 edited" in site.run("site").said
    page = site.page(HARBOUR)
    assert paragraphs(page) == ["Zyzzyva came to Norway.", "Norway was glad."]
    assert {tag.get_text() for tag in page.select("article a[rel=tag], article span.tag")} == {"Harbours", "Oslo"}
    assert site.run("check").status == 0


def test_a_withdrawal_stays_where_no_seed_holds_the_record(site: TestArchive) -> None:
    site.run("withdraw", HARBOUR, "--why", WHY)
    (site.root / "seeds/a.txt").rename(site.root / "a.txt")
    before = site.files("content")
    done = site.run("withdraw", HARBOUR, "--undo")
    assert done.status == 1
    assert "no seed holds its record any more" in done.said
    assert site.files("content") == before
    assert "is not withdrawn" in site.run("withdraw", CASTLE, "--undo").said
    (site.root / "a.txt").rename(site.root / "seeds/elsewhere.txt")
    assert site.run("withdraw", HARBOUR, "--undo").status == 0


def test_the_title_may_be_withheld_too(site: TestArchive) -> None:
    assert site.run("site").status == 0
    assert site.run("withdraw", HARBOUR, "--why", "It was asked for.", "--title-too", "--on", "2026-05-03").status == 0
    assert site.run("site").status == 0
    content = site.documents()[HARBOUR.replace(".html", ".md")]
    for told in ("visitors", "example.org/harbour", "Norway", "a.txt"):
        assert told not in content
    files = site.files("output") | site.files("content")
    assert not [name for name, raw in files.items() if b"opens to visitors" in raw or b"example.org/harbour" in raw]
    assert site.page(HARBOUR).select_one("h1").get_text() == "Title withheld"
    assert site.run("check").status == 0
    site.add("a.txt", record(body="Zyzzyva came to Norway in spring."))  # is known again by its address
    assert "0 new, 0 changed, 2 unchanged" in site.run("convert").said
    assert site.run("withdraw", "https://example.org/harbour", "--undo").status == 0
    assert "1 new, 0 changed, 1 unchanged" in site.run("site").said
    assert site.page(HARBOUR).select_one("h1").get_text() == "Harbour opens to visitors"
    assert site.run("check").status == 0


def test_the_title_may_be_withheld_later(site: TestArchive) -> None:
    site.run("withdraw", HARBOUR, "--why", "It was asked for.", "--on", "2026-05-03")
    assert site.run("withdraw", HARBOUR, "--title-too").status == 0
    content = site.documents()[HARBOUR.replace(".html", ".md")]
    assert "visitors" not in content
    assert "Withdrawn: 2026-05-03\nReason: It was asked for.\n" in content


def test_a_deleted_tombstone_is_written_again_and_told(site: TestArchive) -> None:
    site.run("withdraw", HARBOUR, "--why", WHY)
    path = site.root / "content" / HARBOUR.replace(".html", ".md")
    path.unlink()
    done = site.run("site")
    assert done.status == 0
    assert "2 unchanged" in done.said
    assert f"withdraw {HARBOUR} --undo" in done.said
    shown = site.page(HARBOUR).select_one("article").get_text(" ")
    assert "Title withheld" in shown
    assert "on which day is not known any more" in shown
    assert "the file that said it was deleted" in shown
    assert not [name for name, raw in site.files("output").items() if b"Zyzzyva" in raw]
    assert site.run("check").status == 0
    assert "deleted" not in site.run("convert").said
    assert "left out, since it holds a withdrawn document: seeds/a.txt" in site.run("bundle").said
    assert site.run("withdraw", HARBOUR, "--undo").status == 0
    assert "1 new, 0 changed, 1 unchanged" in site.run("site").said
    assert paragraphs(site.page(HARBOUR)) == ["Zyzzyva came to Norway.", "Norway was glad."]


def test_a_document_whose_file_is_gone_can_be_withdrawn(site: TestArchive) -> None:
    (site.root / "content" / HARBOUR.replace(".html", ".md")).unlink()
    assert site.run("withdraw", HARBOUR, "--why", WHY, "--on", "2026-05-03").status == 0
    assert "0 new, 0 changed, 2 unchanged" in site.run("site").said
    assert "3 May 2026" in site.page(HARBOUR).get_text()
    assert site.run("check").status == 0


@pytest.mark.parametrize("url", ["https://castle.example/", "HTTPS://Castle.Example", "https://castle.example./"])
def test_a_document_may_be_named_by_where_it_was_captured(site: TestArchive, url: str) -> None:
    done = site.run("rename", url, NEW)
    assert done.status == 0, done.said
    assert ledger(site)[-1][:2] == [NEW, "document"]
    assert site.run("withdraw", url, "--why", WHY).status == 0
    assert ledger(site)[-1][:2] == [NEW, "tombstone"]


def test_an_address_that_was_captured_twice_names_no_single_document(site: TestArchive) -> None:
    site.add("c.txt", record("Castle opens again", date="2021-06-06", url="https://castle.example/"))
    site.run("convert")
    before = site.files("content")
    done = site.run("withdraw", "https://castle.example/", "--why", WHY)
    assert done.status == 1
    assert f"{CASTLE}, 2021/06/06/castle-opens-again.html" in done.said
    assert site.files("content") == before
    assert "is no document's address" in site.run("withdraw", "https://elsewhere.example/", "--why", WHY).said


def test_tags_that_were_edited_leave_the_text_proven(site: TestArchive) -> None:
    path = site.root / "content" / HARBOUR.replace(".html", ".md")
    edited = re.sub("^Tags: .*", "Tags: Harbours", path.read_text(), flags=re.MULTILINE)
    path.write_bytes(edited.replace("\n", "\r\n").encode())
    done = site.run("site")
    assert "1 unchanged, 1 edited" in done.said
    assert path.read_bytes() == edited.replace("\n", "\r\n").encode()
    assert "Edited" not in site.page(HARBOUR).get_text()
    assert "Harbours" in site.page(HARBOUR).get_text()
    assert "pages whose text is that of their seed: 2" in site.run("check").said
    path.write_text(edited.replace("Norway was glad", "Norway was sad"))
    site.run("site")
    assert "Edited" in site.page(HARBOUR).get_text()
    assert "pages whose text is that of their seed: 1" in site.run("check").said


def test_other_line_ends_are_no_edit(site: TestArchive) -> None:
    for file in (site.root / "content").rglob("*.md"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    before = site.files("content/2023") | site.files("content/2021")
    assert "0 new, 0 changed, 2 unchanged, 0 edited" in site.run("site").said
    assert site.files("content/2023") | site.files("content/2021") == before
    assert "Edited" not in site.page(HARBOUR).get_text()
    site.add("a.txt", record(body="Zyzzyva came to Norway in spring."))
    assert "0 new, 1 changed, 1 unchanged, 0 edited" in site.run("convert").said


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
    "command",
    [
        ["withdraw", HARBOUR, "--why", WHY, "--on", "2026-05-03"],
        ["rename", HARBOUR, NEW],
        ["withdraw", CASTLE, "--undo"],
    ],
)
def test_killed_at_any_moment_the_same_command_finishes_the_job(
    site: TestArchive, new_archive: MakeArchive, command: list[str], edited: bool
) -> None:
    if edited:
        path = site.root / "content" / HARBOUR.replace(".html", ".md")
        path.write_text(path.read_text().replace("Norway was glad.", "Norway was very glad."))
    site.run("withdraw", CASTLE, "--why", "An error", "--on", "2026-05-03")
    whole = new_archive("whole")
    shutil.copytree(site.root, whole.root, dirs_exist_ok=True)
    assert whole.run(*command).status == 0
    killed, moment = True, 0
    while killed:
        torn = new_archive(f"torn-{moment}")
        shutil.copytree(site.root, torn.root, dirs_exist_ok=True)
        if (child := os.fork()) == 0:
            die_at(moment)
            if "--undo" in command:
                take_back(open_archive(str(torn.root)), CASTLE, lambda _: True)
            elif command[0] == "withdraw":
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
