"""Begins an archive: an empty seeds/, and the files that its curator will write in, each with its explanation.

    DIR/seeds/                            captures go here
    DIR/content/tags.toml, sources.toml   what the curator says of subjects and sources
    DIR/pelicanconf.py, publishconf.py    settings; where the site will be
    DIR/.gitignore, .gitattributes        what git is to leave out, and to leave as it is
    DIR/.github/workflows/site.yml        builds and publishes the site on GitHub, if asked for

They lie as they will be in the folder `starter/`.
"""

import re
import subprocess
from pathlib import Path

from converters.archive.layout import PROJECT, Archive, ArchiveError

_STARTER = Path(__file__).with_name("starter")
_FILES = {
    "pelicanconf.py": "pelicanconf.py",
    "publishconf.py": "publishconf.py",
    "tags.toml": "content/tags.toml",
    "sources.toml": "content/sources.toml",
    "gitignore": ".gitignore",
    "gitattributes": ".gitattributes",
}
_WORKFLOW = ".github/workflows/site.yml"
_ON_GITHUB = re.compile(r"(?:https://(?:[^@/]*@)?|ssh://git@|git@)github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?")
_UNKNOWN = "OWNER/seedbank"


def new(folder: str, name: str, with_github: bool) -> tuple[Archive, str]:
    """Begin an archive called `name` in a folder; return it, and what is left to do for GitHub, if anything.

    Raises ArchiveError where the folder holds something, where nothing can be written, and where a workflow is asked
    for and this program has no commit that it could name.
    """
    root = Path(folder).expanduser().resolve()
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise ArchiveError(f"{root}: there is something already; name a folder that is empty, or not there yet")
    texts = {target: (_STARTER / file).read_text(encoding="utf-8") for file, target in _FILES.items()}
    if name:
        texts["pelicanconf.py"] = texts["pelicanconf.py"].replace('"An archive"', _quoted(name))
    left_to_do = ""
    if with_github:
        program, commit = _program()
        workflow = (_STARTER / "site.yml").read_text(encoding="utf-8")
        texts[_WORKFLOW] = workflow.replace("OWNER/seedbank@COMMIT", f"{program}@{commit}")
        if program == _UNKNOWN:
            left_to_do = f"{root / _WORKFLOW}: replace {_UNKNOWN} by the place of this program on GitHub"
    (root / "seeds").mkdir(parents=True, exist_ok=True)
    for target, text in texts.items():
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        (root / target).write_text(text, encoding="utf-8")
    return Archive(root), left_to_do


def _quoted(name: str) -> str:
    """Return a name as Python reads it, in double quotes: `The "Echo"` -> `"The \\"Echo\\""`."""
    escaped = "".join(char if char.isprintable() else " " for char in name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped.strip()}"'


def _program() -> tuple[str, str]:
    """Return where this program lies on GitHub, as far as git knows, and its commit."""
    commit = _git("rev-parse", "HEAD")
    if not commit:
        raise ArchiveError(f"--github: names this program by its commit, and {PROJECT} was not cloned with git")
    match = _ON_GITHUB.fullmatch(_git("remote", "get-url", "origin"))
    return match[1] if match else _UNKNOWN, commit


def _git(*words: str) -> str:
    command = ["git", "-C", str(PROJECT), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")  # noqa: S603
    except FileNotFoundError:
        raise ArchiveError("--github: needs git, which is not installed here") from None
    return done.stdout.strip() if done.returncode == 0 else ""
