"""Builds an archive over and over, and dies, as if killed, one moment later each time, until a build comes to its end.

A moment is when the file system is about to change. Prints, for each, a digest of the site that stood afterwards.
"""

import hashlib
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from converters.archive.layout import open_archive
from plugins.engine.build import build

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree", "ctypes.dlopen"}


def digest_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


def die_at(moment: int) -> None:
    """Have this process die when the file system is about to change for the time after `moment` times."""
    left = moment

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in CHANGES or (event == "open" and isinstance(arguments[1], str) and arguments[1][:1] in "wxa"):
            if left == 0:
                os._exit(9)
            left -= 1

    sys.addaudithook(count)


def main(root: str, full: bool) -> None:
    moment, status = 0, 9
    while status == 9:
        if (child := os.fork()) == 0:
            die_at(moment)
            build(open_archive(root), 1, full, "none", lambda _: None, lambda *_: None)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(digest_of(Path(root) / "output"))
        moment += 1
    sys.exit(status)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "--full")
