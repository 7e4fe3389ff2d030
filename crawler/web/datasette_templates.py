"""Patches of Datasette's own templates: for keyboards and screen readers, and for descriptions in both languages.

Datasette's templates are not copied, so its next version brings its own changes. Each patch replaces a string in one
of them; a test fails if a string is no longer there.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PackageLoader

_SCROLLED = ('<div class="table-wrapper">', '<div class="table-wrapper" tabindex="0" role="region" aria-label="Rows">')
_RAISED = (("<h3>", '<h2 class="header3">'), ("</h3>", "</h2>"))
_SQL_BOX = ('<textarea id="sql-editor"', '<textarea aria-label="SQL" id="sql-editor"')
_SQL_SHOWN = ('<pre class="wrapped-sql">', '<pre class="wrapped-sql" tabindex="0" role="region" aria-label="SQL">')
# A description in both languages; VALUE is the template's own variable.
_DESCRIBED = (
    '{% for language, words in VALUE|in_each_language %}<span lang="{{ language }}">{{ words }}</span> {% endfor %}'
)
_SQL_CANNED = ('<pre id="sql-query">', '<pre id="sql-query" tabindex="0" role="region" aria-label="SQL">')

# For each template: the strings to replace, and their replacements.
PATCHES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "table.html": (
        *_RAISED,
        _SQL_SHOWN,
        ('<select name="_filter_column', '<select aria-label="Column" name="_filter_column'),
        ('<select name="_filter_op', '<select aria-label="Comparison" name="_filter_op'),
        ('<input type="text" name="_filter_value', '<input type="text" aria-label="Value" name="_filter_value'),
        ('<select name="_sort" id="sort_by">', '<select name="_sort" id="sort_by" aria-label="Sort by">'),
        # The columns' documentation beside the rows, and links to facets without a mouse or scripts: Datasette's own
        # menu for facets opens only with a mouse.
        (
            '<dl class="column-descriptions">',
            '<details class="column-documentation" open><summary><span lang="vi">Các cột</span> / Columns</summary>\n'
            '<div class="scrolled" tabindex="0" role="region" aria-label="Columns"><dl class="column-descriptions">',
        ),
        (
            "<dt>{{ column_name }}</dt>",
            "<dt>{{ column_name }}{% if datasette_allow_facet == 'true' %} "
            '<a class="facet-by" href="{{ fix_path(path_with_replaced_args(request, '
            "{'_facet': column_name, '_next': None})) }}#facet-{{ column_name|to_css_class }}\""
            ' rel="nofollow">facet<span class="visually-hidden"> by {{ column_name }}</span></a>{% endif %}</dt>',
        ),
        ("<dd>{{ column_description }}</dd>", f"<dd>{_DESCRIBED.replace('VALUE', 'column_description')}</dd>"),
        ("    {% endfor %}\n</dl>\n{% endif %}", "    {% endfor %}\n</dl></div></details>\n{% endif %}"),
    ),
    "_table.html": (
        _SCROLLED,
        (
            'data-column-description="{{ column.description }}"',
            'data-column-description="{{ column.description|in_each_language|map(attribute=1)|join(" / ") }}"',
        ),
    ),
    "_description_source_license.html": (
        ("{{ metadata.description }}", _DESCRIBED.replace("VALUE", "metadata.description")),
    ),
    "query.html": (
        *_RAISED,
        _SCROLLED,
        _SQL_BOX,
        _SQL_CANNED,
        # Tabs and bookmarks name a canned query by its title, not by its SQL.
        (
            "{{ database }}{% if query and query.sql %}: {{ query.sql }}{% endif %}",
            "{% if canned_query %}{{ metadata.title or canned_query }} – {{ database }}"
            "{% else %}{{ database }}{% if query and query.sql %}: {{ query.sql }}{% endif %}{% endif %}",
        ),
    ),
    "database.html": (("<h3>Custom SQL query</h3>", '<h2 class="header3">Custom SQL query</h2>'), _SQL_BOX),
    "_facet_results.html": (
        ('class="cross">&#x2716;</a>', 'class="cross" aria-label="Remove {{ facet_info.name }}">&#x2716;</a>'),
    ),
    # CodeMirror covers the labelled box with another one that has no label.
    "_codemirror_foot.html": (
        ("cmResize(editor,", 'editor.getInputField().setAttribute("aria-label", "SQL");\n        cmResize(editor,'),
    ),
}


# Every script of a page bears the nonce of its answer, so that no other script runs (`security_headers`).
_SCRIPT = re.compile(r"<script\b")
_WITH_NONCE = '<script nonce="{{ csp_nonce() }}"'


class PatchedLoader(BaseLoader):
    """Loads Datasette's templates through another loader: with a nonce in every script, patched as PATCHES says."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return a template's text, its file, and a function that says whether it is unchanged.

        Raises:
            TemplateNotFound: if there is none.
        """
        source, name, is_current = self._loader.get_source(environment, template)
        for words, replacement in PATCHES.get(template, ()):
            source = source.replace(words, replacement)
        return _SCRIPT.sub(_WITH_NONCE, source), name, is_current

    def list_templates(self) -> list[str]:
        """List all templates of the other loader."""
        return self._loader.list_templates()


def arrange_templates(environment: Environment, template_dir: str | None) -> None:
    """Order the templates: the operator's own, this site's, then Datasette's, patched."""
    assert environment.loader is not None
    own = [FileSystemLoader(Path(template_dir))] if template_dir else []
    environment.loader = ChoiceLoader(
        [
            *own,
            PackageLoader("crawler.web", "templates/tables"),
            PackageLoader("crawler.web"),
            PatchedLoader(environment.loader),
        ]
    )
