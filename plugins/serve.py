"""Shows the site on 127.0.0.1 while it is worked on: builds, watches, and reloads the browser after a change.

Pages on disk carry no script for this. Only what is served gets one, which waits for word of the next build, and a
policy that lets it run.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from watchfiles import watch

from converters.archive import Archive, ArchiveError, Say, at_work
from plugins.build import PROJECT, Search, build
from plugins.preview import preview

_POLICY = b"default-src 'none';"
_RELOADING = b" script-src 'self' 'wasm-unsafe-eval'; connect-src 'self';"  # WebAssembly is what the search needs
_SCRIPT = b'<script src="/.reload.js?%d"></script></body>'
_RELOAD = b"""const known = document.currentScript.src.split("?")[1];
new EventSource(`/.reload?${known}${location.pathname}`).onmessage = () => location.reload();
"""
_LOOKED_AT = 8  # pages, of which some may stand in other windows
_WATCHED = ("content", "theme", "pelicanconf.py", "publishconf.py")


def serve(archive: Archive, port: int, jobs: int, say: Say) -> None:
    """Build and serve until interrupted. Raises ArchiveError if the first build fails or the port is taken."""
    _build(archive, jobs, "new", say)
    built = _Built()
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, built=built, directory=str(archive.output)))
    except (OSError, OverflowError) as error:
        raise ArchiveError(f"--port {port}: {error}; choose another, such as --port 8001") from None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    say(f"http://127.0.0.1:{server.server_port}/ shows the site; Ctrl-C ends it")
    for changed in _changes(archive):
        try:
            if all(path.endswith(".html") for path in changed):
                # All pages are to be made anew, which takes seconds; those that are looked at need not wait for that.
                built.show(preview(archive, built.looked_at, say))
            # The search goes on finding what there was at the start: to index anew would take seconds.
            if _build(archive, jobs, "kept", say):
                built.tell()
                say("built anew")
        except ArchiveError as error:
            if built.early:
                built.tell()
            say(f"{error}\nthe site of before is still shown")


def _build(archive: Archive, jobs: int, search: Search, say: Say) -> bool:
    # Between builds the archive is free for other work, such as converting new seeds.
    with at_work(archive, "invoke serve"):
        return build(archive, jobs, False, search, say, lambda *_: None)


class _Built:
    """Tells all who wait that there is a newer site than the one they know, by its number."""

    def __init__(self) -> None:
        self.number = 0
        self.early: dict[str, bytes] = {}
        """Address of each page that is ready before the site it belongs to, whose number is the next."""
        self.looked_at: deque[str] = deque(maxlen=_LOOKED_AT)
        """Addresses of the pages that were shown last."""
        self._condition = threading.Condition()

    def show(self, early: dict[str, bytes]) -> None:
        with self._condition:
            self.early = early
            self._condition.notify_all()

    def tell(self) -> None:
        with self._condition:
            self.number += 1
            self.early = {}
            self._condition.notify_all()

    def page(self, address: str, path: Path) -> tuple[int, bytes]:
        """Give a page as it is now, and the number of the site that it belongs to."""
        with self._condition:
            number, early = self.number, self.early.get(address)
            if address not in self.looked_at:
                self.looked_at.append(address)
        # The number was taken before the page is read: it may be of a newer site, and never of an older one.
        return (number, path.read_bytes()) if early is None else (number + 1, early)

    def wait(self, known: int, address: str) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self.number > known or (self.number == known and address in self.early))


def _changes(archive: Archive) -> Iterator[set[str]]:
    watched = {folder / name for folder in (archive.root, PROJECT) for name in _WATCHED}
    try:
        for changes in watch(*(path for path in watched if path.exists()), debounce=200):
            yield {path for _, path in changes}
    except KeyboardInterrupt:
        return


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: object, built: _Built, directory: str) -> None:
        self._built = built
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        asked, _, known = self.path.partition("?")
        if asked == "/.reload":
            number, _, shown = known.partition("/")
            self._send_event(int(number) if number.isdecimal() else 0, self._page_at(f"/{shown}"))
        elif asked == "/.reload.js":
            self._send(_RELOAD, "text/javascript")
        else:
            page = self._page_at(asked)
            if page.suffix == ".html" and page.is_file():
                self._send_page(page)
            elif page.exists():
                super().do_GET()
            else:
                self._send_page(Path(self.directory, "404.html"), 404)

    def _page_at(self, asked: str) -> Path:
        path = Path(self.translate_path(asked))
        return path / "index.html" if path.is_dir() and asked.endswith("/") else path

    def _address(self, page: Path) -> str:
        return page.relative_to(self.directory).as_posix()

    def _send_page(self, page: Path, status: int = 200) -> None:
        number, html = self._built.page(self._address(page), page)
        html = html.replace(_POLICY, _POLICY + _RELOADING).replace(b"</body>", _SCRIPT % number)
        self._send(html, "text/html; charset=utf-8", status)

    def _send(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_event(self, known: int, page: Path) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self._built.wait(known, self._address(page))
        with suppress(OSError):  # the page was left meanwhile
            self.wfile.write(b"data: built\n\n")

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")  # a style sheet, too, is to be shown as it is now
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the terminal for what the person at the keyboard has to know."""
