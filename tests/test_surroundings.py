"""What pages show of other documents: whom, why, and how few pages change when one document does."""

from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pelican.settings import DEFAULT_CONFIG

from converters.text.twins import page_key, text_key
from plugins.engine.changes import Changes
from plugins.engine.documents import Documents
from plugins.engine.state import State
from plugins.site import surroundings
from plugins.site.documents import Record
from plugins.site.originals import Originals
from plugins.site.reader import ContentReader
from plugins.site.surroundings import Surroundings
from tests.conftest import TestArchive, record

SETTINGS = {
    "PATH": "/nowhere",
    "BUILD_DAY": "2026-01-01",
    "TAG_URL": "tags/{slug}.html",
    "CATEGORY_URL": "sources/{slug}.html",
}


def a_record(at: int, tags: Sequence[str], day: str = "2023-03-08", **more: object) -> tuple[str, Record]:
    stem = f"{day.replace('-', '/')}/d{at:03}"
    known = Record(
        **dict.fromkeys(Record._fields, "")
    )._replace(  # type: ignore[arg-type]  # what matters follows
        stamp=f"{tags}{more}",
        status="published",
        save_as=f"{stem}.html",
        date=f"{f'{day}-01'[:10]}T00:00:00",
        published=day,
        title=f"Title {at}",
        source="example.org",
        tag_names=tuple(tags),
        text=0,
        page=0,
    )
    return f"{stem}.md", known._replace(**more)


def around(records: dict[str, Record]) -> Surroundings:
    names = {name for known in records.values() for name in known.tag_names}
    return Surroundings([*records.values()], {name: (name, name) for name in names})


def related(records: dict[str, Record], file: str) -> list[tuple[str, tuple[str, ...]]]:
    found = around(records).of([*records].index(file)).related
    return [(str(one.document.title), tuple(map(str, one.on))) for one in found]


def test_related_documents_share_rare_subjects_and_say_which() -> None:
    records = dict([a_record(0, ["Argentina", "bondholders"]), a_record(1, ["Chile"])])
    records |= [a_record(at, ["Argentina"]) for at in range(2, 6)]
    records |= [a_record(6, ["bondholders", "Argentina"])]
    found = related(records, "2023/03/08/d000.md")
    assert found[0] == ("Title 6", ("bondholders", "Argentina"))
    assert [title for title, _ in found[1:]] == [f"Title {at}" for at in range(2, 6)]
    assert {on for _, on in found[1:]} == {("Argentina",)}
    assert related(records, "2023/03/08/d001.md") == []


def test_of_documents_with_as_much_in_common_the_nearest_in_time_are_shown() -> None:
    days = [f"2023-03-{day:02}" for day in range(1, 15)]
    records = dict(a_record(at, ["Chile"], day) for at, day in enumerate(days))
    titles = {title for title, _ in related(records, "2023/03/07/d006.md")}
    assert titles == {"Title 4", "Title 5", "Title 7", "Title 8", "Title 3"}


def test_a_common_subject_alone_relates_nothing() -> None:
    records = dict(a_record(at, ["Chile"]) for at in range(80))
    assert related(records, "2023/03/08/d000.md") == []
    records |= [a_record(at, ["Chile", "mines"]) for at in (3, 5)]
    records |= [a_record(7, ["mines"])]
    assert [title for title, _ in related(records, "2023/03/08/d003.md")] == ["Title 5"]
    assert [title for title, _ in related(records, "2023/03/08/d007.md")] == []


def test_twins_are_no_related_documents() -> None:
    one, two = a_record(0, ["Chile"], text=9, page=4), a_record(1, ["Chile"], text=9, page=5)
    three = a_record(2, ["Chile"], text=8, page=4)
    records = dict([one, two, three])
    found = around(records).of(0)
    assert [(str(twin.document.title), twin.is_page, twin.is_text) for twin in found.twins] == [
        ("Title 1", False, True),
        ("Title 2", True, False),
    ]
    assert [str(other.document.title) for other in found.related] == ["Title 2"]


def test_neighbours_are_those_of_all_and_those_of_the_source() -> None:
    sources = ["a.example", "b.example", "b.example", "a.example", "a.example"]
    records = dict(a_record(at, [], source=source) for at, source in enumerate(sources))
    found = around(records).of(3)
    assert [one and one.title for one in found[:4]] == ["Title 2", "Title 4", "Title 0", "Title 4"]
    assert [other.title for other in found.same_day] == ["Title 4", "Title 0", "Title 1"]


some_records = st.dictionaries(
    st.integers(0, 24),
    st.builds(
        dict,
        tags=st.lists(st.sampled_from("abcdef"), unique=True, max_size=4),
        day=st.sampled_from(["2023-03-08", "2023-03-09", "2023-04"]),
        source=st.sampled_from(["a.example", "b.example"]),
        status=st.sampled_from(["published"] * 5 + ["hidden"]),
        text=st.integers(0, 3),
        page=st.integers(0, 3),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(before=some_records, changes=some_records, gone=st.sets(st.integers(0, 24), max_size=2))
def test_what_changed_around_a_document_is_known_without_looking_at_all(
    before: dict[int, dict[str, object]], changes: dict[int, dict[str, object]], gone: set[int]
) -> None:
    few = dict(list(changes.items())[:2])
    after = {at: one for at, one in (before | few).items() if at not in gone}
    was, now = (dict(sorted(a_record(at, **one) for at, one in some.items())) for some in (before, after))  # type: ignore[arg-type]
    with mock.patch.multiple(surroundings, _RARE=4, _STEPS=2, _LEAST=2):
        former, new = around(was), around(now)
        names = {name: (name, name) for name in "abcdef"}
        states = [State(records=was, tags=names), State(records=now, tags=names)]
        stamps = [one.stamp for one in now.values()]
        documents = Documents([*now], stamps, [*now.values()], Originals(Path("/nowhere"), None))
        found = Changes(*states, SETTINGS).documents(documents, new)
        both = [file for file in now if file in was]
        there, here = [*was], [*now]
        differing = {
            here.index(file) for file in both if former.of(there.index(file)) != new.of(here.index(file))
        }  # fmt: skip
    if was:
        assert {number for number in found if here[number] in was} == differing


def test_one_more_document_changes_a_bounded_number_of_pages() -> None:
    counts = []
    for size in (200, 800):
        records = dict(
            a_record(at, [f"t{at % 97}", f"t{at % 31}", f"t{at * 7 % 53}"], f"2023-{at % 12 + 1:02}-{at % 28 + 1:02}")
            for at in range(size)
        )
        was = dict(sorted(records.items()))
        now = dict(sorted([*records.items(), a_record(999, ["t1", "t2", "t3"], "2023-06-15")]))
        former, new = around(was), around(now)
        there = {file: number for number, file in enumerate(was)}
        counts.append(sum(former.of(there[file]) != new.of(number) for number, file in enumerate(now) if file in there))
    assert all(0 < count < 40 for count in counts)


KEYS = "Title title Date Lang Tags Category Url Status Seed Withdrawn Summary Slug Dir Template Embargo".split()
VALUES = ["", "x", " a, b ,c&amp;", "2023-03-08", "2023-03", "en", "https://example.org/&lt;", "urn:x"]
SHOWN = (
    "title status save_as published date lang dir category tag_names original seed withdrawn template embargo".split()
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)).map(": ".join), max_size=8),
    end=st.sampled_from(["\n\n", "\n", "\n no key\n", "\r\n\r\n", ""]),
    body=st.text(max_size=30),
)
def test_a_glance_tells_what_reading_tells(lines: list[str], end: str, body: str, tmp_path: Path) -> None:
    file = tmp_path / "2023-a.md"
    file.write_bytes(("\n".join(lines) + end + body).encode("utf-8", "replace"))
    reader = ContentReader({**DEFAULT_CONFIG, **SETTINGS, "PATH": str(tmp_path)})
    try:
        read = reader.read(str(file))[1]
    except ValueError:
        return
    seen = reader.glance(str(file))[0]
    assert [(name, seen.get(name)) for name in SHOWN] == [(name, read.get(name)) for name in SHOWN]


def test_the_same_text_is_told_however_its_lines_are_broken() -> None:
    text = "The harbour was opened to visitors on Wednesday by the king, who was glad of it."
    assert text_key(text) == text_key(text.replace(" on", "\n\non")) != 0
    assert text_key(text) != text_key(text + "!")
    assert text_key("Page not found") == 0


def test_addresses_of_one_page_differ_in_scheme_and_www_alone() -> None:
    alike = ["http://example.org", "https://www.Example.org/", "https://example.org:443/#top", "HTTP://example.org:80/"]
    assert len({page_key(address) for address in alike}) == 1
    others = ["http://example.org/a", "http://example.org/a?b", "http://m.example.org/", "http://example.org:8080/"]
    assert len({page_key(address) for address in [*alike, *others]}) == 5
    assert page_key("urn:isbn:1") == page_key("") == 0


def test_a_page_leads_to_what_is_around_it(archive: TestArchive) -> None:
    text = "Chile sold its mines to Peru, and Peru was glad. Chile was not, as its minister said in public.\n\nChile."
    archive.add(
        "a.txt",
        record("First", text, url="http://example.org/a")
        + record("Second", f"{text} Peru.", url="https://www.example.org/a")
        + record("Third", text.replace("\n\n", "\n"), "2023-03-09", "https://other.example/b")
        + record("Fourth", "Chile and Kenya met.\n\nKenya and Chile parted.", "2023-03-10", "https://other.example/c"),
    )
    assert archive.run("site", "--no-search").status == 0
    page = archive.page("2023/03/08/first.html")
    assert [li.a.get_text() for li in page.select("section.twins li")] == ["Second", "Third"]
    notes = [li.select_one(".meta").get_text() for li in page.select("section.twins li")]
    assert "the same page, with another text" in notes[0] and "the same text" in notes[1]
    links = [str(li.a["href"]).rpartition("/")[2] for li in page.select("section.related li")]
    assert links[-1:] == ["fourth.html"]
    assert page.select("section.related li .meta")[-1].get_text().endswith("also on Chile")
    assert [link.get_text() for link in page.select("section.same-day li a")] == ["Second"]
    assert page.select_one("nav [rel=next]").get_text() == "Later, 8 March 2023 Second"
    fast = archive.files("output")
    (archive.root / "pelicanconf.py").write_text('FAST = False\nSITENAME = "archive"\n')
    assert archive.run("build", "--no-search").status == 0
    assert archive.files("output") == fast
