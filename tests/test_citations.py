"""Citations for programs: whatever a title holds, it comes back from each format, and nothing else does."""

import json
import re
from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from plugins.site.citations import Citation, bibtex, csl_json, ris
from tests.conftest import TestArchive
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


def cited(title: str, source: str = "example.org", original: str = "https://example.org/1", **more: str) -> Citation:
    values = {"language": "en", "archive": "Kept", "address": "", "sha256": "0123456789abcdef" * 4} | more
    return Citation("2023-03-08-x", title, source, "2023-03-08", original=original, **values)


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


@given(title=a_line, source=a_line, address=an_address)
def test_csl_json_gives_back_what_was_put_in(title: str, source: str, address: str) -> None:
    (item,) = json.loads(csl_json(cited(title, source, address=address, language="")))
    assert (item["title"], item["container-title"], item["archive_location"]) == (title, source, address)
    assert item["issued"] == {"date-parts": [[2023, 3, 8]]}
    assert "language" not in item


def test_each_page_can_be_cited_in_three_formats(archive: TestArchive) -> None:
    archive.add("a.txt", hostile_seeds())
    (archive.root / "publishconf.py").write_text('SITEURL = "https://example.net"\n')
    assert archive.run("site").status == 0
    found: list[set[str]] = []
    keys = set()
    for name in archive.documents():
        page = archive.page(name.replace(".md", ".html"))
        texts = {block.summary.get_text(): block.pre.get_text() for block in page.select("article details.cited")}
        assert texts.keys() == {"BibTeX", "RIS", "CSL-JSON"}
        (item,) = json.loads(texts["CSL-JSON"])
        keys.add(item["id"])
        assert item["archive_location"] == f"https://example.net/{name.replace('.md', '.html')}"
        in_ris, in_bibtex = dict(read_ris(texts["RIS"])), read_bibtex(texts["BibTeX"])
        assert item["URL"] == in_ris["UR"] == page.select_one("a[rel~=original]")["href"]
        assert item["archive_location"] in in_ris["N1"] and item["archive_location"] in without_tex(in_bibtex["note"])
        found.append({item["title"], in_ris["TI"], without_tex(in_bibtex["title"][1:-1])})
        downloads = page.select("article a[download]")
        assert len(downloads) == 1
    titles = {" ".join(text.split()) for text in HOSTILE}
    assert sorted(map(sorted, found)) == sorted([title] for title in titles)
    assert len(keys) == len(HOSTILE)
