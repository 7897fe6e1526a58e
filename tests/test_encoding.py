"""Bytes of any encoding become their text, and what is no text is counted."""

import pytest

from converters.intake.encoding import decode

SENTENCES = {
    "koi8-r": "В городе открылась новая библиотека для детей. Жители собрали более двух тысяч книг.",
    "koi8-u": "Її відкрили у середу, ґрунт підготували раніше. Є й інші новини.",
    "windows-1251": "Суд в среду постановил продлить расследование. Адвокаты подадут жалобу.",
    "windows-1252": "L’été dernier, la forêt a brûlé près du château. Ça coûte 300 € de plus.",
    "iso-8859-1": "El año pasado subió el precio del pan. ¿Dónde está el niño?",
    "iso-8859-2": "Sąd ogłosił w środę, że śledztwo zostanie przedłużone. Władze odmówiły.",
    "windows-1250": "Soud ve středu rozhodl, že vyšetřování bude prodlouženo. Šéf žádá více peněz.",
    "windows-1253": "Η κυβέρνηση ανακοίνωσε νέα μέτρα στήριξης των μικρών επιχειρήσεων.",
    "windows-1254": "Mahkeme çarşamba günü soruşturmanın uzatılacağını açıkladı.",
    "windows-1255": "בית המשפט הודיע ביום רביעי כי החקירה תוארך. הממשלה סירבה למסור את המסמכים.",
    "windows-1256": "أعلنت المحكمة يوم الأربعاء تمديد التحقيق. ورفضت الحكومة تسليم الوثائق.",
    "windows-1257": "Valdība paziņoja par jauniem pasākumiem mazo uzņēmumu atbalstam šogad.",
    "shift_jis": "裁判所は水曜日、調査を延長すると発表した。政府は書類の提出を拒否している。",
    "cp932": "①裁判所は水曜日、調査を延長すると発表した。②政府は書類の提出を拒否している。",
    "euc-jp": "市内に新しい図書館が開館した。子どもたちは朝から列を作って待っていた。",
    "gb18030": "法院星期三宣布将延长调查期限。政府拒绝提交有关文件——律师表示下周将提出上诉。",
    "big5": "法院星期三宣布將延長調查期限。政府拒絕提交有關文件。",
    "euc-kr": "법원은 수요일 조사 기간을 연장한다고 발표했다. 정부는 문서 제출을 거부하고 있다.",
    "tis-620": "ศาลประกาศเมื่อวันพุธว่าจะขยายเวลาการสอบสวน",
}


@pytest.mark.parametrize("encoding", SENTENCES)
def test_a_few_sentences_tell_their_encoding(encoding: str) -> None:
    record = f" date 2023-03-08 https://example.org/court\n\n{SENTENCES[encoding]}\n"

    decoded = decode(record.encode(encoding))

    assert decoded.text == record
    assert decoded.stand_ins == 0


def test_utf8_is_what_it_is_and_its_byte_order_mark_stays_for_the_reader() -> None:
    assert decode("\ufeffcafé 😀".encode()) == ("\ufeffcafé 😀", "utf-8", 0)


def test_a_broken_byte_in_utf8_is_one_stand_in_and_the_rest_is_kept() -> None:
    assert decode("naïve ".encode() + b"caf\xe9 \xff" + " “très”".encode()) == (
        "naïve caf\ufffd \ufffd “très”",
        "utf-8",
        2,
    )


def test_surrogates_encoded_in_pairs_are_joined_and_lone_ones_are_stand_ins() -> None:
    pair = "😀".encode("utf-16-be").decode("utf-16-be")
    encoded_apart = b"\xed\xa0\xbd\xed\xb8\x80"
    assert decode(b"a" + encoded_apart + b"b") == (f"a{pair}b", "utf-8", 0)
    assert decode(b"a\xed\xa0\xbdb\xed\xb8\x80" + "é".encode()) == ("a\ufffdb\ufffdé", "utf-8", 2)


def test_nul_is_made_visible_and_counted() -> None:
    assert decode(b"a\0b\0") == ("a␀b␀", "utf-8", 2)


def test_a_replacement_character_that_the_seed_holds_is_not_counted() -> None:
    assert decode("a\ufffdb".encode()) == ("a\ufffdb", "utf-8", 0)


def test_one_sign_does_not_make_a_text_polish() -> None:
    assert decode(b"10 m\xb3 of water").text == "10 m³ of water"


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\xfd\x80\x81",
        bytes(range(256)),
        b"\x81",
        b"x\n\xff\xfe\n\0",
        b"\x8f\xa1" * 99,
        b"\xff" * 9999,
    ],
)
def test_no_bytes_fail(raw: bytes) -> None:
    assert decode(raw).text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_may_hold_lone_surrogates_and_end_in_a_half_character(encoding: str) -> None:
    raw = "a\ud800b😀\ufffd\udc00".encode(encoding, "surrogatepass") + b"\x41"
    assert decode(raw, encoding) == ("a\ufffdb😀\ufffd\ufffd\ufffd", encoding, 3)


def test_utf32_beyond_unicode_is_a_stand_in() -> None:
    assert decode(b"A\0\0\0\xff\xff\xff\x7fB\0\0\0", "utf-32-le") == ("A\ufffdB", "utf-32-le", 1)
