"""Keeps the addresses of documents that were renamed or withdrawn.

    content/addresses.csv                         output/
    2023/03/08/old.html,redirect,…/new.html  →    2023/03/08/old.html, which leads to new.html
    2023/03/08/x.html,tombstone,…            →    not in the sitemap; its page is an article with a template of its own

Both pages have templates, `redirect` and `tombstone`. A theme without them shows the project's redirect, and a
tombstone as an article whose text is the reason.
"""

import logging
from pathlib import Path

from jinja2 import Template
from markupsafe import Markup
from pelican import Pelican, signals
from pelican.contents import Article
from pelican.generators import Generator, PelicanTemplateNotFound
from pelican.writers import Writer

from converters.archive.layout import PROJECT
from converters.ledger.ledger import destination, moved_or_withdrawn
from plugins.site import dates

_REDIRECT = PROJECT / "theme/templates/redirect.html"
_log = logging.getLogger(__name__)


class RedirectsGenerator(Generator):  # type: ignore[misc]  # Pelican has no types
    """Writes a page at each address that was renamed, unless something else has its place."""

    def generate_output(self, writer: Writer) -> None:
        lines = moved_or_withdrawn(_ledger(self.settings))
        for address in sorted(lines):
            target = destination(address, lines)
            if target is None:
                _log.warning(
                    "%s: redirects of content/addresses.csv lead in a circle; add a line that ends it", address
                )
            elif target != address and not Path(self.path, f"{address.removesuffix('.html')}.md").exists():
                writer.write_file(
                    address,
                    self._template(),
                    self.context,
                    relative_urls=self.settings["RELATIVE_URLS"],
                    url=address,
                    kind="redirect",
                    target=target,
                    canonical=self.settings.get("FEED_DOMAIN"),
                )

    def _template(self) -> Template:
        try:
            template: Template = self.get_template("redirect")
        except PelicanTemplateNotFound:
            template = self.env.from_string(_REDIRECT.read_text(encoding="utf-8"))
        return template


def unlisted(settings: dict[str, object]) -> set[str]:
    """Return the addresses that hold no document any more: no sitemap names them."""
    return {*moved_or_withdrawn(_ledger(settings))}


def register() -> None:
    """Let Pelican know of the generator, and of tombstones where the theme knows none."""
    signals.get_generators.connect(_give_generator)
    signals.article_generator_write_article.connect(_show_tombstone)


def _give_generator(_: Pelican) -> type[RedirectsGenerator]:
    return RedirectsGenerator


def _show_tombstone(generator: Generator, content: Article) -> None:
    if content.template == "tombstone":
        try:
            generator.get_template("tombstone")
        except PelicanTemplateNotFound:
            content.template = "article"
            on = "" if content.withdrawn == "unknown" else f" on {dates.day(content.withdrawn)}"
            content._content = Markup("<p>Withdrawn{}: {}</p>").format(on, content.reason)


def _ledger(settings: dict[str, object]) -> Path:
    return Path(str(settings["PATH"])) / "addresses.csv"
