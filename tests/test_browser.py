"""The site in a real browser: on a host, below a folder of one, and from the disk; no network is ever asked."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import PROJECT, TestArchive, record

pytestmark = pytest.mark.browser

ARABIC = record(
    "المحكمة تفتح تحقيقا",
    "أعلنت المحكمة يوم الأربعاء أنها ستفتح تحقيقا.\n\nوقال القاضي إن الأدلة كافية.ثم انتهت الجلسة.",
    "2023-03-09",
    "https://example.org/arabic",
)
DOCUMENT = "2023/03/08/harbour-opens-to-visitors.html"
RIGHT_TO_LEFT = "2023/03/09/lmhkm-tfth-thqyq.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("a folder") / "repo"
    (root / "seeds").mkdir(parents=True)
    archive = TestArchive(root)
    archive.add("a.txt", record(body="Norway was glad.\n\nNorway said so.It stayed so.") + ARABIC)
    assert archive.run("site").status == 0
    return root / "output"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def test_a_reader_finds_her_way_and_nothing_else_is_asked(page: Page, address: str) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # Leaving a page stops what it was still asking for; that is no fault.
    page.on("requestfailed", lambda request: request.failure == "net::ERR_ABORTED" or complaints.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{address}/index.html")
    page.get_by_role("link", name="Harbour opens to visitors").click()
    assert page.url == f"{address}/{DOCUMENT}"
    page.get_by_role("link", name="Norway").first.click()
    assert page.url == f"{address}/tags/norway.html"
    page.get_by_role("link", name="Sources").click()
    page.get_by_role("link", name="example.org").click()
    assert page.get_by_role("heading", level=1).inner_text() == "example.org"
    page.get_by_role("link", name="About").click()
    page.get_by_role("banner").get_by_role("link").first.click()
    assert page.url == f"{address}/index.html"
    assert complaints == []
    assert all(url.startswith(address) for url in asked)
    assert any(url.endswith("seedbank.css") for url in asked)


@pytest.fixture
def scripted(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_the_style_sheet_is_let_in_by_the_policy(scripted: Page, address: str) -> None:
    scripted.goto(f"{address}/{DOCUMENT}")
    assert "Charter" in scripted.locator(".e-content").evaluate("element => getComputedStyle(element).fontFamily")


def test_the_policy_lets_nothing_run(scripted: Page, address: str) -> None:
    scripted.goto(f"{address}/{DOCUMENT}")
    scripted.evaluate("""() => {
        const script = document.createElement('script');
        script.textContent = 'window.ran = true';
        document.body.append(script);
        const image = document.createElement('img');
        image.setAttribute('onerror', 'window.ran = true');
        image.src = 'nowhere.png';
        return new Promise(resolve => { image.addEventListener('error', resolve); document.body.append(image); });
    }""")
    assert scripted.evaluate("window.ran") is None


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize(
    "name", ["index.html", DOCUMENT, RIGHT_TO_LEFT, "tags/norway.html", "2023/index.html", "about.html"]
)
def test_no_page_is_wider_than_its_window(scripted: Page, site: Path, name: str, width: int) -> None:
    scripted.set_viewport_size({"width": width, "height": 800})
    scripted.goto((site / name).as_uri())
    assert scripted.evaluate("document.documentElement.scrollWidth") <= width


def test_a_line_has_a_readable_length(scripted: Page, site: Path) -> None:
    scripted.goto((site / DOCUMENT).as_uri())
    width, zero = scripted.locator(".e-content").evaluate("""element => {
        const probe = document.createElement('span');
        probe.textContent = 'the quick brown fox jumps over a lazy dog '.repeat(10);
        probe.style.whiteSpace = 'nowrap';
        element.append(probe);
        return [element.clientWidth, probe.getBoundingClientRect().width / probe.textContent.length];
    }""")
    assert 55 <= width / zero <= 75


def test_a_citation_is_copied_by_one_click(scripted: Page, address: str) -> None:
    scripted.goto(f"{address}/{DOCUMENT}")
    scripted.evaluate("document.addEventListener('copy', () => { window.copied = getSelection().toString(); })")
    scripted.get_by_role("button", name="Copy").click()
    expect(scripted.get_by_role("button", name="Copied")).to_be_visible()
    assert scripted.evaluate("window.copied") == scripted.locator(".citation").inner_text()


def test_without_a_script_a_page_has_no_button_that_does_nothing(browser: Browser, site: Path) -> None:
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto((site / DOCUMENT).as_uri())
    expect(plain.get_by_role("button")).to_have_count(0)
    expect(plain.get_by_role("link", name="BibTeX")).to_be_visible()


def test_right_to_left_text_runs_from_the_right(scripted: Page, site: Path) -> None:
    scripted.goto((site / RIGHT_TO_LEFT).as_uri())
    content = scripted.locator(".e-content")
    assert content.evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert content.locator("p").count() == 3
    assert scripted.locator("h1").evaluate("element => getComputedStyle(element).direction") == "rtl"


@pytest.mark.parametrize("name", [DOCUMENT, RIGHT_TO_LEFT])
def test_what_the_archive_says_stands_beside_the_text_not_in_its_place(scripted: Page, site: Path, name: str) -> None:
    scripted.goto((site / name).as_uri())
    text, beside = scripted.locator(".text").bounding_box(), scripted.locator("article > footer").bounding_box()
    assert text and beside
    assert text["x"] + text["width"] < beside["x"]
    assert text["width"] > 2 * beside["width"]
    assert abs(text["y"] - beside["y"]) < 2


@contextmanager
def serving(archive: TestArchive) -> Iterator[tuple[str, Iterator[str]]]:
    """Serve an archive; give the address of the site, and the lines that are said from then on."""
    command = [sys.executable, "-m", "invoke", "serve", "--archive", str(archive.root), "--port", "0"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield next(line for line in server.stdout if line.startswith("http")).split()[0], server.stdout
        finally:
            server.terminate()


def test_serve_shows_a_saved_change_without_being_asked(scripted: Page, archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    with serving(archive) as (site, _):
        scripted.goto(site + DOCUMENT)
        expect(scripted.get_by_text("It will stay open.")).to_be_visible()
        path = archive.root / "content" / DOCUMENT.replace(".html", ".md")
        path.write_text(path.read_text().replace("It will stay open.", "It will stay open for good."))
        expect(scripted.get_by_text("It will stay open for good.")).to_be_visible(timeout=20_000)


def test_serve_shows_one_change_while_it_builds_another(scripted: Page, archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    shutil.copytree(PROJECT / "theme", archive.root / "theme")
    template, style = (archive.root / "theme" / name for name in ("templates/base.html", "static/seedbank.css"))
    with serving(archive) as (site, lines):
        scripted.goto(site + DOCUMENT)
        for number in range(3):
            template.write_text(
                template.read_text("utf-8").replace('<main id="main"', f'<main id="main" data-m{number}', 1), "utf-8"
            )
            expect(scripted.locator(f"main[data-m{number}]")).to_be_visible(timeout=20_000)
        style.write_text(style.read_text("utf-8") + "\nh1 { letter-spacing: 7px }\n")
        expect(scripted.locator("h1")).to_have_css("letter-spacing", "7px", timeout=20_000)
        template.write_text("{% if %}")
        said = next(line for line in lines if line.startswith(str(template)))
        assert said.startswith(f"{template}:1: ")
        template.write_text((PROJECT / "theme/templates/base.html").read_text("utf-8"))
        expect(scripted.locator("main[data-m0]")).to_have_count(0, timeout=20_000)
        scripted.goto(site + "index.html")  # a page that was not looked at before
        expect(scripted.locator("main")).to_be_visible()


def test_an_old_address_leads_to_the_new_one_from_a_disk_without_scripts(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    archive = TestArchive(tmp_path)
    archive.add("a.txt", record())
    archive.run("convert")
    assert archive.run("rename", DOCUMENT, "2023/03/09/harbour.html").status == 0
    assert archive.run("build").status == 0
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((archive.root / "output" / DOCUMENT).as_uri())
    page.wait_for_url("**/2023/03/09/harbour.html")
    expect(page.locator("h1")).to_have_text("Harbour opens to visitors")


def test_a_document_prints_black_on_one_sheet_with_its_address_and_hash(browser: Browser, site: Path) -> None:
    page = browser.new_context(color_scheme="dark").new_page()
    page.goto((site / DOCUMENT).as_uri())
    assert len(re.findall(rb"/Type /Page\b", page.pdf(format="A4", prefer_css_page_size=True))) == 1
    page.emulate_media(media="print", color_scheme="dark")
    for place in (".e-content", ".citation", ".hash"):
        assert page.locator(place).evaluate("element => getComputedStyle(element).color") == "rgb(0, 0, 0)"
    shown = page.locator("main").inner_text()
    assert shown.count("https://example.org/harbour") == 1
    assert page.locator(".hash").is_visible()
    assert not page.get_by_role("navigation", name="Neighbours in time").is_visible()
