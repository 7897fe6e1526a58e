"""Tells which templates have changed, by themselves or in what they refer to.

{"tag.html": "5f0c6b1e…", "base.html": "a1…", …}        tag.html refers to list.html, macros.html and base.html
"""

import hashlib
from contextlib import suppress

from jinja2 import Environment, TemplateSyntaxError, meta


def template_digests(environment: Environment) -> dict[str, str]:
    """Return, for each template by its name, one digest of it and of all that it refers to."""
    sources: dict[str, str] = {}
    referred: dict[str, set[str | None]] = {}
    for name in environment.list_templates(filter_func=lambda name: not name.startswith("!")):
        source = sources[name] = environment.loader.get_source(environment, name)[0]  # type: ignore[union-attr]
        with suppress(TemplateSyntaxError):  # it is told of where the template is used
            referred[name] = {*meta.find_referenced_templates(environment.parse(source))}
    digests = {}
    for name in sources:
        parts, ahead = {name}, [name]
        while ahead:
            # A reference that is worked out while a page is rendered may lead to any template.
            found = referred.get(ahead.pop(), set())
            further = sources.keys() if None in found else {other for other in found if other in sources}
            ahead += further - parts
            parts |= further
        shown = repr([(part, sources[part]) for part in sorted(parts)])
        digests[name] = hashlib.blake2b(shown.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    return digests
