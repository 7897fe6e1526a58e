"""Finding, opening and reading again what lies in seeds/."""

import gzip
import hashlib
import lzma
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from converters.intake.seeds import SeedFile, carries_no_checksum, find_seeds, open_seed, read_records
from converters.model import Capture, Rejection
from converters.readers.table import read_seed

RECORD = b" date 2023-03-08 https://example.org/court\n\nTitle\n\nFirst.\n\nSecond.\n"
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "archive" / "seeds"
    folder.mkdir(parents=True)
    return folder


def put(seeds: Path, name: str, content: bytes = RECORD) -> Path:
    path = seeds / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def read_all(seeds: Path) -> list[Capture | Rejection]:
    found: list[Capture | Rejection] = []
    for each in find_seeds(seeds):
        found += [each] if isinstance(each, Rejection) else read_seed(each)
    return found


def captures(seeds: Path) -> list[Capture]:
    return [each for each in read_all(seeds) if isinstance(each, Capture)]


def rejection(seeds: Path) -> Rejection:
    (found,) = (each for each in read_all(seeds) if isinstance(each, Rejection))
    return found


def many(count: int) -> bytes:
    """Records that hardly compress, so that a cut in the middle leaves some whole."""
    numbers = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(count * 40)]
    words = [" ".join(numbers[n::count]).encode() for n in range(count)]
    return b"".join(RECORD.replace(b"First", word) for word in words)


def test_files_are_found_in_the_order_of_their_paths_bytes(seeds: Path) -> None:
    for name in (
        "b.txt",
        "a/z.txt",
        "a.txt",
        "ä.txt",
        "B.txt",
        "a/b/c.txt",
        ".hidden/x.txt",
        "a/.DS_Store",
        ".gitkeep",
    ):
        put(seeds, name)

    names = [each.name for each in find_seeds(seeds) if isinstance(each, SeedFile)]

    assert names == [f"seeds/{n}" for n in ("B.txt", "a.txt", "a/b/c.txt", "a/z.txt", "b.txt", "ä.txt")]


@pytest.mark.parametrize(
    "raw_name", [b"caf\xe9.txt", b"two\nlines.txt", b"back\\slash\\x41.txt", b"nel\xc2\x85.txt", b" .txt"]
)
def test_any_file_name_is_printable_and_finds_the_file_again(seeds: Path, raw_name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(seeds) + b"/" + raw_name)).write_bytes(RECORD)

    (capture,) = captures(seeds)

    name = capture.provenance.seed
    assert name.isprintable()
    assert name.encode().decode() == name
    assert list(read_records(seeds.parent, name, [(0, len(RECORD))])) == [RECORD]


def test_a_missing_folder_is_said_to_be_missing(tmp_path: Path) -> None:
    (found,) = find_seeds(tmp_path / "seeds")
    assert isinstance(found, Rejection)
    assert str(found).startswith("seeds: ")


def test_links_inside_are_read_and_links_out_are_not(seeds: Path, tmp_path: Path) -> None:
    put(seeds, "folder/a.txt")
    (tmp_path / "secret.txt").write_bytes(RECORD)
    (tmp_path / "outside").mkdir()
    (seeds / "inside.txt").symlink_to("folder/a.txt")
    (seeds / "inside").symlink_to("folder")
    (seeds / "circle").symlink_to("circle")
    (seeds / "gone.txt").symlink_to("nothing")
    (seeds / "out").symlink_to(tmp_path / "outside")
    (seeds / "out.txt").symlink_to("../../secret.txt")

    found = read_all(seeds)

    assert [each.provenance.seed for each in found if isinstance(each, Capture)] == [
        "seeds/folder/a.txt",
        "seeds/inside.txt",
    ]
    reasons = {each.seed: each.reason for each in found if isinstance(each, Rejection)}
    assert reasons.keys() == {"seeds/circle", "seeds/gone.txt", "seeds/out", "seeds/out.txt"}
    assert "leads out" in reasons["seeds/out"]
    assert "leads out" in reasons["seeds/out.txt"]
    assert "leads nowhere" in reasons["seeds/gone.txt"]
    assert "leads nowhere" in reasons["seeds/circle"]


def test_pipes_and_sockets_are_rejected_without_waiting(seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(seeds / "pipe.txt")
    (seeds / "link.txt").symlink_to("pipe.txt")
    monkeypatch.chdir(seeds)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.txt")

        reasons = {each.seed: each.reason for each in read_all(seeds) if isinstance(each, Rejection)}

    assert "a pipe" in reasons["seeds/pipe.txt"]
    assert "a pipe" in reasons["seeds/link.txt"]
    assert "a socket" in reasons["seeds/socket.txt"]


def test_a_file_that_became_a_pipe_or_a_link_after_it_was_found_is_not_read(seeds: Path) -> None:
    path = put(seeds, "a.txt")
    other = put(seeds, "b.txt")
    seed = SeedFile(path, "seeds/a.txt")
    path.unlink()
    os.mkfifo(path)
    (found,) = read_seed(seed)
    assert isinstance(found, Rejection)
    path.unlink()
    path.symlink_to(other)
    (found,) = read_seed(seed)
    assert isinstance(found, Rejection)


def test_a_file_that_may_not_be_read_is_rejected_in_the_systems_words() -> None:
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder)
        seeds.chmod(0o755)
        put(seeds, "a.txt").chmod(0)
        put(seeds, "b.txt")
        # Root may read everything, so it looks as nobody.
        user = os.geteuid()
        os.seteuid(user or 65534)
        try:
            assert "Permission denied" in rejection(seeds).reason
            assert len(captures(seeds)) == 1
        finally:
            os.seteuid(user)


@pytest.mark.parametrize("ending", COMPRESS)
def test_compressed_files_are_read_whatever_their_name(seeds: Path, ending: str) -> None:
    compress = COMPRESS[ending]
    put(seeds, f"named.txt{ending}", compress(RECORD))
    put(seeds, "unnamed.txt", compress(RECORD) + compress(RECORD))
    put(seeds, f"plain.txt{ending}")

    found = read_all(seeds)

    assert len(found) == 4
    assert {each.provenance.sha256 for each in found if isinstance(each, Capture)} == {
        hashlib.sha256(RECORD).hexdigest()
    }


@pytest.mark.parametrize("ending", COMPRESS)
@pytest.mark.parametrize("kept", [0.3, 0.5, 0.9])
def test_a_truncated_file_gives_the_records_of_whole_pieces_before_the_cut_and_one_rejection(
    seeds: Path, ending: str, kept: float
) -> None:
    content = many(300)
    records = [b" date" + record for record in content.split(b" date")[1:]]
    pieces = [COMPRESS[ending](b"".join(records[at : at + 10])) for at in range(0, 300, 10)]
    put(seeds, f"a.txt{ending}", b"".join(pieces)[: int(sum(map(len, pieces)) * kept)])

    found = captures(seeds)

    assert 300 * kept * 0.5 < len(found) < 300
    places = [(each.provenance.start, each.provenance.length) for each in found]
    assert b"".join(content[start : start + length] for start, length in places) == content[: sum(places[-1])]
    assert "ends in the middle" in rejection(seeds).reason
    assert rejection(seeds).line == content[: sum(places[-1])].count(b"\n") + 1


@pytest.mark.parametrize("ending", COMPRESS)
def test_no_flipped_bit_of_a_packed_file_alters_a_record(seeds: Path, ending: str) -> None:
    packed = COMPRESS[ending](RECORD + RECORD.replace(b"court", b"port"))
    sound = {each.provenance.sha256 for each in captures_of(seeds, packed, ending)}
    assert len(sound) == 2
    for bit in range(8 * len(packed)):
        flipped = bytearray(packed)
        flipped[bit // 8] ^= 1 << bit % 8
        found = captures_of(seeds, bytes(flipped), ending)
        assert {each.provenance.sha256 for each in found} <= sound, bit


def captures_of(seeds: Path, content: bytes, ending: str) -> list[Capture]:
    path = put(seeds, f"a.txt{ending}", content)
    return [each for each in read_seed(SeedFile(path, f"seeds/a.txt{ending}")) if isinstance(each, Capture)]


def test_what_is_packed_without_a_checksum_is_known(seeds: Path) -> None:
    without = {
        "a.zst": zstandard.ZstdCompressor(write_checksum=False).compress(RECORD),
        "b.zst": COMPRESS[".zst"](RECORD),
        "c.xz": lzma.compress(RECORD, check=lzma.CHECK_NONE),
        "d.xz": COMPRESS[".xz"](RECORD),
        "e.gz": COMPRESS[".gz"](RECORD),
    }
    found = [carries_no_checksum(SeedFile(put(seeds, name, packed), name)) for name, packed in without.items()]
    assert found == [True, False, True, False, False]
    assert len(captures(seeds)) == 5


@pytest.mark.parametrize("ending", COMPRESS)
def test_rubbish_after_a_compressed_file_and_rubbish_instead_of_one_are_rejected(seeds: Path, ending: str) -> None:
    path = put(seeds, f"a.txt{ending}", COMPRESS[ending](RECORD + RECORD) + b"rubbish" * 9)
    assert "damaged" in rejection(seeds).reason
    assert len(captures(seeds)) == 1
    path.write_bytes(b"\x01rubbish" * 9)
    assert "damaged" in rejection(seeds).reason


@pytest.mark.parametrize("ending", [".gz", ".xz"])
def test_zeros_between_compressed_members_are_padding(seeds: Path, ending: str) -> None:
    member = COMPRESS[ending](RECORD)
    put(seeds, "a.txt", member + bytes(4) + member + bytes(512))
    assert len(read_all(seeds)) == len(captures(seeds)) == 2


@pytest.mark.parametrize("ending", COMPRESS)
def test_a_bomb_is_given_up_early_and_the_records_before_it_stand(seeds: Path, ending: str) -> None:
    compress = COMPRESS[ending]
    put(seeds, f"a.txt{ending}", compress(RECORD * 2) + compress(bytes(32 * 1024 * 1024)) * 100)
    assert "100 times" in rejection(seeds).reason
    assert len(captures(seeds)) == 1


def test_a_window_that_needs_too_much_memory_is_rejected(seeds: Path) -> None:
    # A frame's header alone: no single segment, a window of 1 GB.
    put(seeds, "a.txt.zst", b"\x28\xb5\x2f\xfd\x00" + bytes([20 << 3]) + bytes(100))
    assert "memory" in rejection(seeds).reason


def test_an_empty_file_has_no_header(seeds: Path) -> None:
    put(seeds, "a.txt", b"")
    put(seeds, "b.txt.gz", gzip.compress(b""))
    assert [each.reason[:9] for each in read_all(seeds) if isinstance(each, Rejection)] == ["no header"] * 2


@pytest.mark.parametrize("ending", ["", *COMPRESS])
def test_records_are_found_again_in_one_pass(seeds: Path, ending: str) -> None:
    content = b"".join(RECORD.replace(b"First", b"x" * n) for n in range(1, 200))
    put(seeds, f"a.txt{ending}", COMPRESS[ending](content) if ending else content)
    places = [(each.provenance.start, each.provenance.length) for each in captures(seeds)]
    wanted = [places[0], places[5], places[5], places[-1]]

    records = list(read_records(seeds.parent, f"seeds/a.txt{ending}", wanted))

    assert records == [content[start : start + length] for start, length in wanted]


@pytest.mark.parametrize(
    "name",
    [
        "seeds/../secret.txt",
        "secret.txt",
        "seeds/",
        "seeds//a",
        "seeds/./a",
        "seeds/a\0",
        "/etc/passwd",
        "seeds/\\x2e./secret.txt",
        "seeds/\ud800",
    ],
)
def test_a_name_never_leads_out_of_the_seeds(seeds: Path, name: str) -> None:
    (seeds.parent / "secret.txt").write_bytes(RECORD)
    with pytest.raises(ValueError, match="not the name of a seed"):
        list(read_records(seeds.parent, name, [(0, 1)]))


def test_what_is_gone_shorter_linked_out_or_no_file_says_so(seeds: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_bytes(RECORD)
    (seeds / "out.txt").symlink_to(tmp_path / "secret.txt")
    (seeds / "folder").mkdir()
    os.mkfifo(seeds / "pipe")
    put(seeds, "short.txt")
    put(seeds, "short.gz", gzip.compress(RECORD))
    for name in ("gone.txt", "out.txt", "folder", "pipe", "short.txt", "short.gz"):
        with pytest.raises(OSError, match=f"seeds/{name}: "):
            list(read_records(seeds.parent, f"seeds/{name}", [(len(RECORD) - 3, 9)]))


def test_a_reader_that_reads_all_at_once_gets_all(seeds: Path) -> None:
    content = many(100)
    path = put(seeds, "a.xz", lzma.compress(content))
    with open_seed(SeedFile(path, "seeds/a.xz")) as stream:
        assert stream.read() == content
