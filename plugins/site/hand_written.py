"""What a curator may write beyond what converters do: footnotes, pictures and links by name.

    A crane.[^1] ![crane]({static}files/my%20crane.png)      <p>A crane.<sup class="footnote-reference">…</sup>
    [^1]: Built in 1911.                                     <img src="{static}/pages/files/my%20crane.png" …

Pictures and papers lie in the folders of STATIC_PATHS, such as `content/pages/files/`, and are named from the folder of
the file, as `{static}files/crane.png` or `files/crane.png`, or from content/, as `{static}/pages/files/crane.png`; they
are found wherever the text is shown. What leads nowhere, and what another host would be asked for, is told with file
and line.
"""

import html
import logging
import posixpath
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import quote, unquote

import pyromark
from pelican import signals
from pelican.generators import Generator

from converters.ledger.addresses import slug

_Options = pyromark.Options
_markdown = pyromark.Markdown(
    options=_Options.ENABLE_TABLES | _Options.ENABLE_FOOTNOTES | _Options.ENABLE_STRIKETHROUGH
)
_FOOTNOTE = re.compile('(class="footnote-(?:definition" id="|reference"><a href="#))([^"]*)"')
_NAMED = re.compile(
    r"""
      (?P<before> <(?:img|a)\b [^<>]* \b (?P<what>src|href) = ")
      (?: (?:\{|%7B) (?P<kind>static|attach|filename) (?:\}|%7D) )?
      (?P<path> [^"?\#]*) (?P<rest> [^"]*)
    """,
    re.VERBOSE,
)
_REMOTE = re.compile('<img src="((?:https?:)?//[^"]*)"(?: alt="([^"]*)")?[^<>]*>')
_SPECIAL = re.compile(r"[\s%?#&<>\"]")
_log = logging.getLogger(__name__)


class Place(NamedTuple):
    """Where something was written by hand."""

    content: Path
    """The folder content/."""
    file: str
    """The file below it."""
    text: str
    """All that stands in the file."""
    static_folders: Sequence[str]

    def tell(self, written: str, fault: str) -> None:
        """Warn of a fault, with the line on which something is written."""
        lines = self.text.split("\n")
        line = next((number for number, line in enumerate(lines, 1) if written and written in unquote(line)), 1)
        _log.warning("%s:%s: %s", self.content / self.file, line, fault)


def render(body: str) -> str:
    """Return the HTML of what is written by hand."""
    return _FOOTNOTE.sub(lambda found: f'{found[1]}note-{slug(found[2])}"', _markdown.html(body))


def mend_links(content: str, place: Place, is_captured: bool) -> str:
    """Return HTML whose pictures and links by name are found wherever it is shown; tell of those that lead nowhere."""
    if "<img" in content:
        content = _REMOTE.sub(partial(_link_instead, place), content)
    return _NAMED.sub(partial(_named, place, is_captured), content)


class StaticTargets(dict[str, object]):
    """What links by {static} lead to: files below content/ that are copied, by their paths there."""

    def __init__(self, others: dict[str, object], content: str, folders: Sequence[str]) -> None:
        super().__init__(others)
        self._content, self._folders = content, folders

    def get(self, file: str, otherwise: object = None) -> object:
        if _is_copied(file, self._folders) and Path(self._content, file).is_file():
            return _StaticTarget(quote(file))
        return super().get(file, otherwise)


class StaticLinks(set[str]):
    """The files that pages link to, which Pelican copies from anywhere; it takes their names as they are written."""

    def __ior__(self, links: AbstractSet[str]) -> Self:  # type: ignore[override,misc]  # names alone
        self.update(unquote(html.unescape(link)) for link in links)
        return self


class _StaticTarget(NamedTuple):
    url: str

    def attach_to(self, _: object) -> None:
        """Stay where it is: one address for all that link to it."""


def register() -> None:
    """Let links by {static} be found in documents, too, which are read before the files are."""
    signals.generator_init.connect(_know_static_files)


def _know_static_files(generator: Generator) -> None:
    settings, known = generator.settings, generator.context.get("static_content")
    if known is not None and not isinstance(known, StaticTargets):
        generator.context["static_links"] = StaticLinks(generator.context["static_links"])
        generator.context["static_content"] = StaticTargets(known, settings["PATH"], settings["STATIC_PATHS"])


def _named(place: Place, is_captured: bool, found: re.Match[str]) -> str:
    """Return a link by name as Pelican knows it."""
    kind, path = found["kind"], unquote(html.unescape(found["path"]))
    whole = found[0]
    if kind == "filename":
        if (place.content / _from(place, path)).is_file():
            return whole
        place.tell(path, f"{{filename}}{path}: there is no such file in {place.content}")
        return f"{found['before']}{found['path']}{found['rest']}"
    is_picture = found["what"] == "src"
    if not kind and (not is_picture or path.startswith("/") or ":" in path):
        return whole
    file = _from(place, path)
    if (place.content / file).is_file():
        if _is_copied(file, place.static_folders):
            return f"{found['before']}{{static}}/{_SPECIAL.sub(_quoted, file)}{found['rest']}"
        folders = " or ".join(f"content/{folder}/" for folder in place.static_folders)
        place.tell(path, f"{path}: is not copied into the site; put it into {folders}")
    elif kind or not is_captured:  # what came with a capture has an address of its own
        place.tell(path, f"{path}: there is no such file; it is looked for as {place.content / file}")
    return f"{found['before']}{found['path']}{found['rest']}"


def _from(place: Place, path: str) -> str:
    """Return the path of a file below content/, which may be named from the folder of the one that names it."""
    return posixpath.normpath(path[1:] if path.startswith("/") else f"{posixpath.dirname(place.file)}/{path}")


def _quoted(character: re.Match[str]) -> str:
    return quote(character[0])


def _is_copied(file: str, folders: Sequence[str]) -> bool:
    return any(file.startswith(f"{folder}/") for folder in folders)


def _link_instead(place: Place, found: re.Match[str]) -> str:
    """Return a link to a picture on another host: no page asks one for anything."""
    address = html.unescape(found[1])
    place.tell(unquote(address), f"{address}: lies on another host; keep a copy in content/{place.static_folders[0]}/")
    return f'<a href="{found[1]}">{found[2] or found[1]}</a>'
