"""Keeps the addresses of documents that were renamed or withdrawn, and of lists that are no more.

    content/addresses.csv                         output/
    2023/03/08/old.html,redirect,…/new.html  →    2023/03/08/old.html, which leads to new.html
    2023/03/08/x.html,tombstone,…            →    not in the sitemap; its page is an article with a template of its own
    tags/burma.html,redirect,tags/myanmar.html    tags/burma.html, which leads to tags/myanmar.html
    tags/vows.html,tombstone,Vows            →    tags/vows.html, which says that no document is left

These pages have templates, `redirect`, `tombstone` and `gone`. A theme without them shows the project's redirect, a
tombstone and the notice of what is held back as an article, and a redirect home in the place of a list that is gone.
What the site adds to the ledger waits in `ledger_lines` of the program until it is published.
"""

import logging
from itertools import chain
from pathlib import Path

from jinja2 import Template
from markupsafe import Markup
from pelican import Pelican, signals
from pelican.contents import Article
from pelican.generators import Generator, PelicanTemplateNotFound
from pelican.writers import Writer

from converters.archive.layout import PROJECT, Archive, ArchiveError
from converters.ledger.ledger import Line, destination, is_address, moved_or_withdrawn
from plugins.site import dates
from plugins.site.published import changes_of_ledger, ledger_of
from plugins.site.reader import HELD_BACK, NOTICES

_REDIRECT = PROJECT / "theme/templates/redirect.html"
_log = logging.getLogger(__name__)


class RedirectsGenerator(Generator):  # type: ignore[misc]  # Pelican has no types
    """Writes a page at each address that was renamed or is a list's no more; raises ArchiveError if another has it."""

    program: Pelican

    def generate_output(self, writer: Writer) -> None:
        lines = moved_or_withdrawn(ledger_of(self.settings))
        new = self._changes()
        self.program.ledger_lines = new
        lines |= {line.address: line for line in new}
        self.context["moved_or_withdrawn"] = {
            address for address, line in lines.items() if line.holds in ("redirect", "tombstone")
        }
        for address, line in sorted(lines.items()):
            target = destination(address, lines)
            if target is None:
                _log.warning(
                    "%s: redirects of content/addresses.csv lead in a circle; add a line that ends it", address
                )
            elif target != address:
                self._check_free(address, target)
                self._write(writer, address, "redirect", target=target)
            elif line.holds == "tombstone" and not is_address(address):
                self._write(writer, address, "gone", label=line.detail)

    def _check_free(self, address: str, target: str) -> None:
        file = Path(self.path, f"{address.removesuffix('.html')}.md")
        if file.exists():
            command = Archive(Path(self.path).parent).command
            raise ArchiveError(
                f"{file}: would be {address}, which leads to {target}, as content/addresses.csv says; if a rename was "
                f"stopped, finish it by: {command(f'rename {address} {target}')}; else give the file another name"
            )

    def _changes(self) -> list[Line]:
        lists = self.context.get("list_pages")
        if lists is None:
            return []
        catalogue = self.context["catalogue"]
        labels = {part.url: part.label for part in chain(catalogue.tag_parts, catalogue.source_parts)}
        by_hand = {page.save_as: str(page.title) for page in self.context["pages"]}
        return changes_of_ledger(lists, labels, by_hand, self.settings)

    def _write(self, writer: Writer, address: str, kind: str, **variables: str) -> None:
        writer.write_file(
            address,
            self._template(kind),
            self.context,
            relative_urls=self.settings["RELATIVE_URLS"],
            url=address,
            kind=kind,
            canonical=self.settings.get("FEED_DOMAIN"),
            **({"target": "index.html"} | variables),
        )

    def _template(self, kind: str) -> Template:
        try:
            template: Template = self.get_template(kind)
        except PelicanTemplateNotFound:
            template = self.env.from_string(_REDIRECT.read_text(encoding="utf-8"))
        return template


def register() -> None:
    """Let Pelican know of the generator, and of tombstones where the theme knows none."""
    signals.get_generators.connect(_give_generator)
    signals.article_generator_write_article.connect(_show_tombstone)


def _give_generator(program: Pelican) -> type[RedirectsGenerator]:
    # Pelican makes generators itself, and gives them nothing of ours.
    return type(RedirectsGenerator.__name__, (RedirectsGenerator,), {"program": program})


def _show_tombstone(generator: Generator, content: Article) -> None:
    if content.template in NOTICES:
        try:
            generator.get_template(content.template)
            return
        except PelicanTemplateNotFound:
            pass
        if content.template == HELD_BACK:
            content._content = Markup("<p>This document is held back for the time being.</p>")
        else:
            on = "" if content.withdrawn == "unknown" else f" on {dates.day(content.withdrawn)}"
            content._content = Markup("<p>Withdrawn{}: {}</p>").format(on, content.reason)
        content.template = "article"
