"""What a curator knows of a seed stands in a file beside it, and the seed stays as received."""

import json

import pytest

from converters.intake.sidecar import SidecarError, parse_sidecar
from converters.model import Capture
from converters.readers.table import read_again
from tests.conftest import TestArchive, paragraphs, record

LETTER = "Dear harbour master,\n\nThe ferry was late again.\n\nYours, A. Reader\n"


def raw_of(archive: TestArchive, document: str) -> bytes:
    """Give the bytes that a content file names."""
    keys = dict(line.split(": ", 1) for line in document.partition("\n\n")[0].split("\n"))
    start, length = map(int, keys["Seed-Bytes"].split("+"))
    return (archive.root / keys["Seed"]).read_bytes()[start : start + length]


def test_a_text_without_a_header_is_read_with_what_its_sidecar_tells(archive: TestArchive) -> None:
    seed = archive.add("letters/ferry.txt", LETTER)
    archive.add(
        "letters/ferry.txt.seed.toml",
        'date = 1998-05-04\ntitle = "On the ferry"\nsource = "Harbour office"\nlanguage = "en-GB"\n',
    )

    built = archive.run("site", "--no-search")

    assert built.status == 0, built.said
    (document,) = archive.documents().values()
    for line in ("Date: 1998-05-04", "Category: harbour office", "Lang: en-GB", "Seed: seeds/letters/ferry.txt"):
        assert f"{line}\n" in document
    page = archive.page("1998/05/04/on-the-ferry.html")
    assert paragraphs(page) == ["Dear harbour master,", "The ferry was late again.", "Yours, A. Reader"]
    assert "date, title, source, language" in page.get_text()
    assert seed.read_text() == LETTER
    assert archive.run("check").status == 0
    assert archive.run("convert", "--verify").said.endswith(
        "0 new, 0 changed, 1 unchanged, 0 edited, 0 duplicate, 0 rejected\n"
    )


def test_the_same_record_is_read_again_from_what_the_content_file_keeps(archive: TestArchive) -> None:
    archive.add("a.txt", LETTER)
    archive.add("a.seed.toml", 'date = "1998-05"\naddress = "https://example.org/letter"\n')
    archive.run("convert")

    (document,) = archive.documents().values()
    again = read_again(raw_of(archive, document), document)

    assert isinstance(again, Capture)
    assert (again.title, again.url, again.source) == (
        "Dear harbour master,",
        "https://example.org/letter",
        "example.org",
    )
    assert again.published is not None
    assert again.published.isoformat() == "1998-05"
    assert again.paragraphs == ("The ferry was late again.", "Yours, A. Reader")


MENDED = [
    (record(date="2023-02-30"), "date = 2023-02-28", "Date: 2023-02-28"),
    (record(date="8 March 2023"), 'date = "2023-03"', "Url: https://example.org/harbour"),
    (record(url="https:///harbour"), 'url = "https://example.org/harbour"', "Url: https://example.org/harbour"),
    (record(title="\u200b\u2060"), 'title = "Untitled"', "Title: Untitled"),
    (" date 2023-03-08 https://example.org/\n\nOnly a line\n", 'title = "A telegram"', "Title: A telegram"),
    (record("Undated", date="2023-02-30"), 'date = "-"', "Title: Undated"),
    (LETTER, "date = 1998", "Date: 1998"),
    (record(), 'title = "The harbour, opened"', "Title: The harbour, opened"),
]


def test_what_a_header_lacks_its_sidecar_gives_and_no_word_is_lost(archive: TestArchive) -> None:
    for number, (seed, sidecar, _) in enumerate(MENDED):
        archive.add(f"{number}.txt", seed)
        archive.add(f"{number}.txt.seed.toml", sidecar)

    built = archive.run("site", "--no-search")

    assert built.status == 0, built.said
    documents = [content.decode() for name, content in archive.files("content").items() if name.endswith(".md")]
    for number, (_, _, expected) in enumerate(MENDED):
        (document,) = (one for one in documents if f"Seed: seeds/{number}.txt\n" in one)
        assert f"{expected}\n" in document
    page = archive.page("2023/03/08/the-harbour-opened.html")
    assert paragraphs(page) == ["Harbour opens to visitors", "The harbour was opened.", "It will stay open."]
    checked = archive.run("check")
    assert checked.status == 0, checked.said


def test_a_changed_sidecar_changes_the_document_where_it_stands(archive: TestArchive) -> None:
    archive.add("a.txt", LETTER)
    sidecar = archive.add("a.txt.seed.toml", 'date = 1998-05-04\ntitle = "On the ferry"')
    archive.run("convert")
    sidecar.write_text('date = 1998-05-05\naddress = "https://example.org/ferry"\ntitle = "On the ferry"')

    again = archive.run("convert")

    assert "0 new, 1 changed" in again.said
    ((name, document),) = archive.documents().items()
    assert name == "1998/05/04/on-the-ferry.md"
    assert "Date: 1998-05-05\n" in document
    assert "Url: https://example.org/ferry\n" in document
    assert "0 changed, 1 unchanged" in archive.run("convert").said


def test_a_sidecar_speaks_of_single_records(archive: TestArchive) -> None:
    dump = record("First") + record("Second", date="2023-02-30") + record("Third", date="2023-02-31")
    archive.add("dump.txt", dump)
    archive.add("b.txt", record("Fourth") + record("Fifth"))
    archive.add("b.txt.seed.toml", f"[[record]]\noffset = {len(record('Fourth'))}\nskip = true\n")
    sidecar = 'source = "Harbour"\n[[record]]\nline = 9\ndate = "2023-02-28"\n\n[[record]]\nline = 17\nskip = true\n'
    archive.add("dump.txt.seed.toml", sidecar)

    converted = archive.run("convert")

    assert converted.status == 0, converted.said
    assert "seeds/dump.txt: 1 record is no document: 1 left out by a sidecar" in converted.said
    assert [*archive.documents()] == ["2023/02/28/second.md", "2023/03/08/first.md", "2023/03/08/fourth.md"]
    assert "Category: harbour\n" in archive.documents()["2023/03/08/first.md"]


def test_a_seed_that_is_not_read_is_left_out_where_its_sidecar_says_so(archive: TestArchive) -> None:
    archive.add("a.pdf", "%PDF-1.7\n")
    archive.add("a.pdf.seed.toml", "skip = true")
    archive.add("b.txt", record())

    assert archive.run("convert").status == 0


@pytest.mark.parametrize(
    ("sidecar", "line", "told"),
    [
        ("date = 2023-03-08\ndatte = 1", 2, "date, found datte"),
        ("\ntitel = 'x'", 2, "title, found titel"),
        ("colour = 'x'", 1, "date, address, title, source, language, skip, record or tables, found colour"),
        ("date = 2023-02-30", 1, "TOML"),
        ("date = 2023-03", 1, "TOML"),
        ("date = '2023-13'", 1, "a day, a month or a year"),
        ("\n\nskip = 1", 3, "skip = true"),
        ("address = 'example.org'", 1, "an address such as"),
        ("title = ''", 1, "one line of text"),
        ("title = 3", 1, "one line of text"),
        ("language = 'English!'", 1, "a code such as"),
        ("[[record]]\ntitle = 'x'", 1, "a line, an offset or a member"),
        ("[[record]]\nline = 0", 2, "a number"),
        ("[record]\nline = 1", 1, "a section [[record]]"),
        ("title = 'x'\ntitle =", 2, "TOML"),
    ],
)
def test_what_is_wrong_in_a_sidecar_is_named_with_its_line(sidecar: str, line: int, told: str) -> None:
    with pytest.raises(SidecarError) as error:
        parse_sidecar(sidecar.encode(), "seeds/a.txt.seed.toml")
    assert str(error.value).startswith(f"a.txt.seed.toml:{line}: expected ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_broken_sidecar_holds_its_seed_back_and_leaves_the_page(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    before = archive.documents()
    sidecar = archive.add("a.txt.seed.toml", "date = ")

    broken = archive.run("convert")

    assert broken.status == 1
    assert "rejected: seeds/a.txt: its sidecar a.txt.seed.toml:1: expected TOML" in broken.said
    assert archive.run("convert") == broken
    assert archive.documents() == before
    sidecar.unlink()
    assert "1 unchanged" in archive.run("convert").said


def test_a_sidecar_without_its_seed_is_named(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.add("b.txt.seed.toml", "skip = true")
    archive.add("two.txt", record("Two"))
    archive.add("two.text", record("Three"))
    archive.add("two.seed.toml", "skip = true")

    converted = archive.run("convert")

    assert converted.status == 1
    assert "3 new" in converted.said
    rejected = json.loads((archive.root / ".cache/report.json").read_text())["rejected"]
    assert [one["seed"] for one in rejected] == ["seeds/b.txt.seed.toml", "seeds/two.seed.toml"]


def test_what_fits_no_record_and_one_title_for_several_are_named(archive: TestArchive) -> None:
    archive.add("a.txt", record("First") + record("Second", url="https://example.org/2"))
    archive.add("a.txt.seed.toml", 'title = "Both"\n[[record]]\nline = 3\nskip = true')

    said = archive.run("convert").said

    assert "seeds/a.txt: its sidecar tells of line 3, where no record begins" in said
    assert "seeds/a.txt:9: its sidecar gives one title to a file of several records" in said
    assert "1 new" in said


def test_the_bag_has_the_sidecars(archive: TestArchive) -> None:
    archive.add("a.txt", LETTER)
    archive.add("a.txt.seed.toml", "date = 1998")
    archive.run("site", "--no-search")
    archive.run("bundle")

    (bag,) = (archive.root / "dist").glob("*.zip")
    assert b"data/seeds/a.txt.seed.toml" in bag.read_bytes()


def test_a_saved_page_follows_its_sidecar_although_what_was_read_of_it_is_kept(archive: TestArchive) -> None:
    text = "".join(f"<p>The court said a word, and then {number} more of them.</p>" for number in range(9))
    archive.add("a.html", f"<!DOCTYPE html><title>Court</title><article><h1>Court</h1>{text}</article>")
    archive.add("a.html.seed.toml", 'date = 2023-03-08\naddress = "https://example.org/court"')
    archive.run("convert")
    archive.add("a.html.seed.toml", 'date = 2023-03-09\naddress = "https://example.org/court"\ntitle = "The inquiry"')

    built = archive.run("site", "--no-search")

    assert "1 changed" in built.said
    (document,) = archive.documents().values()
    assert "Title: The inquiry\nDate: 2023-03-09\n" in document
    checked = archive.run("check")
    assert checked.status == 0, checked.said
