"""The pages to browse by, as a reader sees them: home, dates, years, months, days, and the rows of every list."""

import gzip
from types import SimpleNamespace
from urllib.parse import urljoin

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from plugins.site.charts import chart, columns, decades
from plugins.site.dates import name as said
from plugins.site.listings import Part
from plugins.site.overviews import gaps_of
from tests.conftest import PROJECT, TestArchive, record

LONG = "Norway built a harbour in the north, and " + "the people of the town came to see it open, " * 8 + "all of them."


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> TestArchive:
    """An archive of 125 documents: 110 in one month, on one day and on several, and some in other years."""
    root = tmp_path_factory.mktemp("pages") / "archive"
    (root / "seeds").mkdir(parents=True)
    archive = TestArchive(root)
    days = ["2023-03-08"] * 64 + [f"2023-03-{day:02}" for day in range(1, 24) for _ in range(2)]
    others = ["2019-03-08", "2021-03-08", "2021-03-09", "2023-06-01", "2024-02-29"] + ["2021-11-30"] * 10
    archive.add(
        "a.txt",
        "".join(
            record(f"Report {n} of the harbour", f"{LONG}\n\nNorway, {n}.", day, f"https://{'ab'[n % 2]}.example/{n}")
            for n, day in enumerate(days + others)
        ),
    )
    (root / "content/pages").mkdir(parents=True)
    (root / "content/pages/home.md").write_text("Title: Home\n\nGathered by the *town library*.\n")
    (root / "content/pages/thanks.md").write_text("Title: Thanks\n\nTo all.\n")
    built = archive.run("site")
    assert built.status == 0, built.said
    return archive


def texts(site: TestArchive, address: str, selector: str) -> list[str]:
    return [" ".join(element.get_text().split()) for element in site.page(address).select(selector)]


def test_home_says_what_there_is_by_year_subject_and_source(site: TestArchive) -> None:
    home = site.page("index.html")
    assert home.select_one(".introduction em").get_text() == "town library"  # type: ignore[union-attr]
    assert len(home.select("svg path")) == 1
    assert texts(site, "index.html", "figcaption") == ["Documents by year. Most in 2023: 111."]
    assert [a["href"] for a in home.select(".decades a")] == [f"./{y}/index.html" for y in (2019, 2021, 2023, 2024)]
    assert "Norway 125" in texts(site, "index.html", ".by-kind li")
    assert len(home.select("ol.rows > li")) == 6
    assert texts(site, "index.html", ".sources tbody th") == ["a.example", "b.example"]
    assert texts(site, "index.html", ".sources td")[:2] == ["63", "2019–2024"]


def test_the_header_leads_to_dates_subjects_sources_and_about(site: TestArchive) -> None:
    menu = site.page("2023/index.html").select("header.site nav a")
    assert [a.get_text() for a in menu] == ["Dates", "Subjects", "Sources", "About"]
    assert "Thanks" in texts(site, "about.html", "main a")
    assert "home.html" not in site.files("output")


def test_dates_lists_each_year_by_decade(site: TestArchive) -> None:
    assert texts(site, "dates/index.html", "h2") == ["2020s 124 documents", "2010s 1 document"]
    assert texts(site, "dates/index.html", ".bars a") == ["2021", "2023", "2024", "2019"]


def test_every_day_with_documents_has_a_page_that_leads_on(site: TestArchive) -> None:
    days = {name.rpartition("/")[0] for name in site.documents()}
    assert days <= {name.removesuffix("/index.html") for name in site.files("output")}
    assert texts(site, "2021/03/08/index.html", "h1") == ["Monday, 8 March 2021"]
    assert texts(site, "2021/03/08/index.html", "nav.around a") == ["Earlier 8 March 2019", "Later 9 March 2021"]
    assert texts(site, "2021/03/08/index.html", "#others ~ ul a") == ["8 March 2023", "8 March 2019"]
    assert texts(site, "2023/03/08/index.html", "h2")[:2] == ["a.example", "b.example"]


def test_a_long_month_shows_three_titles_a_day_and_how_many_more(site: TestArchive) -> None:
    month = site.page("2023/03/index.html")
    assert len(month.select(".days section")) == 23
    day = month.select_one("section[aria-labelledby=d8]")
    assert day is not None
    assert len(day.select("ol.rows > li")) == 3
    assert day.select("a")[-1].get_text() == "and 63 more"
    assert day.select("a")[-1]["href"] == "../../2023/03/08/index.html"
    assert texts(site, "2023/03/index.html", ".legend span") == ["2", "66"]


def test_a_year_has_twelve_calendars_and_says_which_are_empty(site: TestArchive) -> None:
    calendars = texts(site, "2023/index.html", "table.month")
    assert len(calendars) == 12
    assert sum("no documents" in text for text in calendars) == 10
    link = site.page("2023/index.html").select_one('.month a[aria-label="8 March 2023, 66 documents"]')
    assert link is not None
    assert link["href"] == "../2023/03/08/index.html"
    assert texts(site, "2023/index.html", "header.page nav a") == ["← 2021", "2024 →"]


def test_rows_open_with_the_words_of_the_document_and_never_repeat_the_page(site: TestArchive) -> None:
    opening = site.page("index.html").select_one("ol.rows p").get_text()  # type: ignore[union-attr]
    assert len(opening) <= 141
    assert opening.removesuffix("…") in LONG
    for address, absent in {
        "2021/11/30/index.html": "30 November",
        "tags/norway/2021.html": "Norway",
        "sources/a.example.html": "a.example",
    }.items():
        rows = site.page(address).select("ol.rows > li")
        assert rows
        assert not any(absent in said.get_text() for row in rows for said in row.select("time, .meta")), address
    assert not site.page("2023/03/index.html").select("ol.rows p")


def test_an_archive_of_one_shows_its_document(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    assert archive.run("site", "--no-search").status == 0
    assert texts(archive, "index.html", ".only h2") == ["Harbour opens to visitors"]
    assert texts(archive, "index.html", ".prose p") == ["The harbour was opened.", "It will stay open."]


def test_a_day_that_is_new_is_named_by_those_beside_it_and_in_other_years(archive: TestArchive) -> None:
    days = ("2019-03-08", "2021-03-07", "2023-03-08", "2023-03-10")
    archive.add("a.txt", "".join(record(f"On {day}", date=day, url=f"https://example.org/{day}") for day in days))
    assert archive.run("site", "--no-search").status == 0
    archive.add("b.txt", record("Added", date="2021-03-08", url="https://example.org/b"))
    assert archive.run("site", "--no-search").status == 0
    assert "8 March 2021" in texts(archive, "2019/03/08/index.html", "#others ~ ul a")
    grown = archive.files("output")
    assert archive.run("build", "--full", "--no-search").status == 0
    assert archive.files("output") == grown


def test_the_index_of_subjects_goes_by_kind_then_by_name(site: TestArchive) -> None:
    assert texts(site, "tags/index.html", "h2") == ["Places", "A–Z"]
    assert texts(site, "tags/index.html", "[aria-labelledby=of-place] li") == ["Norway 125"]


def test_a_subject_says_what_it_is_its_span_its_sources_and_its_years(site: TestArchive) -> None:
    page = site.page("tags/norway.html")
    assert texts(site, "tags/norway.html", "header.page .meta")[1] == "Place · 125 documents · 2019–2024"
    assert len(page.select(".chart path")) == 1
    assert [a["href"] for a in page.select(".decades a")] == [
        f"../tags/norway/{y}.html" for y in (2019, 2021, 2023, 2024)
    ]
    assert texts(site, "tags/norway.html", "[aria-labelledby=sources] li") == ["a.example 63", "b.example 62"]
    assert len(page.select("ol.rows > li")) == 20
    order = [element.name for element in page.select("main > *")]
    assert order.index("section") < len(order) - 1


def test_sources_stand_in_a_table_by_count(site: TestArchive) -> None:
    assert texts(site, "sources/index.html", "thead th") == ["Source", "Documents", "Years", "Languages", "2019–2024"]
    assert texts(site, "sources/index.html", "tbody tr:first-child td")[:3] == ["63", "2019–2024", "English"]
    assert len(site.page("sources/index.html").select("svg.spark polyline")) == 2


def test_a_source_is_named_by_its_curator_and_its_gaps_are_told(archive: TestArchive) -> None:
    months = [f"2008-{month:02}-01" for month in range(1, 13)] + ["2009-01-01", "2009-02-01", "2009-05-01"]
    archive.add("a.txt", "".join(record(f"On {m}", date=f"{m}", url=f"https://example.org/{m}") for m in months * 2))
    (archive.root / "content").mkdir()
    (archive.root / "content/sources.toml").write_text('["example.org"]\nname = "The Harbour Times"\n')
    assert archive.run("site", "--no-search").status == 0
    page = "sources/example.org.html"
    assert texts(archive, page, "h1") == ["The Harbour Times"]
    assert "example.org" in texts(archive, page, "main > .meta")
    assert texts(archive, "index.html", ".sources tbody th") == ["The Harbour Times"]
    assert "Nothing from March 2009 to April 2009." in texts(archive, page, ".meta")


def test_a_year_names_its_sources_its_longest_documents_and_what_was_peculiar_to_it(archive: TestArchive) -> None:
    names = {2001: "Norway", 2002: "Sweden", 2003: "Chile"}
    archive.add(
        "a.txt",
        "".join(
            record(
                f"Report {n}",
                f"{names[year]} was glad. {names[year]} {'said so again ' * n}.",
                f"{year}-0{n % 9 + 1}-01",
                f"https://{'ab'[n % 2]}.example/{year}/{n}",
            )
            for year in names
            for n in range(60)
        ),
    )
    assert archive.run("site", "--no-search").status == 0
    assert any("Sweden" in text for text in texts(archive, "2002/index.html", "main > p"))
    assert not any("Norway" in text for text in texts(archive, "2002/index.html", "main > p"))
    assert texts(archive, "2002/index.html", "[aria-labelledby=sources] li") == ["a.example 30", "b.example 30"]
    archive.add(
        "b.txt", "".join(record(f"More {n}", "Chile. Chile.", "2001-01-01", f"https://c.example/{n}") for n in range(9))
    )
    assert archive.run("site", "--no-search").status == 0
    grown = archive.files("output")
    assert archive.run("build", "--full", "--no-search").status == 0
    assert archive.files("output") == grown


def test_authors_have_an_index_and_pages_of_their_own(archive: TestArchive) -> None:
    def written(number: int, authors: str) -> None:
        path = archive.root / f"content/2023/03/0{number}/{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Title: Number {number}\nDate: 2023-03-0{number}\n{authors}\n\nWords.\n")

    for number, authors in enumerate(("Authors: Ada Bell; Charles Dee", "Authors: Ada Bell", "Lang: en"), 1):
        written(number, authors)
    assert archive.run("build", "--no-search").status == 0
    assert texts(archive, "authors/index.html", ".names li") == ["Ada Bell 2", "Charles Dee 1"]
    assert texts(archive, "authors/ada-bell.html", "ol.rows a") == ["Number 2", "Number 1"]
    assert archive.page("2023/03/01/1.html").select_one("a.p-author")["href"] == "../../../authors/ada-bell.html"  # type: ignore[index]
    assert "All 2 authors" in texts(archive, "index.html", "main p")
    written(3, "Authors: Charles Dee")
    written(1, "Lang: en")
    written(2, "Lang: en")
    assert archive.run("build", "--no-search").status == 0
    assert texts(archive, "authors/index.html", ".names li") == ["Charles Dee 1"]
    grown = archive.files("output")
    assert archive.run("build", "--full", "--no-search").status == 0
    assert archive.files("output") == grown


def test_another_theme_of_sixty_lines_shows_the_archive(archive: TestArchive) -> None:
    theme = PROJECT / "tests/second_theme"
    lines = sum(len(template.read_text().splitlines()) for template in theme.rglob("*.html"))
    assert lines <= 60
    days = [f"2023-03-{day:02}" for day in range(1, 28)] * 4
    archive.add(
        "a.txt",
        "".join(record(f"Day {n}", "Norway. Norway.", day, f"https://example.org/{n}") for n, day in enumerate(days)),
    )
    (archive.root / "pelicanconf.py").write_text(f"THEME = {str(theme)!r}\nSITENAME = 'Plain'\nSEARCH = False\n")
    built = archive.run("site")
    assert built.status == 0, built.said
    files = archive.files("output")
    pages = [name for name in files if name.endswith(".html")]
    ways = {
        urljoin(f"http://site/{name}", link["href"]).removeprefix("http://site/")
        for name in pages
        for link in archive.page(name).select("a[href]")
    }
    assert ways <= files.keys()
    assert {name.replace(".md", ".html") for name in archive.documents()} <= ways
    assert {"tags/norway.html", "sources/example.org.html", "2023/03/08/index.html"} <= ways


def test_a_concept_leads_to_those_above_and_below_it_as_soon_as_they_have_a_page(archive: TestArchive) -> None:
    def written(number: int, tags: str) -> None:
        path = archive.root / f"content/2023/03/08/{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Title: {number}\nDate: 2023-03-08\nTags: {tags}\n\nWords.\n")

    written(1, "film")
    assert archive.run("build", "--no-search").status == 0
    assert not archive.page("tags/film.html").select(".relations")
    written(2, "film awards")
    written(3, "arts and entertainment")
    assert archive.run("build", "--no-search").status == 0
    assert texts(archive, "tags/film.html", ".relations div") == [
        "Broader arts and entertainment",
        "Narrower film awards",
    ]
    assert [li.get_text(" ", strip=True) for li in archive.page("tags/index.html").select(".tree > ul > li")] == [
        "arts and entertainment 1 film 1 film awards 1"
    ]


@given(
    months=st.sets(st.integers(24000, 24120), min_size=1),
)
def test_what_is_told_as_a_gap_has_no_document_and_lies_between_some(months: set[int]) -> None:
    dated = [SimpleNamespace(published=f"{m // 12:04}-{m % 12 + 1:02}") for m in months]
    for first, last in gaps_of(dated):
        names = {said((m // 12, m % 12 + 1)) for m in months} | {f"{m // 12}" for m in months}
        assert not {first, last} & names


@given(counts=st.dictionaries(st.integers(1, 2500), st.integers(1, 10**6), min_size=1))
def test_a_chart_shows_every_document_and_the_most_of_them_at_full_height(counts: dict[int, int]) -> None:
    drawn = chart(counts)
    assert drawn is not None
    assert sum(drawn.counts) == sum(counts.values())
    assert drawn.counts[int(drawn.peak) // drawn.step - min(counts) // drawn.step] == drawn.most == max(drawn.counts)
    assert len(drawn.counts) <= 120
    path = columns(drawn.counts)
    assert path.count("M") == sum(map(bool, drawn.counts))
    assert "v100h" in path


def test_decades_keep_all_years_in_order() -> None:
    years = [Part(f"{year:04}", "", 2) for year in (987, 989, 1987, 1990, 1999)]
    groups = decades(years)
    assert [group.label for group in groups] == ["0980s", "1980s", "1990s"]
    assert [year for group in groups for year in group.years] == years
    assert groups[2].count == 4


KINDS_OF_PAGES = (
    "index.html",
    "dates/index.html",
    "2023/index.html",
    "2023/03/index.html",
    "2023/03/08/index.html",
    "2021/03/08/index.html",
    "2021/03/08/report-111-of-the-harbour.html",
    "tags/index.html",
    "tags/norway.html",
    "tags/norway/2021.html",
    "sources/index.html",
    "sources/a.example.html",
    "search.html",
    "added.html",
    "about.html",
    "thanks.html",
    "404.html",
)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 320])
def test_no_kind_of_page_has_a_fault_that_axe_finds(site: TestArchive, browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    found = []
    for name in KINDS_OF_PAGES:
        page.goto((site.root / "output" / name).as_uri())
        page.add_script_tag(path=str(AXE_FILE_PATH))
        for direction in ("ltr", "rtl"):
            page.evaluate("direction => document.documentElement.dir = direction", direction)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, direction)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                faults = page.evaluate(
                    "axe.run({resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"
                    ".then(result => result.violations.map(found => [found.id, found.nodes[0].html]))"
                )
                found += [(name, direction, scheme, *fault) for fault in faults]
    context.close()
    assert found == []


@pytest.mark.browser
def test_the_order_of_the_source_is_that_of_the_screen(site: TestArchive, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 900}).new_page()
    for name in KINDS_OF_PAGES:
        page.goto((site.root / "output" / name).as_uri())
        tops = page.evaluate(
            "[...document.querySelectorAll('main h1, main h2')].filter(e => e.offsetHeight > 1)"
            ".map(e => e.getBoundingClientRect().top)"
        )
        assert tops == sorted(tops), name


def test_a_site_in_a_language_from_the_right_is_mirrored(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    (archive.root / "pelicanconf.py").write_text('DEFAULT_LANG = "ar"\n')
    assert archive.run("site", "--no-search").status == 0
    assert archive.page("index.html").html["dir"] == "rtl"  # type: ignore[index]


def test_pages_are_small_besides_their_text(site: TestArchive) -> None:
    for name in KINDS_OF_PAGES:
        page = site.page(name)
        markup = (site.root / "output" / name).stat().st_size - len(page.get_text().encode())
        assert markup <= 20 * 1024, name


def test_the_style_sheet_stays_small() -> None:
    sheet = PROJECT / "theme/static/seedbank.css"
    assert len(gzip.compress(sheet.read_bytes())) <= 5 * 1024
