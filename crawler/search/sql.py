"""Questions to the search index: words and filters, made SQL that anybody can run.

The SQL has named parameters and needs nothing but `fts_query`, so the statement that a page runs is also the one
that it shows. All of it stops early: the index's rowid is `sort_key`, which runs in order of date.
"""

from dataclasses import dataclass
from datetime import date

from crawler.language.query import MAX_QUERY_CHARACTERS
from crawler.language.text import normalize_text

# Relevance is asked of the newest so many hits: over all of them it took up to 3.7 s (measured, at a million articles).
RANKED_HITS = 2000
# What a follower of a search may have missed: some weeks of many portals.
MET_LATELY = 500
# How much a word weighs by where it stands, in the index's order of columns.
_WEIGHTS = "8, 4, 1, 3, 3, 8, 4, 1, 3, 3, 0.5, 0.5"
# The FTS5 query of what was typed.
QUERY_SQL = "fts_query(:q)"
# `date.toordinal()` of a day in SQL, and the bounds of its articles.
_ORDINAL = "cast(julianday({}) - 1721424.5 as integer)"
_LOWEST, _HIGHEST = f"{_ORDINAL.format(':since')} << 32", f"(({_ORDINAL.format(':until')} + 1) << 32) - 1"
# The filters' columns stand behind long texts in the rows, but not in this index (measured: 6 times faster).
_ROWS = "articles a indexed by articles_filters"
# The plus keeps SQLite from carrying bounds of the rowid over to `sort_key`, and walking a range for every hit.
_INDEX_AND_ROWS = f"articles_fts cross join {_ROWS} on a.sort_key = +articles_fts.rowid"
_PICTURES = (
    "exists (select 1 from revision_images i where i.article_id = a.id and i.number = a.revision "
    "and i.image_sha256 is not null)"
)


# Ids go up in the order in which articles came.
_LATEST = f"(select {{}} from articles order by id desc limit {MET_LATELY})"  # noqa: S608 - a number of ours
_AFTER_FIRST_RUN = "a.first_seen_at > (select min(c.finished_at) from crawls c where c.portal = a.portal)"


@dataclass(frozen=True, slots=True)
class Filters:
    """What hits must be besides holding the words; days by the order of dates in `sort_key`, both included.

    `byline` is searched for as a phrase, without quotation marks in it. `categories` are ids. `is_met_lately` leaves
    the last MET_LATELY articles that came to the archive, whatever their date, without those of a portal's first run.
    """

    portal: str | None = None
    categories: tuple[int, ...] = ()
    since: date | None = None
    until: date | None = None
    byline: str | None = None
    has_pictures: bool = False
    is_changed: bool = False
    is_removed: bool = False
    is_met_lately: bool = False


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, or a piece of one, with its named parameters."""

    sql: str
    parameters: dict[str, str | int]


def write_source(text: str, filters: Filters, *, before: int | None = None) -> Statement:
    """Write what stands behind `from` in a search for words: index and row, the row's alias `a`."""
    candidates, fit = _write_words(text, filters, before=before), write_fit(filters)
    return _join(_INDEX_AND_ROWS, candidates, fit=fit)


def write_listing(filters: Filters, *, before: int | None = None) -> Statement:
    """Write what stands behind `from` in a search without words: the rows alone, alias `a`."""
    tables, candidates = _write_rows(filters, before)
    return _join(tables, candidates, fit=write_fit(filters))


def write_candidates(text: str, filters: Filters, *, limit: int) -> Statement:
    """Write a statement that gives, as `key`, the newest sort keys of which `write_fit` leaves those that are hits."""
    if has_words(text, filters):
        found = _write_words(text, filters, before=None)
        sql = f"select rowid as key from articles_fts where {found.sql} order by rowid desc limit {int(limit)}"  # noqa: S608
    else:
        tables, found = _write_rows(filters, None)
        sql = f"select a.sort_key as key from {tables} where {found.sql} order by a.sort_key desc limit {int(limit)}"  # noqa: S608
    return Statement(sql, found.parameters)


def write_fit(filters: Filters) -> Statement:
    """Write the condition on a row `a` that filters other than days and byline make; "1" if there are none."""
    conditions, parameters = [], dict[str, str | int]()
    if filters.portal:
        conditions.append("a.portal = :portal")
        parameters["portal"] = filters.portal
    if len(filters.categories) == 1:
        conditions.append("a.category_id = cast(:category as integer)")
        parameters["category"] = filters.categories[0]
    elif filters.categories:
        conditions.append(f"a.category_id in ({', '.join(map(str, filters.categories))})")
    if filters.has_pictures:
        conditions.append(_PICTURES)
    if filters.is_changed:
        conditions.append("a.revision > 1")
    if filters.is_removed:
        conditions.append("a.removed_at is not null")
    if filters.is_met_lately:
        conditions.append(_AFTER_FIRST_RUN)
    return Statement(" and ".join(conditions) or "1", parameters)


def write_ranking(text: str, filters: Filters) -> Statement:
    """Write the statement that gives the sort keys of the newest RANKED_HITS hits and their places, best first."""
    source = write_source(text, filters)
    sql = f"""select sort_key, row_number() over (order by score, sort_key desc) as place from (
        select articles_fts.rowid as sort_key, bm25(articles_fts, {_WEIGHTS}) as score
        from {source.sql} order by articles_fts.rowid desc limit {RANKED_HITS}) order by place"""  # noqa: S608
    return Statement(sql, source.parameters)


def write_match(text: str, filters: Filters) -> tuple[str, dict[str, str | int]]:
    """Write what stands behind `match` in a search for words, with its parameters."""
    asked = normalize_text(text[:MAX_QUERY_CHARACTERS])
    if not filters.byline:
        return QUERY_SQL, {"q": asked}
    byline, author = "fts_query('byline:\"' || :byline || '\"')", normalize_text(filters.byline)
    if not asked:
        return byline, {"byline": author}
    return f"'(' || {QUERY_SQL} || ') AND (' || {byline} || ')'", {"q": asked, "byline": author}


def has_words(text: str, filters: Filters) -> bool:
    """Tell if there is anything to ask the index for, rather than list articles by their filters alone."""
    return bool(text or filters.byline)


def _join(tables: str, candidates: Statement, *, fit: Statement) -> Statement:
    conditions = [part.sql for part in (candidates, fit) if part.sql != "1"]
    where = " and ".join(conditions) or "1"
    return Statement(f"{tables} where {where}", {**candidates.parameters, **fit.parameters})


def _write_words(text: str, filters: Filters, *, before: int | None) -> Statement:
    wanted, parameters = write_match(text, filters)
    bounds = _write_bounds("articles_fts.rowid", filters, before=before)
    conditions = [f"articles_fts match {wanted}", *([bounds.sql] if bounds.sql else [])]
    if filters.is_met_lately:
        conditions.append(f"articles_fts.rowid in {_LATEST.format('sort_key')}")
    return Statement(" and ".join(conditions), {**parameters, **bounds.parameters})


def _write_rows(filters: Filters, before: int | None) -> tuple[str, Statement]:
    """Write which rows to walk, by the index that leaves most of them out."""
    bounds = _write_bounds("a.sort_key", filters, before=before)
    tables, condition = "articles a", ""
    if filters.is_removed:
        tables, condition = "articles a indexed by articles_gone_by_date", "a.removed_at is not null"
    elif filters.is_changed:
        tables, condition = "articles a indexed by articles_revised_by_date", "a.revision > 1"
    lately = f"a.id in {_LATEST.format('id')}" if filters.is_met_lately else ""
    conditions = [part for part in (condition, bounds.sql, lately) if part]
    return tables, Statement(" and ".join(conditions) or "1", bounds.parameters)


def _write_bounds(key: str, filters: Filters, *, before: int | None) -> Statement:
    conditions, parameters = [], dict[str, str | int]()
    if filters.since:
        conditions.append(f"{key} >= {_LOWEST}")
        parameters["since"] = filters.since.isoformat()
    if filters.until:
        conditions.append(f"{key} <= {_HIGHEST}")
        parameters["until"] = filters.until.isoformat()
    if before is not None:
        conditions.append(f"{key} < cast(:before as integer)")
        parameters["before"] = min(max(before, 0), 2**63 - 1)
    return Statement(" and ".join(conditions), parameters)
