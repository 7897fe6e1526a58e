"""Tells the files that were saved with a page from the seeds: a browser's folder, a mirror's pictures, other forms.

    court.html  court_files/                      the folder is of the page
    1544212312.4/  index.json  singlefile.html  dom.html  screenshot.png  …
                                                  a snapshot of ArchiveBox: one page in many forms, of which one is read
    example.org/  court.html  style.css  logo.png
                                                  a mirror: what a page looks like is no document
    crawl.wacz!/  archive/1.warc.gz  pages/pages.jsonl  indexes/index.cdx
                                                  a packed web archive: its lists are none, either

They are no seeds of their own, and stay where they are: the page's pictures are taken from there.
"""

import re
from collections.abc import Sequence

_PAGE = re.compile(rb"\.x?html?$", re.IGNORECASE)
# As browsers call it, each in its language.
_FOLDER = re.compile(
    rb"(?:_files|\.files|-files|_dateien|-dateien|_fichiers|_archivos|_arquivos|_ficheiros|_file|_bestanden|_pliki|_soubory"
    rb"|_tiedostot|-filer|_elemei|_fitxers|_kartes)/$",
    re.IGNORECASE,
)
# What ArchiveBox leaves of a page, the best form first.
_FORMS = (b"singlefile.html", b"dom.html", b"output.html", b"readability/", b"mercury/")
_SNAPSHOT = frozenset(
    (*_FORMS, b"favicon.ico", b"screenshot.png", b"output.pdf", b"headers.json", b"htmltotext.txt", b"warc/", b"media/")
)
_FEWEST_FORMS = 2
SNAPSHOT_INDEX = "index.json"
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[:+][0-9]+)?", re.IGNORECASE)
_RESOURCE = re.compile(
    r"\.(?:css|m?js|map|json|xml|svg|png|jpe?g|gif|webp|avif|bmp|ico|cur|woff2?|ttf|otf|eot|mp[34]|webm|og[gv]|swf|wasm"
    r"|webmanifest|rss|atom|txt)(?:[@?,;].*)?$",
    re.IGNORECASE,
)
_WACZ_LISTS = re.compile(r"\.wacz!/(?!archive/)", re.IGNORECASE)
_LIST_OF_PAGES = re.compile(r"\.wacz!/pages/[^/]+\.jsonl$", re.IGNORECASE)
_MIRROR_LOGS = re.compile(r"/(?:hts-cache/[^/]+|hts-log\.txt|backblue\.gif|fade\.gif|cookies\.txt)$")


def told_apart(entries: Sequence[bytes]) -> tuple[list[bytes], dict[bytes, bytes]]:
    """Return the entries of a folder that may be seeds of their own, and of the pages among them what lies beside them.

    Entries are paths, folders with a slash at their end.
    """
    names = {
        entry.rstrip(b"/").rpartition(b"/")[2] + (b"/" if entry.endswith(b"/") else b""): entry for entry in entries
    }
    if SNAPSHOT_INDEX.encode() in names and len(_SNAPSHOT & names.keys()) >= _FEWEST_FORMS:
        best = next((form for form in _FORMS if form in names), None)
        if best:
            folder = names[best].rstrip(b"/").rpartition(b"/")[0] + b"/"
            kept = [entry for name, entry in names.items() if name in (best, best + b".seed.toml")]
            return kept, {names[best]: folder}
    pages = {_PAGE.sub(b"", name): entry for name, entry in names.items() if _PAGE.search(name)}
    beside = {pages[stem]: entry for name, entry in names.items() if (stem := _FOLDER.sub(b"", name)) in pages}
    beside = {page: folder for page, folder in beside.items() if folder.endswith(b"/")}
    return [entry for entry in entries if entry not in beside.values()], beside


def what_belongs_to_pages(name: str) -> str:
    """Return what a seed is that is no page and belongs to some: `seeds/example.org/style.css`; "" for any other."""
    if _WACZ_LISTS.search(name):
        return "lists of a web archive"
    folders = name.split("/")[1:-1]
    of_mirror = _MIRROR_LOGS.search(name) or (any(map(_HOST.fullmatch, folders)) and _RESOURCE.search(name))
    return "files of a mirrored site" if of_mirror else ""


def is_wacz(name: str) -> bool:
    """Whether a file is called as a web archive is that was packed with lists of its pages."""
    return name.lower().endswith(".wacz")


def is_list_of_pages(name: str) -> bool:
    """Whether a member of such a file is a list of its pages: `seeds/a.wacz!/pages/pages.jsonl`."""
    return _LIST_OF_PAGES.search(name) is not None
