"""Writes an archive of seeds for measuring: the same for the same number, on every machine.

    python bench/make_seeds.py --docs 10000 DIR      ->  DIR/seeds/2003.txt, DIR/seeds/2004.txt, …

The documents are of about 4 KB, in a made-up language whose words are as unevenly used as those of real ones (Zipf's
law), with names of people and places that some documents share, glued paragraphs, and dates over twenty years.
"""

import argparse
import random
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

SYLLABLES = [a + b for a in "b d f g k l m n p r s t v z st tr kl pr".split() for b in "a e i o u ai ou".split()]
COUNTRIES = "Norway Chile Kenya Japan France Peru Ghana Nepal Spain Egypt Cuba Laos Mali Oman Qatar".split()
FIRST_DAY, DAYS = date(2003, 1, 1), 365 * 20


def make_seeds(folder: Path, documents: int) -> None:
    """Write `documents` records into one file a year below `folder`/seeds."""
    chance = random.Random(documents)
    lexicon = sorted({"".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(20_000)})
    chance.shuffle(lexicon)
    weights = [*accumulate(1 / rank for rank in range(1, len(lexicon) + 1))]
    names = [
        " ".join("".join(chance.choices(SYLLABLES, k=2)).capitalize() for _ in range(2))
        for _ in range(max(8, documents // 4))
    ]
    (folder / "seeds").mkdir(parents=True, exist_ok=True)
    days = sorted(FIRST_DAY + timedelta(chance.randrange(DAYS)) for _ in range(documents))
    dump, year = None, 0
    for number, day in enumerate(days):
        if day.year != year:
            year = day.year
            if dump:
                dump.close()
            dump = (folder / "seeds" / f"{year}.txt").open("w", encoding="utf-8")
        assert dump is not None
        dump.write(_record(chance, lexicon, weights, names, number, day))
    if dump:
        dump.close()


def _record(
    chance: random.Random, lexicon: list[str], weights: list[float], names: list[str], number: int, day: date
) -> str:
    people, country = chance.sample(names, 4), chance.choice(COUNTRIES)

    def sentence(name: str) -> str:
        words = chance.choices(lexicon, cum_weights=weights, k=chance.randint(8, 22))
        words[len(words) // 2] = name
        return words[0].capitalize() + " " + " ".join(words[1:]) + "."

    title = " ".join(chance.choices(lexicon, cum_weights=weights, k=7)).capitalize()
    paragraphs = [
        " ".join(sentence(chance.choice([*people, country])) for _ in range(chance.randint(2, 5))) for _ in range(10)
    ]
    url = f"https://{chance.choice(lexicon[:60])}.example/{number}"
    return f" date {day} {url}\n\n{title}\n\n{paragraphs[0]}\n\n{''.join(paragraphs[1:])}\n\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--docs", type=int, required=True, help="how many documents")
    parser.add_argument("folder", type=Path, help="the archive's folder")
    chosen = parser.parse_args()
    make_seeds(chosen.folder, chosen.docs)
