"""Withheld rows as an older version took them out: what migrations of the archive would have made of them."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from crawler.sentences import COLUMNS, from_columns

# How a row was taken out: as a whole, or with the names of its blanked columns.
MOVED = "moved"
BLANKED = "blanked:"

# A table of the archive, and the name that it had before m0034 and has in the withheld database.
REVISIONS, SHELF_OF_REVISIONS = "revision_rows", "revisions"
# What m0034 took out of the row of a current revision where the row of its article has the same.
SHARED = ("title", "summary", "body", "body_html", "byline", "source", "published_on")

Key = int | str
Values = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class WithheldRow:
    """A row that was taken out: how, and all its values before that."""

    how: str
    values: Values

    @property
    def blanked(self) -> tuple[str, ...]:
        """The blanked columns; () if the row was moved as a whole."""
        return tuple(self.how.removeprefix(BLANKED).split(",")) if self.how.startswith(BLANKED) else ()


def shelf_of(table: str) -> str:
    """Name the table of the withheld database that holds the rows of a table of the archive.

    >>> shelf_of("revision_rows"), shelf_of("articles")
    ('revisions', 'articles')
    """
    return SHELF_OF_REVISIONS if table == REVISIONS else table


def table_of(shelf: str, tables: Container[str]) -> str | None:
    """Name the table of an archive whose rows a table of the withheld database holds; `tables` are the archive's.

    None if the archive has no such table. An archive that was not migrated has the old name.

    >>> table_of("revisions", {"revision_rows"}), table_of("revisions", {"revisions"}), table_of("gone", ())
    ('revision_rows', 'revisions', None)
    """
    if shelf == SHELF_OF_REVISIONS and REVISIONS in tables:
        return REVISIONS
    return shelf if shelf in tables else None


def complete(taken: WithheldRow, table: str, *, columns: Sequence[str]) -> WithheldRow:
    """Return a withheld row as migrations would have left it.

    Rows from before m0009 lack kind and arguments of their sentence; articles from before m0030 have another sort_key.
    """
    if table == "articles":
        article = dict(zip(columns, taken.values, strict=True))
        if article["published_on"] is None:
            article["sort_key"] = article["id"]
        return WithheldRow(taken.how, tuple(article.values()))
    column = next((one for one in COLUMNS if one.table == table), None)
    if column is None:
        return taken
    row = dict(zip(columns, taken.values, strict=True))
    if row[column.name] is None or row[f"{column.name}_kind"] is not None:
        return taken
    _, row[f"{column.name}_kind"], row[f"{column.name}_args"] = from_columns(str(row[column.name]), column)
    how = taken.how.replace(f"{BLANKED}{column.name}", f"{BLANKED}{column.name},{column.name}_args")
    return WithheldRow(how, tuple(row.values()))


def share_texts(rows: dict[str, dict[Key, WithheldRow]], columns: Mapping[str, Sequence[str]]) -> None:
    """Drop the texts of revisions that the withheld rows of their articles have too, as m0034 would have.

    A revision whose row has no text any more has none to blank.
    """
    if not rows.get(REVISIONS):
        return
    names = columns["articles"]
    articles = [dict(zip(names, taken.values, strict=True)) for taken in rows.get("articles", {}).values()]
    texts = {(one["id"], one["revision"]): [one[name] for name in SHARED] for one in articles}
    kept: dict[Key, WithheldRow] = {}
    for key, taken in rows[REVISIONS].items():
        row = dict(zip(columns[REVISIONS], taken.values, strict=True))
        if texts.get((row["article_id"], row["number"])) != [row[name] for name in SHARED]:
            kept[key] = taken
        elif not taken.blanked:
            kept[key] = WithheldRow(taken.how, tuple((row | dict.fromkeys(SHARED)).values()))
    rows[REVISIONS] = kept


def shared_sql(valid: str) -> str:
    """Return the SQL condition of what `share_texts` drops, of a row `taken` of the withheld database.

    `valid` is the condition of rows that count.
    """
    alike = " and ".join(f"a.{name} is taken.{name}" for name in SHARED)
    article = "a._key = taken.article_id and a.revision = taken.number"
    return f"exists (select 1 from withheld.articles a where {article} and {valid} and {alike})"  # noqa: S608 - ours
