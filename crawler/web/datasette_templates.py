"""Patches of Datasette's own templates: for keyboards and screen readers, and for words in both languages.

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
_TITLED = '{{ (metadata.title or database)|in_each_language|map(attribute=1)|join(" / ") }}'
_SQL_CANNED = ('<pre id="sql-query">', '<pre id="sql-query" tabindex="0" role="region" aria-label="SQL">')


def _name(vietnamese: str, english: str) -> str:
    """Return words of a page in both languages, the Vietnamese ones marked as such."""
    return f'<span lang="vi">{vietnamese}</span> / {english}'


_AS_DATA = (">This data as ", f">{_name('Dữ liệu này dạng', 'This data as')} ")
_RUN = ('value="Run SQL"', 'value="Chạy SQL / Run SQL"')
_FORMAT = (">Format SQL</button>", f">{_name('Trình bày lại', 'Format SQL')}</button>")
# In a list of choices no words can be marked; of the comparisons those that are words.
_COMPARISON = ("{{ display }}</option>", "{{ display|comparison }}</option>")

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
        (
            "row{% if filtered_table_rows_count == 1 %}{% else %}s{% endif %}",
            f"{_name('dòng', 'row')}{{% if filtered_table_rows_count != 1 %}}s{{% endif %}}",
        ),
        (">Search:</label>", f">{_name('Tìm', 'Search')}:</label>"),
        ("- remove filter -", "- bỏ lọc / remove filter -"),
        ("- column -", "- cột / column -"),
        ("Sort...", "Xếp theo / Sort..."),
        (">Sort by {{ column.name }}<", ">Xếp theo / Sort by {{ column.name }}<"),
        ("> descending</label>", f"> {_name('giảm dần', 'descending')}</label>"),
        ('value="Apply"', 'value="Lọc / Apply"'),
        (">View and edit SQL<", f">{_name('Xem và sửa SQL', 'View and edit SQL')}<"),
        ('(<a href="#export">advanced</a>)', f'(<a href="#export">{_name("tùy chọn", "advanced")}</a>)'),
        (">Next page<", f">{_name('Trang sau', 'Next page')}<"),
        (">Advanced export<", f">{_name('Tùy chọn xuất', 'Advanced export')}<"),
        ("> download file</label>", f"> {_name('tải thành tệp', 'download file')}</label>"),
        ('value="Export CSV"', 'value="Xuất CSV / Export CSV"'),
        _AS_DATA,
        _COMPARISON,
    ),
    "row.html": (
        _AS_DATA,
        (">Links from other tables<", f">{_name('Các bảng khác dẫn tới', 'Links from other tables')}<"),
    ),
    "_suggested_facets.html": (("Suggested facets:", f"{_name('Đếm theo', 'Suggested facets')}:"),),
    "_crumbs.html": (
        (
            "{{ item.label }}",
            """{% if item.label == "home" %}<span lang="vi">Trang chủ</span> / {% endif %}{{ item.label }}""",
        ),
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
        (
            "{{ metadata.source or metadata.source_url }}",
            _DESCRIBED.replace("VALUE", "(metadata.source or metadata.source_url)"),
        ),
        (
            "{{ metadata.about or metadata.about_url }}",
            _DESCRIBED.replace("VALUE", "(metadata.about or metadata.about_url)"),
        ),
        ("Data source:", f"{_name('Nguồn dữ liệu', 'Data source')}:"),
        ("About:", f"{_name('Giới thiệu', 'About')}:"),
    ),
    "query.html": (
        *_RAISED,
        _SCROLLED,
        _SQL_BOX,
        _SQL_CANNED,
        ("{{ metadata.title or database }}", _TITLED),
        (
            "Custom SQL query{% if display_rows %} returning {% if truncated %}more than {% endif %}"
            '{{ "{:,}".format(display_rows|length) }} '
            "row{% if display_rows|length == 1 %}{% else %}s{% endif %}{% endif %}",
            f"{_name('Truy vấn SQL', 'SQL query')}{{% if display_rows %}}: {{% if truncated %}}&gt; {{% endif %}}"
            f'{{{{ "{{:,}}".format(display_rows|length) }}}} {_name("dòng", "rows")}{{% endif %}}',
        ),
        (">Query parameters<", f">{_name('Tham số', 'Query parameters')}<"),
        (">Edit SQL</a>", f">{_name('Sửa SQL', 'Edit SQL')}</a>"),
        (
            ">0 results</p>",
            f">{_name('Không có dòng nào', 'No rows')}."
            "{% if named_parameter_values %} "
            f"{_name('Tham số để trống có thể không tìm gì', 'An empty parameter may find nothing')}."
            "{% endif %}</p>",
        ),
        _RUN,
        _FORMAT,
        _AS_DATA,
        # Tabs and bookmarks name a canned query by its title, not by its SQL.
        (
            "{{ database }}{% if query and query.sql %}: {{ query.sql }}{% endif %}",
            "{% if canned_query %}{{ metadata.title or canned_query }} – {{ database }}"
            "{% else %}{{ database }}{% if query and query.sql %}: {{ query.sql }}{% endif %}{% endif %}",
        ),
    ),
    "database.html": (
        ("{{ metadata.title or database }}", _TITLED),
        ("<h3>Custom SQL query</h3>", f'<h2 class="header3">{_name("Truy vấn SQL", "Custom SQL query")}</h2>'),
        (">Queries</h2>", f">{_name('Các truy vấn có sẵn', 'Queries')}</h2>"),
        (">Tables</h2>", f">{_name('Các bảng', 'Tables')}</h2>"),
        (">Views</h2>", f">{_name('Các khung nhìn', 'Views')}</h2>"),
        (
            "<p>{% if table.count is none %}Many rows{% else %}",
            f"<p>{{% if table.count is none %}}{_name('Nhiều dòng', 'Many rows')}{{% else %}}",
        ),
        (
            "row{% if table.count == 1 %}{% else %}s{% endif %}",
            f"{_name('dòng', 'row')}{{% if table.count != 1 %}}s{{% endif %}}",
        ),
        _RUN,
        _FORMAT,
        _SQL_BOX,
    ),
    "_facet_results.html": (
        ('class="cross">&#x2716;</a>', 'class="cross" aria-label="Remove {{ facet_info.name }}">&#x2716;</a>'),
    ),
    # CodeMirror covers the labelled box with another one that has no label.
    "_codemirror_foot.html": (
        ("cmResize(editor,", 'editor.getInputField().setAttribute("aria-label", "SQL");\n        cmResize(editor,'),
    ),
}


# What Datasette's filters are called; signs such as "=" speak for themselves.
_COMPARISONS = {
    "contains": "chứa",
    "ends with": "kết thúc bằng",
    "starts with": "bắt đầu bằng",
    "like": "giống mẫu",
    "not like": "không giống mẫu",
    "in": "là một trong",
    "not in": "không là một trong",
    "date": "ngày",
    "is null": "không có giá trị",
    "is not null": "có giá trị",
    "is blank": "trống",
    "is not blank": "không trống",
    "does not contain": "không chứa",
    "array contains": "danh sách chứa",
    "array does not contain": "danh sách không chứa",
}


def show_comparison(english: str) -> str:
    """Show the name of a filter of Datasette in both languages; unchanged if it is a sign or unknown.

    >>> show_comparison("contains"), show_comparison("=")
    ('chứa / contains', '=')
    """
    return f"{_COMPARISONS[english]} / {english}" if english in _COMPARISONS else english


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
    environment.filters["comparison"] = show_comparison
    own = [FileSystemLoader(Path(template_dir))] if template_dir else []
    environment.loader = ChoiceLoader(
        [
            *own,
            PackageLoader("crawler.web", "templates/tables"),
            PackageLoader("crawler.web"),
            PatchedLoader(environment.loader),
        ]
    )


def make_site_environment(environment: Environment) -> Environment:
    """Make the environment in which the site's own pages are rendered: as Datasette's, without awaiting.

    Datasette's asks of each value of a page whether it must be awaited, which is a third of the time of a page of hits.
    """
    site = Environment(loader=environment.loader, autoescape=True)
    site.filters, site.globals = environment.filters, environment.globals
    return site
