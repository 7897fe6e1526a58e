"""What a person sees of a raw record, found without the reader that it is held against."""

from hypothesis import given
from hypothesis import strategies as st

from converters.intake.visible import first_missing, html, keeps_prose, plain, share_kept

WORDS = st.lists(st.text("abcé", min_size=1, max_size=4), max_size=12)


@given(WORDS, st.data())
def test_words_kept_in_order_are_found_however_they_are_parted(words: list[str], data: st.DataObject) -> None:
    kept = [word for word in words if data.draw(st.booleans())]
    assert first_missing(kept, " ".join(words)) == ""
    joined = "".join(word + data.draw(st.sampled_from([" ", ""])) for word in words)
    assert first_missing(words, joined) == ""


def test_a_word_that_is_added_or_out_of_order_is_named() -> None:
    assert first_missing(["The", "judge"], "The court said") == "judge"
    assert first_missing(["said", "court"], "The court said") == "court"
    assert first_missing(["cat"], "a category") == "cat"


def test_a_page_shows_its_text_and_not_its_programs() -> None:
    page = (
        '<?xml version="1.0" encoding="latin-1"?><title>Not this</title><script>nor(this)</script><style>b {}</style>'
        "<!-- nor this --><nav>Home</nav><p>café <b>op</b>ened<br>today<table><tr><td>1<td>2</table>"
    )
    assert html(page.encode("latin-1"), "iso-8859-1").split() == ["Home", "café", "op", "ened", "today", "1", "2"]
    assert html(b"", "utf-8") == ""
    assert html(b"<p>a\0b" + b"<div>" * 200 + b"deep", "utf-8").split() == ["a\ufffdb", "deep"]


def test_a_record_from_the_middle_of_a_file_is_read_as_its_page_says() -> None:
    assert plain("\ufeff Порт".encode("utf-16-le"), "utf-16-le") == "Порт"
    assert plain(b"\xed\xa0\xbd\xed\xb8\x80", "utf-8") == "\U0001f600"
    assert plain(b"caf\xe9", "no-such-encoding") == "caf\ufffd"


def test_the_share_that_is_kept_counts_characters_but_no_spaces() -> None:
    assert share_kept(["The court said"], "Home  The court\n\nsaid") == 75
    assert share_kept([], "") == 100
    long = "The court said on Wednesday that it would hear the case again in the coming year, and not a day later."
    assert keeps_prose([long], f"Home\n\n{long}") and keeps_prose([], "Home")
    assert not keeps_prose(["Court to hear case"], f"Court to hear case\n\n{long}")
