"""Rewrite the FTS5 queries of a statement for the index that it asks: the same rows, found sooner."""

import re
import sqlite3

from crawler.archive.articles.search_index import has_pairs
from crawler.language.query.expressions import build_fts_query, build_step_query, contains_prefix
from crawler.language.query.forms import is_syllable
from crawler.language.query.pairs import require_pairs
from crawler.language.query.simplify import leave_out, list_names
from crawler.search.prefixes import spell_prefixes_out
from crawler.search.sql import BYLINE_SQL, OWN_SQL, Statement

_QUERY = re.compile(r"fts_query\(:q(?:, (?P<step>-?[0-9]+))?\)")


def rewrite(connection: sqlite3.Connection, statement: Statement) -> Statement:
    """Rewrite a statement of `sql`: prefixes become words, and a phrase asks for its pairs if the index has them.

    Use it at once and on this connection.
    """
    typed = str(statement.parameters.get("q", ""))
    is_paired = has_pairs(connection)
    if not (is_paired or OWN_SQL in statement.sql or contains_prefix(typed)):
        return statement
    parameters = dict(statement.parameters)

    def fit(query: str) -> str:
        if not is_paired:
            return spell_prefixes_out(connection, query)
        return spell_prefixes_out(connection, require_pairs(_leave_out_unknown(connection, query)))

    def replace_call(match: re.Match[str]) -> str:
        step = match["step"]
        name = "spelled" if step is None else f"spelled_{step}".replace("-", "not_")
        parameters[name] = fit(build_fts_query(typed) if step is None else build_step_query(typed, int(step)))
        return f":{name}"

    if OWN_SQL in statement.sql:
        parameters["own"] = fit(str(parameters["own"]))
    sql = statement.sql
    if BYLINE_SQL in sql:
        parameters["by"] = fit(build_fts_query(f'byline:"{parameters["byline"]}"'))
        sql = sql.replace(BYLINE_SQL, ":by")
    return Statement(_QUERY.sub(replace_call, sql), parameters)


def _leave_out_unknown(connection: sqlite3.Connection, query: str) -> str:
    """Leave out forms with a joined name that no article has, such as "datdai": FTS5 would look all their words up."""
    names = [name for name in list_names(query) if not is_syllable(name)]
    return leave_out(query, {name for name in names if not _has_word(connection, name)}) if names else query


def _has_word(connection: sqlite3.Connection, word: str) -> bool:
    sql = "select 1 from articles_fts where articles_fts match ? limit 1"
    return connection.execute(sql, (f'"{word}"',)).fetchone() is not None
