"""Documents that are held back, as drafts or until a day, and notes of the curator's own beside a text."""

import re
import shutil
import sqlite3

import pytest

from tests.conftest import TestArchive, paragraphs, record

HARBOUR = "2023/03/08/harbour-opens-to-visitors.html"
DAY = "2031-05-01"


@pytest.fixture
def site(archive: TestArchive) -> TestArchive:
    """A built archive of two documents; one is the only one of its source, its words and its day."""
    archive.add("a.txt", record(body="Zyzzyva came to Norway.\n\nNorway was glad."))
    archive.add("b.txt", record("Castle closes", date="2021-05-05", url="https://castle.example/"))
    (archive.root / "publishconf.py").write_text('SITEURL = "https://example.net/kept"\n')
    assert archive.run("site").status == 0
    return archive


def say(archive: TestArchive, *lines: str) -> None:
    """Let the harbour's content file have these lines, and no others of these keys."""
    path = archive.root / "content" / HARBOUR.replace(".html", ".md")
    head, body = path.read_text().split("\n\n", 1)
    kept = [line for line in head.split("\n") if not re.match("Status|Embargo|Note", line)]
    path.write_text("\n".join([*kept, *lines]) + f"\n\n{body}")


def is_held_back(archive: TestArchive) -> bool:
    files = archive.files("output")
    words = (b"Harbour opens", b"Zyzzyva", b"zyzzyva", b"example.org/harbour")
    told = [name for name, raw in files.items() for word in words if word in raw]
    notice = archive.page(HARBOUR).select_one("article.held-back")
    assert (notice is not None) == (not told), told
    assert (notice is not None) == (HARBOUR.replace(".html", ".txt") not in files)
    return notice is not None


def other_when_whole(archive: TestArchive, *options: str) -> set[str]:
    """Return the names of the files that differ when everything is built anew."""
    before = archive.files("output")
    assert archive.run("build", "--full", *options).status == 0
    return {name for name, _ in before.items() ^ archive.files("output").items()}


def test_a_draft_is_off_the_site_until_its_status_goes(site: TestArchive) -> None:
    before = site.files("output")
    say(site, "Status: draft")
    assert "1 unchanged, 1 edited" in site.run("site").said
    assert is_held_back(site)
    assert "held back for the time being" in site.page(HARBOUR).get_text()
    assert site.page(HARBOUR).select_one("meta[name=robots]")["content"] == "noindex"
    assert HARBOUR not in site.files("output")["sitemap.xml"].decode()
    assert not other_when_whole(site)
    assert site.run("check").status == 0
    say(site)
    assert site.run("site").status == 0
    assert not is_held_back(site)
    assert site.files("output") == before


def test_an_embargo_ends_on_its_day_without_any_edit(site: TestArchive) -> None:
    say(site, f"Embargo: {DAY}")
    assert site.run("site").status == 0
    assert is_held_back(site)
    assert "held back until 1 May 2031" in site.page(HARBOUR).get_text()
    assert "Nothing changed" in site.run("build").said
    assert "Nothing changed" in site.run("build", "--date", "2031-04-30").said
    assert "Built" in site.run("build", "--date", DAY).said
    assert not is_held_back(site)
    assert paragraphs(site.page(HARBOUR)) == ["Zyzzyva came to Norway.", "Norway was glad."]
    assert not other_when_whole(site, "--date", DAY)
    assert "Nothing changed" in site.run("build", "--date", "2040-01-01").said
    assert site.run("check").status == 0
    assert site.run("export").status == 0
    assert titles(site) == ["Castle closes", "Harbour opens to visitors"]
    assert "Built" in site.run("build").said
    assert is_held_back(site)
    assert site.run("export").status == 0
    assert titles(site) == ["Castle closes"]


def titles(archive: TestArchive) -> list[str]:
    with sqlite3.connect(archive.root / "dist/archive.sqlite") as database:
        return [title for (title,) in database.execute("SELECT title FROM documents ORDER BY date")]


def test_what_is_held_back_is_in_no_bundle(site: TestArchive) -> None:
    say(site, f"Embargo: {DAY}")
    done = site.run("bundle")
    assert done.status == 1
    assert "is held back, and still on the site; build first" in done.said
    site.run("build")
    assert "left out, since it holds a held-back document: seeds/a.txt" in site.run("bundle").said
    site.run("build", "--date", DAY)
    assert "left out" not in site.run("bundle").said


def test_pelicans_own_generator_holds_back_the_same(site: TestArchive) -> None:
    say(site, f"Embargo: {DAY}")
    site.run("build")
    fast = site.files("output")
    (site.root / "pelicanconf.py").write_text('FAST = False\nSITENAME = "archive"\n')
    assert site.run("build").status == 0
    assert site.files("output") == fast
    assert "Nothing changed" in site.run("build").said
    assert "Built" in site.run("build", "--date", DAY).said
    assert not is_held_back(site)


def test_a_theme_that_knows_no_notice_shows_one(site: TestArchive) -> None:
    (site.root / "pelicanconf.py").write_text('THEME = "simple"\n')
    say(site, "Status: draft", "Note: Of doubt.")
    assert site.run("build").status == 0
    assert "This document is held back" in site.page(HARBOUR).get_text()
    assert not [name for name, raw in site.files("output").items() if b"Zyzzyva" in raw or b"Of doubt" in raw]


@pytest.mark.parametrize(
    ("line", "told"),
    [("Embargo: soon", "expected a date"), ("Status: drafts", "expected draft, hidden or published")],
)
def test_what_is_no_day_and_no_status_is_told_with_its_file(site: TestArchive, line: str, told: str) -> None:
    before = site.files("output")
    say(site, line)
    done = site.run("build")
    assert done.status == 1
    assert told in done.said
    assert HARBOUR.replace(".html", ".md") in done.said
    assert site.files("output") == before


def test_a_note_stands_beside_the_text_and_not_in_it(site: TestArchive) -> None:
    say(site, "Note: The *second* page is missing, see [the letter](https://example.org/letter) & <b>this</b>.")
    assert site.run("site").status == 0
    page = site.page(HARBOUR)
    note = page.select_one("article aside")
    assert note.get_text().strip() == "The second page is missing, see the letter & <b>this</b>."
    assert note.select_one("em").get_text() == "second"
    assert note.select_one("a")["href"] == "https://example.org/letter"
    assert not note.find_parent(class_="e-content")
    assert paragraphs(page) == ["Zyzzyva came to Norway.", "Norway was glad."]
    assert "Edited" not in page.get_text()
    shutil.rmtree(site.root / ".cache")
    assert "1 edited" in site.run("convert").said
    assert site.run("check").status == 0


def test_markdown_that_is_no_paragraph_or_leads_nowhere_stands_as_it_is_written(site: TestArchive) -> None:
    for note in ("[x](javascript:alert(1))", "![x](https://example.org/x.png)", "# Heading", "1. one"):
        say(site, f"Note: {note}")
        assert site.run("build", "--no-search").status == 0
        assert site.page(HARBOUR).select_one("article aside").get_text().strip() == note


def test_note_and_rights_of_a_source_may_be_markdown(site: TestArchive) -> None:
    (site.root / "content/sources.toml").write_text(
        '["example.org"]\nnote = "Closed in *2019*."\nrights = "[CC BY 4.0](https://creativecommons.org/)"\n'
    )
    assert site.run("build").status == 0
    assert site.page("sources/example.org.html").select_one("em").get_text() == "2019"
    assert site.page(HARBOUR).select_one("dd a[href='https://creativecommons.org/']").get_text() == "CC BY 4.0"
    assert site.page(HARBOUR).select_one("meta[name='DC.rights']")["content"] == "CC BY 4.0"
    assert site.run("check").status == 0


def test_the_copy_that_a_sync_program_made_is_no_second_document(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    assert archive.run("site", "--no-search").status == 0
    before = archive.files("output")
    original = archive.root / "content/2023/03/08/harbour-opens-to-visitors.md"
    copy = original.with_name("harbour-opens-to-visitors (conflicted copy 2026-01-01).md")
    copy.write_text(original.read_text().replace("It will stay open.", "It will close."))

    done = archive.run("build", "--no-search")

    assert done.status == 0, done.said
    assert f"content/2023/03/08/{copy.name}: has the provenance of 2023/03/08/{original.stem}.html" in done.said
    assert archive.files("output") == before
    assert archive.run("check").status == 0
