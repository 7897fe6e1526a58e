"""Pelican's settings for an archive, each with its reason.

An archive elsewhere (`--archive DIR`) may have a `pelicanconf.py` of its own, whose settings go before these.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # so that Pelican finds plugins/ from whatever folder it is started

from converters.archive.junk import JUNK
from plugins.engine import generator, search
from plugins.site import (
    browse,
    citations,
    filters,
    fixity,
    hand_written,
    looks,
    metadata,
    originals,
    reader,
    reading_lists,
    redirects,
    syndication,
)
from plugins.site.listings import order

SITENAME = "Seedbank"
SITESUBTITLE = "An archive of captured documents"
RIGHTS = "The documents belong to their publishers; they are kept here for reading, research and citation."

PATH = "content"
OUTPUT_PATH = "output"
THEME = "theme"
PLUGINS = [
    generator,
    reader,
    filters,
    hand_written,
    browse,
    originals,
    redirects,
    metadata,
    citations,
    fixity,
    looks,
    reading_lists,
    search,
    syndication,
]
SEARCH = True  # a full-text index of all documents; `--no-search` leaves it out of one build
BUILD_DAY = ""  # the day by which an embargo has ended or not: today in UTC, unless `build --date` names another
FAST = True  # several processes, and only what has changed; False for Pelican's own generator, with the same bytes

# One output for a domain's root, for /repo/ and for file://. What needs an absolute address is in publishconf.py.
RELATIVE_URLS = True
SITEURL = ""

# How it looks, without a theme of one's own (plugins/site/looks.py); files are named from the archive's folder.
SITELOGO = ""  # such as "logo.svg", shown before the archive's name
PICTURE_LIMIT = 5  # MB of a picture that is taken from a capture
PICTURES_LIMIT = 1000  # MB of all of them; what is more is told by its address
COLOURS: dict[str, str] = {}  # such as {"link": "#7a1f1f"}: custom properties of theme/static/seedbank.css
STYLESHEET = ""  # such as "our.css", read after the theme's own

# Same input, same bytes: nothing may depend on the machine's time zone, language, caches or clock.
TIMEZONE = "UTC"
LOCALE = ["C"]
DEFAULT_LANG = "en"
DEFAULT_DATE_FORMAT = "%d %B %Y"
LOAD_CONTENT_CACHE = False
CACHE_CONTENT = False
WITH_FUTURE_DATES = True
ARTICLE_ORDER_BY = order

# A document lies where its file lies; `plugins/site/reader.py` sets its address.
ARTICLE_PATHS = [""]
ARTICLE_EXCLUDES = ["pages", "lists"]
PAGE_PATHS = ["pages"]
PAGE_SAVE_AS = PAGE_URL = "{slug}.html"
STATIC_PATHS = ["pages/files", "files"]  # for hand-written pages, and the pictures of documents
MARKDOWN = {"extensions": ["tables"], "output_format": "html5"}  # where another reader takes our place, the same blocks
IGNORE_FILES = [*JUNK, *(f"**/{name}" for name in JUNK)]  # as Pelican matches names, and paths
USE_FOLDER_AS_CATEGORY = False
ARTICLE_TRANSLATION_ID = None  # two documents with one slug are two documents, not translations
SLUGIFY_SOURCE = "basename"

# `plugins/site/browse.py` writes every list, split by date; Pelican's own would grow with the archive.
TAG_URL, CATEGORY_URL = "tags/{slug}.html", "sources/{slug}.html"
AUTHOR_URL = "authors/{slug}.html"
DIRECT_TEMPLATES: list[str] = []
TAG_SAVE_AS = CATEGORY_SAVE_AS = AUTHOR_SAVE_AS = ""
YEAR_ARCHIVE_SAVE_AS = MONTH_ARCHIVE_SAVE_AS = DAY_ARCHIVE_SAVE_AS = ""
DEFAULT_PAGINATION = False
DISPLAY_CATEGORIES_ON_MENU = False  # a menu of all sources would grow with the archive
DISPLAY_PAGES_ON_MENU = False  # hand-written pages are linked from About; True puts them into the menu

# Feeds need an absolute address.
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None

JINJA_ENVIRONMENT = {"trim_blocks": True, "lstrip_blocks": True}
