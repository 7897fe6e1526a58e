"""What a build does with settings, themes and hand-written pages, and where the output is a place of another kind."""

import json
import re
import signal
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from hashlib import sha256
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.archive.layout import Archive
from converters.archive.lock import at_work
from converters.archive.processes import Started, forks
from plugins.engine import publish
from plugins.engine.serve import patient_lock, with_reloading
from plugins.site.syndication import moment
from tests.conftest import LONGEST, PROJECT, TestArchive, record


@pytest.fixture
def site(archive: TestArchive) -> TestArchive:
    """An archive with one document, converted and not built."""
    archive.add("a.txt", record())
    assert archive.run("convert").status == 0
    return archive


def write(archive: TestArchive, name: str, text: str) -> None:
    path = archive.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("index", ""),
        ("404", ""),
        ("search", ""),
        ("help/index", ""),
        ("other", "Save-As: 2023/03/08/harbour-opens-to-visitors.html\n"),
        ("more", "Save-As: tags/index.html\n"),
    ],
)
def test_a_page_by_hand_never_takes_the_place_of_one_of_the_sites_own(site: TestArchive, name: str, keys: str) -> None:
    assert site.run("build", "--no-search").status == 0
    before = site.files("output")
    write(site, f"content/pages/{name}.md", f"Title: Mine\n{keys}\nWords.\n")
    run = site.run("build", "--no-search")
    assert run.status == 1
    assert f"content/pages/{name}.md" in run.said
    assert site.files("output") == before


def test_two_pages_by_hand_of_one_name_are_both_named(site: TestArchive) -> None:
    for name in ("one/help", "two/help"):
        write(site, f"content/pages/{name}.md", "Title: Help\n\nWords.\n")
    run = site.run("build", "--no-search")
    assert run.status == 1
    assert "content/pages/one/help.md" in run.said
    assert "content/pages/two/help.md" in run.said


def test_the_page_about_the_archive_may_be_written_by_hand(site: TestArchive) -> None:
    write(site, "content/pages/about.md", "Title: Who we are\n\nTwo archivists.\n")
    assert site.run("build", "--no-search").status == 0
    assert "Two archivists." in site.page("about.html").get_text()


def test_a_mistyped_setting_is_named_with_the_nearest_right_one(site: TestArchive) -> None:
    write(site, "pelicanconf.py", 'SITENAME = "Harbour"\nSITE_SUBTITLE = "Of ships"\nOUR_OWN_THING = 1\n')
    run = site.run("build", "--no-search")
    assert run.status == 0
    assert "SITE_SUBTITLE is no setting that is known; is SITESUBTITLE meant?" in run.said
    assert "OUR_OWN_THING" not in run.said


def test_a_wrong_time_zone_is_one_line(site: TestArchive) -> None:
    write(site, "pelicanconf.py", 'SITENAME = "Harbour"\nTIMEZONE = "Europe/Pariss"\n')
    run = site.run("build", "--no-search")
    assert run.status == 1
    assert len(run.said.splitlines()) == 1
    assert "is Europe/Paris meant?" in run.said


def test_a_folder_theme_lies_over_the_projects_own_file_by_file(site: TestArchive) -> None:
    write(site, "theme/templates/404.html", '{% extends "base.html" %}{% block content %}<p>Lost?</p>{% endblock %}')
    write(site, "theme/static/extra.css", "p { margin: 0 }")
    assert site.run("build", "--no-search").status == 0
    assert "Lost?" in site.page("404.html").get_text()
    assert site.page("index.html").select_one("header.site nav")
    files = site.files("output")
    assert files["theme/extra.css"] == b"p { margin: 0 }"
    assert files["theme/seedbank.css"] == (PROJECT / "theme/static/seedbank.css").read_bytes()


def test_templates_of_a_relative_folder_come_before_the_themes(site: TestArchive) -> None:
    write(site, "pelicanconf.py", 'SITENAME = "Harbour"\nTHEME_TEMPLATES_OVERRIDES = ["mine"]\n')
    write(site, "mine/404.html", "<!DOCTYPE html><title>Gone fishing</title>")
    assert site.run("build", "--no-search").status == 0
    assert site.page("404.html").title.get_text() == "Gone fishing"  # type: ignore[union-attr]


def test_logo_colours_style_and_menu_are_settings(site: TestArchive) -> None:
    write(
        site,
        "pelicanconf.py",
        'SITENAME = "Harbour"\nSITELOGO = "our logo.svg"\nCOLOURS = {"link": "#7a1f1f"}\nSTYLESHEET = "our.css"\n'
        'MENUITEMS = [("The library", "https://library.example.org/?a=1&b=2")]\n',
    )
    write(site, "our logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    write(site, "our.css", "h1 { color: var(--link) }\n")
    assert site.run("build", "--no-search").status == 0
    style = site.files("output")["theme/own.css"].decode()
    assert style == ":root {\n  --link: #7a1f1f;\n}\nh1 { color: var(--link) }\n"
    page = site.page("2023/03/08/harbour-opens-to-visitors.html")
    assert [link["href"] for link in page.select("link[rel=stylesheet]")][-1] == "../../../theme/own.css"
    assert [image["src"] for image in page.select("header.site img")] == ["../../../theme/logo.svg"]
    assert page.select("header.site nav a")[-1]["href"] == "https://library.example.org/?a=1&b=2"
    write(site, "our.css", "h1 { color: red }\n")
    assert site.run("build", "--no-search").status == 0
    assert b"color: red" in site.files("output")["theme/own.css"]


def test_without_an_address_the_page_for_what_is_not_there_needs_nothing_from_elsewhere(site: TestArchive) -> None:
    assert site.run("build", "--no-search").status == 0
    page = site.page("404.html")
    assert page.select("link[rel=stylesheet], img, main a, header.site a") == []
    style = page.select_one("style")
    assert style
    assert (PROJECT / "theme/static/seedbank.css").read_text() in style.get_text()
    digest = b64encode(sha256(style.get_text().encode()).digest()).decode()
    policy = page.select_one("meta[http-equiv=Content-Security-Policy]")
    assert policy
    assert f"style-src 'sha256-{digest}';" in policy["content"]


def test_a_domain_of_ones_own_lets_the_page_for_what_is_not_there_lead_to_the_site(site: TestArchive) -> None:
    write(site, "publishconf.py", 'SITEURL = ""\nCNAME = "archive.example.org"\n')
    assert site.run("build", "--no-search").status == 0
    page = site.page("404.html")
    links = [link["href"] for link in page.select("[href]") if not link["href"].startswith("#")]
    assert links
    assert all(link.startswith("https://archive.example.org/") for link in links)


@pytest.mark.parametrize(
    ("setting", "named"),
    [('SITELOGO = "gone.svg"', "gone.svg"), ('COLOURS = {"link": "red} body {"}', "link"), ('STYLESHEET = "x"', "x")],
)
def test_what_is_no_logo_colour_or_style_is_named(site: TestArchive, setting: str, named: str) -> None:
    write(site, "pelicanconf.py", f'SITENAME = "Harbour"\n{setting}\n')
    run = site.run("build", "--no-search")
    assert run.status == 1
    assert setting.partition(" ")[0] in run.said
    assert named in run.said


RFC_3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?[+-][0-9]{2}:[0-9]{2}")


@given(st.datetimes(), st.integers(-86_000, 86_000))
def test_a_moment_in_any_zone_is_one_of_rfc_3339(when: datetime, offset: int) -> None:
    told = moment(when.replace(tzinfo=timezone(timedelta(seconds=offset))))
    assert RFC_3339.fullmatch(told)
    assert datetime.fromisoformat(told).replace(tzinfo=None) == when
    assert moment(when.replace(tzinfo=UTC)).endswith("+00:00")


def test_feeds_of_a_zone_with_local_mean_time_have_whole_offsets(archive: TestArchive) -> None:
    archive.add("a.txt", record(date="1880-01-02"))
    write(archive, "pelicanconf.py", 'SITENAME = "Harbour"\nTIMEZONE = "Europe/Amsterdam"\n')
    write(archive, "publishconf.py", 'SITEURL = "https://example.net/"\n')
    assert archive.run("site", "--no-search").status == 0
    files = archive.files("output")
    feeds = [files[name].decode() for name in files if name.startswith("feeds/")]
    dates = [date for feed in feeds for date in re.findall('1880-01-02T[^<"]*', feed)]
    assert len(feeds) >= 3
    assert dates
    assert all(RFC_3339.fullmatch(date) for date in dates)


def test_an_output_that_cannot_be_moved_is_filled_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, said = Archive(tmp_path), []
    for folder, files in {
        "output": {"a": "old", "b/c": "old", "gone": ""},
        ".cache/site": {"a": "new", "b/d": "new"},
    }.items():
        for name, text in files.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    monkeypatch.setattr(Path, "is_mount", lambda path: path == archive.output)
    inode = archive.output.stat().st_ino
    assert publish.merge_into_live(archive, archive.cache / "site", {"gone"}, said.append)
    assert archive.output.stat().st_ino == inode
    live = {path.relative_to(archive.output).as_posix() for path in archive.output.rglob("*") if path.is_file()}
    assert live == {"a", "b/c", "b/d"}
    assert (archive.output / "a").read_text() == "new"
    assert len(said) == 1
    publish.replace_live(archive, archive.cache / "site", said.append)
    assert not (archive.output / "b/c").exists()


@pytest.mark.parametrize(
    "policy",
    [
        b"default-src 'none'; style-src 'self'; base-uri 'none'",
        b"default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'",
        b"default-src 'none'; connect-src 'none'; base-uri 'none'; script-src 'none'",
    ],
)
def test_what_is_served_names_each_kind_of_source_once(policy: bytes) -> None:
    served = with_reloading(b'<meta http-equiv="Content-Security-Policy" content="' + policy + b'">').decode()
    kinds = [part.split()[0] for part in served.partition('content="')[2].strip('">').split(";") if part.strip()]
    assert len(kinds) == len({*kinds})
    assert {"default-src", "script-src", "connect-src", "base-uri"} <= {*kinds}


def test_serve_converts_new_seeds_and_ends_when_it_is_interrupted(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    command = [sys.executable, "-m", "invoke", "serve", "--archive", str(archive.root), "--port", "0"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = next(line for line in server.stdout if line.startswith("http")).split()[0]
            archive.add("b.txt", record("Lighthouse lit", date="2024-01-01", url="https://example.org/light"))
            said = next(line for line in server.stdout if line.startswith(("built anew", f"{archive.root}")))
            assert said == "built anew\n"
            with urlopen(f"{address}2024/01/01/lighthouse-lit.html", timeout=20) as page:
                assert b"Lighthouse lit" in page.read()
            (archive.root / "secret.txt").write_text("Nobody else's.")
            (archive.root / "output/leak.txt").symlink_to(archive.root / "secret.txt")
            for asked, host, status in (
                ("index.html", "localhost", 200),
                ("index.html", "evil.example", 421),
                (".reload.js", "evil.example:8000", 421),
                ("leak.txt", "127.0.0.1", 404),
            ):
                request = Request(f"{address}{asked}", headers={"Host": host})
                try:
                    with urlopen(request, timeout=20) as answer:
                        assert answer.status == status
                except HTTPError as refused:
                    assert refused.code == status
            server.send_signal(signal.SIGINT)
            assert server.wait(timeout=20) == 130 or server.returncode == 0
        finally:
            server.kill()


def test_a_build_that_was_stopped_lets_go_of_the_archive(archive: TestArchive) -> None:
    place = Archive(archive.root)

    def hold() -> int:
        with at_work(place, "build"), forks(2) as ordered_map:
            return len(list(ordered_map(partial(hold_a_moment, archive.root / "holding"), range(2))))

    started = Started(hold)
    while not (archive.root / "holding").exists():
        pass
    started.stop()
    started.wait()
    with patient_lock(place):
        assert "serve" in (place.cache / "lock").read_text()


def hold_a_moment(mark: Path, _: int) -> None:
    mark.touch()
    signal.pause()


def test_feeds_and_the_page_of_what_was_added_follow_the_order_of_arrival(archive: TestArchive) -> None:
    write(archive, "publishconf.py", 'SITEURL = "https://example.net"\n')
    archive.add(
        "a.txt",
        record("First here", date="2023-03-08") + record("As early", date="2020-01-01", url="https://example.org/2"),
    )
    assert archive.run("site", "--no-search").status == 0
    archive.add("b.txt", record("Old but new", date="1950-05-05", url="https://example.org/old"))
    assert archive.run("site", "--no-search").status == 0
    home = archive.page("index.html")
    assert home.select_one('main a[href="./added.html"]')
    titles = [link.get_text() for link in archive.page("added.html").select(".rows a")]
    assert titles[0] == "Old but new"
    assert len(titles) == 3
    feed = json.loads(archive.files("output")["feeds/all.json"])
    assert [item["title"] for item in feed["items"]] == titles
    for name in ("feeds/all.atom.xml", "feeds/sources/example.org.atom.xml"):
        entries = ElementTree.fromstring(archive.files("output")[name]).findall("{*}entry/{*}title")
        assert [entry.text for entry in entries] == titles
    fast = archive.files("output")
    write(archive, "pelicanconf.py", 'FAST = False\nSITENAME = "archive"\n')
    assert archive.run("build", "--no-search").status == 0
    assert archive.files("output") == fast


@pytest.mark.parametrize("seed", [record(), "nothing that is a record\n"])
def test_the_search_can_be_left_out_and_taken_up_again(archive: TestArchive, seed: str) -> None:
    archive.add("a.txt", seed)
    archive.run("convert")
    with_search, without, again = [
        (archive.run("build", *options), archive.files("output")) for options in ([], ["--no-search"], [])
    ]
    assert [run.status for run, _ in (with_search, without, again)] == [0, 0, 0]
    assert "search.html" not in without[1]
    assert again[1] == with_search[1]


def test_pelican_alone_builds_the_same_site_from_the_settings(archive: TestArchive) -> None:
    archive.add("a.txt", record() + record("Ferry sails", url="https://example.org/ferry"))
    write(archive, "pelicanconf.py", (PROJECT / "pelicanconf.py").read_text())
    assert archive.run("site").status == 0
    built = archive.files("output")
    output = archive.root / "alone"
    pelican = [sys.executable, "-m", "pelican", f"{archive.root}/content", "-s", f"{PROJECT}/pelicanconf.py"]
    subprocess.run([*pelican, "-o", str(output)], cwd=PROJECT, check=True, capture_output=True, timeout=LONGEST)
    assert archive.files("alone") == built
