"""What pages say of their documents to programs: search engines, previews, Zotero, and readers of feeds."""

import json
import re
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from tests.conftest import TestArchive, record
from tests.test_site import HOSTILE, assert_nothing_can_run, hostile_seeds

PAGE = "2023/03/08/harbour-opens-to-visitors.html"


def on_the_web(archive: TestArchive, settings: str = "") -> None:
    (archive.root / "publishconf.py").write_text(f'SITEURL = "https://example.net/kept"\n{settings}')


def said(page: BeautifulSoup) -> dict[str, str]:
    return {
        str(element[key]): str(element["content"])
        for element in page.select("head meta[content]")
        for key in ("name", "property")
        if element.has_attr(key)
    }


def linked_data(page: BeautifulSoup) -> dict[str, object]:
    (block,) = page.select('head script[type="application/ld+json"]')
    return dict(json.loads(block.get_text()))


def test_a_page_says_what_it_is_with_or_without_an_address_of_its_own(archive: TestArchive) -> None:
    sentence = "The people of Norway were glad that the harbour was opened by their king on Wednesday. "
    archive.add("a.txt", record(body=sentence * 8))
    assert archive.run("site").status == 0
    page = archive.page(PAGE)
    always = {
        "citation_title": "Harbour opens to visitors",
        "citation_publication_date": "2023/03/08",
        "citation_journal_title": "example.org",
        "citation_language": "en",
        "DC.title": "Harbour opens to visitors",
        "DC.date": "2023-03-08",
        "DC.publisher": "example.org",
        "DC.source": "https://example.org/harbour",
        "og:type": "article",
        "og:title": "Harbour opens to visitors",
    }
    assert always.items() <= said(page).items()
    assert said(page)["description"].startswith("The people of Norway")
    assert "example.net" not in str(page)
    data = linked_data(page)
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == "Harbour opens to visitors"
    assert data["datePublished"] == "2023-03-08"
    assert data["publisher"] == {"@type": "Organization", "name": "example.org"}
    assert data["inLanguage"] == "en"
    assert "Norway" in data["keywords"]
    assert data["isBasedOn"] == "https://example.org/harbour"
    assert "archivedAt" not in data

    on_the_web(archive)
    assert archive.run("build").status == 0
    page = archive.page(PAGE)
    address = f"https://example.net/kept/{PAGE}"
    assert always.items() <= said(page).items()
    assert said(page)["citation_public_url"] == said(page)["og:url"] == address
    assert linked_data(page)["archivedAt"] == address
    assert page.select_one("link[rel=canonical]")["href"] == address
    assert said(archive.page("index.html"))["og:type"] == "website"


def test_a_page_leads_programs_to_what_belongs_to_it(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    on_the_web(archive)
    archive.run("convert")
    rights = "[CC BY](https://creativecommons.org/licenses/by/4.0/)"
    (archive.root / "content/sources.toml").write_text(f'["example.org"]\nrights = "{rights}"\n')
    assert archive.run("build", "--no-search").status == 0
    page = archive.page(PAGE)
    stem = PAGE.rpartition("/")[2].removesuffix(".html")
    leads = [(link["rel"][0], link["href"].rpartition("/")[2]) for link in page.select("head link")]
    assert {("cite-as", f"{stem}.html"), ("item", f"{stem}.txt")} <= {*leads}
    assert {("describedby", f"{stem}.bib"), ("describedby", f"{stem}.ris")} <= {*leads}
    assert page.select_one("link[rel=license]")["href"] == "https://creativecommons.org/licenses/by/4.0/"
    assert page.select_one("link[rel=cite-as]")["href"] == f"https://example.net/kept/{PAGE}"
    assert archive.run("check").status == 0, archive.run("check").said


def test_hostile_titles_stay_inside_what_is_said_of_them(archive: TestArchive) -> None:
    separators = "Two\u2028lines\u2029 </script><script>alert(1)</script> \\u003c ]]> <!--"
    archive.add("a.txt", hostile_seeds() + record(separators, url="https://example.org/</script>"))
    on_the_web(archive)
    assert archive.run("site").status == 0
    assert_nothing_can_run(archive)
    pages = [archive.page(name.replace(".md", ".html")) for name in archive.documents()]
    titles = {str(page.h1.get_text()) for page in pages}
    assert {str(linked_data(page)["headline"]) for page in pages} == titles
    assert {said(page)["citation_title"] for page in pages} == titles
    assert len(titles) == len(HOSTILE) + 1
    for page in pages:
        assert not re.search("[<>&\u2028\u2029]", page.select_one("head script").get_text())
        assert [element.name for element in page.head.find_all(True, recursive=False)].count("script") == 1


def test_a_hand_written_document_says_what_little_is_known(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    (archive.root / "content/2023/note.md").write_text(
        'Title: A "note" & more\nDate: 2023-05-01\n\nBy *hand*, <b>x</b>.\n'
    )
    assert archive.run("build").status == 0
    page = archive.page("2023/note.html")
    assert said(page)["citation_title"] == linked_data(page)["headline"] == 'A "note" & more'
    assert "isBasedOn" not in linked_data(page)
    assert said(page)["description"].startswith("By hand")
    assert not page.select("#cite")
    assert not (archive.root / "output/2023/note.bib").exists()


def test_those_who_wrote_a_document_are_named_on_its_page_and_to_programs(archive: TestArchive) -> None:
    archive.add("a.txt", record() + record("Fjord", "Sweden won.", "2023-03-09"))
    archive.run("convert")
    for place, names in ((PAGE, "Ada <Bell>; Núñez, Bo"), ("2023/03/09/fjord.html", "Ada Bell, Bo Chen")):
        content = archive.root / "content" / place.replace(".html", ".md")
        content.write_text(content.read_text().replace("Date: ", f"Authors: {names}\nDate: "))
    assert archive.run("build", "--no-search").status == 0
    page, fjord = archive.page(PAGE), archive.page("2023/03/09/fjord.html")
    names = ["Ada <Bell>", "Núñez, Bo"]
    assert [one["content"] for one in page.select("meta[name=citation_author]")] == names
    assert [one.get_text() for one in page.select("article .p-author")] == names
    assert linked_data(page)["author"] == [{"@type": "Person", "name": name} for name in names]
    assert page.select_one(".citation").get_text().startswith("Ada <Bell>; Núñez, Bo: “Harbour opens")
    assert [one["content"] for one in fjord.select("meta[name=citation_author]")] == ["Ada Bell", "Bo Chen"]
    fast = archive.files("output")
    (archive.root / "pelicanconf.py").write_text('FAST = False\nSITENAME = "archive"\n')
    assert archive.run("build", "--no-search").status == 0
    assert archive.files("output") == fast
    (archive.root / "pelicanconf.py").write_text('THEME = "simple"\nSITENAME = "archive"\n')
    assert archive.run("build", "--no-search").status == 0
    assert [one.get_text() for one in archive.page(PAGE).select("article address a")] == names


def test_each_tag_and_source_has_a_feed_where_the_site_has_an_address(archive: TestArchive) -> None:
    archive.add(
        "a.txt",
        "".join(
            record(f"Report {n} & <b>", f"Norway {n}.\n\nNorway.", f"2023-03-{n + 1:02}", f"https://example.org/{n}")
            for n in range(25)
        ),
    )
    assert archive.run("site").status == 0
    assert not (archive.root / "output/feeds").exists()
    on_the_web(archive)
    assert archive.run("build").status == 0
    for kind, name in (("tags", "norway"), ("sources", "example.org")):
        page = archive.page(f"{kind}/{name}.html")
        address = f"feeds/{kind}/{name}.atom.xml"
        addresses = {link["href"] for link in page.select("link[rel=alternate]")}
        assert f"https://example.net/kept/{address}" in addresses
        feed = ElementTree.fromstring(archive.files("output")[address])
        assert [title.text for title in feed.findall("{*}entry/{*}title")] == [
            f"Report {n} & <b>" for n in range(24, 4, -1)
        ]
        assert feed.findtext("{*}updated") == "2023-03-25T00:00:00+00:00"
        links = [link.attrib["href"] for link in feed.findall("{*}entry/{*}link")]
        assert all(link.removeprefix("https://example.net/kept/") in archive.files("output") for link in links)
    whole = ElementTree.fromstring(archive.files("output")["feeds/all.atom.xml"])
    of_tag = ElementTree.fromstring(archive.files("output")["feeds/tags/norway.atom.xml"])
    assert {e.text for e in of_tag.findall("{*}entry/{*}id")} <= {e.text for e in whole.findall("{*}entry/{*}id")}


def test_feeds_follow_every_change_and_go_with_their_tag(archive: TestArchive) -> None:
    archive.add(
        "a.txt", record(body="Norway was glad.\n\nNorway.") + record("Fjord", "Sweden won.\n\nSweden.", "2023-03-09")
    )
    on_the_web(archive)
    archive.run("site")
    before = archive.files("output/feeds")
    assert "tags/sweden.atom.xml" in before
    fjord = archive.root / "content/2023/03/09/fjord.md"
    fjord.write_text(fjord.read_text().replace("Tags: Sweden", "Tags: Chile").replace("Title: Fjord", "Title: Fiord"))
    assert archive.run("build").status == 0
    after = archive.files("output/feeds")
    assert "tags/sweden.atom.xml" not in after
    assert "Fiord" in after["tags/chile.atom.xml"].decode()
    assert "Fiord" in after["sources/example.org.atom.xml"].decode()
    assert "Fiord" in after["all.json"].decode()
    assert after["tags/norway.atom.xml"] == before["tags/norway.atom.xml"]


def test_the_json_feed_has_what_its_standard_asks_for(archive: TestArchive) -> None:
    archive.add("a.txt", hostile_seeds() + record())
    on_the_web(archive)
    assert archive.run("site").status == 0
    feed = json.loads(archive.files("output")["feeds/all.json"])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://example.net/kept/feeds/all.json"
    assert {item["title"] for item in feed["items"]} >= {"Harbour opens to visitors", HOSTILE[0]}
    for item in feed["items"]:
        assert item["id"] == item["url"]
        assert item["url"].removeprefix("https://example.net/kept/") in archive.files("output")
        assert item["external_url"].startswith("https://example.org/")
        assert not BeautifulSoup(item["content_html"], "html.parser").find_all(["script", "img", "a"])
    (link,) = archive.page("index.html").select('link[type="application/feed+json"]')
    assert link["href"] == feed["feed_url"]


def test_what_curators_say_of_a_source_stands_on_its_pages(archive: TestArchive) -> None:
    archive.add("a.txt", record() + record("Elsewhere", date="2023-03-09", url="https://other.example/x"))
    on_the_web(archive)
    archive.run("site")
    sources = archive.root / "content/sources.toml"
    sources.write_text('["Example.org"]\nnote = "The <paper> of the harbour."\nrights = "CC BY 4.0"\nnoindex = true\n')
    assert archive.run("build").status == 0
    source = archive.page("sources/example.org.html")
    assert "The <paper> of the harbour." in source.main.get_text()
    assert "CC BY 4.0" in source.main.get_text()
    page = archive.page(PAGE)
    assert "CC BY 4.0" in page.select_one("section[aria-labelledby=provenance]").get_text()
    assert said(page)["robots"] == said(source)["robots"] == "noindex"
    assert said(page)["DC.rights"] == "CC BY 4.0"
    assert "robots" not in said(archive.page("2023/03/09/elsewhere.html"))
    assert "robots" not in said(archive.page("sources/other.example.html"))
    sitemap = archive.files("output")["sitemap.xml"].decode()
    assert "elsewhere" in sitemap and "sources/other.example" in sitemap
    assert "harbour-opens" not in sitemap and "sources/example.org" not in sitemap
    fast = archive.files("output")
    (archive.root / "pelicanconf.py").write_text('FAST = False\nSITENAME = "archive"\n')
    assert archive.run("build").status == 0
    assert archive.files("output") == fast


def test_hidden_documents_are_not_in_the_sitemap(archive: TestArchive) -> None:
    archive.add("a.txt", record() + record("Elsewhere", date="2023-03-09"))
    on_the_web(archive)
    archive.run("convert")
    path = archive.root / "content/2023/03/09/elsewhere.md"
    path.write_text(f"Status: hidden\n{path.read_text()}")
    assert archive.run("build").status == 0
    assert (archive.root / "output/2023/03/09/elsewhere.html").exists()
    sitemap = archive.files("output")["sitemap.xml"].decode()
    assert "harbour-opens" in sitemap and "elsewhere" not in sitemap


def test_a_mistyped_host_in_sources_toml_is_named_with_the_nearest(archive: TestArchive) -> None:
    archive.add("a.txt", record(url="https://example.org/harbour"))
    archive.run("convert")
    (archive.root / "content/sources.toml").write_text('["exmaple.org"]\nnote = "x"\n["other.test"]\nnote = "y"\n')
    built = archive.run("build", "--no-search")
    assert built.status == 0
    assert '["exmaple.org"]: no document has this source; is "example.org" meant?' in built.said
    assert "other.test" not in built.said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('["example.org"]\nnote = "x\n', "line 2"),
        ('note = "x"\n', "note: expected a section"),
        ('[example.org]\nnote = "x"\n', "put the host in quotes"),
        ('["example.org"]\nlicence = "x"\n', '["example.org"] licence: expected name, note, rights or noindex'),
        ('["example.org"]\nnoindex = "yes"\n', "noindex: expected true or false"),
        ('["example.org"]\nrights = 4\n', "rights: expected text"),
        ('["example.org"]\nnote = "a\\u0000b"\n', "control character"),
        (f'["example.org"]\nnote = "{"x" * 2001}"\n', "at most 2,000 characters"),
        ('["example.org"]\n["Example.org"]\n', "each source once"),
    ],
)
def test_a_fault_in_sources_toml_is_told_with_its_place(archive: TestArchive, text: str, told: str) -> None:
    archive.add("a.txt", record())
    archive.run("site")
    before = archive.files("output")
    (archive.root / "content/sources.toml").write_text(text)
    run = archive.run("build")
    assert run.status == 1
    assert "content/sources.toml" in run.said and told in run.said
    assert "Traceback" not in run.said
    assert archive.files("output") == before


def test_a_long_text_has_an_outline_of_its_headings_and_a_way_back(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    text = "Norway was glad. " * 600
    (archive.root / "content/2023/long.md").write_text(
        f"Title: Long\nDate: 2023-05-01\n\n## The <b>harbour</b> & us\n\n{text}\n\n## After\n\n{text}\n"
    )
    assert archive.run("build", "--no-search").status == 0
    page = archive.page("2023/long.html")
    assert [link.get_text() for link in page.select("details.outline:not([open]) a")] == ["The harbour & us", "After"]
    anchors = [str(link["href"]).removeprefix("#") for link in page.select("details.outline a, .to-top a")]
    assert [page.find(id=anchor).name for anchor in anchors] == ["h2", "h2", "main"]
    assert not archive.page(PAGE).select("details.outline, .to-top")
