"""Renders a few pages at once from what the last build left: those that somebody looks at while a template changes.

    template saved ─► preview(archive, {"tags/norway.html"}) ─► the page as it will be ─► the build of all pages begins

The documents are those that the last build knew; nothing but the texts that the pages show is read.
"""

import posixpath
from collections.abc import Collection, Iterable
from pathlib import Path

from pelican.writers import Writer

from converters.archive.layout import Archive
from converters.archive.stamps import stamp_of
from plugins.engine.documents import Documents
from plugins.engine.generator import EngineGenerator
from plugins.engine.publish import remove
from plugins.engine.render import RenderContext, render_documents, render_lists
from plugins.engine.run import BuildRun, StopPelican, run_pelican
from plugins.engine.settings import settings_of
from plugins.engine.state import load_state
from plugins.site.browse import Job
from plugins.site.originals import Originals
from plugins.site.reader import remember_tags


def preview(archive: Archive, addresses: Iterable[str]) -> dict[str, bytes]:
    """Return the pages at these addresses; those of documents, lists and pages written by hand.

    There are none if the last build left nothing. Raises ArchiveError with what is wrong with a template.
    """
    site = archive.cache / "preview"
    remove(site)
    wanted = WantedPages({*addresses})
    settings = settings_of(archive, site)
    run = BuildRun(archive, settings, is_incremental=True, generator=PreviewGenerator, task=wanted)
    run_pelican(run, lambda _: None)  # the build tells of warnings
    return {address: (site / address).read_bytes() for address in wanted.addresses if (site / address).is_file()}


class WantedPages:
    """The selection of the pages at some addresses."""

    def __init__(self, addresses: set[str]) -> None:
        self.addresses = addresses

    def lists(self, kind: str) -> Collection[str]:
        """Return the first pages of the lists of a kind that the pages may belong to."""
        tops = [address.split("/")[:2] for address in self.addresses]
        if kind == "year":
            return {f"{top[0]}/index.html" for top in tops if top[0].isdecimal()}
        return {f"{posixpath.join(*top).removesuffix('.html')}.html" for top in tops}

    def __contains__(self, job: Job) -> bool:
        return job.address in self.addresses and job.address.endswith(".html")  # nobody looks at feeds in a browser


class PreviewGenerator(EngineGenerator):
    """Writes the pages that are wanted, and stops Pelican before it goes on to others."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        state = load_state(self.run.state_path)
        if not state.records:
            raise StopPelican
        if state.vocabulary == stamp_of(f"{self.path}/tags.toml"):
            remember_tags(state.tags)
        self._documents = Documents(
            [*state.records],
            [record.stamp for record in state.records.values()],
            [*state.records.values()],
            Originals(Path(self.path).parent, self.run.unpacked),
        )

    def generate_output(self, _: Writer) -> None:
        wanted = self.run.task
        assert isinstance(wanted, WantedPages)  # noqa: S101  # as `preview` gives it
        documents = self._documents
        context = RenderContext(self, documents)
        plan = context.plan_lists(context.catalogue(), wanted)
        numbers = (
            number for number, record in enumerate(documents.records) if record and record.save_as in wanted.addresses
        )
        render_documents(context, [number for number in numbers if Path(self.path, documents.files[number]).exists()])
        render_lists(context, plan.lists)
        raise StopPelican
