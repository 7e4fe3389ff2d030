"""Write an archive's articles into the index, with public ids, and take them out."""

import sqlite3
from collections.abc import Iterable, Sequence

from crawler.archive.articles.search_index import index_articles, read_search_row, unindex_articles
from crawler.union.ids import id_range, make_public_digest, make_public_id, make_public_key
from crawler.union.problems import PortalTwiceError

_PORTAL = ("name", "title", "base_url", "timezone", "cms", "rights_notice", "rights_source", "profile", "utc_offset")
_CATEGORY = ("portal", "slug", "title", "url")
_ARTICLE = (
    "portal", "url", "source_id", "title", "summary", "body", "byline", "source", "published_on", "published_at",
    "published_from", "first_seen_at", "last_seen_at", "changed_at", "removed_at", "state", "listed", "revision",
    "word_count", "captions", "content_sha256", "first_seen_on",
)  # fmt: skip
# Columns that no search reads, and that may not be null.
_EMPTY = {"body_html": "", "join_sha256": "", "last_crawl_id": 0, "capture_id": 0}
_TEXT = (
    "text", "method", "is_ocr", "reason", "detail", "tool", "lacks", "pages", "pages_read", "is_cut", "characters",
    "version", "quality", "doubts", "page_starts",
)  # fmt: skip
_URL = ("portal", "url", "kind", "source_id", "title_slug")
_SUM = ("number", "position", "place", "offset", "dong", "value", "per", "said", "around")
_FACT = ("offset", "kind", "value", "said", "page", "dong", "per", "around")
_OWNED = ("revision_sums", "revision_images", "revision_attachments", "article_urls")


def feed_portals(archive: sqlite3.Connection, index: sqlite3.Connection, *, number: int) -> None:
    """Copy the portals and categories of an archive, in the caller's transaction.

    Raises:
        PortalTwiceError: if another archive has one of its portals.
    """
    delete_portals(index, number=number)
    for row in archive.execute(f"select {', '.join(_PORTAL)} from portals order by name").fetchall():  # noqa: S608
        if index.execute("select 1 from union_portals where portal = ?", (row["name"],)).fetchone():
            raise PortalTwiceError(f"another archive of this folder holds the portal {row['name']} too")
        _insert(index, "union_portals", columns=("portal", "number"), rows=[(row["name"], number)])
        _insert(index, "portals", columns=_PORTAL, rows=[row])
    rows = archive.execute(f"select id, {', '.join(_CATEGORY)} from categories").fetchall()  # noqa: S608 - ours
    named = [(make_public_id(number, int(row[0])), *tuple(row)[1:]) for row in rows]
    _insert(index, "categories", columns=("id", *_CATEGORY), rows=named)


def delete_portals(index: sqlite3.Connection, *, number: int) -> None:
    """Take the portals and categories of an archive out of the index, in the caller's transaction."""
    index.execute("delete from categories where id between ? and ?", id_range(number))
    index.execute("delete from portals where name in (select portal from union_portals where number = ?)", (number,))
    index.execute("delete from union_portals where number = ?", (number,))


def delete_articles(index: sqlite3.Connection, public_ids: Iterable[int]) -> None:
    """Take articles out of the index, with all that is theirs. In the caller's transaction."""
    for public_id in public_ids:
        unindex_articles(index, [read_search_row(index, public_id)])
        own = f"{public_id}-"
        span = (own, own + "g")  # digests are hexadecimal
        index.execute("delete from attachment_texts where attachment_sha256 between ? and ?", span)
        index.execute("delete from attachment_facts where attachment_sha256 between ? and ?", span)
        index.execute("delete from images where sha256 between ? and ?", span)
        for table in _OWNED:
            index.execute(f"delete from {table} where article_id = ?", (public_id,))  # noqa: S608 - ours
        index.execute("delete from articles where id = ?", (public_id,))
        index.execute("delete from union_rows where article_id = ?", (public_id,))


def put_articles(
    archive: sqlite3.Connection, index: sqlite3.Connection, *, article_ids: Sequence[int], number: int,
    digests: dict[int, bytes],
) -> None:  # fmt: skip
    """Copy articles of an archive into the index; those that it has are replaced. In the caller's transaction."""
    public = {article_id: make_public_id(number, article_id) for article_id in article_ids}
    held = [one for one in public.values() if index.execute("select 1 from articles where id = ?", (one,)).fetchone()]
    delete_articles(index, held)
    for article_id, public_id in public.items():
        _copy_article(archive, index, article_id=article_id, public_id=public_id, number=number)
        index.execute("insert into union_rows values (?, ?)", (public_id, digests[article_id]))
    index_articles(index, [read_search_row(index, public_id) for public_id in public.values()])


def _copy_article(
    archive: sqlite3.Connection, index: sqlite3.Connection, *, article_id: int, public_id: int, number: int
) -> None:
    sql = f"select sort_key, category_id, {', '.join(_ARTICLE)} from articles where id = ?"  # noqa: S608 - ours
    sort_key, category_id, *values = archive.execute(sql, (article_id,)).fetchone()
    row = {
        "id": public_id,
        "sort_key": make_public_key(sort_key, public_id),
        "category_id": None if category_id is None else make_public_id(number, category_id),
        **dict(zip(_ARTICLE, values, strict=True)),
        **_EMPTY,
    }
    _insert(index, "articles", columns=tuple(row), rows=[tuple(row.values())])
    _copy_pictures(archive, index, article_id=article_id, public_id=public_id)
    _copy_files(archive, index, article_id=article_id, public_id=public_id)
    sums = archive.execute(
        f"""select {", ".join(f"s.{column}" for column in _SUM)} from articles a join revision_sums s
            on s.article_id = a.id and s.number = a.revision where a.id = ?""",  # noqa: S608 - ours
        (article_id,),
    )
    _insert(index, "revision_sums", columns=("article_id", *_SUM), rows=[(public_id, *row) for row in sums])
    urls = archive.execute(f"select {', '.join(_URL)} from article_urls where article_id = ?", (article_id,))  # noqa: S608
    rows = [(*row, public_id) for row in urls]
    _insert(index, "article_urls", columns=(*_URL, "article_id"), rows=rows, replaces=True)


def _copy_pictures(archive: sqlite3.Connection, index: sqlite3.Connection, *, article_id: int, public_id: int) -> None:
    """Copy where the current pictures are, under digests of this article's own."""
    pictures = archive.execute(
        """select i.number, i.position, i.image_sha256, i.url, i.caption, m.media_type, m.thumbnail is not null
           from articles a join revision_images i on i.article_id = a.id and i.number = a.revision
           left join images m on m.sha256 = i.image_sha256 where a.id = ?""",
        (article_id,),
    ).fetchall()
    for count, position, sha256, url, caption, media_type, has_thumbnail in pictures:
        name = None if sha256 is None else make_public_digest(public_id, sha256)
        index.execute(
            "insert into revision_images values (?, ?, ?, ?, ?, ?)", (public_id, count, position, name, url, caption)
        )
        if has_thumbnail and name is not None:
            # That there is a thumbnail is all that a list of hits asks; the archive sends it.
            index.execute(
                """insert or ignore into images (sha256, media_type, size_bytes, thumbnail, capture_id)
                   values (?, ?, 0, x'00', 0)""",
                (name, media_type),
            )


def _copy_files(archive: sqlite3.Connection, index: sqlite3.Connection, *, article_id: int, public_id: int) -> None:
    """Copy the current attachments with their texts and sums, under digests of this article's own."""
    files = archive.execute(
        f"""select r.number, r.position, r.attachment_sha256, r.url, r.label, x.attachment_sha256 is not null,
            {", ".join(f"x.{column}" for column in _TEXT)}
            from articles a join revision_attachments r on r.article_id = a.id and r.number = a.revision
            left join attachment_texts x on x.attachment_sha256 = r.attachment_sha256 where a.id = ?""",  # noqa: S608
        (article_id,),
    ).fetchall()
    for count, position, sha256, url, label, has_text, *text in files:
        name = None if sha256 is None else make_public_digest(public_id, sha256)
        index.execute(
            "insert into revision_attachments values (?, ?, ?, ?, ?, ?)", (public_id, count, position, name, url, label)
        )
        if has_text:
            columns = ("attachment_sha256", *_TEXT)
            _insert(index, "attachment_texts", columns=columns, rows=[(name, *text)], replaces=True)
            facts = archive.execute(
                f"select {', '.join(_FACT)} from attachment_facts where attachment_sha256 = ? and kind = 'sum'",  # noqa: S608
                (sha256,),
            )
            _insert(
                index,
                "attachment_facts",
                columns=("attachment_sha256", *_FACT),
                rows=[(name, *fact) for fact in facts],
                replaces=True,
            )


def _insert(
    index: sqlite3.Connection, table: str, *, columns: Sequence[str], rows: Iterable[Sequence[object]],
    replaces: bool = False,
) -> None:  # fmt: skip
    marks, verb = ", ".join("?" * len(columns)), "insert or replace" if replaces else "insert"
    index.executemany(f"{verb} into {table} ({', '.join(columns)}) values ({marks})", [tuple(row) for row in rows])
