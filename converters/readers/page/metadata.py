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

_ARTICLES = re.compile(r"(?:Article|BlogPosting|Posting|Report|Review|NewsArticle|Recipe|WebPage|CreativeWork)$")
_PUBLISHED = (
    "article:published_time og:published_time og:article:published_time article:published datepublished dc.date.issued "
    "dcterms.issued dcterms.created dc.date.created dc.created parsely-pub-date sailthru.date cxenseparse:publishtime "
    "cxenseparse:recs:publishtime bt:pubdate pubdate publishdate publish_date publish-date publication_date pub_date "
    "article.published date_published displaydate dc.date dcterms.date date created citation_publication_date"
).split()
_MODIFIED = "article:modified_time og:updated_time datemodified dcterms.modified dc.date.modified lastmod".split()
_AUTHORS = "author article:author parsely-author dc.creator dcterms.creator sailthru.author citation_author byl".split()
_TITLES = "og:title twitter:title dc.title dcterms.title citation_title parsely-title sailthru.title".split()
_DESCRIPTIONS = "description og:description twitter:description dc.description dcterms.description".split()
_DAYS = (
    re.compile(r"\s*(?P<y>[12][0-9]{3})-?(?P<m>[01][0-9])-?(?P<d>[0-3][0-9])(?![0-9])"),  # 2023-03-08T…, 20230308
    re.compile(r"\s*(?P<y>[12][0-9]{3})[/.](?P<m>[01]?[0-9])[/.](?P<d>[0-3]?[0-9])(?![0-9])"),  # 2023/3/8
    re.compile(r"\s*(?P<y>[12][0-9]{3})\s*[年년]\s*(?P<m>[01]?[0-9])\s*[月월]\s*(?P<d>[0-3]?[0-9])\s*[日일]"),
    re.compile(
        r"\s*(?:\w+,?\s+)?(?P<d>[0-3]?[0-9])\.\s?(?P<m>[01]?[0-9])\.\s?(?P<y>[12][0-9]{3})(?![0-9])"
    ),  # 8.3.2023
    re.compile(r"\s*(?:\w+,?\s+)?(?P<d>[0-3]?[0-9])[\s-]+(?P<month>[a-z]{3,9})\.?[\s,-]+(?P<y>[12][0-9]{3})", re.I),
    re.compile(
        r"\s*(?:\w+,?\s+)?(?P<month>[a-z]{3,9})\.?\s+(?P<d>[0-3]?[0-9])(?:st|nd|rd|th)?,?\s+(?P<y>[12][0-9]{3})", re.I
    ),
)
_IN_ADDRESS = re.compile(
    r"/(?P<y>(?:19|20)[0-9]{2})(?P<s>[/-]?)(?P<m>[01]?[0-9]|[a-z]{3})(?P=s)(?P<d>[0-3]?[0-9])(?![0-9])", re.I
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_BY = re.compile(
    r"^\s*(?:(?:written|words|reporting|posted)\s+by|by|von|par|por|di|da|door|av|af|autor(?:es|a|zy)?|auteur|author|автор"
    r"|texto?|text)\b[:\s]+",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:[,;|/&、，]|\b(?:and|und|et|og|och|en|y|e)\b)\s*")
_STRONG_AND = re.compile(r"\s*(?:[,;|、，]|\s[/&]\s|\b(?:and|und)\b)\s*")
_NO_PERSON = re.compile(r"https?:|www\.|@|^(?:admin|staff|editor|redaktion|unknown|null|none)$", re.IGNORECASE)
_NO_NAME = re.compile(rf"[0-9]{{2}}|{_NO_PERSON.pattern}", re.IGNORECASE)
_SUFFIX = re.compile(r"\s+(?:[|–—·•»:]|-)\s+|\s*[|｜]\s*")
_NAMED_AUTHOR = re.compile(
    r"(?<![a-z])(?:byline|authors?|autor|auteur|autore)(?:[-_]{1,2}names?)?(?![a-z-])", re.IGNORECASE
)
_TOLD = re.compile(r'"(headline|datePublished|description)"\s*:\s*("(?:[^"\\]|\\.){1,1000}")')
_INTRODUCTIONS = ("description", "alternativeHeadline", "abstract")
_LONGEST_NAME, _MOST_JSON = 100, 1_000_000  # characters
_MOST_NAMES = 7  # of one person
_SHORTEST_TITLE = 5  # letters, from which one title in another is no accident
_CUT_TITLE = 100  # characters, after which search engines have titles cut


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
    descriptions: tuple[str, ...]
    """What it says of itself to search engines and networks: most often its standfirst."""


def metadata_of(tree: html.HtmlElement, url: str) -> Metadata:
    """Return what a page, whole and not yet pruned, says of itself."""
    described = list(_described(tree))
    headers = _headers(tree)
    whole = _one_line(next((element.text_content() for element in tree.iter("title")), ""))
    articles = _articles(described, [*_all(headers, _TITLES), whole])
    by_id = {str(one["@id"]): one for one in described if "@id" in one}
    site = next(_all(headers, ("og:site_name", "application-name")), "")
    canonical = _canonical(tree, headers, url)
    title, title_from = _title(tree, articles, headers, whole, (site, _host(url or canonical)))
    published, published_from = _published(tree, articles, headers, url or canonical)
    modified = next(_days(chain_of(_texts(articles, "dateModified"), _all(headers, _MODIFIED))), None)
    descriptions = chain_of(_all(headers, _DESCRIPTIONS), *(_texts(articles, key) for key in _INTRODUCTIONS))
    return Metadata(
        title,
        title_from,
        published,
        published_from,
        modified,
        _authors(tree, articles, by_id, headers, site),
        canonical,
        site,
        tuple(dict.fromkeys(descriptions)),
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
                data = {key: json.loads(text, strict=False) for key, text in reversed(_TOLD.findall(script.text))}
                data["@type"] = "Article"
            yield from _objects(data, 0)


def _articles(described: Iterable[dict[str, object]], titles: Iterable[str]) -> list[dict[str, object]]:
    """Return the objects that are documents: those with one of the page's titles first, and articles before pages."""
    known = "\n".join(map(_letters, titles))
    found = [one for one in described if any(_ARTICLES.search(kind) for kind in _kinds(one))]

    def rank(one: dict[str, object]) -> tuple[bool, bool]:
        headline = _letters(next(_texts([one], "headline"), ""))
        is_page = all(kind in ("WebPage", "CreativeWork") for kind in _kinds(one))
        return is_page, not (headline and headline in known)

    return sorted(found, key=rank)


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
    tree: html.HtmlElement,
    articles: list[dict[str, object]],
    headers: dict[str, list[str]],
    whole: str,
    sites: tuple[str, str],
) -> tuple[str, str]:
    """Return the title of a page as the page shows it, where what it says of itself confirms that."""
    named = [(text, "json-ld") for text in _texts(articles, "headline")]
    named += [(_without_site(text, sites), "og:title") for text in _all(headers, _TITLES)]
    named += [(_without_site(whole, sites, or_any_end=True), "title")]
    shown = [text for element in tree.iter("h1") if (text := _one_line(element.text_content()))]
    end = _letters(_SUFFIX.split(whole)[-1])
    for text, place in named:
        for heading in shown:
            if place == "title" and _letters(heading) == end != _letters(text):
                continue  # the heading is the site's name
            if title := _confirmed(heading, text):
                return title, "h1"
    text, place = next(((text, place) for text, place in named if _letters(text)), ("", ""))
    return (text, place) if text else (next(iter(shown), ""), "h1")


def _confirmed(heading: str, named: str) -> str:
    """Return the title that a heading and a name of the page agree on: both, or the shorter in the longer; or nothing.

    A heading may also hold a kicker, and a name that of the site.
    """
    shown, said = _letters(heading), _letters(named)
    if not shown or not said:
        return ""
    if shown == said:
        return heading if len(heading.split()) >= len(named.split()) else named
    if said in shown and len(said) >= _SHORTEST_TITLE:
        return heading if len(named) >= _CUT_TITLE else named
    return heading if shown in said and len(shown) >= max(_SHORTEST_TITLE, len(said) // 2) else ""


def _without_site(title: str, sites: tuple[str, str], or_any_end: bool = False) -> str:
    """Take the name of the site from the end or the beginning of a title: `Court opens inquiry | Example News`.

    `or_any_end` takes a short end for it, too.
    """
    parts = _SUFFIX.split(title)
    if len(parts) < 2:
        return title

    def is_site(part: str) -> bool:
        letters = _letters(part)
        return any(
            letters == _letters(site) or (len(letters) > 3 and letters in _letters(site)) for site in sites if site
        )

    if is_site(parts[-1]) or (or_any_end and len(parts[-1]) < min(30, len(title) // 2)):
        return title[: title.rfind(parts[-1])].rstrip(" |｜–—·•»:-")
    if is_site(parts[0]):
        return title[len(parts[0]) :].lstrip(" |｜–—·•»:-")
    return title


def _begins(letters: str, name: str) -> bool:
    return len(name) > _SHORTEST_TITLE and letters.startswith(name)


def _published(
    tree: html.HtmlElement, articles: list[dict[str, object]], headers: dict[str, list[str]], url: str
) -> tuple[PartialDate | None, str]:
    told = tree.xpath("//*[@pubdate or @itemprop='datePublished' or @property='datePublished']")
    shown = (text for one in told for text in (one.get("datetime"), one.get("content"), one.text_content()) if text)
    in_text = (element.get("datetime") or "" for element in tree.xpath("(//article | //main)//time[@datetime]"))
    for place, texts in (
        ("json-ld", chain_of(_texts(articles, "datePublished"), _texts(articles, "dateCreated"))),
        ("meta", _all(headers, _PUBLISHED)),
        ("microdata", shown),
    ):
        if day := next(_days(texts), None):
            return day, place
    if (match := _IN_ADDRESS.search(url)) and (day := _day(match)):
        return day, "address"
    if day := next(_days(in_text), None):
        return day, "time"
    from htmldate import find_date  # takes long to load, and most pages tell their date

    guessed = find_date(tree, original_date=True, extensive_search=True)
    return next(((day, "text") for day in _days([guessed or ""])), (None, ""))


def _days(texts: Iterable[str]) -> Iterator[PartialDate]:
    for text in texts:
        if day := next(filter(None, (_day(match) for pattern in _DAYS if (match := pattern.match(text)))), None):
            yield day


def _day(match: re.Match[str]) -> PartialDate | None:
    found = match.groupdict()
    month = found.get("month") or found["m"]
    try:
        number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
        day = date(int(found["y"]), number, int(found["d"]))
    except ValueError:
        return None
    return PartialDate(day.year, day.month, day.day)


def _authors(
    tree: html.HtmlElement,
    articles: list[dict[str, object]],
    by_id: dict[str, dict[str, object]],
    headers: dict[str, list[str]],
    site: str,
) -> tuple[str, ...]:
    people = [name for article in articles for name in _names_in(article.get("author"), by_id, "")]
    agencies = [name for article in articles for name in _names_in(article.get("author"), by_id, "Organization")]
    shown = [element.text_content() for element in tree.xpath("//*[@rel='author' or @itemprop='author']")]
    for texts, parted in (
        (people, _STRONG_AND),
        (_all(headers, _AUTHORS), _AND),
        (shown, _AND),
        (_named_authors(tree), _AND),
        (agencies, _STRONG_AND),
    ):
        lines = (_BY.sub("", _one_line(text)) for text in texts)
        names = [
            name for line in lines if not _NO_PERSON.search(line) for name in parted.split(line) if _is_name(name, site)
        ]
        if names:
            return tuple(dict.fromkeys(names))
    return ()


def _named_authors(tree: html.HtmlElement) -> Iterator[str]:
    """Yield what stands in short elements that are named as bylines."""
    for element in tree.xpath("//*[contains(@class, 'yline') or contains(@class, 'ut')]"):
        if _NAMED_AUTHOR.search(element.get("class")) and not len(element):
            text = _one_line(element.text_content())
            if _BY.match(text) or (1 < len(text.split()) < 5 and text.istitle()):
                yield text


def _names_in(author: object, by_id: dict[str, dict[str, object]], kind: str) -> Iterator[str]:
    """Yield the names of authors that are organisations if that is the `kind`, and else of those that are not."""
    if isinstance(author, str) and not kind:
        yield author
    elif isinstance(author, list):
        for one in author[:50]:
            yield from _names_in(one, by_id, kind)
    elif isinstance(author, dict):
        name = author.get("name") or by_id.get(str(author.get("@id")), {}).get("name")
        if name and ("Organization" in "".join(_kinds(author))) == bool(kind):
            yield from _names_in(name, by_id, "")


def _is_name(name: str, site: str) -> bool:
    is_short = 1 < len(name) <= _LONGEST_NAME and len(name.split()) <= _MOST_NAMES
    return is_short and not _NO_NAME.search(name) and _letters(name) != _letters(site)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.").rpartition(".")[0]
    except ValueError:
        return ""


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
