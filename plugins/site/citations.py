"""How a document is cited by programs: in BibTeX, in RIS and in CSL-JSON, which between them all of them read.

    @online{2023-03-08-harbour-opens,          TY  - ELEC                        [{"id": "2023-03-08-harbour-opens",
      title = {{Harbour opens}},               TI  - Harbour opens               "type": "webpage",
      …                                        …                                 …

Templates write `{{ article|citations }}`, which gives three blocks to unfold and to copy from. A title is put on one
line of at most 300 characters; what a format takes for its own marks is written as the format wants it.
"""

import json
import re
from functools import partial
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup
from pelican import signals
from pelican.contents import Article
from pelican.generators import Generator

from plugins.site.filters import short

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
_NOT_IN_KEY = re.compile("[^A-Za-z0-9-]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_in_quotes = json.JSONEncoder(ensure_ascii=False).encode


class Citation(NamedTuple):
    """What is cited, in plain text; each on one line."""

    key: str
    """Letters, digits and hyphens, another for each document."""
    title: str
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
        _line(unescape(str(getattr(article, "category", "")))),
        article.published,
        "" if article.lang == "und" else article.lang,
        _line(unescape(str(article.original))),
        _line(archive),
        f"{site}/{quote(article.save_as)}" if site else "",
        str(article.seed_sha256),
    )


def bibtex(cited: Citation) -> str:
    """Return an entry for BibTeX and BibLaTeX; the doubled braces keep the title's capitals."""
    language = f"  langid = {{{cited.language}}},\n" if cited.language else ""
    day = f"  date = {{{cited.day}}},\n  year = {{{cited.day[:4]}}},\n" if cited.day else ""
    # An address is read as it is, so what would end it is written as addresses write it.
    url = cited.original.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")
    return (
        f"@online{{{cited.key},\n  title = {{{{{_tex(cited.title)}}}}},\n  organization = {{{_tex(cited.source)}}},\n"
        f"{day}{language}  url = {{{url}}},\n"
        f"  note = {{{_tex(cited.kept)}}}\n}}\n"
    )


def ris(cited: Citation) -> str:
    """Return a record in RIS, a tag a line."""
    day = f"PY  - {cited.day[:4]}\nDA  - {cited.day.replace('-', '/')}\n" if cited.day else ""
    language = f"LA  - {cited.language}\n" if cited.language else ""
    return (
        f"TY  - ELEC\nID  - {cited.key}\nTI  - {cited.title}\nT2  - {cited.source}\n"
        f"{day}{language}UR  - {cited.original}\nN1  - {cited.kept}\nER  - \n"
    )


def csl_json(cited: Citation) -> str:
    """Return CSL-JSON: a list of one item."""
    parts = ", ".join(str(int(part)) for part in cited.day.split("-")) if cited.day else ""
    day = f'  "issued": {{"date-parts": [[{parts}]]}},\n' if parts else ""
    language = f'  "language": {_in_quotes(cited.language)},\n' if cited.language else ""
    place = f'  "archive_location": {_in_quotes(cited.address)},\n' if cited.address else ""
    return (
        f'[{{\n  "id": "{cited.key}",\n  "type": "webpage",\n  "title": {_in_quotes(cited.title)},\n'
        f'  "container-title": {_in_quotes(cited.source)},\n'
        f"{day}{language}"
        f'  "URL": {_in_quotes(cited.original)},\n  "archive": {_in_quotes(cited.archive)},\n{place}'
        f'  "note": {_in_quotes(f"SHA-256 begins {cited.sha256[:12]}")}\n}}]\n'
    )


def citations(article: Article, archive: str, site: str) -> Markup:
    """Return the three as HTML, folded."""
    cited = citation(article, archive, site)
    blocks = (("BibTeX", bibtex(cited)), ("RIS", ris(cited)), ("CSL-JSON", csl_json(cited)))
    return Markup(  # noqa: S704  # escaped here
        "".join(
            [
                f'<details class="cited"><summary>{name}</summary>\n<pre>{escape(text, quote=False)}</pre></details>\n'
                for name, text in blocks
            ]
        )
    )


def register() -> None:
    """Offer the filter to templates."""
    signals.generator_init.connect(_add_filter)


def _add_filter(generator: Generator) -> None:
    settings = generator.settings
    generator.env.filters["citations"] = partial(citations, archive=settings["SITENAME"], site=settings["SITEURL"])


def _line(text: str) -> str:
    """Put text on one line, without what no program shows."""
    if not text.isprintable():
        text = _CONTROL.sub(" ", text)
    return " ".join(text.split())


def _tex(text: str) -> str:
    return text.translate(_TEX) if _NEEDS_TEX.search(text) else text
