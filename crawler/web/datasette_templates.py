"""Datasette's own pages as this site shows them: its templates, mended where a keyboard or screen reader needs it.

The templates stay Datasette's, so its functions stay whole and come along with its next version; each mend is a
replacement of words in them, and a test says so when one finds its words no more.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PackageLoader
from jinja2.exceptions import TemplateNotFound

_SCROLLED = ('<div class="table-wrapper">', '<div class="table-wrapper" tabindex="0" role="region" aria-label="Rows">')
_RAISED = (("<h3>", '<h2 class="header3">'), ("</h3>", "</h2>"))
_SQL_BOX = ('<textarea id="sql-editor"', '<textarea aria-label="SQL" id="sql-editor"')
_SQL_SHOWN = ('<pre class="wrapped-sql">', '<pre class="wrapped-sql" tabindex="0" role="region" aria-label="SQL">')
_SQL_CANNED = ('<pre id="sql-query">', '<pre id="sql-query" tabindex="0" role="region" aria-label="SQL">')

# Of each template, what is replaced by what.
PATCHES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "table.html": (
        *_RAISED,
        _SQL_SHOWN,
        ('<select name="_filter_column', '<select aria-label="Column" name="_filter_column'),
        ('<select name="_filter_op', '<select aria-label="Comparison" name="_filter_op'),
        ('<input type="text" name="_filter_value', '<input type="text" aria-label="Value" name="_filter_value'),
        ('<select name="_sort" id="sort_by">', '<select name="_sort" id="sort_by" aria-label="Sort by">'),
        # The columns' documentation beside the rows, and a way to facets without a mouse or scripts: Datasette's
        # own is a menu that only a mouse opens.
        (
            '<dl class="column-descriptions">',
            '<details class="column-documentation" open><summary>Columns</summary>\n'
            '<div class="scrolled" tabindex="0" role="region" aria-label="Columns"><dl class="column-descriptions">',
        ),
        (
            "<dt>{{ column_name }}</dt>",
            "<dt>{{ column_name }}{% if datasette_allow_facet == 'true' %} "
            '<a class="facet-by" href="{{ fix_path(path_with_replaced_args(request, '
            "{'_facet': column_name, '_next': None})) }}#facet-{{ column_name|to_css_class }}\""
            ' rel="nofollow">facet<span class="visually-hidden"> by {{ column_name }}</span></a>{% endif %}</dt>',
        ),
        ("    {% endfor %}\n</dl>\n{% endif %}", "    {% endfor %}\n</dl></div></details>\n{% endif %}"),
    ),
    "_table.html": (_SCROLLED,),
    "query.html": (
        *_RAISED,
        _SCROLLED,
        _SQL_BOX,
        _SQL_CANNED,
        # A canned query is named by its title in tabs and bookmarks, not by its SQL.
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
    # The box that CodeMirror puts over the one with a name has none.
    "_codemirror_foot.html": (
        ("cmResize(editor,", 'editor.getInputField().setAttribute("aria-label", "SQL");\n        cmResize(editor,'),
    ),
}


class PatchedLoader(BaseLoader):
    """Gives the templates of PATCHES as another loader has them, mended; none else."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Give a template's text, its file, and whether it is still the same.

        Raises:
            TemplateNotFound: if it is none that is mended.

        """
        if template not in PATCHES:
            raise TemplateNotFound(template)
        source, name, is_current = self._loader.get_source(environment, template)
        for words, mended in PATCHES[template]:
            source = source.replace(words, mended)
        return source, name, is_current

    def list_templates(self) -> list[str]:
        """Name the templates that are mended."""
        return sorted(PATCHES)


def arrange_templates(environment: Environment, template_dir: str | None) -> None:
    """Let an operator's own templates come first, then this site's look of Datasette's pages, then all others."""
    assert environment.loader is not None
    own = [FileSystemLoader(Path(template_dir))] if template_dir else []
    environment.loader = ChoiceLoader(
        [
            *own,
            PackageLoader("crawler.web", "templates/tables"),
            PatchedLoader(environment.loader),
            environment.loader,
            PackageLoader("crawler.web"),
        ]
    )
