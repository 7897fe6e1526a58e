"""Measures how many captures of each kind are read in a second of one core, and the memory that it takes.

    python bench/captures.py --eval DIR [--runs 3]

DIR, or its folder `extraction`, holds pages as `bench/extraction.py` has them. They are read as saved pages, as MHTML
and as a web archive; beside that stand trafilatura on the same pages, as its own command uses it, and warcio and
FastWARC, which only cut the same web archive into records. Each runs in a process of its own: loading the libraries is
not counted in the seconds, and is in the memory. Medians of the runs.
"""

import argparse
import gzip
import io
import json
import quopri
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).resolve().parent.parent

_READ = """
import io, json, resource, sys, time
from pathlib import Path
sys.path.insert(0, {project!r})
from converters.readers.reader import Origin, RawRecord
from converters.readers.{module} import READER

def pages(paths):
    for path in paths:
        with path.open("rb") as stream:
            for record in READER.read(io.BufferedReader(stream), f"seeds/{{path.name}}"):
                yield READER.read_record(record.raw, record.origin) if isinstance(record, RawRecord) else record

paths = sorted(Path({folder!r}).iterdir())
next(pages(paths))
"""
_PEER = """
import json, resource, sys, time
from pathlib import Path
paths = sorted(Path({folder!r}).iterdir())
{peer}
"""
_MEASURE = """
start = time.process_time()
number = sum(1 for one in pages(paths) if type(one).__name__ in {counted!r})
seconds = time.process_time() - start
print(json.dumps([number / seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024]))
"""
_TRAFILATURA = """
from trafilatura import extract
def pages(paths):
    return (extract(path.read_bytes(), output_format="xml", with_metadata=True) or "" for path in paths)
next(iter(pages(paths)))
"""
_WARCIO = """
from warcio.archiveiterator import ArchiveIterator
def pages(paths):
    for path in paths:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                record.content_stream().read()
                yield record
"""
_FASTWARC = """
from fastwarc.warc import ArchiveIterator
def pages(paths):
    for path in paths:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                record.reader.read()
                yield record
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--eval", type=Path, required=True, metavar="DIR", help="folder of html/ID.html.gz")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    folder = next((one for one in (arguments.eval / "extraction", arguments.eval) if (one / "html").is_dir()), None)
    if folder is None:
        print(f"{arguments.eval}: no html/ here nor in extraction/; see the head of {__file__}", file=sys.stderr)
        return 1
    pages = [gzip.decompress(path.read_bytes()) for path in sorted((folder / "html").iterdir())]
    table = Table("", "records a second of a core", "peak memory, MB")
    for column in table.columns[1:]:
        column.justify = "right"
    with tempfile.TemporaryDirectory() as made:
        html, mhtml, warc = make(Path(made), pages)
        for name, program in {
            "saved pages": read("saved_html", html),
            "trafilatura, the same pages": peer(_TRAFILATURA, html, "str"),
            "MHTML": read("mhtml", mhtml),
            "pages of a web archive": read("web_archive", warc),
            "warcio, the records alone": peer(_WARCIO, warc, "ArcWarcRecord"),
            "FastWARC, the records alone": peer(_FASTWARC, warc, "WarcRecord"),
        }.items():
            runs = [measured(program) for _ in range(arguments.runs)]
            table.add_row(
                name, f"{median(speed for speed, _ in runs):,.1f}", f"{median(memory for _, memory in runs):,.0f}"
            )
    Console().print(table)
    return 0


def make(folder: Path, pages: list[bytes]) -> list[Path]:
    """Write the pages in each format; return the folders."""
    folders = [folder / name for name in ("html", "mhtml", "warc")]
    for one in folders:
        one.mkdir()
    for number, page in enumerate(pages):
        (folders[0] / f"{number:03}.html").write_bytes(page)
        (folders[1] / f"{number:03}.mhtml").write_bytes(mhtml_of(page, number))
    (folders[2] / "pages.warc").write_bytes(b"".join(warc_of(page, number) for number, page in enumerate(pages)))
    return folders


def mhtml_of(page: bytes, number: int) -> bytes:
    """Return a page as a browser saves it in one file."""
    packed = io.BytesIO()
    quopri.encode(io.BytesIO(page), packed, quotetabs=False)
    return (
        b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        b"Content-Location: https://example.org/%d\r\n\r\n%s\r\n--x--\r\n" % (number, packed.getvalue())
    )


def warc_of(page: bytes, number: int) -> bytes:
    """Return a page as a crawler writes it."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
    return (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:%d>\r\nWARC-Date: 2023-04-01T12:00:00Z\r\n"
        b"WARC-Target-URI: https://example.org/%d\r\nContent-Type: application/http\r\n"
        b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (number, number, len(block), block)
    )


def read(module: str, folder: Path) -> str:
    """Return the program that reads a folder by one of our readers."""
    kinds = ("Capture", "Rejection", "OtherRecord")
    return _READ.format(project=str(PROJECT), module=module, folder=str(folder)) + _MEASURE.format(counted=kinds)


def peer(source: str, folder: Path, counted: str) -> str:
    """Return the program by which another library reads a folder."""
    return _PEER.format(folder=str(folder), peer=source) + _MEASURE.format(counted=(counted,))


def measured(program: str) -> tuple[float, float]:
    """Return records a second, and megabytes, of a program."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    speed, memory = json.loads(done.stdout.splitlines()[-1])
    return float(speed), float(memory)


if __name__ == "__main__":
    raise SystemExit(main())
