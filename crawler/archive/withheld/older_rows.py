"""Withheld rows that an older version took out: change them as migrations of the archive would have done."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from crawler.sentences import COLUMNS, from_columns

# How a row was taken out: as a whole, or with the names of its blanked columns.
MOVED = "moved"
BLANKED = "blanked:"

# A table of the archive, and its name before m0034, which the withheld database still uses.
REVISIONS, SHELF_OF_REVISIONS = "revision_rows", "revisions"
# The columns that m0034 emptied in the row of a current revision, if the row of its article has the same values.
SHARED = ("title", "summary", "body", "body_html", "byline", "source", "published_on")

Key = int | str
Values = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class WithheldRow:
    """A row that was taken out: the way it was taken out, and all its values before that."""

    how: str
    values: Values

    @property
    def blanked(self) -> tuple[str, ...]:
        """The blanked columns; () if the row was moved as a whole."""
        return tuple(self.how.removeprefix(BLANKED).split(",")) if self.how.startswith(BLANKED) else ()


def shelf_of(table: str) -> str:
    """Return the table of the withheld database that holds the rows of a table of the archive.

    >>> shelf_of("revision_rows"), shelf_of("articles")
    ('revisions', 'articles')
    """
    return SHELF_OF_REVISIONS if table == REVISIONS else table


def table_of(shelf: str, tables: Container[str]) -> str | None:
    """Return the table of an archive whose rows a table of the withheld database holds; `tables` are the archive's.

    None if the archive has no such table. An archive that was not migrated has the old name.

    >>> table_of("revisions", {"revision_rows"}), table_of("revisions", {"revisions"}), table_of("gone", ())
    ('revision_rows', 'revisions', None)
    """
    if shelf == SHELF_OF_REVISIONS and REVISIONS in tables:
        return REVISIONS
    return shelf if shelf in tables else None


def complete(taken: WithheldRow, table: str, *, columns: Sequence[str]) -> WithheldRow:
    """Return a withheld row as migrations would have changed it.

    Rows from before m0009 lack kind and arguments of their sentence. Articles from before m0030 have another sort_key.
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
    """Drop texts of revisions that the withheld rows of their articles also have, as m0034 would have done.

    A revision without a text in its row has no text to blank.
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
    """Return the SQL condition of the texts that `share_texts` drops from a row `taken` of the withheld database.

    `valid` is the condition of rows that count.
    """
    alike = " and ".join(f"a.{name} is taken.{name}" for name in SHARED)
    article = "a._key = taken.article_id and a.revision = taken.number"
    return f"exists (select 1 from withheld.articles a where {article} and {valid} and {alike})"  # noqa: S608 - ours
