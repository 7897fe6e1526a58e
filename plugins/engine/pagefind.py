"""Has Pagefind index pages, without a file on the way.

    pages in HTML  ─►  pagefind --service  ─►  "pagefind-entry.json", "index/en_27127ab.pf_index", … as bytes

Pagefind's own Python package speaks to this service too, but looks for an answer ten times a second only, and thousands
of pages are thousands of answers. Messages both ways are JSON in base64, with a comma after each.
"""

import base64
import json
import subprocess
from collections.abc import Iterable, Iterator
from threading import Thread
from typing import IO, TypedDict

from pagefind_bin import get_executable

_PIECE = 1 << 20


class _Payload(TypedDict):
    type: str
    index_id: int
    message: str
    files: list[dict[str, str]]


def indexed(pages: Iterable[tuple[str, str]], language: str) -> Iterator[tuple[str, bytes]]:
    """Give path and content of each file of an index of pages, which come with their addresses.

    Raises RuntimeError with what Pagefind says where it cannot make one.
    """
    command = [get_executable(), "--service"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as service:  # noqa: S603
        assert service.stdin and service.stdout  # noqa: S101  # they are pipes
        answers = _answers(service.stdout)
        _send(service.stdin, {"type": "NewIndex", "config": {"force_language": language, "keep_index_url": True}})
        index = next(answers)["index_id"]
        sender = _Sender(service.stdin, index, pages)
        sender.start()
        for payload in answers:
            if payload["type"] == "GetFiles":
                break
        sender.join()
        service.stdin.close()
    if sender.fault:
        raise sender.fault
    for file in payload["files"]:
        yield file["path"], base64.b64decode(file["content"])


class _Sender(Thread):
    """Sends all pages, and asks for the files of their index: Pagefind answers while it still reads."""

    def __init__(self, pipe: IO[bytes], index: int, pages: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self.fault: Exception | None = None
        self._pipe, self._index, self._pages = pipe, index, pages

    def run(self) -> None:
        try:
            for address, page in self._pages:
                place = {"index_id": self._index, "url": address, "file_path": None}
                whole = page.encode("utf-8", "replace").decode()  # Pagefind ends at half a character
                _send(self._pipe, {"type": "AddFile", "file_contents": whole, **place})
        except Exception as fault:  # told by the thread that waits
            self.fault = fault
        _send(self._pipe, {"type": "GetFiles", "index_id": self._index})


def _send(pipe: IO[bytes], payload: dict[str, object]) -> None:
    pipe.write(base64.b64encode(json.dumps({"message_id": 1, "payload": payload}).encode()) + b",")
    pipe.flush()


def _answers(pipe: IO[bytes]) -> Iterator[_Payload]:
    parts = [b""]
    while piece := pipe.read1(_PIECE):  # type: ignore[attr-defined]
        *whole, rest = piece.split(b",")
        for message in whole:
            answer = json.loads(base64.b64decode(b"".join([*parts, message])))
            parts = []
            if answer["payload"]["type"] == "Error":
                raise RuntimeError(f"the search index could not be made; Pagefind says: {answer['payload']['message']}")
            yield answer["payload"]
        parts.append(rest)
    raise RuntimeError("the search index could not be made: Pagefind ended; is there memory enough?")
