"""Citations for programs: whatever a title holds, it comes back from each format, and nothing else does."""

import re
from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from plugins.site.citations import Citation, bibtex, ris
from tests.conftest import TestArchive, record
from tests.test_site import HOSTILE, hostile_seeds

TEX = {
    r"{\textbackslash}": "\\",
    r"{\textbraceleft}": "{",
    r"{\textbraceright}": "}",
    r"{\textasciitilde}": "~",
    r"{\textasciicircum}": "^",
    **{f"\\{mark}": mark for mark in "#$%&_"},
}
NOT_IN_A_LINE = [chr(code) for code in (*range(32), *range(127, 160), 0x2028, 0x2029)]
a_line = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters=NOT_IN_A_LINE), max_size=60)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
an_address = a_line.map(lambda text: "https://example.org/" + text.replace(" ", "%20"))


def cited(
    title: str,
    source: str = "example.org",
    original: str = "https://example.org/1",
    authors: tuple[str, ...] = (),
    language: str = "en",
) -> Citation:
    day, sha256 = "2023-03-08", "0123456789abcdef" * 4
    return Citation("2023-03-08-x", title, authors, source, day, language, original, "Kept", "", sha256)


def read_bibtex(entry: str) -> dict[str, str]:
    """Read an entry as BibTeX does: a value ends where its braces close."""
    fields: dict[str, str] = {}
    assert entry.startswith("@online{")
    at = entry.index(",") + 1
    while match := re.compile(r"\s*([a-z]+) = \{").match(entry, at):
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(entry[end], 0)
            end += 1
        fields[match[1]] = entry[match.end() : end - 1]
        at = end + (entry[end] == ",")
    assert entry[at:] == "\n}\n"
    return fields


def without_tex(value: str) -> str:
    return re.sub("|".join(map(re.escape, TEX)), lambda match: TEX[match[0]], value)


def read_ris(record: str) -> list[tuple[str, str]]:
    return [(line[:2], line[6:]) for line in record.splitlines() if re.match("[A-Z][A-Z0-9]  - ", line)]


@given(title=a_line, source=a_line, original=an_address)
@example(title="{ \\ } % # $ & _ ~ ^ \\{ }}}", source="a_b", original="https://example.org/{x}?a=1&b=%20#_")
def test_bibtex_gives_back_what_was_put_in(title: str, source: str, original: str) -> None:
    fields = read_bibtex(bibtex(cited(title, source, original)))
    assert fields.keys() == {"title", "organization", "date", "year", "langid", "url", "note"}
    assert fields["title"][0] + fields["title"][-1] == "{}"
    assert without_tex(fields["title"][1:-1]) == title
    assert without_tex(fields["organization"]) == source
    assert fields["url"].replace("%7B", "{").replace("%7D", "}").replace("%5C", "\\") == original.replace(
        "%7B", "{"
    ).replace("%7D", "}").replace("%5C", "\\")


@given(title=a_line, source=a_line)
@example(title="ER  - ", source="TY  - JOUR")
def test_ris_gives_back_what_was_put_in(title: str, source: str) -> None:
    lines = read_ris(ris(cited(title, source)))
    assert lines[0] == ("TY", "ELEC") and lines[-1] == ("ER", "")
    assert max(Counter(tag for tag, _ in lines).values()) == 1
    assert dict(lines).items() >= {"TI": title, "T2": source, "DA": "2023/03/08", "UR": "https://example.org/1"}.items()


@given(names=st.lists(a_line.filter(lambda name: "," not in name), max_size=3))
@example(names=["Ada and Bo", "and", "Bell & Sons", "Band Andersson"])
def test_every_author_is_one_author_in_both_formats(names: list[str]) -> None:
    record = cited("T", authors=tuple(names))
    written = read_bibtex(bibtex(record)).get("author", "")
    found, depth = [""], 0
    for word in re.split(r"(\s+|[{}])", written):
        depth += {"{": 1, "}": -1}.get(word, 0)
        if word.casefold() == "and" and not depth:
            found.append("")
        else:
            found[-1] += word
    kept_whole = re.compile(r"\{(?!\\)(.*)\}", re.DOTALL)
    told = [without_tex(kept_whole.sub(r"\1", one.strip())) for one in found if one]
    assert told == names
    assert [value for tag, value in read_ris(ris(record)) if tag == "AU"] == names


def test_the_citations_of_a_page_lie_beside_it(archive: TestArchive) -> None:
    archive.add("a.txt", hostile_seeds())
    (archive.root / "publishconf.py").write_text('SITEURL = "https://example.net"\n')
    assert archive.run("site", "--no-search").status == 0
    files, keys = archive.files("output"), set()
    found = []
    for name in archive.documents():
        stem = name.removesuffix(".md")
        page = archive.page(f"{stem}.html")
        links = [
            (archive.root / "output" / stem).parent / str(link["href"]) for link in page.select("a[rel=describedby]")
        ]
        assert [link.suffix for link in links] == [".bib", ".ris"]
        assert all(link.is_file() for link in links)
        in_ris = dict(read_ris(files[f"{stem}.ris"].decode()))
        in_bibtex = read_bibtex(files[f"{stem}.bib"].decode())
        keys.add(in_ris["ID"])
        assert in_ris["UR"] == page.select_one("a[rel~=original]")["href"]
        for note in (in_ris["N1"], without_tex(in_bibtex["note"]), page.select_one(".citation").get_text()):
            assert f"https://example.net/{stem}.html" in note
        found.append({in_ris["TI"], without_tex(in_bibtex["title"][1:-1])})
        assert len(page.select("article a[download]")) == 1
    titles = {" ".join(text.split()) for text in HOSTILE}
    assert sorted(map(sorted, found)) == sorted([title] for title in titles)
    assert len(keys) == len(HOSTILE)


def test_the_citations_of_a_withdrawn_document_go_with_its_text(archive: TestArchive) -> None:
    archive.add("a.txt", record() + record("Fjord", "Sweden won.", "2023-03-09"))
    assert archive.run("site", "--no-search").status == 0
    assert "2023/03/09/fjord.bib" in archive.files("output")
    assert archive.run("withdraw", "2023/03/09/fjord.html", "--why", "asked", "--on", "2026-05-03").status == 0
    assert archive.run("build", "--no-search").status == 0
    assert {name for name in archive.files("output") if name.endswith((".bib", ".ris"))} == {
        "2023/03/08/harbour-opens-to-visitors.bib",
        "2023/03/08/harbour-opens-to-visitors.ris",
    }
