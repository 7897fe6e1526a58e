"""A file is replaced whole or not at all, beside its target, and never through a link."""

from pathlib import Path

import pytest

from converters.archive.atomic import atomic_output, atomic_write


@pytest.mark.parametrize("durable", [True, False])
def test_what_is_written_takes_its_place_when_it_is_whole(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "new" / "ledger.csv"
    for text in ("one\r\n", "two\n"):
        with atomic_write(path, durable) as file:
            file.write(text)
            assert not path.exists() or path.read_bytes() == b"one\r\n"
    assert path.read_bytes() == b"two\n"
    assert [*path.parent.iterdir()] == [path]


def test_an_error_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("one")
    with pytest.raises(OSError, match="full"), atomic_write(path) as file:
        file.write("two")
        raise OSError("full")
    with pytest.raises(OSError, match="full"), atomic_output(path) as partial:
        partial.write_text("two")
        raise OSError("full")
    assert path.read_text() == "one"
    assert [*tmp_path.iterdir()] == [path]


def test_a_link_laid_where_the_partial_file_lies_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("theirs")
    (tmp_path / ".ledger.csv.partial").symlink_to(other)
    with atomic_write(tmp_path / "ledger.csv") as file:
        file.write("ours")
    (tmp_path / ".table.partial").symlink_to(other)
    with atomic_output(tmp_path / "table") as partial:
        partial.write_text("ours")
    assert other.read_text() == "theirs"
    assert (tmp_path / "ledger.csv").read_text() == (tmp_path / "table").read_text() == "ours"
