"""Gives an archive's documents to other site generators, in their own forms.

    content/2003/01/07/slug.md  →  hugo/content/2003/01/07/slug.md       front-matter in TOML
                                   hugo/content/2003/_index.md, 2003/01/_index.md, …
                                   hugo/static/2003/01/07/slug.txt       the raw record
    content/2003/01/07/slug.md  →  pelican/2003/01/07/slug.md            keys that Pelican itself gives no other meaning
                                   pelican/2003/01/07/slug.txt

What Seedbank finds out while it builds, such as where the raw record lies, the peers are given as front-matter.
"""

import json
import shutil
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path

from converters.archive.layout import Archive
from converters.text import frontmatter

PROJECT = Path(__file__).resolve().parent.parent


def documents_of(archive: Archive) -> list[Path]:
    """Give the content files of an archive's documents."""
    return sorted(archive.content.glob("[0-9]*/*/*/*.md"))


def make_hugo_site(archive: Archive, site: Path) -> None:
    """Write a Hugo site with all that the archive holds."""
    shutil.copytree(PROJECT / "bench" / "hugo", site)
    shutil.copytree(PROJECT / "theme" / "static", site / "static" / "theme")
    add_to_hugo_site(archive, site, documents_of(archive))
    _write_toml(site / "content" / "about.md", {"title": "About this archive", "layout": "about"}, _about())


def add_to_hugo_site(archive: Archive, site: Path, documents: Iterable[Path]) -> None:
    """Write these documents of the archive into a Hugo site."""
    for path in documents:
        place = path.relative_to(archive.content)
        keys, body = _parts(path)
        raw = place.with_suffix(".txt")
        _write(site / "static" / raw, _raw_record(archive, keys))
        when = date.fromisoformat(keys["Date"])
        _write_toml(
            site / "content" / place,
            {
                "title": keys["Title"],
                "date": when,
                "slug": place.stem,
                "summary": keys["Summary"],
                "tags": keys["Tags"].split(", "),
                "sources": [keys["Category"]],
                "language": keys["Lang"],
                "direction": "ltr",
                "original": keys["Url"],
                "seed": keys["Seed"],
                "seed_sha256": keys["Seed-SHA256"],
                "breaks": _breaks(body),
                "inferred_breaks": int(keys["Inferred-Breaks"]),
                "raw": raw.as_posix(),
            },
            body,
        )
        year, month, day = f"{when:%Y}", f"{when:%Y/%m}", f"{when:%Y/%m/%d}"
        for section, first, title in (
            (year, when.replace(month=1, day=1), year),
            (month, when.replace(day=1), f"{when:%B %Y}"),
            (day, when, f"{when.day} {when:%B %Y}"),
        ):
            index = site / "content" / section / "_index.md"
            if not index.exists():
                _write_toml(index, {"title": title, "date": first, "url": f"/{section}/index.html"}, "")


def make_pelican_content(archive: Archive, content: Path) -> None:
    """Write a content folder for Pelican's own readers with all that the archive holds."""
    for path in documents_of(archive):
        place = path.relative_to(archive.content)
        keys, body = _parts(path)
        raw = place.with_suffix(".txt")
        _write(content / raw, _raw_record(archive, keys))
        renamed = {key.replace("-", "_"): text for key, text in keys.items() if key not in ("Url", "Reader")}
        renamed |= {"Original": keys["Url"], "Dir": "ltr", "Raw": raw.as_posix()}
        renamed |= {"Breaks": str(_breaks(body)), "Words": str(len(body.split()))}
        head = "".join(f"{key}: {text}\n" for key, text in renamed.items())
        _write(content / place, f"{head}\n{body}".encode())
    _write(content / "pages" / "about.md", f"Title: About this archive\nSlug: about\n\n{_about()}".encode())


def _parts(path: Path) -> tuple[dict[str, str], str]:
    keys, body = frontmatter.split(path.read_text(encoding="utf-8"))
    return {key: frontmatter.decode(text) for key, text in keys}, body


def _breaks(body: str) -> int:
    return body.strip().count("\n\n")


def _raw_record(archive: Archive, keys: dict[str, str]) -> bytes:
    start, length = map(int, keys["Seed-Bytes"].split("+"))
    return _seed(archive.root / keys["Seed"])[start : start + length]


@lru_cache(maxsize=2)
def _seed(path: Path) -> bytes:
    """Documents come by date and seeds hold a year each: reading one anew for each document would be slow."""
    return path.read_bytes()


def _about() -> str:
    return (PROJECT / "content" / "pages" / "about.md").read_text(encoding="utf-8").partition("\n\n")[2]


def _write_toml(path: Path, keys: dict[str, str | int | date | list[str]], body: str) -> None:
    # A string or a list of strings in JSON is one in TOML too.
    head = "".join(
        f"{key} = {value if isinstance(value, date) else json.dumps(value, ensure_ascii=False)}\n"
        for key, value in keys.items()
    )
    _write(path, f"+++\n{head}+++\n\n{body}".encode())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
