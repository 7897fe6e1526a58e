"""How a document is cited by programs: in BibTeX and in RIS, one of which each of them reads.

    2023/03/08/harbour-opens.bib               2023/03/08/harbour-opens.ris
    @online{2023-03-08-harbour-opens,          TY  - ELEC
      title = {{Harbour opens}},               TI  - Harbour opens
      …                                        …

Both lie beside the page of a document that was read from a seed. A title is put on one line of at most 300 characters;
what a format takes for its own marks is written as the format wants it.
"""

import re
from html import unescape
from typing import NamedTuple
from urllib.parse import quote

from pelican import signals
from pelican.contents import Article
from pelican.generators import Generator

from plugins.site.filters import short
from plugins.site.originals import write_new

_TEX = str.maketrans(
    {
        "\\": r"{\textbackslash}",
        "{": r"{\textbraceleft}",
        "}": r"{\textbraceright}",
        "~": r"{\textasciitilde}",
        "^": r"{\textasciicircum}",
        **{mark: f"\\{mark}" for mark in "#$%&_"},
    }
)
_NEEDS_TEX = re.compile(r"[\\{}~^#$%&_]")
_AND = re.compile(r"\band\b", re.IGNORECASE)
_NOT_IN_KEY = re.compile("[^A-Za-z0-9-]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Citation(NamedTuple):
    """What is cited, in plain text; each on one line."""

    key: str
    """Letters, digits and hyphens, another for each document."""
    title: str
    authors: tuple[str, ...]
    source: str
    day: str
    """Such as `2023-03-08`."""
    language: str
    """A code; nothing where it is not known."""
    original: str
    archive: str
    address: str
    """Where it is kept, if that is on the web."""
    sha256: str

    @property
    def kept(self) -> str:
        """Where it is kept, and how to tell that it is the same."""
        place = f"{self.archive}, {self.address}" if self.address else self.archive
        return f"Kept in {place}, its SHA-256 begins {self.sha256[:12]}"


def citation(article: Article, archive: str, site: str) -> Citation:
    """Return what is cited of a document; `archive` is its name, `site` its address or nothing."""
    return Citation(
        _NOT_IN_KEY.sub("-", article.save_as.removesuffix(".html")),
        _line(unescape(str(short(article.title)))),
        tuple(_line(unescape(str(author))) for author in getattr(article, "authors", ())),
        _line(unescape(str(getattr(article, "category", "")))),
        article.published,
        "" if article.lang == "und" else article.lang,
        _line(unescape(str(article.original or article.address))),
        _line(archive),
        f"{site}/{quote(article.save_as)}" if site else "",
        str(article.seed_sha256),
    )


def bibtex(cited: Citation) -> str:
    """Return an entry for BibTeX and BibLaTeX; the doubled braces keep the title's capitals."""
    language = f"  langid = {{{cited.language}}},\n" if cited.language else ""
    day = f"  date = {{{cited.day}}},\n  year = {{{cited.day[:4]}}},\n" if cited.day else ""
    # BibTeX takes "and" for what stands between two names, unless it is in braces.
    names = [f"{{{_tex(name)}}}" if _AND.search(name) else _tex(name) for name in cited.authors]
    authors = f"  author = {{{' and '.join(names)}}},\n" if names else ""
    # An address is read as it is, so what would end it is written as addresses write it.
    url = cited.original.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")
    return (
        f"@online{{{cited.key},\n  title = {{{{{_tex(cited.title)}}}}},\n{authors}"
        f"  organization = {{{_tex(cited.source)}}},\n{day}{language}  url = {{{url}}},\n"
        f"  note = {{{_tex(cited.kept)}}}\n}}\n"
    )


def ris(cited: Citation) -> str:
    """Return a record in RIS, a tag a line."""
    day = f"PY  - {cited.day[:4]}\nDA  - {cited.day.replace('-', '/')}\n" if cited.day else ""
    language = f"LA  - {cited.language}\n" if cited.language else ""
    authors = "".join(f"AU  - {name}\n" for name in cited.authors)
    return (
        f"TY  - ELEC\nID  - {cited.key}\nTI  - {cited.title}\n{authors}T2  - {cited.source}\n"
        f"{day}{language}UR  - {cited.original}\nN1  - {cited.kept}\nER  - \n"
    )


def citation_files(page: str) -> tuple[str, str]:
    """Return the addresses of the two files with the citation of a page."""
    stem = page.removesuffix(".html")
    return f"{stem}.bib", f"{stem}.ris"


def register() -> None:
    """Write the files of a document when its page is written."""
    signals.article_generator_write_article.connect(_write)


def _write(generator: Generator, content: Article) -> None:
    if content.seed and not content.withdrawn:
        settings = generator.settings
        cited = citation(content, str(settings["SITENAME"]), str(settings["SITEURL"]))
        for address, text in zip(citation_files(content.save_as), (bibtex(cited), ris(cited)), strict=True):
            write_new(f"{generator.output_path}/{address}", text.encode())


def _line(text: str) -> str:
    """Put text on one line, without what no program shows."""
    if not text.isprintable():
        text = _CONTROL.sub(" ", text)
    return " ".join(text.split())


def _tex(text: str) -> str:
    return text.translate(_TEX) if _NEEDS_TEX.search(text) else text
