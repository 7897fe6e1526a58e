"""The persons whom a text names in a script without capitals, found by the titles beside their names.

    "이재명 대통령은 … 이재명 …"              ->  이재명      surname and two syllables before a title
    "石破茂首相は … 石破茂 …"                  ->  石破茂      characters of names before a title
    "ドナルド・トランプ氏"                     ->  ドナルド・トランプ   katakana with a point between
    "国家主席习近平 … 习近平说"                ->  习近平      surname and one or two characters after a title
    "الرئيس جو بايدن … جو بايدن"            ->  جو بايدن    two words after a title

A name has to stand twice: a title alone may stand beside anything.
"""

import re
from collections.abc import Iterator

from converters.subjects.evidence import Candidate, Text

LANGUAGES = ("ko", "ja", "zh", "ar")

_KOREAN = re.compile(
    "[김이박최정강조윤장임한오서신권황안송류홍전고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모]"
    "[가-힣]{2}(?<![당국부청])(?=(?:전)?(?:대통령|총리|장관|의원|대표|후보|시장|지사|회장|사장|교수|위원장|원내대표|검사|판사|변호사|감독|선수|기자|씨|총재|박사|작가|배우))"
)
_JAPANESE = re.compile(
    "(?<![一-龯々])[一-龯々]{2,5}(?<![党省庁社会国県市府局部院元前新現副米英仏独中])"
    "(?=氏|さん|首相|大統領|総裁|容疑者|被告|選手|知事|市長|議員|社長|会長|監督|教授|大臣|長官|委員長|幹事長)"
)
_KATAKANA = re.compile("[ァ-ヴー]+(?:・[ァ-ヴー]+)+")
_SURNAMES = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖田董潘袁蔡蒋蔣余于杜叶葉程苏蘇魏吕呂丁任沈姚卢盧"
    "姜崔钟鍾谭譚陆陸汪范金石廖贾賈夏韦韋方白邹鄒孟熊秦邱江尹薛闫段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴武戴莫孔向汤湯习習赖賴柯洪"
)
_CHINESE = re.compile(
    f"(?:总统|總統|主席|总理|總理|首相|部长|部長|外长|外長|总书记|書記|书记|市长|市長|院长|院長|发言人|發言人|教授|记者|記者|导演|導演)([{_SURNAMES}][一-龥]{{1,2}})"
    f"|([{_SURNAMES}][一-龥]{{1,2}})(?=说|說|表示|指出|强调|強調|认为|認為|总统|總統|主席|总理|總理|先生|女士|教授)"
)
_ARABIC_TITLES = frozenset(
    "الرئيس رئيس وزير الوزير وزيرة الأمير الملك الشيخ الدكتور السيد السيدة المتحدث السفير".split()
    + "الجنرال العميد اللواء النائب المدير".split()
)


def titled(text: Text) -> list[Candidate]:
    """Return the persons that a text in one of LANGUAGES names twice or more, and once with a title."""
    if text.language == "ar":
        return [
            Candidate(name, "name", first, count, count, first < text.lead, announced=2, parts=name.split(" "))
            for name, first, count in _in_arabic(text.words)
        ]
    written = "".join(text.words)
    found = []
    for name in dict.fromkeys(_named(text.language, written)):
        count = written.count(name)
        if count > 1:
            # Words are single characters in these scripts, but for katakana; so a place in the text is a word, nearly.
            first = written.index(name)
            seen = Candidate(name, "name", first, count, count, first < text.lead, announced=2, parts=[name])
            seen.title = name in "".join(text.title)
            found.append(seen)
    return found


def _named(language: str, written: str) -> Iterator[str]:
    if language == "ko":
        yield from _KOREAN.findall(written)
    elif language == "ja":
        yield from _KATAKANA.findall(written)
        yield from _JAPANESE.findall(written)
    else:
        for after, before in _CHINESE.findall(written):
            name = after or before
            # Whether a given name has one character or two, the other mentions tell.
            yield name if written.count(name) > 1 or len(name) < 3 else name[:2]


def _in_arabic(words: list[str]) -> Iterator[tuple[str, int, int]]:
    pairs: dict[str, list[int]] = {}
    for at in range(len(words) - 1):
        pairs.setdefault(f"{words[at]} {words[at + 1]}", []).append(at)
    told = set()
    for at in [at for at, word in enumerate(words) if word in _ARABIC_TITLES]:
        first = at + 1
        while first < len(words) - 2 and words[first].startswith("ال"):
            first += 1  # الرئيس الأمريكي, رئيس الوزراء
        name = f"{words[first]} {words[first + 1]}" if first < len(words) - 1 else ""
        places = pairs.get(name, [])
        if first - at < 4 and len(places) > 1 and name not in told and all(map(str.isalpha, name.split(" "))):
            told.add(name)
            yield name, places[0], len(places)
