"""Renders a few pages at once from what the last build left: those that somebody looks at while a template changes.

    template saved ─► preview(archive, {"tags/norway.html"}) ─► the page as it will be ─► the build of all pages begins

The documents are those that the last build knew; nothing but the texts that the pages show is read.
"""

import posixpath
from collections.abc import Iterable, Sequence
from pathlib import Path

from pelican.contents import Article
from pelican.urlwrappers import URLWrapper
from pelican.writers import Writer

from converters.archive.layout import Archive
from converters.archive.stamps import stamp_of
from plugins.engine.build import Enough, run_pelican, settings_of
from plugins.engine.fast import FastGenerator
from plugins.engine.publish import remove
from plugins.engine.state import load_state
from plugins.site.browse import BrowsingGenerator
from plugins.site.originals import Originals
from plugins.site.reader import remember_tags


def preview(archive: Archive, addresses: Iterable[str]) -> dict[str, bytes]:
    """Give the pages at these addresses; those of documents, lists and pages written by hand.

    There are none if the last build left nothing. Raises ArchiveError with what is wrong with a template.
    """
    site = archive.cache / "preview"
    remove(site)
    settings = settings_of(archive, site)
    settings |= {"STATE_PATH": str(archive.cache / "state"), "UNPACKED_PATH": archive.cache / "unpacked"}
    settings |= {"GENERATOR": _Preview, "WANTED": {*addresses}}
    run_pelican(settings, lambda _: None)  # the build tells of warnings
    return {address: (site / address).read_bytes() for address in settings["WANTED"] if (site / address).is_file()}


class _Preview(FastGenerator):
    """Writes the pages that are wanted, and stops Pelican before it goes on to others."""

    def generate_context(self) -> None:
        settings = self.settings
        self._now = load_state(Path(settings["STATE_PATH"]))
        if not self._now.records:
            raise Enough(self)
        if self._now.vocabulary == stamp_of(f"{self.path}/tags.toml"):
            remember_tags(self._now.tags)
        self._originals = Originals(Path(self.path).parent, settings["UNPACKED_PATH"])
        self._files, self._records = list(self._now.records), list(self._now.records.values())
        self._stamps = [record.stamp for record in self._now.records.values()]
        self._read_here, self._with_other_raw = {}, set()
        self._wanted: set[str] = settings["WANTED"]
        self._get_ready()
        self._make_catalogue()

    def generate_output(self, writer: Writer) -> None:
        wanted = (at for at, record in enumerate(self._records) if record and record.save_as in self._wanted)
        self._render_at([at for at in wanted if Path(self.path, self._files[at]).exists()])
        BrowsingGenerator.generate_output(self, self._quick_writer)
        raise Enough(self)

    def _tagged(self) -> Iterable[tuple[URLWrapper, Sequence[Article]]]:
        return self._catalogue.tagged(self._first_pages())

    def _from_sources(self) -> Iterable[tuple[URLWrapper, Sequence[Article]]]:
        return self._catalogue.from_sources(self._first_pages())

    def _in_years(self) -> Iterable[Sequence[Article]]:
        years = (address.partition("/")[0] for address in self._wanted)
        return self._catalogue.in_years({int(year) for year in years if year.isdecimal()})

    def _first_pages(self) -> set[str]:
        """Give the first pages of the lists that the wanted ones may belong to."""
        top = (address.split("/")[:2] for address in self._wanted)
        return {f"{posixpath.join(*names).removesuffix('.html')}.html" for names in top}

    def _write(self, save_as: str, template: str, kind: str, **variables: object) -> None:
        if save_as in self._wanted:
            BrowsingGenerator._write(self, save_as, template, kind, **variables)

    def _write_feed_of(self, name: URLWrapper, newest: Sequence[Article]) -> None:
        """Leave feeds to the build: nobody looks at them in a browser."""
