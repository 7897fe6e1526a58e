"""Settings for Pelican as it comes, for bench/speed.py: its own readers and generators and none of our plugins.

`stock_theme/` is our theme as far as Pelican alone gives its variables. What it does not do by itself is left out:
anchors on paragraphs, the neighbours of a document, calendars, related tags, the most frequent tags on the home page,
and indexes of names in parts. Long lists are split by page number.
"""

from datetime import date
from pathlib import Path

SITENAME = "Seedbank"
SITESUBTITLE = "An archive of captured documents"
RIGHTS = "The documents belong to their publishers; they are kept here for reading, research and citation."

THEME = str(Path(__file__).parent / "stock_theme")
THEME_STATIC_PATHS = [str(Path(__file__).parent.parent / "theme" / "static")]
PLUGINS: list[str] = []
JINJA_ENVIRONMENT = {"trim_blocks": True, "lstrip_blocks": True}
JINJA_FILTERS = {
    "day": lambda when: f"{when.day} {when:%B %Y}",
    "period": lambda month: f"{date(month[0], month[1], 1):%B %Y}",
}

RELATIVE_URLS = True
TIMEZONE = "UTC"
LOCALE = ["C"]
DEFAULT_LANG = "en"
WITH_FUTURE_DATES = True

ARTICLE_PATHS = [""]
ARTICLE_EXCLUDES = ["pages"]
PAGE_PATHS = ["pages"]
STATIC_PATHS = [""]  # the raw records, which lie beside the documents
USE_FOLDER_AS_CATEGORY = False
ARTICLE_TRANSLATION_ID = None
ARTICLE_URL = ARTICLE_SAVE_AS = "{date:%Y}/{date:%m}/{date:%d}/{slug}.html"
ARTICLE_LANG_URL = ARTICLE_LANG_SAVE_AS = ARTICLE_URL
PAGE_URL = PAGE_SAVE_AS = "{slug}.html"

DIRECT_TEMPLATES = ["index", "tags", "categories", "404"]
TAGS_SAVE_AS = "tags/index.html"
CATEGORIES_SAVE_AS = "sources/index.html"
TAG_URL = TAG_SAVE_AS = "tags/{slug}.html"
CATEGORY_URL = CATEGORY_SAVE_AS = "sources/{slug}.html"
AUTHOR_SAVE_AS = ""
YEAR_ARCHIVE_URL = YEAR_ARCHIVE_SAVE_AS = "{date:%Y}/index.html"
MONTH_ARCHIVE_URL = MONTH_ARCHIVE_SAVE_AS = "{date:%Y}/{date:%m}/index.html"
DEFAULT_PAGINATION = 100
PAGINATED_TEMPLATES = {"tag": None, "category": None}

FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
