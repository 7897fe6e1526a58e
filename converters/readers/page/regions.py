"""Tells for each leaf of a page whether it is of the document, and if not, what it is.

    "The court said on Wednesday …"     TEXT
    "Photo: Ada Bell / Reuters"         CAPTION
    "Court opens inquiry"               TITLE
    "Most read"  "Share this page"      "related", "sharing", …

A library's guess at the main text is the witness (trafilatura, which finds it nearly always, but drops first and last
paragraphs, list items and standfirsts, and takes in advertisements for newsletters). Here it only shows where the text
is: the smallest element that holds most of the guess is the column, and what lies in the column as the guess does is of
the document, unless its own words or the names of the elements around it say that it is something else. A paragraph
more is better than one lost: what is left out is listed, and the page is kept as it was.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from lxml import html

from converters.readers.page.dom import ancestors
from converters.readers.page.leaves import Leaf

TEXT, CAPTION, TITLE = "text", "caption", "title"
OUTSIDE, LINKS, DATE, WIDGET, INVITATION = "outside the text", "links", "dateline", "widgets", "invitations"

_COLUMN = 0.65  # the share of the witness's text that the column holds; less finds one section, more the whole page
_PART = 0.25  # an element with this share of it is part of the column's own frame
_FEW = 0.3  # what is named as navigation may still hold the text, if it holds more than this
_RUNNING = 60  # characters from which a paragraph is running text and no label

_REGIONS = (
    ("comments", r"comments?|disqus"),
    (
        "related",
        r"related|recommend\w*|popular|trending|most-(?:read|viewed|popular)|read-?more|also-like|outbrain|taboola",
    ),
    ("related", r"more-(?:on|from|stories|news)|playlist|carousel"),
    ("sharing", r"share|sharing|social|follow(?:-us)?|print|tools|toolbar"),
    ("newsletter", r"newsletter|subscribe|subscription|signup|sign-up|donate|paywall|paid-content|login"),
    ("advertisement", r"advert\w*|ads?|adslot|sponsor\w*|promo\w*"),
    (
        "navigation",
        r"nav|navbar|navigation|menu|breadcrumbs?|tags?|tag-?list|topics|pagination|pager|prev-next|next-prev",
    ),
    ("navigation", r"gallery-nav|skip-link|search-form"),
    ("byline", r"byline|author-(?:bio|info|box)|authorbox|about-author|bio"),
    ("footer", r"footer|site-footer|copyright|disclaimer|legal|cookies?|consent"),
    ("sidebar", r"sidebar|side-bar|widget|poll|quiz|rating|stars|modal|popup|overlay"),
    ("hidden", r"screen-reader-text|sr-only|visually-hidden"),
    ("credits", r"credits?"),
)
_NAMED = re.compile(
    "|".join(rf"(?P<r{number}>(?<![^\W_])(?:{names})(?![^\W_]))" for number, (_, names) in enumerate(_REGIONS)),
    re.IGNORECASE,
)
# Of `header--social-icons-left` and `has-sidebar` the words say how an element looks, not what it is.
_MODIFIER = re.compile(r"--[a-z0-9]+-[\w-]+|(?<![\w-])(?:has|with|without|no|is|js)-[\w-]+", re.IGNORECASE)
_TAGS = {"nav": "navigation", "aside": "sidebar", "footer": "footer"}
_NEVER = frozenset(("html", "body", "main", "article"))
_STRUCTURE = frozenset(
    "ul ol li table tbody thead tfoot tr td th blockquote dl dt dd pre p h2 h3 h4 h5 h6".split()
)  # elements that a document is made of; others between the column and a leaf make it a widget
_TEXTUAL = frozenset("p li h2 h3 h4 h5 h6 blockquote pre td th dd dt".split())
_RUNNING_TAGS = frozenset("p h2 h3 h4 blockquote".split())
_WHOLES = frozenset(("ul", "ol", "dl", "table"))
_FILLED = frozenset((WIDGET, INVITATION, LINKS))
_HEADLINES = frozenset(("p", "blockquote", "h2", "h3"))
_INVITATION = re.compile(
    r"""\s*(?: read | see | more | don'?t\ miss | related | also | watch | view | click | tap | sign\ up | subscribe
      | follow | share | tweet | pin\ it | print | advertis | sponsored | copyright | © | all\ rights\ reserved
      | image\ credit | photo\ credit | get\ the\ latest | most\ read | trending | recommended | you\ may\ also
      | have\ a\ tip | comments?\b | leave\ a | write\ to | join\ the | download | listen: | itunes: | order\ reprints
      | newsletter )""",
    re.VERBOSE | re.IGNORECASE,
)
_ADVERTISEMENT = re.compile(
    r"\W*(?:advertisements?|advertising|anzeige|werbung|publicidad|publicité|pubblicità|publicidade|advertentie|reklama?"
    r"|annonse?|mainos|реклама|διαφήμιση|hirdetés|reklam|広告|广告|إعلان)\W*",
    re.IGNORECASE,
)
_CAPTION_NAME = re.compile(r"caption|credit|photographer|image-meta|photo-(?:info|text|desc)", re.IGNORECASE)
_CAPTION_BEGINS = re.compile(
    r"\s*(?:image\s+(?:copyright|caption|credit|source)|photo(?:graph)?\s*(?:by|:)|credit:|foto:|©|\(photo)",
    re.IGNORECASE,
)
_CAPTION_ENDS = re.compile(
    r"\((?:photo|image|credit|file\ photo|getty|ap|reuters|afp|source|foto|bild)[^)]*\)\s*$"
    r"|(?:getty\ images|/\ ?afp|/\ ?reuters|photo\ credit.*)\s*$",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_CAPTION = 300
_DATELINE = re.compile(
    r"\s*(?:(?:first\ |last\ )?(?:published|updated|posted|modified|created)\b[^a-z]{0,3}[\w\ ,]{0,12}\d|\w+day,\ \d)",
    re.IGNORECASE | re.VERBOSE,
)
_STANDFIRST = re.compile(  # as the papers of many countries call it
    r"standfirst|sub-?(?:title|head|headline|heading)|(?<![a-z])(?:dek|deck|lead|spot|hook)(?![a-z])|lede|intro|summary"
    r"|description|abstract|teaser|excerpt|strapline|tagline|preamble|chapo|chapeau|entradilla|bajada|copete|sumario|linha-?"
    r"fina|bigode|sottotitolo|sommario|occhiello|catenaccio|vorspann|anleser|inleiding|ingress|manchet|underrubrik|perex"
    r"|bevezet|sapou|ozet|anons|announce|digest",
    re.IGNORECASE,
)
_NO_STANDFIRST = frozenset(("comments", "related", "sharing", "advertisement", "newsletter"))
_SHORTEST_STANDFIRST = 30
_PICTURE_ADDRESS = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:[?#]|$)", re.IGNORECASE)
_NEAR = 5  # elements around a picture that tell what it is
_TINY = re.compile(r"\s*[0-6]?[0-9]\s*(?:px)?\s*")
_WORDLESS = re.compile(r"[\W_]+")
_WORD = re.compile(r"\w+")
_Sign = tuple[str, str | None]


def regions_of(leaves: Sequence[Leaf], witness: str, title: str, descriptions: Sequence[str] = ()) -> list[str]:
    """Return for each leaf of a page what it is: TEXT, CAPTION, TITLE, or the name of a region that is left out.

    `witness` is a guess at the main text, without which no leaf is TEXT; `descriptions` are what the page says of
    itself to search engines and networks, which most often is its standfirst.
    """
    matched = _matched(leaves, witness)
    if not any(matched):
        return [OUTSIDE] * len(leaves)
    column = _Column(leaves, matched)
    regions = [column.region(leaf, hit, compact(title)) for leaf, hit in zip(leaves, matched, strict=True)]
    _fill_gaps(column, regions)
    regions = _within_the_text(column, regions)
    known = [compact(one) for one in descriptions]
    _find_standfirst(leaves, regions, [one for one in known if len(one) >= _SHORTEST_STANDFIRST // 2])
    return regions


def pictures_within(leaves: Sequence[Leaf], first: int, last: int, captions: set[Leaf]) -> Iterator[Leaf]:
    """Yield the pictures of the text between two of its leaves, and right before and after; not those of captions."""
    with_caption = {above for leaf in captions for above in ancestors(leaf.element) if above.tag == "figure"}
    while first and leaves[first - 1].is_picture:
        first -= 1
    while last + 1 < len(leaves) and leaves[last + 1].is_picture:
        last += 1
    for leaf in leaves[first : last + 1]:
        if leaf.is_picture and not any(_TINY.fullmatch(leaf.element.get(side) or "") for side in ("width", "height")):
            around = [above for above, _ in zip(ancestors(leaf.element), range(_NEAR), strict=False)]
            if not any(above in with_caption or _name_of(above) or _leads_elsewhere(above) for above in around):
                yield leaf


def _leads_elsewhere(element: html.HtmlElement) -> bool:
    """Whether an element is a link to anything but a larger picture."""
    return element.tag == "a" and not _PICTURE_ADDRESS.search(element.get("href") or "")


def compact(text: str) -> str:
    """Return the letters and digits of a text, without case."""
    return _WORDLESS.sub("", text).casefold()


@dataclass
class _Column:
    """The element that holds the text, and how the text lies in it."""

    leaves: Sequence[Leaf]
    matched: Sequence[bool]
    root: html.HtmlElement = field(init=False)
    inside: set[html.HtmlElement] = field(init=False)

    def __post_init__(self) -> None:
        root = self.leaves[0].element.getroottree().getroot()
        while (inner := next((e for e in root if self.weight.get(e, 0) >= _COLUMN * self.total), None)) is not None:
            root = inner
        while root.tag in _STRUCTURE and (above := root.getparent()) is not None:
            root = above
        self.root = self._climbed(root)
        self.inside = {*self.root.iter()}
        self._named: dict[html.HtmlElement, str] = {}
        self._named_outside: dict[html.HtmlElement, str] = {}

    @cached_property
    def weight(self) -> dict[html.HtmlElement, int]:
        """How many characters of the witness's text each element holds."""
        weight: dict[html.HtmlElement, int] = {}
        for leaf, hit in zip(self.leaves, self.matched, strict=True):
            if hit:
                for above in ancestors(leaf.element):
                    weight[above] = weight.get(above, 0) + len(leaf.text)
        return weight

    @cached_property
    def total(self) -> int:
        return sum(len(leaf.text) for leaf, hit in zip(self.leaves, self.matched, strict=True) if hit)

    @cached_property
    def parents(self) -> set[_Sign]:
        """Names of the elements that running text of the witness lies in."""
        return {_sign(leaf.element.getparent()) for leaf in self._running()}

    @cached_property
    def signs(self) -> set[_Sign]:
        """Names of all elements between the column and running text of the witness."""
        found = set()
        for leaf in self._running():
            for above in ancestors(leaf.element):
                if above is self.root:
                    break
                found.add(_sign(above))
        return found

    def _running(self) -> list[Leaf]:
        return [leaf for leaf, hit in zip(self.leaves, self.matched, strict=True) if hit and len(leaf.text) > _RUNNING]

    def _climbed(self, root: html.HtmlElement) -> html.HtmlElement:
        """Return the element above where much more running text lies than the witness found, as in pages in chunks."""
        inside = {*root.iter()}
        missed = [
            leaf
            for leaf in self.leaves
            if leaf.element.tag == "p"
            and len(leaf.text) > _RUNNING
            and leaf.link_share < 0.3
            and leaf.element not in inside
            and _sign(leaf.element.getparent()) in self.parents
        ]
        sizes = []
        for above in list(ancestors(root.getparent()))[:5]:
            if above.tag != "html":
                sizes.append((above, sum(len(leaf.text) for leaf in missed if _lies_openly(leaf.element, above))))
        most = max((size for _, size in sizes), default=0)
        return next(above for above, size in sizes if size >= 0.9 * most) if most >= 0.5 * self.total else root

    def region(self, leaf: Leaf, hit: bool, title: str) -> str:
        """Return what a leaf is by its words and by the elements around it."""
        if _ADVERTISEMENT.fullmatch(leaf.text):
            return "advertisement"
        if leaf.element not in self.inside:
            if _repeats(leaf, title):
                return TITLE
            return self._region_outside(leaf.element)
        if name := self._region_around(leaf.element):
            return name
        if leaf.element.tag == "h1" or _repeats(leaf, title):
            return TITLE
        if _is_caption(leaf):
            return CAPTION
        if _DATELINE.match(leaf.text) and len(leaf.text) < 90:
            return DATE
        depth = self._depth(leaf.element)
        if _INVITATION.match(leaf.text) and (
            leaf.link_share > (0.3 if depth else 0.7)
            or (depth and len(leaf.text) < _RUNNING and (leaf.linked or not hit))
        ):
            return INVITATION
        return TEXT if hit else self._region_of_unmatched(leaf, depth)

    def _region_outside(self, element: html.HtmlElement) -> str:
        """Return the region whose name an element outside the column or one around it bears."""
        passed = []
        found = OUTSIDE
        for above in ancestors(element):
            if above in self._named_outside:
                found = self._named_outside[above]
                break
            passed.append(above)
            if name := _name_of(above):
                found = name
                break
        self._named_outside.update(dict.fromkeys(passed, found))
        return found

    def _region_of_unmatched(self, leaf: Leaf, depth: int) -> str:
        is_link = leaf.link_share >= 0.5 and len(leaf.text) < 200
        if is_link and depth and leaf.element.tag not in _HEADLINES:
            return LINKS
        if depth > 1 and not (len(leaf.text) > _RUNNING and _is_quoted(leaf.element)):
            return WIDGET
        if leaf.element.tag in _TEXTUAL:
            return TEXT if leaf.link_share < 0.8 or not depth else LINKS
        return TEXT if len(leaf.text) >= 25 or not depth else WIDGET

    def _depth(self, element: html.HtmlElement) -> int:
        """Return how many elements of a kind that holds no text elsewhere lie between the column and an element."""
        depth = 0
        for above in ancestors(element):
            if above is self.root or self.weight.get(above, 0) >= _PART * self.total:
                break
            depth += above.tag not in _STRUCTURE and _sign(above) not in self.signs
        return depth

    def _region_around(self, element: html.HtmlElement) -> str:
        """Return the region whose name an element in the column or one around it bears; nothing if none does."""
        passed = []
        found = ""
        for above in ancestors(element):
            if above is self.root or above in self._named:
                found = self._named.get(above, "")
                break
            passed.append(above)
        for above in reversed(passed):
            if above.tag == "blockquote" and found == "sharing":
                found = ""  # a message of a social network that the document quotes
            elif not found and self.weight.get(above, 0) < _FEW * self.total:
                found = _name_of(above)
            self._named[above] = found
        return found


def _within_the_text(column: _Column, regions: list[str]) -> list[str]:
    """Keep as TEXT what stands between the first and the last of it that is certain, or goes on from there."""
    leaves, matched = column.leaves, column.matched
    certain = [at for at, region in enumerate(regions) if region == TEXT and matched[at]]
    long_ones = [at for at in certain if len(leaves[at].text) > 30]
    if not certain:
        return [OUTSIDE if region == TEXT else region for region in regions]
    first, last = (long_ones or certain)[0], (long_ones or certain)[-1]
    while first and regions[first - 1] in (TEXT, CAPTION, DATE, TITLE):
        first -= 1
    while last + 1 < len(regions) and regions[last + 1] in (TEXT, CAPTION, DATE, TITLE):
        last += 1
    beyond: dict[html.HtmlElement | None, list[int]] = {}
    for at, region in enumerate(regions):
        if region in (TEXT, CAPTION) and not first <= at <= last:
            leaf = leaves[at]
            witnessed = matched[at] and (at > last or len(leaf.text) >= 30)
            alike = leaf.element.tag == "p" and len(leaf.text) > _RUNNING
            if region == TEXT and (witnessed or (alike and _sign(leaf.element.getparent()) in column.parents)):
                for before in beyond.pop(leaf.element.getparent(), ()):
                    regions[before] = TEXT  # a short paragraph among longer ones
            else:
                regions[at] = OUTSIDE
                if region == TEXT and leaf.element.tag in _RUNNING_TAGS:
                    beyond.setdefault(leaf.element.getparent(), []).append(at)
    return regions


def _fill_gaps(column: _Column, regions: list[str]) -> None:
    """Take for TEXT also the few leaves of a list, a table or a row of paragraphs whose others are TEXT."""
    leaves = column.leaves
    told: dict[html.HtmlElement, list[int]] = {}
    for at, leaf in enumerate(leaves):
        if leaf.element in column.inside:
            for above in ancestors(leaf.element):
                if above is column.root:
                    break
                if above.tag in _WHOLES:
                    told.setdefault(above, []).append(at)
    for of_whole in told.values():
        kept = [at for at in of_whole if regions[at] == TEXT]
        if 2 * len(kept) >= len(of_whole):
            for at in of_whole:
                if regions[at] in _FILLED:
                    regions[at] = TEXT
    parents = {leaf.element.getparent() for leaf, region in zip(leaves, regions, strict=True) if region == TEXT}
    for at in range(1, len(leaves) - 1):
        if regions[at] in (WIDGET, INVITATION) and not leaves[at].linked and leaves[at].element.getparent() in parents:
            regions[at] = TEXT


def _find_standfirst(leaves: Sequence[Leaf], regions: list[str], descriptions: Sequence[str]) -> None:
    """Take for TEXT what stands between title and text and introduces it, though it lies outside the column."""
    first = regions.index(TEXT) if TEXT in regions else 0
    there = {compact(leaf.text) for leaf, region in zip(leaves, regions, strict=True) if region == TEXT}
    titles = [at for at in range(first) if leaves[at].element.tag == "h1" or regions[at] == TITLE]
    for at in range(titles[-1] + 1 if titles else 0, first):
        leaf = leaves[at]
        if regions[at] in (CAPTION, TITLE) or len(leaf.text) < _SHORTEST_STANDFIRST or leaf.link_share > 0.5:
            continue
        key = compact(leaf.text)
        if key in there:
            continue
        described = any(one.startswith(key[:80]) or key.startswith(one[:80]) for one in descriptions)
        if described or (titles and regions[at] not in _NO_STANDFIRST and _introduces(leaf.element)):
            regions[at] = TEXT
            there.add(key)


def _introduces(element: html.HtmlElement) -> bool:
    """Whether an element or one close around it is named as a standfirst."""
    around = zip(ancestors(element), range(3), strict=False)
    return any(_STANDFIRST.search(f"{above.get('class') or ''} {above.get('itemprop') or ''}") for above, _ in around)


def _matched(leaves: Sequence[Leaf], witness: str) -> list[bool]:
    """Tell of each leaf whether the witness has it: its letters in the same order, or most of its runs of words."""
    whole, cursor = compact(witness), 0
    words = _WORD.findall(witness.casefold())
    shingles = {*zip(words, words[1:], words[2:], words[3:], strict=False)}
    matched = []
    for leaf in leaves:
        key = compact(leaf.text)
        at = whole.find(key, max(0, cursor - 50)) if len(key) > 3 else whole.find(key, cursor, cursor + 40)
        hit = bool(key) and at >= 0 and (len(key) > 24 or at - cursor < 300)
        if hit:
            cursor = at + len(key)
        elif len(key) > 24:
            hit = key in whole or (len(key) > 60 and _shares(leaf.text, shingles))
        matched.append(hit)
    return matched


def _shares(text: str, shingles: set[tuple[str, str, str, str]]) -> bool:
    words = _WORD.findall(text.casefold())
    own = [*zip(words, words[1:], words[2:], words[3:], strict=False)]
    return bool(own) and sum(one in shingles for one in own) > 0.6 * len(own)


def _repeats(leaf: Leaf, title: str) -> bool:
    key = compact(leaf.text)
    return bool(key) and (key == title or (len(key) > 20 and title.startswith(key)))


def _is_caption(leaf: Leaf) -> bool:
    for above, _ in zip(ancestors(leaf.element), range(4), strict=False):
        if above.tag in ("figcaption", "figure"):
            return True
        if above.tag not in _NEVER and _CAPTION_NAME.search(above.get("class") or ""):
            return True
    is_short = len(leaf.text) < _LONGEST_CAPTION
    return is_short and bool(_CAPTION_BEGINS.match(leaf.text) or _CAPTION_ENDS.search(leaf.text))


def _is_quoted(element: html.HtmlElement) -> bool:
    return any(above.tag == "blockquote" for above, _ in zip(ancestors(element), range(4), strict=False))


def _lies_openly(element: html.HtmlElement, top: html.HtmlElement) -> bool:
    """Whether an element lies below `top`, and in no region of another name."""
    for above in ancestors(element):
        if above is top:
            return True
        if _name_of(above):
            return False
    return False


def _name_of(element: html.HtmlElement) -> str:
    """Return the region that the name of an element tells; nothing if it tells none."""
    if element.tag in _NEVER:
        return ""
    return _region_named(f"{element.get('class') or ''} {element.get('id') or ''}") or _TAGS.get(element.tag, "")


@lru_cache(maxsize=4096)  # a site names its parts alike on all pages
def _region_named(names: str) -> str:
    found = _NAMED.search(_MODIFIER.sub("", names))
    return _REGIONS[int(found.lastgroup[1:])][0] if found and found.lastgroup else ""


def _sign(element: html.HtmlElement | None) -> _Sign:
    return ("", None) if element is None else (element.tag, element.get("class"))
