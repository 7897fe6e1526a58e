"""Publishing to GitHub Pages: against a real git repository, served as the host would serve it, below a folder."""

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urldefrag, urljoin
from urllib.request import urlopen

import pytest
from bs4 import BeautifulSoup

from tests.conftest import PROJECT, TestArchive, record


@pytest.fixture
def published(archive: TestArchive) -> TestArchive:
    """Give an archive in a git repository with a remote of its own."""
    archive.add(
        "a.txt", record(body="Norway was glad.\n\nNorway said so.") + record("Harbour closes", date="2022-01-31")
    )
    assert archive.run("site").status == 0
    git(archive.root.parent, "init", "--quiet", "--bare", "remote.git")
    git(archive.root, "init", "--quiet", "--initial-branch", "main")
    git(archive.root, "config", "user.name", "A curator")
    git(archive.root, "config", "user.email", "curator@example.org")
    git(archive.root, "remote", "add", "origin", str(archive.root.parent / "remote.git"))
    git(archive.root, "add", "seeds", "content")
    git(archive.root, "commit", "--quiet", "--message", "Begin")
    return archive


def git(folder: Path, *command: str) -> str:
    return subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True, text=True).stdout


def commits(archive: TestArchive, branch: str = "gh-pages") -> list[str]:
    return git(archive.root.parent / "remote.git", "log", "--format=%H", branch).split()


def clone(archive: TestArchive, name: str = "repo") -> Path:
    git(archive.root.parent, "clone", "--quiet", "--branch", "gh-pages", "remote.git", f"host/{name}")
    return archive.root.parent / "host" / name


class _Pages(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def follow_all(start: str, below: str) -> set[str]:
    """Ask for every page that can be reached, and for all it shows; the first that is not there raises an HTTPError."""
    seen, ahead = {start}, [start]
    while ahead:
        address = ahead.pop()
        with urlopen(address, timeout=20) as answer:
            if answer.headers.get_content_type() != "text/html":
                continue
            page = BeautifulSoup(answer.read(), "html.parser")
        for attribute in ("href", "src", "action"):
            for element in page.find_all(attrs={attribute: True}):
                target = urldefrag(urljoin(address, element[attribute])).url
                if "original" not in element.get("rel", []) and target not in seen:
                    assert target.startswith(below), f"{address} leads out to {target}"
                    seen.add(target)
                    ahead.append(target)
    return seen


def test_every_link_of_the_published_branch_leads_to_a_page_below_a_folder(published: TestArchive) -> None:
    ran = published.run("deploy")
    assert ran.status == 0
    assert "Pushed the site to origin/gh-pages" in ran.said
    site = clone(published)
    assert (site / ".nojekyll").read_bytes() == b""
    assert not (site / "CNAME").exists()
    with served(site.parent) as host:
        seen = follow_all(f"{host}/repo/index.html", f"{host}/repo/")
    held = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    assert {address.partition("/repo/")[2] for address in seen} >= held


def test_the_page_for_missing_addresses_leads_to_the_site_from_any_depth(published: TestArchive) -> None:
    with served(published.root.parent / "host") as host:
        (published.root / "publishconf.py").write_text(f'SITEURL = "{host}/repo"\n')
        published.run("build")
        ran = published.run("deploy")
        assert ran.status == 0
        assert "SITEURL" not in ran.said
        page = BeautifulSoup((clone(published) / "404.html").read_bytes(), "html.parser")
        targets = [element["href"] for element in page.find_all(href=True) if element["href"] != "#main"]
        assert len(targets) > 5
        for target in targets:  # shown at /repo/2001/01/01/nothing.html
            address = urljoin(f"{host}/repo/2001/01/01/nothing.html", str(target))
            assert urlopen(address, timeout=20).status == 200
        with pytest.raises(HTTPError):
            urlopen(f"{host}/repo/2001/01/01/nothing.html", timeout=20)


def test_nothing_is_committed_where_nothing_changed(published: TestArchive) -> None:
    published.run("deploy")
    first = commits(published)
    objects = sorted(
        path for path in (published.root / ".git").rglob("*") if path.is_file() and "objects" in path.parts
    )
    ran = published.run("deploy")
    assert ran.status == 0
    assert "Nothing changed" in ran.said
    assert commits(published) == first
    assert objects == sorted(
        path for path in (published.root / ".git").rglob("*") if path.is_file() and "objects" in path.parts
    )


def test_a_change_is_one_more_commit_and_nothing_else_is_touched(published: TestArchive) -> None:
    published.run("deploy")
    published.add("b.txt", record("Harbour opens again", url="https://example.org/again"))
    published.run("site")
    assert published.run("deploy").status == 0
    assert len(commits(published)) == 2
    site = clone(published)
    assert TestArchive(site).files(".").keys() - {".nojekyll"} >= published.files("output").keys()
    assert (site / "2023/03/08/harbour-opens-again.html").exists()
    assert git(published.root, "symbolic-ref", "HEAD").strip() == "refs/heads/main"
    assert git(published.root, "status", "--porcelain", "--untracked-files=no").split() == [
        "M",
        "content/addresses.csv",
    ]


def test_what_others_published_meanwhile_is_built_upon(published: TestArchive) -> None:
    published.run("deploy")
    other = clone(published)
    (other / "index.html").write_text("changed by hand")
    git(other, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-am", "By hand")
    git(other, "push", "--quiet")
    assert published.run("deploy").status == 0
    assert len(commits(published)) == 3
    assert (
        git(published.root.parent / "remote.git", "show", "gh-pages:index.html")
        == (published.root / "output/index.html").read_text()
    )


def test_a_domain_of_ones_own_is_published_with_the_site(published: TestArchive) -> None:
    (published.root / "publishconf.py").write_text(
        'SITEURL = "https://archive.example.org"\nCNAME = "archive.example.org"\n'
    )
    published.run("build")
    assert published.run("deploy").status == 0
    assert (clone(published) / "CNAME").read_text().strip() == "archive.example.org"
    assert "Nothing changed" in published.run("deploy").said
    (published.root / "publishconf.py").write_text('CNAME = "https://archive.example.org/"\n')
    ran = published.run("deploy")
    assert ran.status == 1
    assert 'expected a name such as "archive.example.org"' in ran.said


def test_without_an_address_deploy_says_what_will_not_work(published: TestArchive) -> None:
    assert "SITEURL is not set" in published.run("deploy").said


@pytest.mark.parametrize(
    "options, told",
    [
        (("--remote", "nowhere"), "no such remote"),
        (("--branch", "main"), "is checked out here"),
        (("--branch", "--force"), "no name that git allows"),
        (("--branch", "a..b"), "no name that git allows"),
        (("--branch", "notes"), "holds no site"),
    ],
)
def test_what_would_do_harm_is_not_done(published: TestArchive, options: tuple[str, str], told: str) -> None:
    git(published.root, "push", "--quiet", "origin", "main:notes")
    before = git(published.root.parent / "remote.git", "for-each-ref")
    ran = published.run("deploy", f"{options[0]}={options[1]}")
    assert ran.status == 1
    assert told in ran.said
    assert "Traceback" not in ran.said
    assert git(published.root.parent / "remote.git", "for-each-ref") == before


def test_without_a_repository_or_a_site_deploy_says_what_to_do(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    assert "build first: ./seedbank site" in archive.run("deploy").said
    archive.run("site")
    ran = archive.run("deploy", GIT_CEILING_DIRECTORIES=str(archive.root.parent))
    assert ran.status == 1
    assert "git init" in ran.said


def test_a_remote_that_does_not_answer_is_named(published: TestArchive) -> None:
    git(published.root, "remote", "set-url", "origin", str(published.root / "nowhere.git"))
    ran = published.run("deploy")
    assert ran.status == 1
    assert "nowhere.git" in ran.said
    assert "Traceback" not in ran.said


@pytest.mark.parametrize(
    "sizes, status, told",
    [
        ({"2023/large.bin": 90_000_000}, 0, "warning: output/2023/large.bin: 90 MB"),
        ({"2023/large.bin": 105_000_000}, 1, "output/2023/large.bin: 105 MB, and GitHub Pages takes 105 MB for a file"),
        ({f"tags/{part}.bin": 90_000_000 for part in range(10)}, 0, "warning: output/: 900 MB"),
        ({f"tags/{part}.bin": 100_000_000 for part in range(11)}, 1, "most of it is tags/ (1,100 MB)"),
    ],
)
def test_a_site_near_the_limits_is_told_of_and_one_beyond_them_is_not_pushed(
    archive: TestArchive, sizes: dict[str, int], status: int, told: str
) -> None:
    from plugins.checks.limits import check_limits

    for name, size in sizes.items():
        path = archive.root / "output" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(size)
    (archive.root / "output/index.html").write_text("<title>Home</title>")
    if status == 0:  # pushing so much would take long
        findings = check_limits(archive.root / "output")
        assert any(told in f"warning: {finding.text}" for finding in findings)
        assert not any(finding.is_beyond for finding in findings)
    else:
        ran = archive.run("deploy")
        assert ran.status == 1
        assert told in ran.said


def test_every_action_of_the_workflows_is_pinned_to_a_commit() -> None:
    workflows = sorted((PROJECT / ".github/workflows").glob("*.yml"))
    assert [path.name for path in workflows] == ["release.yml", "site.yml", "test.yml"]
    for workflow in workflows:
        used = re.findall(r"uses: *(.*)", workflow.read_text())
        assert used
        assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used)


def test_a_site_with_a_fault_is_not_pushed(published: TestArchive) -> None:
    page = published.root / "output/index.html"
    page.write_text(page.read_text().replace("Harbour closes", "Harbour burns"))
    ran = published.run("deploy")
    assert ran.status == 1
    assert "index.html: is not as it was written" in ran.said
    assert "nothing was pushed" in ran.said
    assert git(published.root.parent / "remote.git", "for-each-ref") == ""
