"""Renders page jobs and writes them: what Pelican's generator and writer do, in less time.

    render_documents(context, [17, 18, …])                       ─►  their pages; a record of each
    render_lists(context, [("tag", "tags/norway.html"), …])      ─►  their pages; the addresses of each list

The same two functions run in the building process, in its forks, on the workers of a cluster and for a preview. All
that they need comes to them in a context; what they return is small.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from jinja2 import Template
from pelican import signals
from pelican.contents import Article, SkipStub
from pelican.generators import Generator
from pelican.utils import get_relative_path, path_to_url

from plugins.engine.articles import FastArticle, fits_fast_path, settings_fit_fast_path
from plugins.engine.documents import Documents
from plugins.engine.links import LinkTargets
from plugins.site.browse import (
    FeedJob,
    ListKey,
    PageJob,
    Plan,
    Selection,
    check_maker,
    hand_written_pages,
    has_relative_links,
    plan_of,
    write_feed,
)
from plugins.site.catalogue import Catalogue
from plugins.site.documents import Record, glance, part_with_plain_subjects, record_of
from plugins.site.editions import editions
from plugins.site.fixity import seal
from plugins.site.originals import raw_address, write_new
from plugins.site.reader import NameAndSlug, remembered_tag
from plugins.site.surroundings import Surroundings

T = TypeVar("T")
_log = logging.getLogger(__name__)


class RenderContext:
    """What rendering needs: Pelican's templates, settings and readers, the documents, and the plan of lists."""

    def __init__(self, generator: Generator, documents: Documents) -> None:
        """Take a generator of Pelican's whose context has the pages written by hand."""
        self.generator, self.documents = generator, documents
        self.settings: dict[str, Any] = generator.settings
        self.output: str = generator.output_path
        self.reader = generator.readers.readers["md"]
        self.plan: Plan | None = None
        self.tag_pages: frozenset[str] = frozenset()
        """The first pages of tags: what documents link to."""
        self._constants: dict[Template, dict[str, object]] = {}
        self._settings_fit = settings_fit_fast_path(self.settings)
        for address, file in hand_written_pages(generator.context["pages"]).items():
            if f"{address.removesuffix('.html')}.md" in documents.files:
                check_maker(address, {address: file}, "a document")
        # Pages may link to a document by {filename}; its address follows from the file's name.
        targets = LinkTargets(generator.context["generated_content"], {*documents.files})
        generator.context["generated_content"] = targets

    def plan_lists(self, catalogue: Catalogue, selection: Selection) -> Plan:
        """Plan the lists of a catalogue, and let templates see what they show of it."""
        self.generator.context |= {
            "catalogue": catalogue,
            "articles": catalogue,
            "dates": catalogue,
            "tags": LazySequence(catalogue.tagged),
            "categories": LazySequence(catalogue.from_sources),
            "authors": LazySequence(catalogue.by_authors),
            "extent": catalogue.extent,
            "editions": editions(Path(self.generator.path)),
        }
        self.tag_pages = catalogue.tag_pages
        self.plan = plan_of(self.generator, selection)
        return self.plan

    def catalogue(self) -> Catalogue:
        """Return the catalogue of the documents as they are known now."""
        return Catalogue(filter(None, self.documents.records), self.settings, self._read_again)

    def read(self, number: int) -> Article | SkipStub | None:
        """Read a content file as Pelican's generator does; None, and an error in the log, if it cannot be used."""
        return self._read(self.documents.files[number])

    def metadata(self, number: int) -> dict[str, object]:
        """Return the metadata of a content file."""
        metadata: dict[str, object] = self.reader.read(f"{self.generator.path}/{self.documents.files[number]}")[1]
        return metadata

    def glance(self, number: int) -> Record | None:
        """Return what other pages show of a document, which its head tells."""
        file, stamp = self.documents.files[number], self.documents.stamps[number]
        seen = glance(self.reader, f"{self.generator.path}/{file}", stamp)
        return seen if self._settings_fit else record_of(self.read(number), seen)

    @cached_property
    def tags(self) -> dict[str, NameAndSlug | None]:
        """Name and slug of the tag that each name on a document stands for; None for one that is hidden."""
        names = dict.fromkeys(chain.from_iterable(record.tag_names for record in self.documents.records if record))
        return {name: remembered_tag(name, self.settings) for name in names}

    @cached_property
    def surroundings(self) -> Surroundings:
        """What there is around each document."""
        return Surroundings(self.documents.records, self.tags)

    def write(self, job: PageJob) -> None:
        """Render a page and write it, unless another has its place."""
        template: Template = self.generator.get_template(job.template)
        context = self.generator.context
        if template not in self._constants:
            self._constants[template] = dict(template.globals)
        # Pelican gives hundreds of variables to each page, and would copy them three times; here they are copied once.
        variables = context.copy()
        for constant, value in self._constants[template].items():
            variables.setdefault(constant, value)
        if has_relative_links(job, self.settings):
            variables["SITEURL"] = context["localsiteurl"] = _way_up(job.address.count("/"))
        variables["localsiteurl"] = context.get("localsiteurl")
        variables["output_file"], variables["sealed"] = job.address, True
        variables |= job.variables
        path = f"{self.output}/{job.address}"
        with suppress(FileExistsError):
            write_new(path, seal(_render(template, variables).encode()))
            signals.content_written.send(path, context=variables)

    def _read_again(self, record: Record) -> Article:
        article = self._read(f"{record.save_as.removesuffix('.html')}.md")
        part_with_plain_subjects(article, self.tag_pages)
        return article

    def _read(self, file: str) -> Article | SkipStub | None:
        generator = self.generator
        try:
            if self._settings_fit:
                path = f"{generator.path}/{file}"
                content, metadata = self.reader.read(path)
                if fits_fast_path(content, metadata):
                    return FastArticle(content, metadata, self.settings, path, generator.context)
            article = generator.readers.read_file(
                base_path=generator.path,
                path=file,
                content_class=Article,
                context=generator.context,
                preread_signal=signals.article_generator_preread,
                preread_sender=generator,
                context_signal=signals.article_generator_context,
                context_sender=generator,
            )
        except Exception:
            _log.exception("Could not process %s", file, exc_info=False)
            return None
        return article if isinstance(article, SkipStub) or article.is_valid() else None


def glance_at_documents(context: RenderContext, numbers: Sequence[int]) -> list[Record | None]:
    """Return what other pages show of documents."""
    return [context.glance(number) for number in numbers]


class RenderedDocuments(NamedTuple):
    """What a batch of documents leaves, beside its pages."""

    records: list[tuple[int, Record | None]]
    """Number of each document, and what is to be kept of it."""
    faults: dict[str, str]
    """Each seed that could not be read -> what is wrong with it."""


def render_documents(context: RenderContext, numbers: Sequence[int]) -> RenderedDocuments:
    """Read documents and write their pages and raw records."""
    documents = context.documents
    articles = [(number, context.read(number)) for number in numbers]
    new = []
    for number, article in articles:
        if isinstance(article, Article):
            known = documents.records[number]
            if number in documents.unread or number in documents.with_other_raw:
                new.append(article)
            else:
                article.raw = raw_address(article.save_as) if known and known.raw else ""
    documents.originals.copy(new, Path(context.output))
    records = [(number, record_of(article, documents.records[number])) for number, article in articles]
    for number, article in articles:
        if isinstance(article, Article):
            article.__dict__ |= context.surroundings.of(number)._asdict()
            part_with_plain_subjects(article, context.tag_pages)
            signals.article_generator_write_article.send(context.generator, content=article)
            context.write(document_job(article, documents.files[number]))
    return RenderedDocuments(records, documents.originals.faults)


def document_job(article: Article, file: str) -> PageJob:
    """Return the job of a document's page, of an article that was read from a file."""
    variables = {"article": article, "category": getattr(article, "category", None), "blog": True}
    return PageJob(article.save_as, article.template, variables, (file, ()))


def render_lists(context: RenderContext, keys: Sequence[ListKey]) -> list[tuple[str, list[str]]]:
    """Write those pages of lists that are in the plan's selection; return each list's first page and all its pages."""
    plan = context.plan
    assert plan  # noqa: S101  # lists were planned
    rendered = []
    for key in keys:
        addresses = []
        for job in plan.pages(key):
            addresses.append(job.address)
            if job in plan.selection:
                if isinstance(job, FeedJob):
                    write_feed(job, context.output)
                else:
                    context.write(job)
        rendered.append((key[1], addresses))
    return rendered


class LazySequence(Sequence[T]):
    """A sequence that is made when it is first looked at: most themes never do."""

    def __init__(self, make: Callable[[], Sequence[T]]) -> None:
        self._make = make

    def __len__(self) -> int:
        return len(self._made)

    def __getitem__(self, at):  # type: ignore[no-untyped-def]  # as that of what is made
        return self._made[at]

    @cached_property
    def _made(self) -> Sequence[T]:
        return self._make()


def _render(template: Template, variables: dict[str, object]) -> str:
    """As `template.render`, which copies the variables twice."""
    try:
        return "".join(template.root_render_func(template.new_context(variables, shared=True)))
    except Exception:
        return str(template.environment.handle_exception())  # raises it, with the template's line


@cache
def _way_up(depth: int) -> str:
    return str(path_to_url(get_relative_path("x/" * depth + "x")))
