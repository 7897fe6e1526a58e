"""Writes the subjects of an archive as a vocabulary that other programs can use: SKOS, in Turtle and JSON-LD.

    dist/NAME.ttl, dist/NAME.jsonld

    <https://example.org/archive/tags/interest-rates.html> a skos:Concept ;
        skos:prefLabel "interest rates"@en, "Zinsen"@de ;
        skos:broader <https://example.org/archive/tags/economy-and-business.html> ;
        skos:exactMatch <http://cv.iptc.org/newscodes/mediatopic/20000350> ;
        skos:inScheme <https://example.org/archive/tags/index.html> ;
        dcterms:type "topic" .

The URI of a subject is the address of its page, so those that have none are left out; without SITEURL it is relative.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rdflib import DCTERMS, RDF, SKOS, Graph, Literal, URIRef

from converters.archive.atomic import atomic_write
from converters.archive.layout import Archive
from converters.subjects.thesaurus import read_thesaurus
from converters.tags.report import counted, curated_names
from plugins.engine.settings import settings_of
from plugins.outputs.edition import check_built, name_of
from plugins.site.reader import tag_of

_ELSEWHERE = {"medtop": "http://cv.iptc.org/newscodes/mediatopic/", "wd": "http://www.wikidata.org/entity/"}
_FORMATS = {"ttl": "turtle", "jsonld": "json-ld"}
Triple = tuple[URIRef, URIRef, URIRef | Literal]


def export_skos(archive: Archive, jobs: int) -> dict[Path, int]:
    """Write both files, and return each with its number of subjects; raises ArchiveError where no site is built."""
    check_built(archive)
    settings = settings_of(archive, archive.output)
    name, site = name_of(archive, settings), str(settings["SITEURL"])
    base, language = (f"{site}/" if site else ""), str(settings["DEFAULT_LANG"])
    scheme = URIRef(f"{base}tags/index.html")
    graph = Graph()
    graph.bind("skos", SKOS)
    graph.bind("dcterms", DCTERMS)
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, DCTERMS.title, Literal(str(settings["SITENAME"]), lang=language)))
    _, kinds, _ = counted(archive, jobs)
    pages = {tag: found.url for tag in sorted(kinds) if (found := tag_of(tag, settings))}
    pages = {tag: page for tag, page in pages.items() if (archive.output / page).is_file()}
    forms = {tag: others for tag, (_, others) in curated_names(archive).items()}
    for tag, page in pages.items():
        for triple in _concept(tag, kinds[tag], forms.get(tag, []), pages, base, language):
            graph.add(triple)
        graph.add((URIRef(base + page), SKOS.inScheme, scheme))
    written = {}
    for ending, form in _FORMATS.items():
        path = archive.bundles / f"{name}.{ending}"
        text = _ordered(graph).serialize(format=form)
        with atomic_write(path) as file:
            file.write(_in_order(text) if form == "json-ld" else text)
        written[path] = len(pages)
    return written


def _concept(
    tag: str, kind: str, forms: list[str], pages: dict[str, str], base: str, language: str
) -> Iterator[Triple]:
    """Yield what is said of a subject."""
    uri = URIRef(base + pages[tag])
    yield uri, RDF.type, SKOS.Concept
    yield uri, SKOS.prefLabel, Literal(tag, lang=language)
    yield uri, DCTERMS.type, Literal(kind)
    for form in forms:
        yield uri, SKOS.altLabel, Literal(form, lang=language)
    concept = read_thesaurus().concepts.get(tag)
    if concept is None:
        return
    for code, label in concept.labels.items():
        if code != language and label != tag:
            yield uri, SKOS.prefLabel, Literal(label, lang=code)
    if concept.broader in pages:
        yield uri, SKOS.broader, URIRef(base + pages[concept.broader])
    for match in concept.match:
        vocabulary, _, code = match.partition(":")
        yield uri, SKOS.exactMatch, URIRef(_ELSEWHERE[vocabulary] + code)


def _in_order(data: str) -> str:
    """Return JSON-LD with its lists in order, which have none of their own."""
    subjects = json.loads(data)
    for subject in subjects:
        for values in subject.values():
            if isinstance(values, list):
                values.sort(key=partial(json.dumps, sort_keys=True))
    subjects.sort(key=lambda subject: subject["@id"])
    return json.dumps(subjects, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _ordered(graph: Graph) -> Graph:
    """Return the same graph, entered in order: what is written follows it, and is the same on every run."""
    ordered = Graph()
    for prefix, namespace in sorted(graph.namespaces()):
        ordered.bind(prefix, namespace)
    for triple in sorted(graph):
        ordered.add(triple)
    return ordered
