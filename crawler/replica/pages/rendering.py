"""Render the portal's HTML from `templates/`."""

import html

from jinja2 import Environment, PackageLoader, StrictUndefined

# Without autoescape: the templates escape what the portal escapes (`|x`), with the spelling of `html.escape`.
_ENVIRONMENT = Environment(  # noqa: S701
    loader=PackageLoader("crawler.replica.pages"), keep_trailing_newline=True, undefined=StrictUndefined
)
_ENVIRONMENT.filters["x"] = html.escape


def render(template: str, **values: object) -> str:
    """Render a template."""
    return _ENVIRONMENT.get_template(template).render(values)
