"""The subjects of an archive for other programs, and names from their vocabularies."""

import tomllib
from pathlib import Path

import pytest
from rdflib import DCTERMS, RDF, SKOS, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from tests.conftest import TestArchive, record

SITE = "https://example.net/kept/"
IPTC = "http://cv.iptc.org/newscodes/mediatopic/"
BODY = "The election in Norway was held.\n\nThe elections in Norway were free. Elections cost Norway much, it said."


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> TestArchive:
    archive = TestArchive(tmp_path_factory.mktemp("skos") / "archive")
    archive.add("a.txt", record("Election held", BODY))
    (archive.root / "content").mkdir()
    (archive.root / "content/tags.toml").write_text('[place]\n"Kingdom of Norway" = ["Norway"]\n')
    (archive.root / "publishconf.py").write_text(f'SITEURL = "{SITE.rstrip("/")}"\n')
    assert archive.run("site", "--no-search").status == 0
    return archive


def test_subjects_are_concepts_with_the_addresses_of_their_pages(site: TestArchive) -> None:
    done = site.run("export", "--skos")
    assert done.status == 0, done.said
    turtle = Graph().parse(site.root / "dist/archive.ttl")
    norway, scheme = URIRef(f"{SITE}tags/kingdom-of-norway.html"), URIRef(f"{SITE}tags/index.html")
    for triple in (
        (norway, RDF.type, SKOS.Concept),
        (norway, SKOS.prefLabel, Literal("Kingdom of Norway", lang="en")),
        (norway, SKOS.altLabel, Literal("Norway", lang="en")),
        (norway, SKOS.inScheme, scheme),
        (norway, DCTERMS.type, Literal("place")),
        (scheme, RDF.type, SKOS.ConceptScheme),
    ):
        assert triple in turtle
    elections = URIRef(f"{SITE}tags/elections.html")
    assert (elections, SKOS.prefLabel, Literal("Wahlen", lang="de")) in turtle
    assert (elections, SKOS.broader, URIRef(f"{SITE}tags/politics-and-government.html")) in turtle
    politics = URIRef(f"{SITE}tags/politics-and-government.html")
    assert {str(one) for one in turtle.objects(politics, SKOS.exactMatch)} >= {f"{IPTC}11000000"}
    for concept in turtle.subjects(RDF.type, SKOS.Concept):
        assert (site.root / "output" / str(concept).removeprefix(SITE)).is_file()
    assert isomorphic(turtle, Graph().parse(site.root / "dist/archive.jsonld"))


def test_the_same_subjects_are_the_same_bytes(site: TestArchive) -> None:
    site.run("export", "--skos")
    before = site.files("dist")
    for seed in ("1", "2"):
        assert site.run("export", "--skos", PYTHONHASHSEED=seed).status == 0
        assert site.files("dist") == before


def test_names_are_taken_over_and_nothing_that_stood_there_changes(archive: TestArchive, tmp_path: Path) -> None:
    (archive.root / "content").mkdir()
    path = archive.root / "content/tags.toml"
    path.write_text('# Ours\n[topic]  # of all\n"rates" = ["interest rates"]\n\n[hidden]\n"Reuters" = []\n')
    graph = Graph()
    for number, (label, forms) in enumerate(
        {"ferries": ["car ferry", "a, b"], "interest rates": [], "one, two": [], "Oslo Fjord": []}.items()
    ):
        concept = URIRef(f"https://example.org/{number}")
        graph.add((concept, RDF.type, SKOS.Concept))
        graph.add((concept, SKOS.prefLabel, Literal(label, lang="en")))
        graph.add((concept, SKOS.prefLabel, Literal(f"{label}-de", lang="de")))
        for form in forms:
            graph.add((concept, SKOS.altLabel, Literal(form, lang="en")))
    graph.add((URIRef("https://example.org/3"), DCTERMS.type, Literal("place")))
    graph.serialize(tmp_path / "names.ttl", "turtle")
    done = archive.run("tags", "--from", str(tmp_path / "names.ttl"))
    assert done.status == 0, done.said
    assert "2 names added to content/tags.toml, 1 known already" in done.said
    assert "1 cannot be tags" in done.said
    text = path.read_text()
    assert text.startswith("# Ours\n[topic]  # of all\n")
    assert tomllib.loads(text) == {
        "topic": {"ferries": ["ferries-de", "car ferry"], "rates": ["interest rates"]},
        "hidden": {"Reuters": []},
        "place": {"Oslo Fjord": ["Oslo Fjord-de"]},
    }
    assert "0 names added" in archive.run("tags", "--from", str(tmp_path / "names.ttl")).said
    assert path.read_text() == text


def test_names_are_taken_over_from_a_table(archive: TestArchive, tmp_path: Path) -> None:
    (archive.root / "content").mkdir()
    (tmp_path / "names.csv").write_text(
        "name,kind,forms\nAda Lovelace,person,Augusta Ada King|Lady Lovelace\nferries,,\n"
    )
    assert archive.run("tags", "--from", str(tmp_path / "names.csv")).status == 0
    assert tomllib.loads((archive.root / "content/tags.toml").read_text()) == {
        "person": {"Ada Lovelace": ["Augusta Ada King", "Lady Lovelace"]},
        "topic": {"ferries": []},
    }


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("names.csv", "name,kind\nOslo,town\n", ":2: expected the columns name, kind and forms"),
        ("names.ttl", "this is no Turtle", "cannot be read as SKOS"),
        ("none.ttl", None, "No such file"),
    ],
)
def test_what_cannot_be_taken_over_changes_nothing(
    archive: TestArchive, tmp_path: Path, name: str, text: str | None, told: str
) -> None:
    (archive.root / "content").mkdir()
    if text is not None:
        (tmp_path / name).write_text(text)
    done = archive.run("tags", "--from", str(tmp_path / name))
    assert done.status == 1
    assert told in done.said
    assert "Traceback" not in done.said
    assert archive.files("content") == {}
