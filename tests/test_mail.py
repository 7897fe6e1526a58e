"""Mail: messages and mailboxes become documents, whatever they are encoded in."""

import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.intake.seeds import SeedFile
from converters.model import Capture, OtherRecord
from converters.readers.reader import Record
from converters.readers.table import read_seed
from tests.conftest import TestArchive, paragraphs

PLAIN = b"""From: =?utf-8?q?Ann_M=C3=BCller?= <ann@example.org>
To: readers@example.org
Subject: =?iso-8859-1?q?Caf=E9_opens?=
Date: Wed, 08 Mar 2023 23:30:00 -0500
Message-ID: <1@mail.example.org>
List-Id: The harbour <harbour.example.org>
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

The caf=E9 opened.

It is open
until late.
"""


def found(folder: Path, name: str, content: bytes) -> list[Record]:
    (folder / name).write_bytes(content)
    return list(read_seed(SeedFile(folder / name, f"seeds/{name}")))


def one(folder: Path, content: bytes) -> Capture:
    (capture,) = found(folder, "a.eml", content)
    assert isinstance(capture, Capture), capture
    return capture


def test_a_message_tells_what_it_is(tmp_path: Path) -> None:
    capture = one(tmp_path, PLAIN)

    assert (capture.title, capture.url, capture.source) == (
        "Café opens",
        "mid:1@mail.example.org",
        "harbour.example.org",
    )
    assert capture.published is not None
    assert capture.published.isoformat() == "2023-03-08"
    assert capture.authors == ("Ann Müller",)
    assert capture.paragraphs == ("The café opened.", "It is open\nuntil late.")
    assert capture.provenance.record_id == "<1@mail.example.org>"


def newsletter(plain: str = "The ferry sails again.") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "harbour@example.org"
    message["Subject"] = "Weekly"
    message["Date"] = "Thu, 09 Mar 2023 10:00:00 +0000"
    message["Message-ID"] = "<2@mail.example.org>"
    message.set_content(plain)
    message.add_alternative("<p>The <b>ferry</b> sails again.</p><ul><li>At nine</li></ul>", subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="fahrplan für März.pdf")
    return message


def test_of_two_forms_of_one_text_that_which_says_more_is_read_and_what_is_attached_is_named(tmp_path: Path) -> None:
    rich = one(tmp_path, newsletter("See it online.").as_bytes())
    plain = one(tmp_path, newsletter("The ferry sails again.\n\nAt nine.").as_bytes())

    assert rich.paragraphs == ("The ferry sails again.", "At nine")
    assert plain.paragraphs == ("The ferry sails again.", "At nine.")
    assert dict(rich.provenance.fields) == {"attached": "fahrplan für März.pdf"}
    assert rich.provenance.kept is not None


def test_mailboxes_go_the_whole_way(archive: TestArchive) -> None:
    path = archive.root / "seeds/list.mbox"
    box = mailbox.mbox(path)
    box.add(PLAIN.replace(b"It is open", b"From here on it is open"))
    box.add(newsletter("See it online."))
    box.add(PLAIN.replace(b"1@mail", b"3@mail").replace(b"Caf=E9", b"Bar"))
    box.flush()
    box.close()
    archive.add("single.eml", PLAIN.replace(b"1@mail", b"4@mail").replace(b"Caf=E9", b"Inn").replace(b"\n", b"\r\n"))

    built = archive.run("site", "--no-search")

    assert built.status == 0, built.said
    assert "4 new" in built.said
    page = archive.page("2023/03/08/cafe-opens.html")
    assert paragraphs(page) == ["The café opened.", "From here on it is open\nuntil late."]
    assert "attached: fahrplan für März.pdf" in archive.page("2023/03/09/weekly.html").get_text()
    checked = archive.run("check")
    assert checked.status == 0, checked.said
    assert "4 unchanged" in archive.run("convert", "--verify").said


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (PLAIN.replace(b"iso-8859-1\nContent", b"x-no-such-charset\nContent"), "The café opened."),
        (PLAIN.replace(b"charset=iso-8859-1", b'charset="utf-8"'), "The café opened."),
        (PLAIN.replace(b"quoted-printable", b"no-such-encoding"), "The caf=E9 opened."),
        (PLAIN.replace(b"Date: Wed, 08", b"Date: some 99"), "The café opened."),
    ],
)
def test_what_mail_says_wrongly_of_itself_does_no_harm(tmp_path: Path, content: bytes, text: str) -> None:
    assert one(tmp_path, content).paragraphs[0] == text


def test_a_message_without_a_text_is_counted(tmp_path: Path) -> None:
    message = newsletter()
    message.clear_content()
    message.add_attachment(b"x", maintype="image", subtype="png", filename="a.png")
    (record,) = found(tmp_path, "a.eml", message.as_bytes())
    assert record == OtherRecord("seeds/a.eml", "messages without a text")


def test_a_text_that_begins_like_mail_is_none(tmp_path: Path) -> None:
    for content in (b"From here on it is open.\n\nText.\n", b"Note: a line\n\nText\n"):
        assert not [each for each in found(tmp_path, "a.txt", content) if isinstance(each, Capture)]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PLAIN.split(b"\n") + newsletter().as_bytes().split(b"\n") + [b"\xff\0", b"=?x?q?=?="])))
def test_nonsense_is_no_exception(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    found(tmp_path_factory.mktemp("mail"), "a.eml", b"From: a\nSubject: b\n" + b"\n".join(lines))


def test_parts_in_parts_without_end_are_a_rejection(tmp_path: Path) -> None:
    deep = b"".join(b"--%d\nContent-Type: multipart/mixed; boundary=%d\n\n" % (n, n + 1) for n in range(3000))
    head = b"From: a@example.org\nSubject: x\nContent-Type: multipart/mixed; boundary=0\n\n"
    (record,) = found(tmp_path, "a.eml", head + deep)
    assert not isinstance(record, Capture)
