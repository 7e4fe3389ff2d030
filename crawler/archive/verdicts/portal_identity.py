"""The identity of the portal on a host: a host name may pass to another authority, and articles must not mix."""

import json
import sqlite3
from collections.abc import Iterable

from crawler.items import Address, Capture, PortalIdentity
from crawler.language.text import fold
from crawler.profile import Profile
from crawler.sentences import Sentence, say

# If this many signs differ, it is another portal. A new title alone is only a new name.
SIGNS_FOR_ANOTHER = 2
# A menu that keeps less than this share of its entries is a different menu.
MENU_SHARE = 0.2
# A home page that names this many articles, and none that is known, is one of other articles. Communes on one CMS share
# most of their menus ("gioi-thieu", "tin-tuc-su-kien"), but never the numbers of their articles.
LEAST_NAMED = 3


def put_identity(
    connection: sqlite3.Connection, profile: Profile, *, identity: PortalIdentity, capture: Capture
) -> None:
    """Store the identity that a run's home page shows."""
    connection.execute(
        "insert or replace into portal_identities values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            profile.name, capture.crawl_id, profile.title, identity.title, json.dumps(identity.site_ids),
            json.dumps(identity.tenants), json.dumps(identity.menu), capture.id,
        ),
    )  # fmt: skip


def find_change(
    connection: sqlite3.Connection, profile: Profile, *, identity: PortalIdentity, named: Iterable[Address],
    crawl_id: int,
) -> Sentence | None:  # fmt: skip
    """Name the signs that a host shows a different portal from that of its last good night. None if it is the same.

    Only nights with the same `title` in the profile are compared. If the same authority has a new design, the operator
    confirms it by a new title in the profile. `named` are the addresses that the home page leads to.
    """
    row = connection.execute(
        """select i.*, c.finished_at from portal_identities i join crawls c on c.id = i.crawl_id
           where i.portal = ? and i.portal_title = ? and i.crawl_id <> ? and c.outcome in ('complete', 'partial')
           order by i.crawl_id desc limit 1""",
        (profile.name, profile.title, crawl_id),
    ).fetchone()
    if row is None:
        return None
    before = PortalIdentity(
        row["title"], tuple(json.loads(row["site_ids"])), tuple(json.loads(row["tenants"])),
        tuple(json.loads(row["menu"])),
    )  # fmt: skip
    signs = _differing(before, identity)
    articles = {address.url: address for address in named if address.is_article}
    if len(articles) >= LEAST_NAMED and not _knew_any(connection, profile.name, articles=articles.values(), good=row):
        signs.append(say("articles-unknown", count=len(articles)))
    return None if len(signs) < SIGNS_FOR_ANOTHER else say("another-portal", signs=signs)


def _differing(before: PortalIdentity, now: PortalIdentity) -> list[Sentence]:
    signs = []
    if before.title and now.title and fold(before.title) != fold(now.title):
        signs.append(say("title-changed", old=before.title, new=now.title))
    if _is_replaced(before.site_ids, now.site_ids):
        signs.append(say("site-id-changed", old_id=before.site_ids[0], new_id=now.site_ids[0]))
    if _is_replaced(before.tenants, now.tenants):
        signs.append(say("tenant-changed", old_id=before.tenants[0], new_id=now.tenants[0]))
    old_menu, new_menu = set(before.menu), set(now.menu)
    if len(old_menu) >= 3 and len(new_menu) >= 3 and len(old_menu & new_menu) < MENU_SHARE * len(old_menu):
        signs.append(say("menu-changed"))
    return signs


def _knew_any(connection: sqlite3.Connection, portal: str, *, articles: Iterable[Address], good: sqlite3.Row) -> bool:
    """Return whether a portal's last good night knew one of some articles: held by address or number, or only found."""
    found = (
        connection.execute(
            """select exists (select 1 from article_urls u join articles a on a.id = u.article_id
                   where u.portal = :portal and u.url = :url and a.first_seen_at <= :until)
                 or exists (select 1 from article_urls u join articles a on a.id = u.article_id
                   where u.portal = :portal and u.kind = :kind and u.source_id = :number and a.first_seen_at <= :until)
                 or exists (select 1 from frontier f join captures c on c.id = f.found_in
                   where f.portal = :portal and f.url = :url and c.crawl_id <= :crawl)""",
            {
                "portal": portal, "url": address.url, "kind": address.kind.value, "number": address.source_id,
                "until": good["finished_at"], "crawl": good["crawl_id"],
            },
        ).fetchone()[0]
        for address in articles
    )  # fmt: skip
    return any(found)


def _is_replaced(before: tuple[str, ...], now: tuple[str, ...]) -> bool:
    return bool(before and now) and not set(before) & set(now)
