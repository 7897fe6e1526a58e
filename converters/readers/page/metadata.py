"""What a page says of itself: title, authors, days, address; each with the place that says so.

    <script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2023-03-08T23:30:00-05:00", …}
    ->  Metadata(title="Court opens inquiry", published=PartialDate(2023, 3, 8), authors=("Ada Bell",), …)

Of several places the most exact counts: JSON-LD, then the headers of the page, then what it shows. A day is the day
where the page was published: its own offset counts, and nothing is moved to UTC.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin, urlsplit

from lxml import html

from converters.model import PartialDate

_ARTICLES = re.compile(r"(?:Article|BlogPosting|Posting|Report|Review|NewsArticle|WebPage|CreativeWork)$")
_PUBLISHED = (
    "article:published_time og:published_time article:published datepublished dc.date.issued dcterms.issued "
    "dcterms.created dc.date.created parsely-pub-date sailthru.date pubdate publishdate publish_date publish-date "
    "publication_date article.published date_published dc.date dcterms.date date citation_publication_date"
).split()
_MODIFIED = "article:modified_time og:updated_time datemodified dcterms.modified dc.date.modified lastmod".split()
_AUTHORS = "author article:author parsely-author dc.creator dcterms.creator sailthru.author citation_author byl".split()
_DAY = re.compile(r"\s*([12][0-9]{3})-?([01][0-9])-?([0-3][0-9])(?![0-9])")
_BY = re.compile(r"^\s*(?:by|von|par|por|di|door|av|af|автор:?|text:?|words by|written by)\s+", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,|;|\||/|\band\b|\bund\b|\bet\b|\by\b|\be\b|&)\s*")
_NO_PERSON = re.compile(r"https?:|www\.|@|^(?:admin|staff|editor|redaktion|unknown|null|none)$", re.IGNORECASE)
_SUFFIX = re.compile(r"\s+(?:[|–—·•»:]|-)\s+")
_LONGEST_NAME, _MOST_JSON = 100, 1_000_000  # characters


@dataclass(frozen=True, slots=True)
class Metadata:
    title: str
    title_from: str
    """Where the title stands: `json-ld`, `h1`, `og:title`, `title`."""
    published: PartialDate | None
    published_from: str
    modified: PartialDate | None
    authors: tuple[str, ...]
    canonical: str
    """The address that the page gives itself; empty unless it is on the host that it was captured from."""
    site: str
    description: str


def metadata_of(tree: html.HtmlElement, url: str) -> Metadata:
    """Return what a page, whole and not yet pruned, says of itself."""
    described = list(_described(tree))
    articles = _articles(described)
    by_id = {str(one["@id"]): one for one in described if "@id" in one}
    headers = _headers(tree)
    site = headers.get("og:site_name", [""])[0]
    title, title_from = _title(tree, articles, headers, site)
    published, published_from = _published(tree, articles, headers)
    modified = next(_days(chain_of(_texts(articles, "dateModified"), _all(headers, _MODIFIED))), None)
    return Metadata(
        title,
        title_from,
        published,
        published_from,
        modified,
        _authors(tree, articles, by_id, headers, site),
        _canonical(tree, headers, url),
        site,
        next(_all(headers, ("description", "og:description")), ""),
    )


def chain_of(*parts: Iterable[str]) -> Iterator[str]:
    """Yield the texts of several sources, one after another."""
    for part in parts:
        yield from part


def _described(tree: html.HtmlElement) -> Iterator[dict[str, object]]:
    """Yield the objects that the page's JSON-LD describes."""
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "") and script.text and len(script.text) <= _MOST_JSON:
            try:
                data = json.loads(script.text.strip().strip(";"), strict=False)
            except (ValueError, RecursionError):
                continue
            yield from _objects(data, 0)


def _articles(described: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """Return the objects that are documents, articles before pages."""
    found = [one for one in described if any(_ARTICLES.search(kind) for kind in _kinds(one))]
    return sorted(found, key=lambda one: all(kind in ("WebPage", "CreativeWork") for kind in _kinds(one)))


def _objects(data: object, depth: int) -> Iterator[dict[str, object]]:
    if depth > 6:
        return
    if isinstance(data, list):
        for one in data[:200]:
            yield from _objects(one, depth + 1)
    elif isinstance(data, dict):
        yield data
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart"):
            yield from _objects(data.get(key), depth + 1)


def _kinds(data: dict[str, object]) -> list[str]:
    kind = data.get("@type")
    return [str(one) for one in kind] if isinstance(kind, list) else [str(kind)]


def _texts(articles: Iterable[dict[str, object]], key: str) -> Iterator[str]:
    for article in articles:
        value = article.get(key)
        if isinstance(value, str) and value.strip():
            yield _one_line(value)


def _headers(tree: html.HtmlElement) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()
        content = _one_line(meta.get("content") or "")
        if name and content:
            headers.setdefault(name, []).append(content)
    return headers


def _all(headers: dict[str, list[str]], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from headers.get(name, ())


def _title(
    tree: html.HtmlElement, articles: list[dict[str, object]], headers: dict[str, list[str]], site: str
) -> tuple[str, str]:
    named = [(text, "json-ld") for text in _texts(articles, "headline")]
    named += [(_without_site(text, site), "og:title") for text in _all(headers, ("og:title", "twitter:title"))]
    shown = [text for element in tree.iter("h1") if (text := _one_line(element.text_content()))]
    whole = _one_line(next((element.text_content() for element in tree.iter("title")), ""))
    known = [_letters(text) for text, _ in named] + [_letters(whole)]
    for text in shown:
        letters = _letters(text)
        if letters and any(
            letters == one or (min(len(letters), len(one)) > 8 and (letters in one or one in letters))
            for one in known
            if one
        ):
            return text, "h1"
    if len(shown) == 1 and len(shown[0]) > 20 and not named:
        return shown[0], "h1"
    return next(iter(named), (_without_site(whole, site), "title")) if named or whole else (next(iter(shown), ""), "h1")


def _without_site(title: str, site: str) -> str:
    """Take the name of the site from the end of a title: `Court opens inquiry | Example News`."""
    parts = _SUFFIX.split(title)
    last = parts[-1]
    is_site = _letters(last) == _letters(site) or len(last) < min(30, len(title) // 2)
    if len(parts) > 1 and is_site:
        return title[: title.rfind(last)].rstrip(" |–—·•»:-")
    return title


def _published(
    tree: html.HtmlElement, articles: list[dict[str, object]], headers: dict[str, list[str]]
) -> tuple[PartialDate | None, str]:
    shown = (
        element.get("datetime") or element.get("content") or ""
        for element in tree.xpath("//time[@pubdate or @itemprop='datePublished'] | //*[@itemprop='datePublished']")
    )
    in_text = (element.get("datetime") or "" for element in tree.xpath("(//article | //main)//time[@datetime]"))
    for place, texts in (
        ("json-ld", _texts(articles, "datePublished")),
        ("meta", _all(headers, _PUBLISHED)),
        ("microdata", shown),
        ("time", in_text),
    ):
        if day := next(_days(texts), None):
            return day, place
    from htmldate import find_date  # takes long to load, and most pages tell their date

    guessed = find_date(tree, original_date=True, extensive_search=True)
    return next(((day, "text") for day in _days([guessed or ""])), (None, ""))


def _days(texts: Iterable[str]) -> Iterator[PartialDate]:
    for text in texts:
        if match := _DAY.match(text):
            try:
                day = date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                continue
            yield PartialDate(day.year, day.month, day.day)


def _authors(
    tree: html.HtmlElement,
    articles: list[dict[str, object]],
    by_id: dict[str, dict[str, object]],
    headers: dict[str, list[str]],
    site: str,
) -> tuple[str, ...]:
    told = [name for article in articles for name in _names_in(article.get("author"), by_id)]
    shown = (
        element.text_content()
        for element in tree.xpath("//*[@rel='author' or @itemprop='author' or contains(@class, 'byline__name')]")
    )
    for texts in (told, _all(headers, _AUTHORS), shown):
        lines = (_BY.sub("", _one_line(text)) for text in texts)
        names = [
            name for line in lines if not _NO_PERSON.search(line) for name in _AND.split(line) if _is_name(name, site)
        ]
        if names:
            return tuple(dict.fromkeys(names))
    return ()


def _names_in(author: object, by_id: dict[str, dict[str, object]]) -> Iterator[str]:
    if isinstance(author, str):
        yield author
    elif isinstance(author, list):
        for one in author[:50]:
            yield from _names_in(one, by_id)
    elif isinstance(author, dict):
        name = author.get("name") or by_id.get(str(author.get("@id")), {}).get("name")
        if name and "Organization" not in "".join(_kinds(author)):
            yield from _names_in(name, by_id)


def _is_name(name: str, site: str) -> bool:
    return 1 < len(name) <= _LONGEST_NAME and not _NO_PERSON.search(name) and _letters(name) != _letters(site)


def _canonical(tree: html.HtmlElement, headers: dict[str, list[str]], url: str) -> str:
    links = (link.get("href") or "" for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical")
    for href in chain_of(links, _all(headers, ("og:url",))):
        try:
            address = urljoin(url, href.strip())
            parts = urlsplit(address)
            same_host = not url or parts.hostname == urlsplit(url).hostname
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname and same_host:
            return address
    return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
