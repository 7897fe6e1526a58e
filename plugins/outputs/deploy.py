"""Pushes a built site to the branch of a git repository that GitHub Pages shows.

    output/ + .nojekyll + CNAME  ─►  a commit on gh-pages of the repository that the archive lies in  ─►  the remote

Nothing is committed or pushed where the remote's branch holds the same files already. Only that branch is ever touched:
the files and the branch that are checked out stay as they are. The site is checked first; one that is too large for
GitHub Pages is not pushed.
"""

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

from ghp_import import GhpError, ghp_import  # type: ignore[import-untyped]

from converters.archive.layout import Archive, ArchiveError, Progress, Say
from converters.archive.stamps import files_below
from plugins.checks.check import check
from plugins.checks.limits import check_limits
from plugins.engine.settings import settings_of
from plugins.outputs.edition import check_built

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+", re.IGNORECASE)
_MESSAGE = "Publish the site"
_PIECE = 1 << 20


def deploy(archive: Archive, remote: str, branch: str, jobs: int, say: Say, progress: Progress) -> str:
    """Push the site, unless it stands there already, and give a line on what was done.

    Raises ArchiveError where no site is built, where it is older than a withdrawal, has faults or is beyond a limit,
    and where git cannot do it, with the reason.
    """
    check_built(archive)
    cname = _cname(archive, say)
    _check(archive, jobs, say, progress)
    repository = _Repository(archive.root)
    repository.check(remote, branch)
    published = repository.published(remote, branch)
    if published and "index.html" not in published:
        raise ArchiveError(f"{remote}/{branch}: holds no site, and would lose what it holds; name another --branch")
    if published and published == dict(_files(archive.output, cname, len(published["index.html"]))):
        return f"Nothing changed: {remote}/{branch} holds this site"
    repository.push(archive.output, remote, branch, cname)
    return f"Pushed the site to {remote}/{branch}"


def _cname(archive: Archive, say: Say) -> str:
    settings = settings_of(archive, archive.output)
    place, cname = f"{archive.root}/publishconf.py", str(settings.get("CNAME") or "")
    if cname and not _HOST.fullmatch(cname):
        raise ArchiveError(f'{place}: CNAME = {cname!r}; expected a name such as "archive.example.org"')
    if not settings["SITEURL"]:
        say(f"warning: {place}: SITEURL is not set, so a page for missing addresses cannot lead to the site")
    return cname


def _check(archive: Archive, jobs: int, say: Say, progress: Progress) -> None:
    if beyond := [finding.text for finding in check_limits(archive.output) if finding.is_beyond]:
        raise ArchiveError("\n".join([*beyond, "the site is too large for GitHub Pages; nothing was pushed"]))
    if faults := check(archive, jobs, say, progress):
        raise ArchiveError(f"{faults} faults, named above; nothing was pushed")


def _files(output: Path, cname: str, digits: int) -> Iterator[tuple[str, str]]:
    """Yield what the branch is to hold: its paths, and the names by which git knows their content."""
    name = "sha1" if digits == 40 else "sha256"
    beside = {".nojekyll": b""} | ({"CNAME": cname.encode()} if cname else {})
    for file in files_below(output):
        if file not in beside:
            yield file, _blob(output / file, name)
    for file, content in beside.items():
        yield file, hashlib.new(name, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _blob(path: Path, name: str) -> str:
    with path.open("rb") as file:
        digest = hashlib.new(name, b"blob %d\0" % os.fstat(file.fileno()).st_size, usedforsecurity=False)
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


class _Repository:
    """The git repository that a folder lies in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self, remote: str, branch: str) -> None:
        """Raise ArchiveError where a push cannot succeed, or would do harm."""
        self._git("rev-parse", "--git-dir", hint="deploy needs a git repository: git init, then git remote add")
        remotes = self._git("remote").split()
        if remote not in remotes:
            known = ", ".join(remotes) or "none"
            raise ArchiveError(f"--remote {remote}: no such remote, known are: {known}; git remote add {remote} URL")
        if branch.startswith("-") or self._status("check-ref-format", f"refs/heads/{branch}"):
            raise ArchiveError(f"--branch {branch}: is no name that git allows for a branch")
        if self._git("symbolic-ref", "-q", "HEAD", may_fail=True).strip() == f"refs/heads/{branch}":
            raise ArchiveError(f"--branch {branch}: is checked out here; name a branch that holds nothing but the site")
        for key, variable in (("user.name", "GIT_COMMITTER_NAME"), ("user.email", "GIT_COMMITTER_EMAIL")):
            if not os.environ.get(variable) and self._status("config", key):
                raise ArchiveError(f"git does not know who you are; git config --global {key} …")

    def published(self, remote: str, branch: str) -> dict[str, str]:
        """Return what the remote's branch holds, by path; nothing if there is none. Brings its name here up to date."""
        ref, here = f"refs/heads/{branch}", f"refs/remotes/{remote}/{branch}"
        if not self._git("ls-remote", remote, ref):
            self._status("update-ref", "-d", here)  # of a branch that is gone
            return {}
        self._git("fetch", "--quiet", "--no-tags", remote, f"+{ref}:{here}")
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", here).split("\0")
        rows = (row.split("\t", 1) for row in listed if row)
        return {path: entry.split(" ")[2] for entry, path in rows}

    def push(self, output: Path, remote: str, branch: str, cname: str) -> None:
        """Commit the site to the branch and push it."""
        try:
            with chdir(self._folder):
                ghp_import(str(output), mesg=_MESSAGE, remote=remote, branch=branch, nojekyll=True, cname=cname or None)
        except (GhpError, OSError, TypeError, UnicodeError) as error:  # TypeError: it fails to tell that git failed
            raise ArchiveError(f"git could not take the site: {error}") from error
        self._git("push", "--quiet", remote, f"refs/heads/{branch}:refs/heads/{branch}")

    def _git(self, *command: str, hint: str = "", may_fail: bool = False) -> str:
        done = subprocess.run(  # noqa: S603  # git, with a list of arguments
            ["git", *command],  # noqa: S607
            cwd=self._folder,
            capture_output=True,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )
        if done.returncode and not may_fail:
            said = " ".join(done.stderr.decode(errors="replace").split())
            raise ArchiveError(f"git {command[0]}: {said}" + (f"; {hint}" if hint else ""))
        return done.stdout.decode("utf-8", "surrogateescape")

    def _status(self, *command: str) -> int:
        command = ("git", *command)
        return subprocess.run(command, cwd=self._folder, capture_output=True).returncode  # noqa: S603
