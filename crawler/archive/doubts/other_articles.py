"""Pages of another article at an address: a cache's mistake, or the newest article in place of a removed one.

Such a page is not a revision of the article that has the address, and does not show that it exists. The evidence is
what the page says of itself (`page_marks`), or that it equals another held article, or that lists show its title at
another address; and that it is unlike what the address held. An address in the head of many different pages is a
template's mistake.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crawler.addresses import classify
from crawler.archive.articles.articles import article_at
from crawler.archive.articles.last_looks import read_last_look
from crawler.archive.doubts.looks import PageLook, count_nights_before
from crawler.items import Refusal
from crawler.language.counters import drop_counters
from crawler.language.facts import make_title_key
from crawler.language.similarity import share_known
from crawler.language.text import matches_slug
from crawler.sentences import say

KIND = "another-article"
# Of a page of the same article, at least this share was there before.
ALIKE = 0.5
# A page with at most this share of its words from before is another text.
UNLIKE = 0.2
# A page of the other article has at least this share of it; the rest may be a counter or a small edit.
NEARLY_EQUAL = 0.8
# An address that this many other articles' pages name as their own is a template's.
_TEMPLATE_PAGES = 2
# Notices of one title come back every year; the newest are compared.
_MOST_CANDIDATES = 50
# Addresses found and not fetched; more are only there on a first night.
_MOST_PENDING = 500
# A shorter body ("see the attached file") is equal in many articles: there the files must be equal, too.
_LEAST_WORDS = 20


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An article that a page may be of: its id (None if it is not held), an address, and whether the page equals it."""

    article_id: int | None
    url: str
    is_equal: bool = False


def find_other(connection: sqlite3.Connection, look: PageLook, *, join: str) -> Refusal | None:
    """Return the refusal of a page that is another article's. None if it belongs to its address.

    A page that is like what the address held, or unlike the other article, is believed after several nights.

    Args:
        join: the page's digest of title, body and files (`digests.join_sha256`).
    """
    if look.article_id is None:
        candidate = _find_for_new(connection, look, join=join)
        lasts = False
    elif look.is_edit:
        candidate = _find_for_held(connection, look, join=join)
        lasts = candidate is not None and candidate.is_equal and share_known(look.text, look.held_text) < ALIKE
    else:
        return None
    if candidate is None or _is_joined(connection, look, other=candidate.article_id):
        return None
    if not lasts and count_nights_before(connection, look, kind=KIND) >= look.profile.removal.nights - 1:
        return None
    return Refusal(KIND, say("page-of-another", url=candidate.url))


def _is_joined(connection: sqlite3.Connection, look: PageLook, *, other: int | None) -> bool:
    """Return whether a redirect joins the addresses of two articles, so that the page is of both.

    Not if they have one number: that was given to another article.
    """
    numbers = {
        (row["kind"], row["source_id"])
        for row in connection.execute(
            "select kind, source_id from article_urls where article_id = ?", (look.article_id,)
        )
    }
    return other is not None and any(
        article_at(connection, look.profile.name, url=address.url) == other
        for address in look.addresses
        if (address.kind.value, address.source_id) not in numbers
    )


def _find_for_held(connection: sqlite3.Connection, look: PageLook, *, join: str) -> _Candidate | None:
    """Find the other article that a page is of, if it changes a held article."""
    to_own = share_known(look.text, look.held_text)
    for candidate in _named(connection, look):
        to_other = share_known(look.text, _text_of(connection, candidate.article_id))
        if to_other > to_own or to_own < ALIKE:
            return replace(candidate, is_equal=to_other >= NEARLY_EQUAL)
    is_long = len(look.article.body.split()) >= _LEAST_WORDS
    is_unlike = look.body_known <= UNLIKE or (_is_renamed(look) and look.body_known < ALIKE)
    for candidate in _of_title(connection, look, join=join):
        is_equal = candidate.is_equal
        if not is_equal and is_long and is_unlike:
            is_equal = share_known(look.text, _text_of(connection, candidate.article_id)) >= NEARLY_EQUAL
        if is_equal and not _were_equal(connection, look.article_id, other=candidate.article_id):
            return replace(candidate, is_equal=True)
    return _mentioned(connection, look) if max(to_own, look.body_known) <= UNLIKE else None


def _is_renamed(look: PageLook) -> bool:
    """Return whether a page's title is another one. Of notices with one title, half may be equal, too."""
    return look.change is not None and make_title_key(look.change.before.title) != make_title_key(look.article.title)


def _find_for_new(connection: sqlite3.Connection, look: PageLook, *, join: str) -> _Candidate | None:
    """Find the other article that a page is of, if its address is new, and its title is that of the other address."""
    slugs = [address.title_slug for address in look.addresses if address.title_slug]
    if not slugs or any(matches_slug(look.article.title, slug) for slug in slugs):
        return None
    kinds = {address.kind for address in look.addresses}
    for candidate in (*_named(connection, look), *_of_title(connection, look, join=join)):
        is_equal = candidate.is_equal or (
            share_known(look.text, _text_of(connection, candidate.article_id)) >= NEARLY_EQUAL
        )
        # One article has an address in each of the two schemes.
        at = classify(candidate.url, look.profile)
        if is_equal and at is not None and at.kind in kinds and _has_slug(look, candidate.url):
            return candidate
    listed = _mentioned(connection, look)
    return listed if listed is not None and _has_slug(look, listed.url) else None


def _named(connection: sqlite3.Connection, look: PageLook) -> Iterator[_Candidate]:
    """Yield the other articles that a page names as itself, and that the last page of its article did not name."""
    portal, article_id = look.profile.name, look.article_id
    own = {address.url for address in look.addresses}
    last = read_last_look(connection, article_id) if article_id is not None else None
    for url in look.marks.claims:
        if url in own or (last is not None and url in last.claims):
            continue
        other = article_at(connection, portal, url=url) or _numbered(connection, look, url=url)
        known = other is not None or _is_met(connection, portal, url=url)
        if known and other != article_id and not _is_template(connection, url, ids=(article_id, other)):
            yield _Candidate(other, url)
    if last is None or last.marks is None or look.marks.own_id in (None, last.marks.own_id):
        return
    # The portal's pages show the numbers of their addresses: the last page of this article did.
    kinds = {
        row["source_id"]: row["kind"]
        for row in connection.execute("select kind, source_id from article_urls where article_id = ?", (article_id,))
    }
    kind = kinds.get(last.marks.own_id)
    row = connection.execute(
        "select article_id, url from article_urls where portal = ? and kind = ? and source_id = ? limit 1",
        (portal, kind, look.marks.own_id),
    ).fetchone()
    if row is not None and row["article_id"] != article_id:
        yield _Candidate(row["article_id"], row["url"])


def _numbered(connection: sqlite3.Connection, look: PageLook, *, url: str) -> int | None:
    """Return the article with the number of an address."""
    address = classify(url, look.profile)
    if address is None or address.source_id is None:
        return None
    row = connection.execute(
        "select article_id from article_urls where portal = ? and kind = ? and source_id = ? limit 1",
        (look.profile.name, address.kind.value, address.source_id),
    ).fetchone()
    return int(row["article_id"]) if row else None


def _is_met(connection: sqlite3.Connection, portal: str, *, url: str) -> bool:
    row = connection.execute(
        "select 1 from frontier where portal = ? and url = ? and kind = 'article'", (portal, url)
    ).fetchone()
    return row is not None


def _is_template(connection: sqlite3.Connection, url: str, *, ids: tuple[int | None, int | None]) -> bool:
    """Return whether pages of several other articles name an address as their own."""
    row = connection.execute(
        "select count(*) from page_claims where url = ? and article_id is not ? and article_id is not ?", (url, *ids)
    ).fetchone()
    return int(row[0]) >= _TEMPLATE_PAGES


def _of_title(connection: sqlite3.Connection, look: PageLook, *, join: str) -> list[_Candidate]:
    """Return the other held articles with the page's title, newest first."""
    rows = connection.execute(
        """select a.id, a.url, a.body, a.join_sha256 from article_facts f join articles a on a.id = f.article_id
           where f.title_key = ? and f.portal = ? and f.article_id is not ? order by f.article_id desc limit ?""",
        (make_title_key(look.article.title), look.profile.name, look.article_id, _MOST_CANDIDATES),
    ).fetchall()
    if not rows:
        return []
    body = _without_counters(look.article.body)
    is_long = len(body.split()) >= _LEAST_WORDS
    return [
        _Candidate(
            row["id"], row["url"],
            is_equal=row["join_sha256"] == join or (is_long and _without_counters(row["body"]) == body),
        )
        for row in rows
    ]  # fmt: skip


def _mentioned(connection: sqlite3.Connection, look: PageLook) -> _Candidate | None:
    """Find another address that lists show with the page's title, or that was found and has the title in its slug.

    None if a list shows the title at this article's address.
    """
    rows = connection.execute(
        """select m.url, u.article_id from mentions m
           left join article_urls u on u.portal = m.portal and u.url = m.url
           where m.title = ? and m.portal = ? order by m.capture_id desc, m.url limit ?""",
        (look.article.title, look.profile.name, _MOST_CANDIDATES),
    ).fetchall()
    own = {address.url for address in look.addresses}
    if any(row["url"] in own or row["article_id"] == (look.article_id or -1) for row in rows):
        return None
    if rows:
        return _Candidate(rows[0]["article_id"], rows[0]["url"])
    # Found tonight, and not fetched yet: rechecks come first.
    pending = connection.execute(
        "select url from frontier where portal = ? and state = 'pending' and kind = 'article' limit ?",
        (look.profile.name, _MOST_PENDING),
    ).fetchall()
    urls = (row["url"] for row in pending if row["url"] not in own)
    return next((_Candidate(None, url) for url in urls if _has_slug(look, url)), None)


def _has_slug(look: PageLook, url: str) -> bool:
    """Return whether an address has the page's title as its slug."""
    address = classify(url, look.profile)
    return (
        address is not None and bool(address.title_slug) and matches_slug(look.article.title, address.title_slug or "")
    )


def _were_equal(connection: sqlite3.Connection, one: int | None, *, other: int | None) -> bool:
    """Return whether two articles ever had one text: copies of one article are edited alike.

    Where the text is short, the files count, too.
    """
    rows = connection.execute(
        """select a.number as one, b.number as other, a.body from revisions a
           join revisions b on b.title = a.title and b.body = a.body where a.article_id = ? and b.article_id = ?""",
        (one, other),
    ).fetchall()
    return any(
        len(row["body"].split()) >= _LEAST_WORDS
        or _files_of(connection, one, number=row["one"]) == _files_of(connection, other, number=row["other"])
        for row in rows
    )


def _files_of(connection: sqlite3.Connection, article_id: int | None, *, number: int) -> list[str]:
    """Return the names of a revision's files."""
    rows = connection.execute(
        """select url from revision_images where article_id = ?1 and number = ?2
           union all select url from revision_attachments where article_id = ?1 and number = ?2""",
        (article_id, number),
    ).fetchall()
    return sorted(row["url"].rpartition("/")[2] for row in rows)


def _text_of(connection: sqlite3.Connection, article_id: int | None) -> str:
    row = connection.execute("select title, body from articles where id = ?", (article_id,)).fetchone()
    return f"{row['title']}\n\n{row['body']}" if row else ""


def _without_counters(body: str) -> str:
    return "\n\n".join(drop_counters(body.split("\n\n")))
