"""`invoke check`: what is as it was passes, and whatever has changed since is found."""

import hashlib
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from converters.ledger.ledger import current
from plugins.checks.page import read_page
from plugins.site.fixity import is_sealed, seal
from tests.conftest import VALIDATOR, TestArchive, record

PAGE = "2023/03/08/harbour-opens-to-visitors.html"
RAW = PAGE.replace(".html", ".txt")
BUNDLE = "dist/harbour.zip"


def make_site(root: Path) -> TestArchive:
    """A site on the web with documents in several encodings, one edited, one withdrawn, one renamed; and a bundle."""
    (root / "seeds").mkdir(parents=True)
    archive = TestArchive(root)
    archive.add("a.txt", record(body="Norway & <b>Sweden</b> met.They will meet again.\n\nA bell \x07 rang.") * 2)
    archive.add(
        "wide.txt",
        ("\ufeff" + record("Wide", date="2022-01-01") + record("Wider", date="2022-01-02")).encode("utf-16-le"),
    )
    archive.add(
        "old.txt", record("Порт открыт", "Порт открыт для всех гостей города.", "2021-01-01").encode("windows-1251")
    )
    archive.add("edited.txt", record("To be edited", date="2020-01-01"))
    archive.add("withdrawn.txt", record("To be withdrawn", date="2019-01-01"))
    archive.add("renamed.txt", record("To be renamed", date="2018-01-01"))
    archive.add("gone.txt", record("To be without its seed", date="2017-01-01"))
    (root / "publishconf.py").write_text('SITEURL = "https://example.net/kept"\n')
    (root / "content/pages/files").mkdir(parents=True)
    (root / "content/pages/files/crane.txt").write_text("A crane.\n")
    text = "Title: More\n\n[Pelican](https://getpelican.com/) and [a crane]({static}files/crane.txt)\n"
    (root / "content/pages/more.md").write_text(text)
    assert archive.run("convert").status == 0
    edited = root / "content/2020/01/01/to-be-edited.md"
    edited.write_text(edited.read_text().replace("It will", "It [will](https://example.org/will)"))
    assert (
        archive.run("withdraw", "2019/01/01/to-be-withdrawn.html", "--why", "Asked", "--on", "2026-05-03").status == 0
    )
    assert archive.run("rename", "2018/01/01/to-be-renamed.html", "2018/01/01/renamed.html").status == 0
    (root / "seeds/gone.txt").unlink()
    assert archive.run("build").status == 0
    write_bundle(archive)
    return archive


def write_bundle(archive: TestArchive) -> None:
    """Pack the site into a BagIt bag, as small as one can be."""
    files = {f"data/site/{name}": raw for name, raw in archive.files("output").items()}
    tags = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "manifest-sha256.txt": manifest(files),
    }
    (archive.root / "dist").mkdir(exist_ok=True)
    with zipfile.ZipFile(archive.root / BUNDLE, "w", zipfile.ZIP_DEFLATED) as bag:
        for name, raw in (files | tags | {"tagmanifest-sha256.txt": manifest(tags)}).items():
            bag.writestr(zipfile.ZipInfo(f"harbour/{name}", (1980, 1, 1, 0, 0, 0)), raw, zipfile.ZIP_DEFLATED)


def manifest(files: dict[str, bytes]) -> bytes:
    return "".join(f"{hashlib.sha256(raw).hexdigest()}  {name}\n" for name, raw in files.items()).encode()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> TestArchive:
    return make_site(tmp_path_factory.mktemp("built") / "archive")


@pytest.fixture
def site(built: TestArchive, tmp_path: Path) -> TestArchive:
    """A copy of the site, to be damaged."""
    shutil.copytree(built.root, tmp_path / "archive")
    return TestArchive(tmp_path / "archive")


def change(archive: TestArchive, file: str, before: str, after: str) -> None:
    """Change a file; a page is sealed again, so that it is not found by its seal."""
    path = archive.root / file
    raw = path.read_bytes()
    assert before.encode() in raw
    was_sealed = is_sealed(raw)
    if was_sealed:
        raw = raw[: raw.rindex(b"<!-- blake2b")]
    raw = raw.replace(before.encode(), after.encode(), 1)
    path.write_bytes(seal(raw) if was_sealed else raw)


def test_a_site_that_is_as_it_was_passes_with_a_line_for_each_kind(built: TestArchive) -> None:
    done = built.run("check")
    assert done.status == 0, done.said
    pages = sum(name.endswith(".html") for name in built.files("output"))
    for line in (
        "pages whose text is that of their seed: 5",
        "pages edited by hand, whose text is not compared: 1",
        "pages whose raw record is not at hand: 1",
        "raw records with the SHA-256 of their page: 6",
        f"pages as they were written: {pages}",
        f"pages with sound HTML: {pages}",
        f"addresses of the ledger that are kept: {len(current(built.root / 'content/addresses.csv'))}",
        "bundles that are whole: 1",
        "faults: 0",
    ):
        assert line in done.said
    for kind in ("links within", "anchors", "links to other hosts", "feeds", "addresses in feeds", "files as they are"):
        assert re.search(f"{kind}.*: [1-9]", done.said), kind


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(data=st.data())
def test_a_flipped_byte_is_found_wherever_it_is(built: TestArchive, data: st.DataObject) -> None:
    files = [f"output/{name}" for name in built.files("output") if not name.startswith("search/")]
    files = [name for name in files if name.endswith((".html", ".txt")) or name.startswith("output/theme/")]
    files.remove("output/robots.txt")
    name = data.draw(st.one_of(st.sampled_from(files), st.just(BUNDLE)))
    path = built.root / name
    raw = path.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    try:
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])
        done = built.run("check")
    finally:
        path.write_bytes(raw)
    assert done.status == 1, f"byte {at} of {name}"
    assert "faults: 0" not in done.said
    assert name.removeprefix("output/") in done.said
    assert "Traceback" not in done.said


TEXT = {
    (f"output/{PAGE}", "They will meet", "They may meet", f"{PAGE}: its text is not that of its seed: “mayme"),
}
TITLE = {
    (f"output/{PAGE}", 'dir="auto">Harbour', 'dir="auto">Harbor', "its title is not that of its seed"),
}
MORE = {
    (f"output/{PAGE}", "A bell", "A bell<p>and more</p>", "its text is not that of its seed: “andmore"),
}
PARTED = {
    (f"output/{PAGE}", "A bell", "A be ll", "its words are parted otherwise than in its seed, at"),
}
LINKS = {
    (f"output/{PAGE}", 'datetime="2023-03-08"', 'datetime="2023-03-09"', "its date or its address is not that of its"),
    (f"output/{PAGE}", "sources/example.org", "sources/example.net", "example.net.html, where there is nothing"),
    (f"output/{PAGE}", 'href="#main"', 'href="#chief"', "leads to #chief, which is not on it"),
    (f"output/{PAGE}", 'tags/norway.html"', 'tags/norway.html#p9"', "tags/norway.html#p9, which is not there"),
    (f"output/{PAGE}", '../../../about.html"', '/about.html"', "depends on where the site lies"),
    (f"output/{PAGE}", 'rel="original external noreferrer"', "", "leads to https://example.org/harbour; if that"),
    ("output/index.html", 'href="./theme/seedbank.css"', 'href="https://cdn.example/a.css"', "asks for https://cdn"),
    ("output/index.html", "</main>", '<img src="//cdn.example/a.png"></main>', "asks for //cdn.example/a.png (img)"),
    ("output/index.html", "</main>", '<a href="javascript:x" rel="external">x</a></main>', "leads to javascript:"),
    ("output/theme/seedbank.css", ":root", "@import 'https://cdn.example/a.css'; :root", "asks another host"),
    ("output/sitemap.xml", "sources/index.html", "sources/x.html", "kept/sources/x.html, where there is nothing"),
    ("output/sitemap.xml", "https://example.net/kept/about.html", "https://x.org/", "which is not on this site"),
}
MARKUP = {
    ("output/about.html", "</main>", "</div></main>", "</div> closes nothing, <main> is open; mend the template"),
    ("output/404.html", "</main>", "<b></main>", "</main> closes nothing, <b> is open"),
    ("output/index.html", "</main>", "< </main>", "< begins no tag"),
    ("output/index.html", "</main>", '<i id="main"></i></main>', "the id 'main' stands twice"),
    ("output/index.html", "</main>", '<script type="application/ld+json">{"a": }</script></main>', "is no JSON"),
    ("output/sitemap.xml", "</url>", "", "sitemap.xml: is no XML"),
    ("output/feeds/all.atom.xml", "</title>", "", "all.atom.xml: is no XML"),
}
FILES = {
    (f"output/{RAW}", "A bell", "A ball", f"{RAW}: its SHA-256 is not the one on its page"),
    ("output/theme/seedbank.css", "serif", "Serif", "theme/seedbank.css: differs from"),
    ("output/pages/files/crane.txt", "crane", "drone", "pages/files/crane.txt: differs from"),
    ("content/addresses.csv", "/wide.html", "/narrow.html", "2022/01/01/narrow.html: was published, as the ledger"),
    ("content/addresses.csv", "", "", "2022/01/01/wide.html: is a document that is not in content/addresses.csv"),
    ("content/addresses.csv", "wider.html,document", "wider.html,tombstone", "is withdrawn, as the ledger says, and"),
    ("content/addresses.csv", "withdrawn.html,tombstone", "withdrawn.html,document", "is a tombstone, and the ledger"),
    ("output/2018/01/01/to-be-renamed.html", "0; url=../../../2018", "0; url=../../../2088", "does not lead to"),
}


@pytest.mark.parametrize("damage", [TEXT, TITLE, MORE, PARTED, LINKS, MARKUP, FILES])
def test_what_is_wrong_is_named_with_what_to_do(site: TestArchive, damage: set[tuple[str, str, str, str]]) -> None:
    for file, before, after, _ in sorted(damage):
        change(site, file, before, after)
    done = site.run("check")
    assert done.status == 1
    for *_, told in damage:
        assert told in done.said
    assert "Traceback" not in done.said


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (PAGE, f"{PAGE}: was published, as the ledger says, and is gone"),
        (PAGE, f"{RAW}: is the raw record of no page"),
        ("2018/01/01/to-be-renamed.html", "2018/01/01/to-be-renamed.html: was published"),
        ("theme/icon.svg", "theme/icon.svg: is missing"),
        ("theme/seedbank.css", "seedbank.css, where there is nothing"),
    ],
)
def test_what_is_missing_is_named(site: TestArchive, file: str, told: str) -> None:
    (site.root / "output" / file).unlink()
    done = site.run("check")
    assert done.status == 1
    assert told in done.said


def test_a_raw_record_beside_a_tombstone_is_found(site: TestArchive) -> None:
    shutil.copy(site.root / "output" / RAW, site.root / "output/2019/01/01/to-be-withdrawn.txt")
    done = site.run("check")
    assert done.status == 1
    assert "2019/01/01/to-be-withdrawn.txt: is a raw record, and the page beside it shows no document" in done.said


def test_what_a_host_will_hardly_take_is_a_warning(site: TestArchive) -> None:
    large = site.root / "content/pages/files/large.bin"
    large.parent.mkdir(parents=True, exist_ok=True)
    with large.open("wb") as file:
        file.truncate(95 * 1024 * 1024)
    assert site.run("build").status == 0
    done = site.run("check")
    assert done.status == 0
    assert "warning: output/pages/files/large.bin" in done.said


def test_many_faults_of_one_kind_are_counted(site: TestArchive) -> None:
    (site.root / "output/theme/seedbank.css").unlink()
    done = site.run("check")
    assert re.search(r"… and \d+ more, besides the “links within the site that lead to a file”", done.said)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda files: files.pop("data/site/about.html"), "data/site/about.html of manifest-sha256.txt is missing"),
        (lambda files: files.update({"data/more.txt": b"More"}), "data/more.txt is not in manifest-sha256.txt"),
        (lambda files: files.update({"data/site/about.html": b"x"}), "about.html has not the SHA-256 of manifest"),
        (lambda files: files.update({"manifest-sha256.txt": b""}), "manifest-sha256.txt has not the SHA-256 of tagm"),
        (lambda files: files.pop("bagit.txt"), "is no bundle"),
        (lambda files: files.pop("tagmanifest-sha256.txt"), "tagmanifest-sha256.txt is missing"),
    ],
)
def test_a_bag_that_is_not_whole_is_found(
    site: TestArchive, damage: Callable[[dict[str, bytes]], object], told: str
) -> None:
    with zipfile.ZipFile(site.root / BUNDLE) as bag:
        files = {name.removeprefix("harbour/"): bag.read(name) for name in bag.namelist()}
    damage(files)
    with zipfile.ZipFile(site.root / BUNDLE, "w") as bag:
        for name, raw in files.items():
            bag.writestr(zipfile.ZipInfo(f"harbour/{name}", (1980, 1, 1, 0, 0, 0)), raw)
    done = site.run("check")
    assert done.status == 1
    assert told in done.said


def test_an_archive_may_be_published_on_the_domain_that_it_captured(archive: TestArchive) -> None:
    (archive.root / "publishconf.py").write_text('SITEURL = "https://example.org"\n')
    archive.add("a.txt", record())
    assert archive.run("site", "--no-search").status == 0
    done = archive.run("check")
    assert done.status == 0, done.said


def test_without_a_site_check_says_what_to_do(archive: TestArchive) -> None:
    done = archive.run("check")
    assert done.status == 1
    assert "holds no site; build it with: ./seedbank build" in done.said


def test_one_process_and_several_say_the_same(built: TestArchive) -> None:
    assert built.run("check", "--jobs", "1").said == built.run("check", "--jobs", "3").said


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>a<p>b", ""),
        ("<ul><li>a<li>b</ul>", ""),
        ("<table><tr><td>a<td>b<tr><td>c</table>", ""),
        ("<img src=a.png><br/><svg><rect width='1'/></svg>", ""),
        ("<script>if (a < b) { '</p>' }</script>", ""),
        ('<a title="a > b" href=x>c</a><!-- <b> -->', ""),
        ("<div/>", "closes nothing by its stroke"),
        ("<b><i></b></i>", "</b> closes nothing, <i> is open"),
        ("<b>", "<b> is never closed"),
        ('<a href="x>y', "< begins no tag"),
        ("a < b", "< begins no tag"),
    ],
)
def test_html_is_read_as_the_standard_has_it(html: str, fault: str) -> None:
    faults = read_page(f"<!DOCTYPE html>\n<title>x</title>\n{html}").faults
    assert ((fault in faults[0] and "line 3" in faults[0]) or "never" in fault) if fault else not faults


@pytest.mark.skipif(not VALIDATOR, reason="VNU_JAR does not say where vnu.jar is")
def test_every_page_passes_the_html_validator(built: TestArchive) -> None:
    done = built.run("check", VNU_JAR=VALIDATOR)
    assert done.status == 0, done.said
    pages = sum(name.endswith(".html") for name in built.files("output"))
    assert f"pages that the HTML validator passes: {pages}" in done.said


@pytest.mark.skipif(not VALIDATOR, reason="VNU_JAR does not say where vnu.jar is")
def test_what_the_validator_finds_is_told(site: TestArchive) -> None:
    change(site, "output/index.html", "</main>", "<span><p>x</p></span></main>")
    done = site.run("check", VNU_JAR=VALIDATOR)
    assert done.status == 1
    assert re.search("index.html: at .*not allowed as child", done.said)


PROSE = "The harbour was closed on Monday, and it will be opened again once the inspectors have seen the new quay. "
SAVED = (
    '<!DOCTYPE html><html lang="en"><head><title>Harbour closes</title>'
    '<link rel="canonical" href="https://example.org/saved">'
    '<meta property="article:published_time" content="2023-03-08">'
    f"</head><body><nav><a href='/'>Home</a> <a href='/news'>News</a></nav><article><h1>Harbour closes</h1>"
    f"<p>{PROSE * 2}</p><h2>What comes next</h2><p>{PROSE} It was <b>so</b> decided.</p></article></body></html>"
)


def test_the_words_of_a_saved_page_stand_in_its_seed_and_the_share_that_is_kept_is_told(archive: TestArchive) -> None:
    archive.add("page.html", SAVED)
    ran = archive.run("site", "--no-search")
    assert ran.status == 0, ran.said
    done = archive.run("check")
    assert done.status == 0, done.said
    assert "pages whose words stand in order in their seed: 1" in done.said
    assert "pages that tell what share of their seed they keep: 1" in done.said
    (page,) = (archive.root / "output/2023/03/08").glob("harbour*.html")
    name = page.relative_to(archive.root).as_posix()
    change(archive, name, " decided.", " settled.")
    assert "“settled.” of its text does not stand there in its seed" in archive.run("check").said
    change(archive, name, " settled.", " decided.")
    change(archive, name, "What comes next", " ")
    assert re.search("tells that it keeps [0-9]+ % of its seed, and keeps [0-9]+ %", archive.run("check").said)
