"""How a look at an article differs from its current revision, and whether the difference counts.

By rules 2, four differences count not: counters with known labels; one line or picture that changed in at least 4 of
the last 5 looks; a summary that is known to come and go; new bytes of a picture that many articles show.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from crawler.archive.articles import revisions
from crawler.archive.articles.last_looks import LOOKS, Spot, Spots, read_last_look
from crawler.archive.articles.revisions import FileRow, RevisionContent, changed_fields
from crawler.items import Article
from crawler.language.counters import drop_counters, drop_tail, is_figure_edit

# A line that changed in this many of the last looks changes all the time.
VOLATILE_LOOKS = 4
# A banner or a headline is shorter; a longer line is a paragraph, which editors extend from day to day.
_MAX_VOLATILE_WORDS = 30
# A picture in more articles than this belongs to the portal: when it changes, that is not an edit of each of them.
SHARED_ARTICLES = 20
_AWAY = Spot("summary-away", "", "")


@dataclass(frozen=True, slots=True)
class Change:
    """A look compared with the current revision: what is held, what the look shows, the fields that count.

    `spots` are those of the next last look.
    """

    before: RevisionContent
    after: RevisionContent
    fields: tuple[str, ...]
    spots: Spots


def find_change(
    connection: sqlite3.Connection, article_id: int, *, read: RevisionContent, rows: Sequence[str], rules: int
) -> Change:
    """Compare the reading of a page with the article's current revision. Read-only.

    Args:
        read: the reading.
        rows: the paragraphs of its body that are in a table.
        rules: the version of the rules of the capture's run.
    """
    held = connection.execute(
        "select portal, summary_from, published_from from articles where id = ?", (article_id,)
    ).fetchone()
    before = revisions.without_pages(
        connection, held["portal"], content=revisions.current_content(connection, article_id)
    )
    summary_from = held["summary_from"]
    if rules >= 2 and read.summary is None and _is_listed_summary(connection, article_id, summary=before.summary):
        summary_from = "listing"
    after = revisions.carry_over(read, before, summary_from=summary_from, published_from=held["published_from"])
    fields = changed_fields(before, after)
    spots = read_last_look(connection, article_id).spots if rules >= 2 else Spots()
    if rules < 2 or (not fields and spots.shown is None):
        return Change(before, after, tuple(fields), spots.follow(None, None))
    return _Judgement(connection, article_id, spots=spots, kept=frozenset(rows)).judge(before, after)


def without_counters(article: Article) -> Article:
    """Return a reading without the counters in title and body; unchanged if it has none."""
    title = drop_tail(article.title)
    body = "\n\n".join(drop_counters(article.body.split("\n\n"), kept=frozenset(article.rows)))
    return article if (title, body) == (article.title, article.body) else replace(article, title=title, body=body)


def _is_listed_summary(connection: sqlite3.Connection, article_id: int, *, summary: str | None) -> bool:
    """Return whether a listing shows a summary beside an address of the article."""
    return summary is not None and bool(
        connection.execute(
            """select 1 from article_urls u join mentions m on m.portal = u.portal and m.url = u.url
               where u.article_id = ? and m.place = 'listing' and m.summary = ?""",
            (article_id, summary),
        ).fetchone()
    )


@dataclass(frozen=True, slots=True)
class _Single:
    """The only line or picture in which a look differs: its place, and how it was and is."""

    spot: Spot
    old: str
    new: str


class _Judgement:
    """What is needed to judge the difference of one look."""

    def __init__(self, connection: sqlite3.Connection, article_id: int, *, spots: Spots, kept: frozenset[str]) -> None:
        self._connection = connection
        self._article_id = article_id
        self._spots = spots
        self._kept = kept

    def judge(self, before: RevisionContent, after: RevisionContent) -> Change:
        """Find the fields that count, and what the next look has to know."""
        spots, away = self._spots, None
        if after.summary is None and self._comes_and_goes(before.summary):
            away, after = _AWAY, replace(after, summary=before.summary)
        old, new = (self._without_counters(content) for content in (before, after))
        new = replace(new, images=self._with_shared(old.images, new.images))
        fields = changed_fields(old, new)
        if not fields:
            # What the last look showed otherwise is again as in the revision.
            spot = spots.shown[0] if spots.shown else away
            return Change(before, replace(after, images=new.images), (), spots.follow(spot, None))
        single = _find_single(old, new, fields=fields)
        if single is None:
            return Change(before, after, tuple(fields), spots.follow(away, None))
        shown = (single.spot, _digest(single.new))
        is_as_last = spots.shown is not None and spots.shown[0].is_at(shown[0]) and spots.shown[1] == shown[1]
        changed = None if is_as_last else single.spot
        if self._is_volatile(single):
            return Change(before, replace(after, images=before.images), (), spots.follow(changed, shown))
        return Change(before, after, tuple(fields), spots.follow(changed, None))

    def _is_volatile(self, single: _Single) -> bool:
        if self._spots.count(single.spot) < VOLATILE_LOOKS:
            return False
        if single.spot.field == "images":
            return True
        is_row = not self._kept.isdisjoint((single.old, single.new))
        is_long = max(len(single.old.split()), len(single.new.split())) > _MAX_VOLATILE_WORDS
        return not (is_row or is_long or is_figure_edit(single.old, single.new))

    def _without_counters(self, content: RevisionContent) -> RevisionContent:
        def drop(text: str) -> str:
            return "\n\n".join(drop_counters(text.split("\n\n"), kept=self._kept))

        def drop_from(rows: tuple[FileRow, ...]) -> tuple[FileRow, ...]:
            return tuple(
                replace(row, caption_or_label=drop(row.caption_or_label)) if row.caption_or_label else row
                for row in rows
            )

        return replace(
            content, title=drop_tail(content.title), body=drop(content.body), images=drop_from(content.images),
            summary=drop(content.summary) or None if content.summary else None,
        )  # fmt: skip

    def _with_shared(self, before: tuple[FileRow, ...], after: tuple[FileRow, ...]) -> tuple[FileRow, ...]:
        """Keep the digest of a picture that many articles show under an address, where its bytes are others now."""
        held = {row.url: row.sha256 for row in before if row.sha256}
        return tuple(
            replace(row, sha256=held[row.url])
            if row.sha256 not in (None, held.get(row.url, row.sha256)) and self._is_shared(row.url)
            else row
            for row in after
        )

    def _is_shared(self, url: str) -> bool:
        row = self._connection.execute(
            "select count(*) from (select distinct article_id from revision_images where url = ? limit ?)",
            (url, SHARED_ARTICLES + 1),
        ).fetchone()
        return bool(row[0] > SHARED_ARTICLES)

    def _comes_and_goes(self, summary: str | None) -> bool:
        """Return whether a summary that is not shown is known to come back. One that stayed away for long is gone."""
        if summary is None or self._spots.count(_AWAY) == LOOKS:
            return False
        row = self._connection.execute(
            """select 1 from revisions r
               join revisions b on b.article_id = r.article_id and b.number = r.number - 1
               join revisions a on a.article_id = r.article_id and a.number = r.number + 1
               where r.article_id = ? and r.summary is null and b.summary = a.summary and a.summary = ?""",
            (self._article_id, summary),
        ).fetchone()
        return row is not None


def _find_single(old: RevisionContent, new: RevisionContent, *, fields: Sequence[str]) -> _Single | None:
    """Find the only line or picture in which two contents differ. None if more differs."""
    if fields == ["title"]:
        return _Single(Spot("title", "", ""), old.title, new.title)
    for name in ("body", "summary"):
        if fields == [name]:
            lines = [(getattr(one, name) or "").split("\n\n") for one in (old, new)]
            return _find_line(name, lines[0], after=lines[1], is_equal=str.__eq__)
    if "images" in fields and set(fields) <= {"images", "captions"}:
        shown = [[_show(row) for row in one.images] for one in (old, new)]
        return _find_line("images", shown[0], after=shown[1], is_equal=_is_same_picture(old.images, new.images))
    if fields == ["captions"]:
        captions = [[row.caption_or_label or "" for row in one.images] for one in (old, new)]
        return _find_line("captions", captions[0], after=captions[1], is_equal=str.__eq__)
    return None


def _find_line(
    field: str, before: list[str], *, after: list[str], is_equal: Callable[[str, str], bool]
) -> _Single | None:
    """Find the only line that was replaced, came or went. None if more differs."""
    start = 0
    while start < min(len(before), len(after)) and is_equal(before[start], after[start]):
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and is_equal(before[-1 - end], after[-1 - end]):
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if len(old) > 1 or len(new) > 1 or (old, new) == ([], []):
        return None
    ahead = before[start - 1] if start else ""
    behind = before[len(before) - end] if end else ""
    return _Single(Spot(field, _digest(ahead), _digest(behind)), "".join(old), "".join(new))


def _is_same_picture(before: Sequence[FileRow], after: Sequence[FileRow]) -> Callable[[str, str], bool]:
    """Make the comparison of pictures by what is shown of them, as `files_differ` compares them."""
    rows = {_show(row): row for row in (*after, *before)}

    def is_equal(one: str, other: str) -> bool:
        first, second = rows[one], rows[other]
        return first.caption_or_label == second.caption_or_label and not revisions.files_differ([first], [second])

    return is_equal


def _show(row: FileRow) -> str:
    return f"{row.url} {row.sha256 or ''} {row.caption_or_label or ''}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""
