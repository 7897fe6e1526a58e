"""Lets an archive look like itself without a theme of its own: four settings, of which the theme knows the results.

    SITELOGO = "logo.svg"               ─►  theme/logo.svg, shown before the archive's name
    COLOURS = {"link": "#7a1f1f"}       ─►  theme/own.css: `:root { --link: #7a1f1f; }`
    STYLESHEET = "our.css"              ─►  theme/own.css, below the colours
    MENUITEMS = [("Library", "https://library.example.org/")]   Pelican's own: shown in the menu

Files are named from the archive's folder. Templates see `logo` and `own_style`, the addresses of the first and of
own.css below the site; nothing where there are none.
"""

from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.generators import Generator
from pelican.writers import Writer


class LooksGenerator(Generator):  # type: ignore[misc]  # Pelican has no types
    """Writes the logo and the style sheet of an archive."""

    def generate_output(self, _: Writer) -> None:
        archive = Path(self.settings["PATH"]).parent
        if logo := self.settings.get("SITELOGO"):
            self._write(logo_of(self.settings), (archive / logo).read_bytes())
        if style_of(self.settings):
            self._write(style_of(self.settings), own_style(self.settings).encode())

    def _write(self, address: str, content: bytes) -> None:
        path = Path(self.output_path, address)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def own_style(settings: dict[str, Any]) -> str:
    """Return the style sheet of an archive: its colours, and what it has written itself."""
    colours = "".join(f"  --{name}: {colour};\n" for name, colour in (settings.get("COLOURS") or {}).items())
    own = settings.get("STYLESHEET")
    written = Path(settings["PATH"]).parent.joinpath(own).read_text(encoding="utf-8") if own else ""
    return f":root {{\n{colours}}}\n{written}" if colours else written


def whole_style(settings: dict[str, Any]) -> str:
    """Return all that the style sheets of a page say, the theme's and the archive's; "" for a theme of other names."""
    folders = [Path(settings["THEME"], folder) for folder in settings["THEME_STATIC_PATHS"]]
    sheets = [path for folder in folders if (path := folder / "seedbank.css").is_file()]
    return sheets[-1].read_text(encoding="utf-8") + own_style(settings) if sheets else ""


def logo_of(settings: dict[str, Any]) -> str:
    """Return the address of an archive's logo; "" where it has none."""
    logo = settings.get("SITELOGO")
    return f"{settings['THEME_STATIC_DIR']}/logo{Path(logo).suffix.lower()}" if logo else ""


def style_of(settings: dict[str, Any]) -> str:
    """Return the address of an archive's own style sheet; "" where it has none."""
    has_any = settings.get("COLOURS") or settings.get("STYLESHEET")
    return f"{settings['THEME_STATIC_DIR']}/own.css" if has_any else ""


def register() -> None:
    """Let Pelican know of the generator, and templates of what it writes."""
    signals.get_generators.connect(_give_generator)
    signals.generator_init.connect(_tell_templates)


def _give_generator(_: Pelican) -> type[Generator]:
    return LooksGenerator


def _tell_templates(generator: Generator) -> None:
    generator.env.globals |= {"logo": logo_of(generator.settings), "own_style": style_of(generator.settings)}
