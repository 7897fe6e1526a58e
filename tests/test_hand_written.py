"""Pictures, links and footnotes in what a curator writes: shown, or told with file and line at the build."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup, Tag

from tests.conftest import TestArchive, record

HARBOUR = "2023/03/08/harbour-opens-to-visitors.html"
PICTURE = b"\x89PNG\r\n\x1a\n"
PAGE = """Title: Help

![one]({static}files/plain.png) ![two]({static}files/my%20crane.png) ![three](<{static}files/my crane.png>)
![four]({static}/pages/files/plain.png) ![five]({static}files/bücher.png) ![six](files/plain.png)
<img src="{static}files/a&amp;b%231.png" alt="seven">

[home]({index}) [document]({filename}/2023/03/08/harbour-opens-to-visitors.md)

![none]({static}files/none.png)
![remote](https://example.org/x.png)
[nobody]({filename}nobody.md)
![outside](../outside.png)

A crane.[^a crane] ~~Gone~~.

[^a crane]: Built in *1911*.

| a | b |
|---|---|
| 1 | 2 |
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[TestArchive, str]:
    """A site with a page and an edited document that show pictures, and what was said as it was built."""
    archive = TestArchive(tmp_path_factory.mktemp("by-hand") / "archive")
    archive.add("a.txt", record())
    files = archive.root / "content/pages/files"
    files.mkdir(parents=True)
    for name in ("plain.png", "my crane.png", "bücher.png", "a&b#1.png"):
        (files / name).write_bytes(PICTURE)
    (archive.root / "content/outside.png").write_bytes(PICTURE)
    (archive.root / "content/pages/help.md").write_text(PAGE)
    archive.run("convert")
    document = archive.root / "content" / HARBOUR.replace(".html", ".md")
    document.write_text(
        document.read_text()
        + "\n![one]({static}/pages/files/my%20crane.png) [home]({index}) ![two](../../../pages/files/plain.png)\n"
    )
    done = archive.run("build")
    assert done.status == 0, done.said
    return archive, done.said


def images(archive: TestArchive, address: str) -> dict[str, Path]:
    """Return the pictures of a page by the words that stand for them, each as the file that it shows."""
    return {str(image["alt"]): target(archive, address, image, "src") for image in of(archive, address).select("img")}


def of(archive: TestArchive, address: str) -> BeautifulSoup:
    return archive.page(address).select_one(".e-content, .prose")


def target(archive: TestArchive, address: str, element: Tag, attribute: str) -> Path:
    return (archive.root / "output" / address).parent / unquote(str(element[attribute]))


def test_pictures_are_found_under_every_name(site: tuple[TestArchive, str]) -> None:
    archive, _ = site
    page = images(archive, "help.html")
    assert page.keys() == {"one", "two", "three", "four", "five", "six", "seven", "none", "outside"}
    assert {alt for alt, file in page.items() if not file.is_file()} == {"none", "outside"}
    assert page["two"].name == page["three"].name == "my crane.png"
    assert page["seven"].name == "a&b#1.png"
    for address in (HARBOUR, "index.html"):  # the home page of so small an archive shows the document's text
        assert {alt: file.is_file() for alt, file in images(archive, address).items()} == {"one": True, "two": True}


def test_links_by_name_lead_there(site: tuple[TestArchive, str]) -> None:
    archive, _ = site
    for address, words in (("help.html", "home"), ("help.html", "document"), (HARBOUR, "home")):
        (link,) = [link for link in of(archive, address).select("a") if link.get_text() == words]
        assert target(archive, address, link, "href").is_file()
        assert not link.get("rel")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (9, "files/none.png: there is no such file"),
        (10, "https://example.org/x.png: lies on another host"),
        (11, "{filename}nobody.md: there is no such file"),
        (12, "../outside.png: is not copied into the site; put it into content/pages/files/"),
    ],
)
def test_what_leads_nowhere_is_told_with_file_and_line(site: tuple[TestArchive, str], line: int, told: str) -> None:
    archive, said = site
    assert f"{archive.root}/content/pages/help.md:{line}: {told}" in said
    assert said.count("warning: ") == 4


def test_no_page_asks_another_host_for_a_picture(site: tuple[TestArchive, str]) -> None:
    archive, _ = site
    (link,) = [link for link in of(archive, "help.html").select("a") if link.get_text() == "remote"]
    assert link["href"] == "https://example.org/x.png"


def test_footnotes_lead_to_their_notes(site: tuple[TestArchive, str]) -> None:
    page = of(site[0], "help.html")
    (reference,) = page.select(".footnote-reference a")
    assert page.find(id=str(reference["href"])[1:]).select_one("em").get_text() == "1911"
    assert page.select_one("del").get_text() == "Gone"
    assert page.select_one("td").get_text() == "1"


def test_pelicans_own_generator_finds_the_same(site: tuple[TestArchive, str]) -> None:
    archive, _ = site
    fast = archive.files("output")
    (archive.root / "pelicanconf.py").write_text('FAST = False\nSITENAME = "archive"\n')
    assert archive.run("build", "--full").status == 0
    assert archive.files("output") == fast
