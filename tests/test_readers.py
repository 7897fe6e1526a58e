"""A format is one file and one line: a reader that is added goes the way that all captures go."""

import json
import subprocess
from pathlib import Path

import pytest

from converters.intake.hosts import ascii_host, canonical_host
from converters.intake.seeds import SeedFile
from converters.model import Capture, Rejection
from converters.readers.reader import Origin
from converters.readers.table import READERS, origin_of, read_seed, reader_of
from tests.conftest import TestArchive, paragraphs, record

NOTE_READER = """
import hashlib, json
from converters.model import Capture, PartialDate, Provenance, Rejection, plain

def recognises(head, name):
    return name.endswith(".notes.jsonl")

def read(stream, seed):
    start = 0
    while line := stream.readline():
        yield read_record(line, Origin(seed, start))
        start += len(line)

def read_record(raw, origin):
    try:
        note = json.loads(raw)
        day = PartialDate(*map(int, note["day"].split("-")))
    except (ValueError, KeyError) as error:
        return Rejection(origin.seed, 0, f"no note: {error}", "see the program that wrote it")
    place = Provenance(origin.seed, origin.start, len(raw), hashlib.sha256(raw).hexdigest(), READER.label, "utf-8")
    return Capture(note["url"], "notes.example", day, note["title"], tuple(map(plain, note["text"])), place)
"""
ADDED = """
import sys
sys.path.insert(0, "")
from converters.readers import table
from converters.readers.reader import Origin, Reader
{reader}
READER = Reader("notes", 1, recognises, read, read_record)
table.READERS = (READER, *table.READERS)
"""
NOTE = '{"url": "https://notes.example/1", "day": "2023-03-08", "title": "A note", "text": ["It ended.The rest"]}\n'


@pytest.fixture
def with_notes(tmp_path: Path) -> str:
    """Add a reader of notes to the program, as one file and one line; returns the PYTHONPATH that has it."""
    folder = tmp_path / "added"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(ADDED.format(reader=NOTE_READER))
    return str(folder)


def test_an_added_reader_goes_the_whole_way(archive: TestArchive, with_notes: str) -> None:
    archive.add("a.notes.jsonl", NOTE + '{"url": 1}\n' + NOTE.replace("/1", "/2").replace("A note", "Second note"))
    archive.add("b.txt", record())

    converted = archive.run("site", "--no-search", PYTHONPATH=with_notes)
    checked = archive.run("check", PYTHONPATH=with_notes)

    assert "seeds/a.notes.jsonl: no note: 'day'; see the program that wrote it" in converted.said
    assert "3 new" in converted.said
    page = archive.page("2023/03/08/second-note.html")
    # This format lost no breaks, so none is put into what the reader gave.
    assert paragraphs(page) == ["It ended.The rest"]
    assert "pages whose text is that of their seed: 3" in checked.said
    assert checked.status == 0, checked.said
    assert archive.run("bundle", PYTHONPATH=with_notes).status == 0
    for command in ("init --quiet", "config user.name A", "config user.email a@example.org", "init --bare -q ../there"):
        subprocess.run(["git", *command.split()], cwd=archive.root, check=True)
    subprocess.run(["git", "remote", "add", "origin", "../there"], cwd=archive.root, check=True)
    deployed = archive.run("deploy", PYTHONPATH=with_notes)
    assert deployed.status == 0, deployed.said


def test_a_document_names_its_reader_in_any_version_of_it() -> None:
    assert reader_of("seed-text 1") is reader_of("seed-text 999") is READERS[-1]
    assert reader_of("of-no-format 1") is None
    assert reader_of("") is None


def test_a_record_from_the_middle_of_a_file_in_utf_16_is_read_again(archive: TestArchive) -> None:
    dump = record("First") + record("Zweites, für sich", "Text.", url="https://example.org/2")
    archive.add("dump.txt", dump.encode("utf-16"))
    archive.run("convert")
    document = archive.documents()["2023/03/08/zweites-fur-sich.md"]
    origin = origin_of(document)

    raw = (archive.root / "seeds" / "dump.txt").read_bytes()[origin.start :]
    reader = reader_of("seed-text 1")
    assert reader is not None
    again = reader.read_record(raw, origin)

    assert origin == Origin("seeds/dump.txt", 2 + 2 * len(record("First")), "utf-16-le")
    assert isinstance(again, Capture)
    assert (again.title, again.paragraphs) == ("Zweites, für sich", ("Text.",))
    assert again.provenance.sha256 in document


LOSSY = """
from dataclasses import replace
from converters.readers import table
from converters.readers.seed_text import READER as whole
def headings_of(capture):
    return replace(capture, body=capture.body[:1]) if hasattr(capture, "body") else capture
def read(stream, seed):
    return map(headings_of, whole.read(stream, seed))
table.READERS = (replace(whole, read=read, {more}),)
"""


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("version=2", "and “Thesecondparagraphandallthatitsays.It"),
        ("header=''", "“The second paragraph and all that it say” is missing"),
        ("extracts=True", "does not tell what share of its seed it keeps"),
    ],
)
def test_a_reader_that_loses_text_is_caught_whatever_it_says_of_itself(
    archive: TestArchive, tmp_path: Path, declared: str, told: str
) -> None:
    (tmp_path / "lossy").mkdir()
    (tmp_path / "lossy/sitecustomize.py").write_text("import sys; sys.path.insert(0, '')" + LOSSY.format(more=declared))
    archive.add("a.txt", record(body="A heading\n\nThe second paragraph and all that it says. It is longer than that."))
    lossy = {"PYTHONPATH": str(tmp_path / "lossy")}

    assert archive.run("site", "--no-search", **lossy).status == 0
    checked = archive.run("check", **lossy)

    assert checked.status == 1
    assert told in checked.said


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n date 2023-03-08 https://example.org/\n\nT\n\nB\n", "a PDF document"),
        (b"PK\x03\x04" + bytes(26) + b"a.txt", "a ZIP archive"),
        (b"a.txt".ljust(257, b"\0") + b"ustar\0", "a tar archive"),
        (b"070701000000\n date 2023-03-08 https://example.org/\n\nT\n\nB\n", "a cpio archive"),
        (b"!<arch>\na.txt/ \n date 2023-03-08 https://example.org/\n\nT\n\nB\n", "an ar archive"),
        (b"X\1\0\n date 2023-03-08 https://example.org/\n\nT\n\nB\n\0", "a file that is no text"),
    ],
)
def test_a_file_of_another_format_is_called_what_it_is(tmp_path: Path, content: bytes, kind: str) -> None:
    (tmp_path / "seed").write_bytes(content)
    (found,) = read_seed(SeedFile(tmp_path / "seed", "seeds/seed"))
    assert isinstance(found, Rejection)
    assert found.reason.startswith(kind)
    assert "README" in found.remedy


def test_a_password_in_an_address_stays_in_the_seed(archive: TestArchive) -> None:
    archive.add("a.txt", record(url="https://ann:secret@example.org/harbour?to=b@c"))

    built = archive.run("site", "--no-search")
    archive.run("export")

    assert "seeds/a.txt, byte 0: a password stands in the address" in built.said
    (document,) = archive.documents().values()
    assert "Url: https://example.org/harbour?to=b@c\n" in document
    assert "withheld" in archive.page("2023/03/08/harbour-opens-to-visitors.html").get_text()
    for folder in ("content", "output", "dist"):
        assert not [name for name, content in archive.files(folder).items() if b"secret" in content]


@pytest.mark.parametrize(
    ("host", "canonical", "in_ascii"),
    [
        ("EXAMPLE.org.", "example.org", "example.org"),
        ("straße.example", "straße.example", "xn--strae-oqa.example"),
        ("xn--strae-oqa.example", "straße.example", "xn--strae-oqa.example"),
        ("strasse.example", "strasse.example", "strasse.example"),
        ("a_b.example", "a_b.example", "a_b.example"),
        ("xn--999.example", "xn--999.example", "xn--999.example"),
        ("a newspaper clipping, å", "a newspaper clipping, å", ""),
    ],
)
def test_a_host_has_one_form(host: str, canonical: str, in_ascii: str) -> None:
    assert (canonical_host(host), ascii_host(host)) == (canonical, in_ascii)


def test_what_other_programs_leave_is_no_seed_and_no_document(archive: TestArchive) -> None:
    junk = ("._a.txt", ".#a.txt", "Thumbs.db", "desktop.ini", "~$a.txt", ".DS_Store")
    archive.add("a.txt", record())
    for name in junk:
        archive.add(name, b"\0\1 no seed")
    archive.run("convert")
    day = archive.root / "content/2023/03/08"
    for name in junk:
        (day / f"{name.removesuffix('.txt')}.md" if "a" in name else day / name).write_bytes(b"\0\1 no document")

    built = archive.run("site", "--no-search")

    assert built.status == 0, built.said
    assert "1 unchanged, 0 edited, 0 duplicate, 0 rejected" in built.said
    assert archive.run("export").status == 0


def test_a_guessed_encoding_is_told_with_a_count(archive: TestArchive) -> None:
    archive.add("a.txt", record(body="L’été dernier, la forêt a brûlé près du château.").encode("cp1252"))

    assert "guessed, so look at some of them: 1 (1 windows-1252)" in archive.run("convert").said


def test_records_that_were_garbled_before_the_capture_are_told_with_a_count(archive: TestArchive) -> None:
    archive.add(
        "a.txt", record(body="The cafÃ© opened.") + record("Two", "He donâ€™t know.", url="https://example.org/2")
    )
    archive.add("b.txt", record("Âge et CAFÉ", "Le « CAFÉ” a ouvert, NÃO.", url="https://example.org/3"))

    said = archive.run("convert").said

    assert "2 records look as if read in a wrong encoding before the capture (Ã© for é): see seeds/a.txt" in said
    assert json.loads((archive.root / ".cache/report.json").read_text())["garbled"] == 2


def test_many_rejections_of_a_kind_in_one_file_are_a_count(archive: TestArchive) -> None:
    archive.add("a.txt", "".join(record(date="2023-99-99") for _ in range(25)) + record())

    said = archive.run("convert").said

    assert said.count("rejected: seeds/a.txt:") == 21
    assert "rejected: seeds/a.txt: 5 more of this kind, all in" in said
    assert len(json.loads((archive.root / ".cache/report.json").read_text())["rejected"]) == 25
