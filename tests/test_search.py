"""The search in real browsers: from the disk, on a host and below a folder of one, in many languages."""

import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import TestArchive, installed, record

pytestmark = pytest.mark.browser

PHRASES = {
    "en": ("Harbour opens", "The harbour was opened on Monday by the mayor of the town.", "harbour"),
    "fr": ("Une enquête", "Le tribunal a ouvert une enquête sur les événements de décembre.", "événements"),
    "de": (
        "Der Prüfbericht",
        "Die Behörde veröffentlichte am Dienstag einen ausführlichen Prüfbericht.",
        "Prüfbericht",
    ),
    "es": ("La investigación", "El tribunal abrió una investigación sobre los acontecimientos.", "investigación"),
    "ru": (
        "Суд начал следствие",
        "Суд в понедельник начал расследование событий прошлого года.",
        "расследование событий",
    ),
    "el": ("Το δικαστήριο", "Το δικαστήριο άρχισε έρευνα για τα γεγονότα του περασμένου έτους.", "έρευνα"),
    "ar": ("المحكمة تفتح تحقيقا", "أعلنت المحكمة يوم الأربعاء أنها ستفتح تحقيقا في الأحداث.", "ستفتح تحقيقا"),
    "he": ("בית המשפט", "בית המשפט פתח בחקירה של האירועים בשנה שעברה.", "בחקירה"),
    "hi": ("अदालत ने जाँच शुरू की", "अदालत ने सोमवार को पिछले वर्ष की घटनाओं की जाँच शुरू की।", "घटनाओं की जाँच"),
    "zh": ("法院开始调查", "法院星期一开始对去年的事件进行调查，证据充分。", "去年的事件"),
    "ja": ("裁判所が調査を始めた", "裁判所は月曜日に昨年の出来事についての調査を始めた。", "昨年の出来事"),
    "ko": ("법원이 조사를 시작했다", "법원은 월요일에 작년의 사건에 대한 조사를 시작했다.", "사건에 대한"),
    "th": ("ศาลเริ่มการสอบสวน", "ศาลเริ่มการสอบสวนเหตุการณ์ของปีที่แล้วเมื่อวันจันทร์", "เหตุการณ์"),
}
HOSTILE = '<img src=x onerror=alert(1)> & <b>"bold"</b>'


def seeds() -> str:
    languages = "".join(
        record(title, f"{text}\n\n{text}", f"2022-05-{day:02}", f"https://{code}.example/{day}")
        for day, (code, (title, text, _)) in enumerate(PHRASES.items(), 1)
    )
    numbered = "".join(
        record(
            f"Fjord report {number}",
            f"Norway looked at the fjords.\n\nNorway, report {number}.",
            f"{2010 + number % 3}-03-{number + 1:02}",
            f"https://{'a' if number % 2 else 'b'}.example/{number}",
        )
        for number in range(24)
    )
    repeated = record(
        "A repeated headline", "A repeated headline\n\nThen comes what the headline promised.", "2021-01-02"
    )
    return (
        languages
        + numbered
        + repeated
        + record(f"Hostile {HOSTILE}", f"Hostile words: {HOSTILE}\n\nNo more.", "2021-01-01")
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("a search folder") / "repo"
    (root / "seeds").mkdir(parents=True)
    archive = TestArchive(root)
    archive.add("a.txt", seeds())
    assert archive.run("site").status == 0
    return root / "output"


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context()
    context.set_offline(address.startswith("file:"))
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert complaints == []
    assert all(url.startswith(address) for url in asked)


def found(page: Page) -> list[str]:
    return page.locator("#results li a").all_inner_texts()


def test_every_language_is_found_wherever_the_site_lies(page: Page, address: str) -> None:
    for title, _, words in PHRASES.values():
        page.goto(f"{address}/search.html?q={words}")
        expect(page.locator("#results li a").first).to_have_text(title)
        expect(page.locator("#results mark").first).to_be_visible()
        page.locator("#results li a").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_a_box_on_every_page_leads_to_the_results(page: Page, address: str) -> None:
    page.goto(f"{address}/2022/05/index.html")
    page.get_by_role("searchbox").fill("fjords")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("24 documents")
    assert page.url == f"{address}/search.html?q=fjords"
    expect(page.locator("#results > li")).to_have_count(20)


def test_results_are_narrowed_down_and_sorted_and_the_address_keeps_it(page: Page, address: str) -> None:
    page.goto(f"{address}/search.html?q=fjords")
    facets = page.locator("#facets")
    expect(facets.get_by_role("listitem").filter(has_text="a.example")).to_contain_text("12")
    facets.get_by_role("button", name="a.example").click()
    expect(page.locator("#said")).to_contain_text("12 documents")
    page.get_by_role("button", name="2011: 4 documents").click()
    expect(page.locator("#said")).to_contain_text("4 documents")
    page.get_by_label("Order").select_option("oldest")
    titles = [f"Fjord report {number}" for number in (1, 7, 13, 19)]
    expect(page.locator("#results li a")).to_have_text(titles)
    page.goto(page.url)
    expect(page.locator("#results li a")).to_have_text(titles)
    facets.get_by_role("button", name="Norway").click()
    page.get_by_label("Order").select_option("newest")
    expect(page.locator("#results li a")).to_have_text(titles[::-1])
    page.get_by_role("button", name="Take off: 2011").click()
    expect(page.locator("#said")).to_contain_text("12 documents")


def test_a_filter_without_a_word_lists_its_documents(page: Page, address: str) -> None:
    page.goto(f"{address}/search.html?q=source:b.example year:2010")
    expect(page.locator("#said")).to_contain_text("4 documents")


def test_going_back_restores_rows_filters_and_place(page: Page, address: str) -> None:
    page.goto(f"{address}/search.html?q=report")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#results > li")).to_have_count(20)
    page.get_by_role("button", name="Show 20 more").click()
    expect(page.locator("#results > li")).to_have_count(24)
    page.locator("#results > li a").nth(22).scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    page.locator("#results > li a").nth(22).click()
    page.go_back()
    expect(page.locator("#results > li")).to_have_count(24)
    expect(page.get_by_role("button", name="Take off: English")).to_be_visible()
    assert before > 0
    assert page.evaluate("scrollY") == before


def test_nothing_is_said_before_something_is_asked_and_filters_need_no_word(page: Page, address: str) -> None:
    page.goto(f"{address}/search.html")
    year = page.get_by_role("button", name="2010: 8 documents")
    expect(year).to_be_visible()
    expect(page.get_by_role("heading", name="How to ask")).to_be_visible()
    expect(page.get_by_role("link", name="by subject")).to_be_visible()
    assert page.locator("#said").inner_text() == ""
    assert page.evaluate("document.activeElement === document.body")
    year.click()
    expect(page.locator("#said")).to_have_text("8 documents.")
    expect(page.locator("#results > li")).to_have_count(8)


def test_an_excerpt_does_not_say_the_title_again(page: Page, address: str) -> None:
    page.goto(f"{address}/search.html?q=repeated")
    expect(page.locator("#results p").first).to_have_text("Then comes what the headline promised.")


ANSWERS = {
    "harbor mayr": [],
    '"of the town"': ["Harbour opens"],
    '"the town of"': [],
    "harbours": ["Harbour opens"],
    "enquêtes": ["Une enquête"],
    "evenement": ["Une enquête"],
    "Prüfberichte": ["Der Prüfbericht"],
    "acontecimiento": ["La investigación"],
    "событие": ["Суд начал следствие"],
    "title:harbour": ["Harbour opens"],
    "title:mayor": [],
    "mayor -harbour": [],
    "qwertzuiop": [],
    "محكمة": ["المحكمة تفتح تحقيقا"],
}


def test_a_question_finds_what_it_asks_for_and_nothing_else(page: Page, address: str) -> None:
    for question, titles in ANSWERS.items():
        page.goto(f"{address}/search.html?q={question}")
        expect(page.locator("#said")).to_contain_text(f"{len(titles)} document")
        assert found(page) == titles, question


def test_a_misspelt_word_is_named_and_the_nearest_is_offered_apart(page: Page, address: str) -> None:
    page.goto(f"{address}/search.html?q=harbuor")
    expect(page.locator("#instead li a").first).to_have_text("Harbour opens")
    expect(page.locator("#said")).to_have_text("0 documents for harbuor; no document holds “harbuor”.")
    expect(page.locator("#offer")).to_contain_text("1 document with “harbour”")
    assert found(page) == []


def test_hostile_words_are_shown_as_words(page: Page, address: str) -> None:
    page.goto(f"{address}/search.html?q=hostile")
    expect(page.locator("#results li a")).to_have_text(f"Hostile {HOSTILE}")
    expect(page.locator("#results li p")).to_contain_text(HOSTILE.partition('"')[0])
    assert page.locator("#results img, #results b").count() == 0


def test_without_scripts_the_page_leads_to_the_other_ways(browser: Browser, site: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site.as_uri()}/search.html?q=harbour")
    for name, target in (
        ("by date", "dates/index.html"),
        ("by source", "sources/index.html"),
        ("by subject", "tags/index.html"),
    ):
        assert page.get_by_role("link", name=name).get_attribute("href") == target


REPORT = """
new MutationObserver(() => {
  const words = document.querySelector("#results li")?.innerText;
  if (words) new Image().src = "http://127.0.0.1:PORT/" + encodeURIComponent(words);
}).observe(document.getElementById("results"), { childList: true });
"""


def test_debians_firefox_finds_the_same_from_the_disk(site: Path, tmp_path: Path) -> None:
    firefox = installed("firefox-esr", "firefox-esr")
    said, heard = [], threading.Event()

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said.append(self.path)
            heard.set()
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shutil.copytree(site, copy := tmp_path / "site")
    page = (copy / "search.html").read_text().replace("img-src 'self'", "img-src 'self' http://127.0.0.1:*")
    (copy / "search.html").write_text(page)
    script = (copy / "theme/search.js").read_text()
    (copy / "theme/search.js").write_text(REPORT.replace("PORT", str(server.server_port)) + script)
    command = [
        firefox,
        "--headless",
        "--no-remote",
        "--profile",
        str(tmp_path),
        f"{copy.as_uri()}/search.html?q=去年的事件",
    ]
    running = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"HOME": str(tmp_path)}
    )
    try:
        assert heard.wait(60), "Firefox showed no result"
    finally:
        running.kill()
        running.wait()
        server.shutdown()
    assert "%E6%B3%95%E9%99%A2%E5%BC%80%E5%A7%8B%E8%B0%83%E6%9F%A5" in said[0]  # 法院开始调查


def test_twins_are_one_row_and_counted_each(archive: TestArchive, browser: Browser) -> None:
    long = "The council of the town met on Monday to speak of the harbour and of nothing else at all."
    archive.add(
        "a.txt", record("A twin", long, url="https://a.example/1") + record("A twin", long, url="https://b.example/2")
    )
    assert archive.run("site").status == 0
    page = browser.new_page()
    page.goto(f"{(archive.root / 'output').as_uri()}/search.html?q=council")
    expect(page.locator("#said")).to_contain_text("2 documents")
    expect(page.locator("#results > li")).to_have_count(1)
    expect(page.locator("#results > li a")).to_have_count(2)
    page.close()


def test_the_site_with_its_index_without_and_with_it_again(archive: TestArchive) -> None:
    archive.add(
        "a.txt", "".join(record(f"Report {n}", f"Norway {n}.", url=f"https://a.example/{n}") for n in range(30))
    )
    assert archive.run("site", "--jobs", "2").status == 0
    archive.add("b.txt", record("Another one", "Sweden is near.", "2023-03-09"))
    assert archive.run("site").status == 0
    after = archive.files("output")
    assert archive.run("site", "--no-search").status == 0
    assert not [name for name in archive.files("output") if name.startswith("search")]
    assert archive.run("site").status == 0
    assert archive.files("output") == after
    assert archive.run("build", "--full", "--jobs", "3").status == 0
    assert archive.files("output") == after


def test_an_archive_without_documents_says_so_and_asks_for_no_words(archive: TestArchive) -> None:
    assert archive.run("build").status == 0
    page = (archive.root / "output/search.html").read_text()
    assert "This archive holds no documents yet." in page
    assert 'type="search"' not in page
