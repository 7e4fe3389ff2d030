"""Look the links of a draft up, as `/go` does: what became of what they name."""

import sqlite3
from urllib.parse import urlsplit

from crawler.language.claims.claims import Claim
from crawler.search.addresses.lookup import find_article, find_captured, find_file, find_page, is_on_portal
from crawler.web.draft.sources import Library, read_source
from crawler.web.draft.verdicts import Cited, ClaimState, Verdict, cite, decide

_GONE = (404, 410)
_USES_SQL = """select f.article_id, max(f.number) from {table} f where f.{column} = ?
    group by f.article_id order by f.article_id desc limit 20"""
_TABLES = {"image": ("revision_images", "image_sha256"), "attachment": ("revision_attachments", "attachment_sha256")}
_LAST_SQL = """select id, status from captures where url = ? and method = 'GET' and status <> 304
    order by id desc limit 1"""


def check_link(connection: sqlite3.Connection, library: Library, *, claim: Claim, hosts: frozenset[str]) -> Verdict:
    """Look a link up.

    `hosts` are the names of this site: a link to one of its pages counts as a link to what the page shows.
    """
    link = claim.text if "://" in claim.text else f"https://{claim.text}"
    if not is_on_portal(connection, link) and _host(link) not in hosts and find_page(connection, link):
        # Another site may have pages of the same names.
        return Verdict(claim, ClaimState.FOREIGN)
    article_id = find_article(connection, link)
    source = read_source(connection, library, article_id=article_id) if article_id is not None else None
    if source is not None:
        library.pointed.setdefault(source.article_id, "link")
        found = cite(source)
        is_revised = source.revision > 1 and found.state == ClaimState.PUBLISHED
        return decide(claim, [found], note="revised" if is_revised else None)
    url = find_captured(connection, link)
    last = connection.execute(_LAST_SQL, (url,)).fetchone() if url is not None else None
    answered = (
        ClaimState.GONE
        if last and last[1] in _GONE
        else ClaimState.PUBLISHED
        if last and last[1] == 200
        else ClaimState.WAITING
    )
    file = find_file(connection, link)
    if file is not None and answered != ClaimState.GONE:
        return _check_file(connection, library, claim=claim, role=file.role, sha256=file.sha256)
    if url is None:
        return Verdict(claim, ClaimState.NOT_FOUND if is_on_portal(connection, link) else ClaimState.FOREIGN)
    return Verdict(claim, answered, address=url, note="captured")


def _check_file(connection: sqlite3.Connection, library: Library, *, claim: Claim, role: str, sha256: str) -> Verdict:
    table, column = _TABLES[role]
    rows = connection.execute(_USES_SQL.format(table=table, column=column), (sha256,)).fetchall()
    found: list[Cited] = []
    for article_id, number in rows:
        source = read_source(connection, library, article_id=int(article_id), number=int(number))
        if source is not None:
            library.pointed.setdefault(source.article_id, "link")
            found.append(cite(source))
    return decide(claim, found) if found else Verdict(claim, ClaimState.NOT_FOUND)


def _host(link: str) -> str:
    try:
        return (urlsplit(link).hostname or "").lower()
    except ValueError:
        return ""
