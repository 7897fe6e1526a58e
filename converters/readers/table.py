"""What a seed file is, by its content first and its name second, and the reader that knows it.

    SeedFile("seeds/2023/court.txt.gz")  ->  Capture(…), Capture(…), Rejection(…), Capture(…)

To add a format, write a reader (`converters/readers/seed_text.py` shows how) and put one line into `FORMATS`.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from converters.intake.seeds import SeedFile, open_seed
from converters.model import Capture, Rejection
from converters.readers import seed_text
from converters.rejections import CANNOT_OPEN, SeedError

Recognises = Callable[[bytes, str], bool]
"""Whether a reader knows a file: by its first bytes (decompressed, at most 64 KB), or else by its name."""
Reader = Callable[[BinaryIO, str], Iterator[Capture | Rejection]]

FORMATS: tuple[tuple[Recognises, Reader], ...] = (
    # The first that recognises a file reads it. This one takes everything, and says why it cannot read a
    # part.
    (lambda head, name: True, seed_text.read),
)


def read_seed(seed: SeedFile) -> Iterator[Capture | Rejection]:
    """All records of one file, in its order. A file that cannot be read to its end gives a last Rejection."""
    try:
        with open_seed(seed) as stream:
            head = stream.peek()
            read = next(read for recognises, read in FORMATS if recognises(head, seed.name))
            yield from read(stream, seed.name)
    except SeedError as fault:
        yield fault.rejection
    except OSError as error:
        yield CANNOT_OPEN.rejects(seed.name, found=error.strerror or str(error))
