"""Writes an archive of seeds for measuring: the same for the same number, on every machine.

    python bench/make_seeds.py --docs 10000 DIR      ->  DIR/seeds/2003.txt, DIR/seeds/2004.txt, …

A document has about 4 KB in a made-up language, whose words are as unevenly used as those of real ones (Zipf's law).
It names a country and seven people, each twice, which become its tags. A few people are named often and most of them
seldom, as in real archives; N documents have about N/4 tags in all. The documents come from 60 sources and stand on the
days of twenty years, some of them on the same day. The breaks between most paragraphs are lost.
"""

import argparse
import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, groupby
from pathlib import Path

_SYLLABLES = [a + b for a in "b d f g k l m n p r s t v z st tr kl pr".split() for b in "a e i o u ai ou".split()]
_COUNTRIES = "Norway Chile Kenya Japan France Peru Ghana Nepal Spain Egypt Cuba Laos Mali Oman Qatar".split()
_SOURCES = 60
_PEOPLE_OF_A_DOCUMENT = 7
_FIRST_DAY, _DAYS = date(2003, 1, 1), 365 * 20


@dataclass(frozen=True, slots=True)
class _World:
    """What the documents of an archive draw from; `…_weights` are cumulative."""

    documents: int
    words: list[str]
    word_weights: list[float]
    people: list[str]
    people_weights: list[float]
    days: list[date]


def make_seeds(folder: Path, documents: int) -> None:
    """Write `documents` records into one file a year below `folder`/seeds."""
    world = _world(documents)
    seeds = folder / "seeds"
    seeds.mkdir(parents=True, exist_ok=True)
    for year, days in groupby(enumerate(world.days), lambda numbered: numbered[1].year):
        with (seeds / f"{year}.txt").open("w", encoding="utf-8") as dump:
            dump.writelines(_record(world, number, day) for number, day in days)


def add_seed(folder: Path, documents: int, number: int) -> None:
    """Write one more record, such as those of `make_seeds(folder, documents)`, into a file of its own."""
    world = _world(documents)
    day = random.Random(number).choice(world.days)
    (folder / "seeds" / f"added-{number}.txt").write_text(_record(world, documents + number, day), encoding="utf-8")


def _world(documents: int) -> _World:
    chance = random.Random(documents)
    words = sorted({"".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(20_000)})
    chance.shuffle(words)
    people: dict[str, None] = {}
    while len(people) < max(2 * _PEOPLE_OF_A_DOCUMENT, documents // 4 - len(_COUNTRIES)):
        people[" ".join("".join(chance.choices(_SYLLABLES, k=2)).capitalize() for _ in range(2))] = None
    # Fewer days than documents, so that some share one.
    days = [_FIRST_DAY + timedelta(chance.randrange(_DAYS)) for _ in range(max(1, documents * 4 // 5))]
    return _World(
        documents,
        words,
        [*accumulate(1 / rank for rank in range(1, len(words) + 1))],
        list(people),
        # Mandelbrot's form of Zipf's law: the person named most stands in a tenth of the documents, not in all.
        [*accumulate(1 / (rank + 10) for rank in range(1, len(people) + 1))],
        sorted(chance.choices(days, k=documents)),
    )


def _record(world: _World, number: int, day: date) -> str:
    chance = random.Random(f"{world.documents}/{number}")
    people = {world.people[number % len(world.people)]: None}  # so that each is named somewhere
    while len(people) < _PEOPLE_OF_A_DOCUMENT:
        people |= dict.fromkeys(chance.choices(world.people, cum_weights=world.people_weights))
    named = [*people, chance.choice(_COUNTRIES)] * 2
    chance.shuffle(named)

    def words(least: int, most: int) -> list[str]:
        return chance.choices(world.words, cum_weights=world.word_weights, k=chance.randint(least, most))

    def sentence(name: str) -> str:
        opening, *text = words(8, 22)
        if name:
            text[len(text) // 2] = name
        return f"{opening.capitalize()} {' '.join(text)}."

    sentences = [sentence(name) for person in named for name in (person, "")]
    paragraphs = []
    while sentences:
        length = chance.randint(2, 5)
        paragraphs.append(" ".join(sentences[:length]))
        del sentences[:length]
    title = " ".join(words(5, 9)).capitalize()
    url = f"https://{chance.choice(world.words[:_SOURCES])}.example/{number}"
    return f" date {day} {url}\n\n{title}\n\n{paragraphs[0]}\n\n{''.join(paragraphs[1:])}\n\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--docs", type=int, required=True, help="how many documents")
    parser.add_argument("folder", type=Path, help="the archive's folder")
    chosen = parser.parse_args()
    make_seeds(chosen.folder, chosen.docs)
