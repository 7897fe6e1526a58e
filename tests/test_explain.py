"""`convert --explain FILE` tells what was read, where it stands, what was left out, and why a document has its tags."""

from tests.conftest import TestArchive, record

TEXT = (
    "The river boats of Ada Bell reached Peru. Ada Bell said that river boats pay. Nobody in Peru had seen river boats "
    "like these of Bell, and many came to see what could not be seen there before."
    "\n\nAt the end of a long day they met Jo Hill on her way home."
)
PAGE = """<!doctype html><html><head><title>Harbour opens - Example News</title>
<link rel=canonical href="https://example.org/harbour">
<meta property="article:published_time" content="2023-03-05"></head>
<body><nav><a href=/>Home</a> <a href=/sport>Sport</a> <a href=/weather>Weather</a></nav>
<h1>Harbour opens</h1><p>{text}</p><p>{text}</p><aside><h2>Most read</h2><a href=/a>Another story altogether</a></aside>
</body></html>""".format(text=f"{TEXT} It was a long day on which many people came to the harbour to see the boats.")


def test_a_seed_is_explained_with_its_fields_and_its_tags(archive: TestArchive) -> None:
    archive.add("one.txt", record("Boats in Peru", TEXT, date="2023-03-08", url="https://example.org/boats"))
    before = archive.run("convert", "--explain", str(archive.root / "seeds" / "one.txt"))
    assert before.status == 0
    assert "not converted yet" in before.said
    assert archive.documents() == {}
    assert archive.run("convert").status == 0
    said = archive.run("convert", "--explain", "seeds/one.txt").said
    assert "reader     seed-text" in said
    assert "Title      Boats in Peru    from the line after it" in said
    assert "Url        https://example.org/boats    from the line “date {date} {url}”" in said
    assert "document   content/2023/03/08/boats-in-peru.md" in said
    assert "tag        Ada Bell (person): 3 times" in said
    assert "tag        river boats (topic): 3 times, in lead" in said
    assert "near miss  Jo Hill (person): 1 time" in said


def test_a_document_is_explained_with_the_tags_that_its_curator_gave_it(archive: TestArchive) -> None:
    archive.add("one.txt", record("Boats in Peru", TEXT, date="2023-03-08", url="https://example.org/boats"))
    assert archive.run("convert").status == 0
    path = archive.root / "content/2023/03/08/boats-in-peru.md"
    path.write_text(path.read_text().replace("Tags: ", "Tags: harbour masters, "))
    said = archive.run("convert", "--explain", str(path)).said
    assert "document   was edited by hand" in said
    assert "tag        harbour masters: it was published with this tag, or was given it by hand" in said
    assert "tag        Ada Bell (person): 3 times" in said


def test_what_was_left_out_of_a_page_is_told_by_its_regions(archive: TestArchive) -> None:
    archive.add("harbour.html", PAGE)
    said = archive.run("convert", "--explain", "seeds/harbour.html").said
    assert "reader     saved-html" in said
    assert "which leaves out what is not the document" in said
    assert "Title      Harbour opens    from h1" in said
    assert "Date       2023-03-05    from" in said
    assert "navigation: 3 words" in said
    assert "% of what the page shows was kept" in said


def test_a_rejected_record_and_a_file_that_is_neither_are_told_as_such(archive: TestArchive) -> None:
    archive.add("one.txt", "no record\n")
    assert "rejected: seeds/one.txt" in archive.run("convert", "--explain", "seeds/one.txt").said
    run = archive.run("convert", "--explain", "seeds/two.txt")
    assert run.status == 1
    assert "seeds/two.txt: expected a file in" in run.said
    assert "Traceback" not in run.said


def test_explaining_changes_no_file_of_the_archive(archive: TestArchive) -> None:
    archive.add("one.txt", record("Boats in Peru", TEXT))
    assert archive.run("convert").status == 0
    before = archive.files("content") | archive.files("seeds")
    for file in ("seeds/one.txt", next(iter(archive.documents()))):
        assert archive.run("convert", "--explain", file if "/one" in file else f"content/{file}").status == 0
    assert archive.files("content") | archive.files("seeds") == before
    assert "Nothing" not in archive.run("convert").said
