"""Renders pages and writes them: what Pelican's writer does, in less time.

Pelican gives hundreds of variables to each page, and they would be copied three times on their way. Here they are
copied once, and the system is asked for no more than a new file.
"""

import hashlib
from contextlib import suppress
from functools import cache

from jinja2 import Environment, Template, TemplateSyntaxError, meta
from pelican import signals
from pelican.utils import get_relative_path, path_to_url
from pelican.writers import Writer

from plugins.site.fixity import seal
from plugins.site.originals import write_new


class QuickWriter(Writer):  # type: ignore[misc]  # Pelican has no types
    """Pelican's writer without pagination."""

    def __init__(self, output_path: str, settings: dict[str, object]) -> None:
        super().__init__(output_path, settings=settings)
        self._constants: dict[Template, dict[str, object]] = {}

    def write_file(
        self,
        name: str,
        template: Template,
        context: dict[str, object],
        relative_urls: bool = False,
        **variables: object,
    ) -> None:
        """Render a page and write it, unless another has its place."""
        if template not in self._constants:
            self._constants[template] = dict(template.globals)
        local = context.copy()
        for constant, value in self._constants[template].items():
            local.setdefault(constant, value)
        if relative_urls:
            local["SITEURL"] = context["localsiteurl"] = _way_up(name.count("/"))
        local["localsiteurl"] = context.get("localsiteurl")
        for not_for_templates in ("paginated", "template_name", "override_output", "url"):
            variables.pop(not_for_templates, None)
        local["output_file"], local["sealed"] = name, True
        local |= variables
        path = f"{self.output_path}/{name}"
        with suppress(FileExistsError):
            write_new(path, seal(_render(template, local).encode()))
            signals.content_written.send(path, context=local)


def looks_of(environment: Environment) -> dict[str, str]:
    """Give, by its name, what tells whether a template and all that it refers to are as they were."""
    sources: dict[str, str] = {}
    referred: dict[str, set[str | None]] = {}
    for name in environment.list_templates(filter_func=lambda name: not name.startswith("!")):
        source = sources[name] = environment.loader.get_source(environment, name)[0]  # type: ignore[union-attr]
        with suppress(TemplateSyntaxError):  # it is told of where the template is used
            referred[name] = {*meta.find_referenced_templates(environment.parse(source))}
    looks = {}
    for name in sources:
        parts, ahead = {name}, [name]
        while ahead:
            # A reference that is worked out while a page is rendered may lead to any template.
            found = referred.get(ahead.pop(), set())
            further = sources.keys() if None in found else {other for other in found if other in sources}
            ahead += further - parts
            parts |= further
        shown = repr([(part, sources[part]) for part in sorted(parts)])
        looks[name] = hashlib.blake2b(shown.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    return looks


def _render(template: Template, variables: dict[str, object]) -> str:
    """As `template.render`, which copies the variables twice."""
    try:
        return "".join(template.root_render_func(template.new_context(variables, shared=True)))
    except Exception:
        return str(template.environment.handle_exception())  # raises it, with the template's line


@cache
def _way_up(depth: int) -> str:
    return str(path_to_url(get_relative_path("x/" * depth + "x")))
