"""Shows the site on 127.0.0.1 while it is worked on: builds, watches, and reloads the browser after a change.

Pages on disk carry no script for this. Only what is served gets one, which waits for word of the next build, and a
policy that lets it run.
"""

import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from watchfiles import watch

from converters.archive import Archive, ArchiveError, Say, at_work
from plugins.build import PROJECT, Search, build

_POLICY = b"default-src 'none';"
_RELOADING = b" script-src 'self' 'wasm-unsafe-eval'; connect-src 'self';"  # WebAssembly is what the search needs
_SCRIPT = b'<script src="/.reload.js?%d"></script></body>'
_RELOAD = b"""const known = document.currentScript.src.split("?")[1];
new EventSource(`/.reload?${known}`).onmessage = () => location.reload();
"""
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
    for _ in _changes(archive):
        try:
            # The search goes on finding what there was at the start: to index anew would take seconds.
            if _build(archive, jobs, "kept", say):
                built.tell()
                say("built anew")
        except ArchiveError as error:
            say(f"{error}\nthe site of before is still shown")


def _build(archive: Archive, jobs: int, search: Search, say: Say) -> bool:
    # Between builds the archive is free for other work, such as converting new seeds.
    with at_work(archive, "invoke serve"):
        return build(archive, jobs, False, search, say, lambda *_: None)


class _Built:
    """Tells all who wait that there is a newer site than the one they know, by its number."""

    def __init__(self) -> None:
        self.number = 0
        self._condition = threading.Condition()

    def tell(self) -> None:
        with self._condition:
            self.number += 1
            self._condition.notify_all()

    def wait(self, known: int) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self.number > known)


def _changes(archive: Archive) -> Iterator[object]:
    watched = {folder / name for folder in (archive.root, PROJECT) for name in _WATCHED}
    try:
        yield from watch(*(path for path in watched if path.exists()), debounce=200)
    except KeyboardInterrupt:
        return


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: object, built: _Built, directory: str) -> None:
        self._built = built
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        asked, _, known = self.path.partition("?")
        if asked == "/.reload":
            self._send_event(int(known) if known.isdecimal() else 0)
        elif asked == "/.reload.js":
            self._send(_RELOAD, "text/javascript")
        else:
            path = Path(self.translate_path(self.path))
            page = path / "index.html" if path.is_dir() and self.path.partition("?")[0].endswith("/") else path
            if page.suffix == ".html" and page.is_file():
                self._send_page(page)
            elif path.exists():
                super().do_GET()
            else:
                self._send_page(Path(self.directory, "404.html"), 404)

    def _send_page(self, page: Path, status: int = 200) -> None:
        number = self._built.number  # before the page is read: it may be of a newer site, and never of an older one
        html = page.read_bytes().replace(_POLICY, _POLICY + _RELOADING).replace(b"</body>", _SCRIPT % number)
        self._send(html, "text/html; charset=utf-8", status)

    def _send(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_event(self, known: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self._built.wait(known)
        with suppress(OSError):  # the page was left meanwhile
            self.wfile.write(b"data: built\n\n")

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")  # a style sheet, too, is to be shown as it is now
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the terminal for what the person at the keyboard has to know."""
