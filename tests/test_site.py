"""The built site, judged as a visitor and as a host would: from its files alone."""

import gzip
import json
import locale
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from converters.archive.layout import Archive
from plugins.engine.build import build
from plugins.engine.preview import preview
from tests import kill_at
from tests.conftest import PROJECT, Run, TestArchive, paragraphs, record
from tests.kill_at import digest_of

MakeArchive = Callable[[str], TestArchive]

COPY = PROJECT / "theme/templates/copy.js"
HOSTILE = [
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)",
    "{{ 7 * 7 }} {% include 'article.html' %}",
    "{static}/../../etc/passwd [x](javascript:alert(1))",
    "</title></head><body onload=alert(1)>",
    "Title: x\nStatus: draft\nSave_as: ../../out.html",
    "[TOC] ![](x) <img src=x onerror=alert(1)> &lt;b&gt; &amp;amp;",
    "%s %(title)s {0} {title} \\N{BULLET} $HOME `id`",
    "<!-- comment --> <![CDATA[ x ]]> <?php x ?>",
]


def hostile_seeds() -> str:
    return "".join(
        record(text.replace("\n", " "), f"{text}\n\n{text}", url=f"https://example.org/{number}?q=\"'<x>")
        for number, text in enumerate(HOSTILE)
    )


def links(page: BeautifulSoup) -> list[str]:
    return [
        str(element.get(attribute))
        for attribute in ("href", "src")
        for element in page.find_all(attrs={attribute: True})
        if "original" not in element.get("rel", [])
    ]


def assert_nothing_can_run(archive: TestArchive) -> None:
    for name, raw in archive.files("output").items():
        if name.endswith(".html"):
            page = BeautifulSoup(raw.decode(), "html.parser")
            style = page.find("style")
            if style and name == "404.html":  # which has no address to ask for it
                assert style.extract().get_text().strip() == (PROJECT / "theme/static/seedbank.css").read_text().strip()
            assert not page.find_all(["iframe", "object", "embed", "style", "base"]), name
            assert all(form["action"].endswith("search.html") for form in page.find_all("form")), name
            for block in page.find_all("script"):
                if name == "search.html":
                    assert block.attrs == {"src": "theme/search.js"}
                elif not block.attrs:
                    assert block.get_text().strip() == COPY.read_text().strip(), name
                else:
                    assert block.attrs == {"type": "application/ld+json"}, name  # data, which no browser runs
                    assert isinstance(json.loads(block.get_text()), dict), name
            for element in page.find_all(True):
                assert not [attribute for attribute in element.attrs if attribute.startswith(("on", "style"))], name
            assert not [link for link in links(page) if link.lower().lstrip().startswith(("javascript", "data"))], name


def test_every_link_leads_somewhere_inside_the_site(archive: TestArchive) -> None:
    archive.add("a.txt", record() + record("Harbour closes", date="2022-01-31") + hostile_seeds())
    assert archive.run("site").status == 0
    files = archive.files("output")
    anchors = {
        name: {element["id"] for element in BeautifulSoup(raw.decode(), "html.parser").find_all(id=True)}
        for name, raw in files.items()
        if name.endswith(".html")
    }
    for name in anchors:
        for link in links(BeautifulSoup(files[name].decode(), "html.parser")):
            assert "//" not in link, f"{name} asks another host: {link}"
            address, anchor = urldefrag(urljoin(f"http://site/{name}", link))
            target = unquote(address).removeprefix("http://site/")
            assert target in files, f"{name} leads to {link}"
            assert not anchor or anchor in anchors[target], f"{name} leads to {link}"


def test_a_document_page_keeps_its_contract(archive: TestArchive) -> None:
    archive.add("a.txt", record(body="Norway was glad.\n\nNorway said so.It stayed so. He <b>agreed</b> & left."))
    archive.run("site")
    page = archive.page("2023/03/08/harbour-opens-to-visitors.html")
    assert page.select_one("article.h-entry h1.p-name").get_text() == "Harbour opens to visitors"
    assert page.select_one("article.h-entry time.dt-published")["datetime"] == "2023-03-08"
    assert paragraphs(page) == [
        "Norway was glad.",
        "Norway said so.",
        "It stayed so. He <b>agreed</b> & left.",
    ]
    assert page.select_one(".e-content").get_text("", strip=True) == "".join(paragraphs(page))
    assert page.select_one("article.h-entry a[rel~=original]")["href"] == "https://example.org/harbour"
    kinds = {tag.get_text(): tag["data-kind"] for tag in page.select("article.h-entry a[rel~=tag]")}
    assert kinds["Norway"] == "place"
    assert json.loads(page.select_one('script[type="application/ld+json"]').string)["about"][
        list(kinds).index("Norway")
    ] == {"@type": "Place", "name": "Norway"}
    raw = page.select_one("article.h-entry a[download]")["href"]
    place = archive.root / "output/2023/03/08" / raw
    assert place.read_bytes() == (archive.root / "seeds/a.txt").read_bytes()


def test_hostile_seeds_become_harmless_pages(archive: TestArchive) -> None:
    archive.add("a.txt", hostile_seeds())
    assert archive.run("site").status == 0
    assert_nothing_can_run(archive)
    shown = [paragraphs(archive.page(name.replace(".md", ".html"))) for name in archive.documents()]
    assert sorted(map("".join, shown)) == sorted(text + text for text in HOSTILE)
    assert {path.name for path in archive.root.iterdir()} == {"seeds", "content", "output", ".cache"}


def test_pelicans_simple_theme_shows_the_same_archive_as_safely(archive: TestArchive) -> None:
    archive.add("a.txt", hostile_seeds())
    (archive.root / "pelicanconf.py").write_text('THEME = "simple"\nSITENAME = "Plain"\n')
    assert archive.run("site").status == 0
    assert_nothing_can_run(archive)
    assert "Plain" in archive.page("index.html").get_text()
    titles = {text.replace("\n", " ") for text in HOSTILE}
    assert {link.get_text() for link in archive.page("index.html").select("article h2 a")} == titles


text_of_a_seed = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=80)


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a failing build says enough without shrinking
)
@given(data=st.data())
def test_the_words_of_any_seed_reach_its_page(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    visible = text_of_a_seed.map(lambda text: text.strip(" \t\r\x85")).filter(lambda text: text.strip())
    bodies = data.draw(
        st.lists(st.tuples(visible, st.lists(visible, min_size=1, max_size=4)), min_size=20, max_size=40)
    )
    root = tmp_path_factory.mktemp("any")
    (root / "seeds").mkdir()
    archive = TestArchive(root)
    archive.add("a.txt", "".join(record(f"t {title} t", "\n\n".join(body)) for title, body in bodies))
    assert archive.run("site").status == 0, archive.run("site").said
    expected = {(f"t {title} t".replace("\0", "␀"), "".join(body).replace("\0", "␀")) for title, body in bodies}
    pages = [archive.page(name.replace(".md", ".html")) for name in archive.documents()]
    assert {(page.select_one("h1.p-name").get_text(), "".join(paragraphs(page))) for page in pages} == expected


def test_lists_are_split_by_date_and_stay_small(archive: TestArchive) -> None:
    days = [f"2023-03-{day:02}" for day in range(1, 29)]
    seeds = [
        record(
            f"Fjord report {number}",
            f"Norway is calm.\n\nNorway, again: {number}.",
            day,
            f"https://example.org/{day}/{number}",
        )
        for day in days
        for number in range(4)
    ] + [
        record(
            f"Long day {number}",
            f"Norway is calm.\n\nNorway on a long day: {number}.",
            "2022-05-05",
            f"https://example.org/{number}",
        )
        for number in range(120)
    ]
    archive.add("a.txt", "".join(seeds))
    assert archive.run("site").status == 0
    files = archive.files("output")
    for name in (
        "tags/norway.html",
        "tags/norway/2022/05/05.html",
        "tags/norway/2023/03.html",
        "sources/example.org/2023/03/28.html",
        "2023/index.html",
        "2023/03/index.html",
        "2023/03/08/index.html",
        "2022/05/05/index.html",
    ):
        assert name in files, name
    lists = [name for name in files if name.endswith(".html") and not name.startswith("20")]
    assert max(len(files[name]) for name in lists) < 60_000
    listed = {
        urljoin(f"http://site/{name}", link["href"])
        for name in files
        if name.startswith("tags/norway") and name.endswith(".html")
        for link in BeautifulSoup(files[name].decode(), "html.parser").select(".rows a")
    }
    assert listed == {f"http://site/{name.replace('.md', '.html')}" for name in archive.documents()}


def test_a_long_title_that_many_documents_share_breaks_nothing(archive: TestArchive) -> None:
    title = "Access to this page has been denied because " + "you are using something that is not a browser " * 2
    archive.add("a.txt", "".join(record(title, f"Norway {n}.", url=f"https://example.org/{n}") for n in range(150)))
    assert archive.run("site").status == 0
    files = archive.files("output")
    assert max(map(len, files)) < 255
    listed = [page for page in files if page.startswith("2023/03/08/index/") and page.endswith(".html")]
    assert 2 <= len(listed) < 40


def test_many_documents_given_one_date_by_hand_break_nothing(archive: TestArchive) -> None:
    days = [f"20{year}-{month:02}-01" for year in range(10, 20) for month in range(1, 13)]
    archive.add("a.txt", "".join(record(date=day, body=f"Norway on {day}.") for day in days))
    archive.run("convert")
    for name, text in archive.documents().items():
        (archive.root / "content" / name).write_text(re.sub("Date: .*", "Date: 2023-06-06", text))
    assert archive.run("build").status == 0
    pages = [page for page in archive.files("output") if page.startswith("2023/06/06/") and page.endswith(".html")]
    listed = {link["href"] for page in pages for link in archive.page(page).select(".rows a")}
    assert len(listed) >= len(days)


def test_tags_and_sources_that_differ_have_pages_of_their_own(archive: TestArchive) -> None:
    hosts = ["[::1:2]", "[1::2]", "a_b", "a-b", "primer", "пример", "aux.tv", "localhost"]
    archive.add("a.txt", "".join(record(f"At {n}", url=f"http://{host}/") for n, host in enumerate(hosts)))
    archive.run("convert")
    name = sorted(archive.documents())[0]
    path = archive.root / "content" / name
    path.write_text(path.read_text().replace("Category:", "Tags: C, C++, C#, 🎉, 🎈, index\nCategory:"))
    assert archive.run("build").status == 0
    tags = archive.page(name.replace(".md", ".html")).select("article a[rel~=tag]")
    assert {"C", "C++", "C#", "🎉", "🎈", "index"} <= {tag.get_text() for tag in tags}
    assert len({tag["href"] for tag in tags}) == len(tags)
    assert len(archive.page("sources/index.html").select(".sources a")) == len(hosts)


def test_a_corrected_record_of_a_dump_costs_no_other_its_download(archive: TestArchive) -> None:
    records = [record(f"Report {n}", f"Norway {n}.", url=f"https://example.org/{n}") for n in range(20)]
    dump = archive.add("dump.txt", "".join(records))
    archive.run("site")
    records[2] = records[2].replace("Report 2", "A longer report 2")
    dump.write_text("".join(records))
    assert archive.run("site").status == 0
    raw = {name for name in archive.files("output") if name.startswith("2023/03/08/") and name.endswith(".txt")}
    assert len(raw) == 20


def test_same_input_same_bytes(new_archive: MakeArchive) -> None:
    seeds = hostile_seeds() + "".join(
        record(f"Fjord report {number}", f"Norway and Sweden met.They will meet again.\n\nNorway, {number}.")
        for number in range(80)
    )
    results = []
    for name, options, environment in (
        ("one", ("--jobs", "1"), {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
        (
            "another one",
            ("--jobs", "3"),
            {"TZ": "America/New_York", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
        ),
    ):
        archive = new_archive(f"{name}/archive")
        archive.add("a.txt", seeds)
        assert archive.run("site", *options, **environment).status == 0
        results.append((archive.files("content"), archive.files("output")))
    assert results[0] == results[1]


def test_nothing_changed_is_said_and_an_edit_is_shown(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("site")
    assert "Nothing changed" in archive.run("site").said
    (name,) = archive.documents()
    path = archive.root / "content" / name
    path.write_text(path.read_text().replace("It will stay open.", "It will stay open for good."))
    assert "Built" in archive.run("site").said
    assert paragraphs(archive.page(name.replace(".md", ".html")))[1] == "It will stay open for good."


def test_a_corrected_date_or_slug_does_not_move_a_page(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    (name,) = archive.documents()
    path = archive.root / "content" / name
    path.write_text(path.read_text().replace("Date: 2023-03-08", "Date: 2023-03-09").replace("Slug: h", "Slug: new-h"))
    assert archive.run("build").status == 0
    page = archive.page(name.replace(".md", ".html"))
    assert page.select_one("time.dt-published")["datetime"] == "2023-03-09"


@pytest.mark.parametrize(
    ("file", "fault", "named"),
    [
        ("content/2023/03/08/x.md", "Title: X\nDate: soon\n\nText.\n", "x.md"),
        ("content/2023/03/08/x.md", "Date: 2023-03-08\n\nText.\n", "x.md"),
        ("content/2023/03/08/x.md", b"Title: \xff\xfe\nDate: 2023-03-08\n\nText.\n", "x.md"),
        ("content/tags.toml", "[organisation\n", "tags.toml"),
        ("pelicanconf.py", "SITENAME = \n", "pelicanconf.py"),
        ("theme/templates/index.html", "{% if %}", "index.html:1: "),
        ("theme/templates/index.html", "\n{{ no.such.thing }}", "index.html:2: UndefinedError: 'no' is undefined"),
        ("theme/templates/article.html", "\n{{ no.such.thing }}", "article.html:2: UndefinedError: 'no' is undefined"),
    ],
)
def test_a_failing_build_names_the_fault_and_leaves_the_old_site(
    archive: TestArchive, file: str, fault: str | bytes, named: str
) -> None:
    archive.add("a.txt", record())
    archive.run("site")
    before = archive.files("output")
    path = archive.root / file
    if file.startswith("theme"):
        shutil.copytree(PROJECT / "theme", archive.root / "theme")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(fault if isinstance(fault, bytes) else fault.encode())
    done = archive.run("build")
    assert done.status == 1
    assert named in done.said
    assert "Traceback" not in done.said
    assert archive.files("output") == before


@pytest.mark.parametrize("full", ["--full", ""])
def test_killed_at_any_moment_one_whole_site_stands(archive: TestArchive, full: str) -> None:
    archive.add("a.txt", record())
    archive.run("site", "--no-search")
    old = digest_of(archive.root / "output")
    archive.add("b.txt", record("Another one"))
    archive.run("convert")
    shutil.copytree(archive.root, spare := archive.root.parent / "spare" / "archive")
    TestArchive(spare).run("build", "--full", "--no-search")
    new = digest_of(spare / "output")
    killer = [sys.executable, str(Path(kill_at.__file__)), str(archive.root), full]
    done = subprocess.run(killer, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0
    stood = done.stdout.split()
    assert len(stood) > 20
    assert stood == sorted(stood, key=[old, new].index), "a torn site stood, or the old one came back"
    assert {stood[0], stood[-1]} == {old, new}


def test_the_second_run_says_who_is_at_work_and_stops(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    os.mkfifo(pipe := archive.root / "content.fifo")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(archive.root), str(pipe)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    done = archive.run("site")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert done.status == 1
    assert f"'./seedbank convert --archive {archive.root}' (process {holder.pid}) is at work" in done.said
    assert archive.run("site").status == 0


HOLD = """
import sys
from converters.archive.layout import open_archive
from converters.archive.lock import at_work
with at_work(open_archive(sys.argv[1]), "convert"):
    print("held", flush=True)
    open(sys.argv[2]).read()
"""


def test_a_killed_conversion_leaves_the_archive_free(archive: TestArchive) -> None:
    archive.add("a.txt", "".join(record(f"Report {n}", f"Norway {n}.\n\n" * 200) for n in range(500)))
    command = [sys.executable, "-m", "invoke", "convert", "--archive", str(archive.root), "--jobs", "2"]
    running = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE)
    while running.poll() is None and not any((archive.root / "content").glob("2*/*/*/*.md")):
        pass
    running.kill()
    assert running.wait() == -signal.SIGKILL
    assert running.stdout is not None
    running.stdout.read()  # ends when the last process that holds it has ended
    assert archive.run("convert").status == 0
    assert len(archive.documents()) == 500


def test_with_an_address_there_are_feed_sitemap_and_robots(archive: TestArchive) -> None:
    archive.add("a.txt", record("Bell \x07 & <b>", "A bell \x07 rang.\n\nIt rang.") + hostile_seeds())
    assert archive.run("site").status == 0
    assert not any(name.endswith(("xml", "robots.txt")) for name in archive.files("output"))
    (archive.root / "publishconf.py").write_text('SITEURL = "https://example.net/kept"\n')
    assert archive.run("build").status == 0
    files = archive.files("output")
    feed = ElementTree.fromstring(files["feeds/all.atom.xml"])
    assert len(feed.findall("{*}entry")) == len(HOSTILE) + 1
    assert "Bell \ufffd & <b>" in [title.text for title in feed.findall("{*}entry/{*}title")]
    sitemap = ElementTree.fromstring(files["sitemap.xml"])
    addresses = {location.text for location in sitemap.findall("{*}url/{*}loc")}
    pages = {name for name in files if name.endswith(".html") and name != "404.html"} - {"index.html"} | {""}
    assert addresses == {f"https://example.net/kept/{name}" for name in pages}
    assert "Sitemap: https://example.net/kept/sitemap.xml" in files["robots.txt"].decode()
    assert archive.page("about.html").select_one("link[rel=canonical]")["href"] == "https://example.net/kept/about.html"


def test_clean_removes_only_what_can_be_made_again(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("site")
    assert archive.run("export").status == 0
    (archive.root / "dist/former-name.zip").write_bytes(b"what was packed under another name")
    kept = archive.files("seeds"), archive.files("content")
    cleaned = archive.run("clean")
    assert cleaned.status == 0
    assert f"kept {archive.root}/dist/former-name.zip" in cleaned.said
    assert [*archive.files("dist")] == ["former-name.zip"]
    assert (archive.files("seeds"), archive.files("content")) == kept
    assert not (archive.root / "output").exists()
    assert not (archive.root / ".cache").exists()


def test_pelicans_own_generator_makes_the_same_bytes(archive: TestArchive) -> None:
    seeds = hostile_seeds() + "".join(
        record(f"Fjord report {number}", f"Norway and Sweden met.They will meet again.\n\nNorway, {number}.", day)
        for day in ("2022-05-05", "2023-03-08")
        for number in range(120)
    )
    archive.add("a.txt.gz", gzip.compress(seeds.encode()))
    (archive.root / "publishconf.py").write_text('SITEURL = "https://example.net"\n')
    assert archive.run("site", "--jobs", "2").status == 0
    fast = archive.files("output")
    assert any(name.endswith(".txt") for name in fast)
    (archive.root / "pelicanconf.py").write_text('FAST = False\nSITENAME = "archive"\n')
    assert archive.run("build").status == 0
    assert archive.files("output") == fast


@pytest.fixture
def own_locale() -> Iterator[None]:
    """Give the locale back that Pelican changes where it runs in the tests' own process."""
    before = locale.setlocale(locale.LC_ALL)
    yield
    locale.setlocale(locale.LC_ALL, before)


@pytest.mark.usefixtures("own_locale")
def test_a_preview_is_the_page_that_a_build_makes(archive: TestArchive) -> None:
    seeds = "".join(
        record(f"Fjord report {number}", f"Norway and Sweden met.\n\nNorway, {number}.", "2022-05-05")
        for number in range(110)
    )
    archive.add("a.txt", hostile_seeds() + seeds)
    assert archive.run("site", "--no-search").status == 0
    _write(archive, "theme/templates/base.html", (PROJECT / "theme/templates/base.html").read_text() + "<!-- anew -->")
    before = {name for name in archive.files("output") if name.endswith(".html")}
    pages = preview(Archive(archive.root), before)
    assert archive.run("build").status == 0
    after = {name: page for name, page in archive.files("output").items() if name.endswith(".html")}
    assert pages == {name: page for name, page in after.items() if name in before}
    assert all(b"<!-- anew -->" in page for page in pages.values())


TEMPLATES = (
    "article base category index languages list macros names period_archives redirect search tag tags tombstone".split()
)


@pytest.mark.usefixtures("own_locale")
def test_a_changed_template_has_only_its_own_pages_made_anew(archive: TestArchive) -> None:
    seeds = "".join(record(f"Report {day}", "Norway met.\n\nNorway.", f"2022-05-{day:02}") for day in range(1, 20))
    archive.add("a.txt", seeds)
    assert archive.run("site", "--no-search").status == 0
    done: dict[str, int] = {}

    def made_anew(template: str) -> dict[str, int]:
        done.clear()
        _restyle(archive, template, 7)
        progress = lambda stage, _, total: done.update({stage: total or 0})  # noqa: E731
        build(Archive(archive.root), 2, False, "none", print, progress)
        return dict(done)

    made_anew("search")  # with a theme of its own, all is made anew
    lists = made_anew("list")["Writing lists"]
    assert made_anew("article")["Writing documents"] == 19
    assert made_anew("period_archives") == {"Writing lists": made_anew("search")["Writing lists"] + 1}
    assert made_anew("tag")["Writing lists"] < lists
    assert made_anew("base") == {"Reading documents": 19, "Writing documents": 19, "Writing lists": lists + 1}
    whole = archive.files("output")
    assert archive.run("build", "--full", "--no-search").status == 0
    assert archive.files("output") == whole


EDITS = {
    "add": lambda archive, n: archive.add(
        f"{n}.txt", record(f"Added {n}", f"Norway grew.\n\nNorway, {n}.", "2023-03-09")
    ),
    "edit": lambda archive, n: _rewrite(archive, n, "Title: ", "Title: Edited "),
    "retag": lambda archive, n: _rewrite(archive, n, "Tags: Norway", "Tags: Sweden, Norway"),
    "hide": lambda archive, n: _rewrite(archive, n, "Date: ", "Status: hidden\nDate: "),
    "delete": lambda archive, n: _document(archive, n).unlink(),
    "move": lambda archive, n: _document(archive, n).rename(archive.root / f"content/2023/moved-{n}.md"),
    "withdraw": lambda archive, n: archive.run(
        "withdraw", _address(archive, n), "--why", f"Asked {n}", "--on", "2026-05-03"
    ),
    "rename": lambda archive, n: archive.run("rename", _address(archive, n), f"2023/04/{n % 9 + 1:02}/named-{n}.html"),
    "lose seed": lambda archive, n: next((archive.root / "seeds").iterdir()).unlink(),
    "name tags": lambda archive, n: (archive.root / "content/tags.toml").write_text(
        f'[place]\n"Norge {n}" = ["Norway"]\n'
    ),
    "describe source": lambda archive, n: _write(
        archive, "content/sources.toml", f'["example.org"]\nrights = "Rights {n}"\nnoindex = {str(n > 50).lower()}\n'
    ),
    "page": lambda archive, n: _write(archive, "content/pages/more.md", f"Title: More {n}\n\nWords.\n"),
    "setting": lambda archive, n: _write(archive, "pelicanconf.py", f'SITENAME = "Named {n}"\n'),
    "theme": lambda archive, n: _write(archive, "theme/static/seedbank.css", f"/* {n} */"),
    "template": lambda archive, n: _restyle(archive, TEMPLATES[n % len(TEMPLATES)], n),
    "publish": lambda archive, n: _write(archive, "publishconf.py", f'SITEURL = "https://example.net/{n}"\n'),
    "nothing": lambda archive, n: None,
}


def _document(archive: TestArchive, n: int) -> Path:
    names = sorted(archive.documents())
    return archive.root / "content" / names[n % len(names)]


def _address(archive: TestArchive, n: int) -> str:
    return _document(archive, n).relative_to(archive.root / "content").with_suffix(".html").as_posix()


def _rewrite(archive: TestArchive, n: int, before: str, after: str) -> None:
    path = _document(archive, n)
    path.write_text(path.read_text().replace(before, after, 1))


def _restyle(archive: TestArchive, template: str, n: int) -> None:
    """Change what the pages with a template look like, or with one that refers to it."""
    name = f"theme/templates/{template}.html"
    path = archive.root / name if (archive.root / name).exists() else PROJECT / name
    text = path.read_text(encoding="utf-8")
    _write(archive, name, re.sub("<(p|h1|ol|main)(?=[ >])", rf'<\1 data-n="{n}"', text, count=1))


def _write(archive: TestArchive, name: str, text: str) -> None:
    if name.startswith("theme") and not (archive.root / "theme").exists():
        shutil.copytree(PROJECT / "theme", archive.root / "theme")
    (archive.root / name).parent.mkdir(parents=True, exist_ok=True)
    (archive.root / name).write_text(text, encoding="utf-8")


def _missing_of(run: Run) -> list[str]:
    """Give the documents that a build names as missing, without which its status is 0."""
    missing = re.findall(r"^(\S+): was published, as the ledger says, and is missing", run.said, re.MULTILINE)
    assert run.status == bool(missing), run.said
    return missing


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@example(history=[("retag", 2), ("name tags", 95)])
@given(history=st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 99)), min_size=3, max_size=6))
def test_after_any_history_the_site_is_what_a_full_build_makes(
    history: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("any") / "archive"
    (root / "seeds").mkdir(parents=True)
    archive = TestArchive(root)
    for number in range(3):
        archive.add(
            f"s{number}.txt", record(f"Report {number}", f"Norway met.\n\nNorway, {number}.", f"2023-03-0{number + 1}")
        )
    assert archive.run("site").status == 0
    for edit, number in history:
        if archive.documents() and list((root / "seeds").iterdir()):
            EDITS[edit](archive, number)
        missing = _missing_of(archive.run("site" if edit == "add" else "build", "--jobs", "1"))
        shutil.rmtree(root.parent / "twin", ignore_errors=True)
        twin = TestArchive(root.parent / "twin" / "archive")
        shutil.copytree(root, twin.root, ignore=shutil.ignore_patterns(".cache", "output"))
        assert _missing_of(twin.run("build", "--full", "--jobs", "2")) == missing
        assert archive.files("output") == twin.files("output"), (edit, history)
