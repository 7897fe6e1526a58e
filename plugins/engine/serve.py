"""Shows the site on 127.0.0.1 while it is worked on: builds, watches, and reloads the browser after a change.

Pages on disk carry no script for this. Only what is served gets one, which waits for word of the next build, and a
policy that lets it run.
"""

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_all_start_methods
from pathlib import Path
from time import monotonic, sleep
from typing import NoReturn

from watchfiles import watch

from converters.archive.layout import PROJECT, Archive, ArchiveError, Say
from converters.archive.lock import at_work
from converters.archive.processes import Started
from converters.pipeline import convert
from plugins.engine.build import build
from plugins.engine.preview import preview
from plugins.engine.settings import settings_of

_POLICY = re.compile(rb"default-src 'none';([^\"]*)")
_SCRIPTS = re.compile(rb" ?(?:script|connect)-src [^;\"]*;?")
_RELOADING = b" script-src 'self'; connect-src 'self';"
_SCRIPT = b'<script src="/.reload.js?%d"></script></body>'
_RELOAD = b"""const known = document.currentScript.src.split("?")[1];
new EventSource(`/.reload?${known}${location.pathname}`).onmessage = () => location.reload();
"""
_NEW, _SAME, _FAILED = range(3)  # what became of a build
_LOOKED_AT = 100  # pages that were looked at last, of which some may stand in other windows
_WATCHED = ("seeds", "content", "theme", "pelicanconf.py", "publishconf.py")
_OWN_NAMES = ("127.0.0.1", "localhost")
_PULSE = 15  # seconds after which a page that waits is asked whether it is still there
_PATIENCE = 30  # seconds for the processes of a build that was stopped to let go of the archive


def serve(archive: Archive, port: int, jobs: int, say: Say) -> None:
    """Convert, build and serve until interrupted. Raises ArchiveError if the first build fails or the port is taken."""
    if archive.seeds.is_dir():
        _convert(archive, jobs, say)
    with at_work(archive, "serve"):
        for fault in build(archive, jobs, False, "new", say, lambda *_: None).faults:
            say(fault)
    shown = _Shown(archive.output)
    static = _static(archive)
    handler = partial(_Handler, shown=shown, static=static, directory=str(archive.output))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except (OSError, OverflowError) as error:
        raise ArchiveError(f"--port {port}: {error}; choose another, such as --port 8001") from None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    is_announced = False
    builder = _Builder(archive, jobs, say, shown)
    try:
        for changed in _changes(archive, _interruption()):
            if not is_announced:  # what is saved from then on is seen
                say(f"http://127.0.0.1:{server.server_port}/ shows the site; Ctrl-C ends it")
                is_announced = True
            if not changed:
                continue
            builder.stop()
            if any(Path(path).is_relative_to(folder) for path in changed for folder in static[1]):
                shown.show_restyled()
            if any(Path(path).is_relative_to(archive.seeds) for path in changed):
                _convert(archive, jobs, say)
            with suppress(ArchiveError, OSError):  # the build tells what is wrong
                shown.show(preview(archive, shown.addresses))
            builder.start()
    finally:
        builder.stop()


def with_reloading(html: bytes) -> bytes:
    """Return a page whose policy lets the script run that reloads it, and names each kind of source once."""
    return _POLICY.sub(lambda policy: b"default-src 'none';" + _RELOADING + _SCRIPTS.sub(b"", policy[1]), html, count=1)


@contextmanager
def patient_lock(archive: Archive) -> Iterator[None]:
    """Hold the archive, once what was stopped a moment ago has let go of it; raises ArchiveError as `at_work` does."""
    last = monotonic() + _PATIENCE
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(at_work(archive, "serve"))
                break
            except ArchiveError:
                if monotonic() > last:
                    raise
                sleep(0.05)
        yield


class _Builder:
    """Builds in a process of its own, so that a further change need not wait until all of it is built."""

    def __init__(self, archive: Archive, jobs: int, say: Say, shown: "_Shown") -> None:
        self._archive, self._jobs, self._say, self._shown = archive, jobs, say, shown
        self._under_way: Started | None = None
        self._may_be_ahead = False
        """Whether a build that was stopped may have put its site in place before it could say so."""
        self._waiting = threading.Thread()

    def start(self) -> None:
        if "fork" not in get_all_start_methods():
            self._tell(self._build())
            return
        self._under_way = started = Started(self._build)
        self._waiting = threading.Thread(target=lambda: self._tell(started.wait()), daemon=True)
        self._waiting.start()

    def stop(self) -> None:
        """Stop the build that is under way, if there is one: the next one does its work, too."""
        if self._under_way:
            self._under_way.stop()
            self._waiting.join()
            self._under_way = None

    def _build(self) -> int:
        try:
            # Between builds the archive is free for other work, such as converting new seeds.
            with patient_lock(self._archive):
                # The search goes on finding what there was at the start: to index anew would take seconds.
                built = build(self._archive, self._jobs, False, "kept", self._say, lambda *_: None)
            for fault in built.faults:
                self._say(fault)
            return _NEW if built.changed else _SAME
        except (ArchiveError, OSError) as error:
            self._say(f"{error}\nthe site of before is still shown")
            return _FAILED

    def _tell(self, status: int | None) -> None:
        if status is None or status < 0:  # it was stopped
            self._may_be_ahead = True
        elif status == _NEW or (status == _SAME and self._may_be_ahead):
            self._may_be_ahead = False
            self._shown.show_built()
            self._say("built anew")


class _Shown:
    """The pages that are looked at, as they are shown, and since when: what changes them is numbered.

    They are shown anew before the whole site is, and again if the site has made them otherwise.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        self._pages: dict[str, tuple[int, bytes]] = {}
        self._ahead: set[str] = set()
        self._now = 0
        self._condition = threading.Condition()

    @property
    def addresses(self) -> list[str]:
        return list(self._pages)

    def page(self, address: str) -> tuple[int, bytes]:
        """Return since when a page is as it is, and the page; it counts as looked at from now on."""
        with self._condition:
            if address not in self._ahead:
                self._take(address, self._built(address))
            if len(self._pages) > _LOOKED_AT:
                del self._pages[next(iter(self._pages))]
            return self._pages[address]

    def wait(self, address: str, known: int, seconds: float) -> bool:
        """Wait until a page is another than the one that is known; return False if it still is after some seconds."""
        with self._condition:
            return self._condition.wait_for(lambda: self._pages.get(address, (self._now,))[0] > known, seconds)

    def show(self, early: dict[str, bytes]) -> None:
        """Show these pages before the site is built to which they belong."""
        with self._condition:
            for address, page in early.items():
                self._take(address, page)
            self._ahead = {*early}
            self._condition.notify_all()

    def show_built(self) -> None:
        """Show the site as it is built now."""
        with self._condition:
            for address in self._pages:
                self._take(address, self._built(address))
            self._ahead = set()
            self._condition.notify_all()

    def show_restyled(self) -> None:
        """Have browsers ask again for all that belongs to the pages."""
        with self._condition:
            self._now += 1
            self._pages = {address: (self._now, page) for address, (_, page) in self._pages.items()}
            self._condition.notify_all()

    def _take(self, address: str, page: bytes) -> None:
        if address not in self._pages or self._pages[address][1] != page:
            self._now += 1
            self._pages[address] = self._now, page

    def _built(self, address: str) -> bytes:
        try:
            return (self._output / address).read_bytes()
        except FileNotFoundError:  # it is gone from the site
            return b""


def _convert(archive: Archive, jobs: int, say: Say) -> None:
    """Convert seeds that have come or changed. A build may be stopped and begun anew, a conversion comes to its end."""
    try:
        with patient_lock(archive):
            counts = convert(archive, jobs, False, say, lambda *_: None)
    except (ArchiveError, OSError) as error:
        say(str(error))
    else:
        say(", ".join(f"{number} {outcome}" for outcome, number in counts.items()))


def _static(archive: Archive) -> tuple[str, list[Path]]:
    """Return the folder of the site that style sheets lie in, and where they come from, the last first."""
    settings = settings_of(archive, archive.output)
    sources = [Path(settings["THEME"], folder).resolve() for folder in reversed(settings["THEME_STATIC_PATHS"])]
    return settings["THEME_STATIC_DIR"], sources


def _interruption() -> threading.Event:
    """Return what Ctrl-C sets, besides what it raises: an exception is lost where Python happens to clean up."""
    interrupted = threading.Event()

    def interrupt(*_: object) -> NoReturn:
        interrupted.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    return interrupted


def _changes(archive: Archive, interrupted: threading.Event) -> Iterator[list[str]]:
    """Yield the paths that have changed, or none every moment in which nothing has, until it is interrupted."""
    watched = {folder / name for folder in (archive.root, PROJECT) for name in _WATCHED}
    try:
        for changes in watch(
            *(path for path in watched if path.exists()),
            debounce=200,
            rust_timeout=200,
            yield_on_timeout=True,
            stop_event=interrupted,
        ):
            yield [path for _, path in changes]
    except KeyboardInterrupt:
        return


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: object, shown: _Shown, static: tuple[str, list[Path]], directory: str) -> None:
        self._shown, self._static = shown, static
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if not self._is_for_us():
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return
        asked, _, told = self.path.partition("?")
        if asked == "/.reload":
            known, _, address = told.partition("/")
            self._send_event(self._path_of(f"/{address}"), int(known) if known.isdecimal() else 0)
        elif asked == "/.reload.js":
            self._send(_RELOAD, "text/javascript")
        else:
            page = self._path_of(asked)
            if not page.resolve().is_relative_to(Path(self.directory).resolve()):  # a link that leads out of the site
                self.send_error(HTTPStatus.NOT_FOUND)
            elif page.suffix == ".html" and page.is_file():
                self._send_page(page)
            elif page.exists():
                super().do_GET()
            else:
                self._send_page(Path(self.directory, "404.html"), 404)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _is_for_us(self) -> bool:
        """Whether a browser asks for this machine by its own name: any other could be a stranger's page, rebound."""
        host, _, port = self.headers.get("Host", "").rpartition(":")
        return (host if port.isdecimal() else f"{host}:{port}".strip(":")).lower() in _OWN_NAMES

    def translate_path(self, path: str) -> str:
        """Return the path of a file; of a style sheet, that in the theme, which is as it is to be shown at once."""
        found = super().translate_path(path)
        folder, sources = self._static
        if found.startswith(f"{self.directory}/{folder}/"):
            name = found[len(f"{self.directory}/{folder}/") :]
            return next((str(source / name) for source in sources if (source / name).is_file()), found)
        return found

    def _path_of(self, asked: str) -> Path:
        path = Path(super().translate_path(asked))
        return path / "index.html" if path.is_dir() and asked.endswith("/") else path

    def _address(self, page: Path) -> str:
        return page.relative_to(self.directory).as_posix()

    def _send_page(self, page: Path, status: int = 200) -> None:
        changed, html = self._shown.page(self._address(page))
        html = with_reloading(html).replace(b"</body>", _SCRIPT % changed)
        self._send(html, "text/html; charset=utf-8", status)

    def _send(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_event(self, page: Path, known: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        with suppress(OSError):  # the page was left meanwhile
            while not self._shown.wait(self._address(page), known, _PULSE):
                self.wfile.write(b":\n\n")
            self.wfile.write(b"data: built\n\n")

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")  # a style sheet, too, is to be shown as it is now
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the terminal for what the person at the keyboard has to know."""
