"""Controls: addresses that name nothing, asked each night, twice each, to know how the portal answers for them.

One is at the root, and one in each category with misses, in the form of the missed address. What varies between the two
askings, and the asked address, is masked. Pages are kept as digests until the end of the run; the WARC has them whole.
"""

import sqlite3
from urllib.parse import urljoin

from crawler.addresses import classify, last_slug, may_be_page
from crawler.archive.articles.digests import text_sha256
from crawler.archive.controls.same_page import Pattern, find_pattern, is_alike, matches
from crawler.items import Address, AddressKind, Article, Capture, PageReading, Purpose
from crawler.language.text import matches_slug
from crawler.page_marks import PageForm
from crawler.profile import Profile

MOST_CONTROLS = 5
_NO_CATEGORY, _NO_ARTICLE = "khong-co-danh-muc-nay", "khong-co-bai-viet-nay"
# Portals count their articles up, with five to seven digits.
_FIRST_NUMBER = 9_000_000
# Answers in place of a page are never evidence, even if they equal the control.
NAMED_KINDS = frozenset(
    {"empty", "not-a-page", "blocked", "challenge", "captcha", "waiting-room", "database-error", "maintenance", "login",
     "parked"}
)  # fmt: skip


def root_control(profile: Profile, crawl_id: int) -> str:
    """Return the address at the root that names nothing, another one for each run."""
    return urljoin(profile.base_url, f"/{_NO_CATEGORY}/{_NO_ARTICLE}-{_number(crawl_id)}")


def due_controls(connection: sqlite3.Connection, profile: Profile, *, crawl_id: int) -> list[str]:
    """Return the addresses to ask, one for each category with misses, most misses first; unreadable answers first."""
    asked = connection.execute("select distinct url from controls where crawl_id = ?", (crawl_id,)).fetchall()
    known = {_place(classify(row["url"], profile)) for row in asked}
    rows = connection.execute(
        """select url, role = 'article' as waits from compared_answers where crawl_id = :crawl and role = 'article'
           union all select a.url, 0 from misses m cross join articles a on a.id = m.article_id
             join captures c on c.id = m.capture_id where c.crawl_id = :crawl""",
        {"crawl": crawl_id},
    ).fetchall()
    wanted: dict[str, list[int]] = {}
    for row in rows:
        address = classify(row["url"], profile)
        may_be_article = address is not None and (address.is_article or may_be_page(address))
        if address is not None and may_be_article and _place(address) not in known:
            wanted.setdefault(_make_up(address, crawl_id), []).append(row["waits"])
    ordered = sorted(wanted, key=lambda url: (-sum(wanted[url]), -len(wanted[url]), url))
    return ordered[: max(0, MOST_CONTROLS - len(asked))]


def put_control(
    connection: sqlite3.Connection, *, url: str, chain: str, reading: PageReading, capture: Capture
) -> None:
    """Store one asking of an address that names nothing."""
    asking = connection.execute(
        "select count(*) + 1 from controls where crawl_id = ? and url = ?", (capture.crawl_id, url)
    ).fetchone()[0]
    form, refusal, article = reading.form, reading.refusal, reading.article
    connection.execute(
        "insert into controls values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            capture.crawl_id, url, asking, capture.status, chain, form.place if form else "",
            refusal.kind if refusal else None, int(form.has_frame) if form else 0,
            text_sha256(article) if article else None, capture.id, form.pieces if form else b"",
        ),
    )  # fmt: skip


def put_answer(
    connection: sqlite3.Connection, *, url: str, role: str, kind: str, chain: str, capture: Capture, form: PageForm
) -> None:
    """Store an unreadable answer until its control is known."""
    connection.execute(
        "insert or replace into compared_answers values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (capture.crawl_id, url, role, kind, capture.status, chain, form.place, capture.id, form.pieces),
    )


def waiting_articles(connection: sqlite3.Connection, crawl_id: int) -> list[str]:
    """Return the addresses of articles whose answers wait."""
    rows = connection.execute(
        "select url from compared_answers where crawl_id = ? and role = ? order by rowid", (crawl_id, Purpose.ARTICLE)
    )
    return [row["url"] for row in rows.fetchall()]


def waiting_answer(connection: sqlite3.Connection, crawl_id: int, *, url: str) -> sqlite3.Row:
    """Return the row of a waiting answer."""
    row: sqlite3.Row = connection.execute(
        "select * from compared_answers where crawl_id = ? and url = ?", (crawl_id, url)
    ).fetchone()
    return row


def drop_answer(connection: sqlite3.Connection, crawl_id: int, *, url: str) -> None:
    """Forget a waiting answer: it is judged."""
    connection.execute("delete from compared_answers where crawl_id = ? and url = ?", (crawl_id, url))


def forget_pages(connection: sqlite3.Connection, crawl_id: int) -> None:
    """Forget the digests at the end of a run: what still waits had no control."""
    connection.execute("delete from compared_answers where crawl_id = ?", (crawl_id,))
    connection.execute("update controls set pieces = null, place = null where crawl_id = ?", (crawl_id,))


def find_equal_control(
    connection: sqlite3.Connection, profile: Profile, *, crawl_id: int, answer: sqlite3.Row
) -> int | None:
    """Return the capture of the control that an answer equals: statuses, final address, whole page. None without one.

    Only the control of the same kind of address counts. A category without a control has that of the root.
    """
    for askings in _askings(connection, profile, crawl_id=crawl_id, url=answer["url"]):
        pattern = _usable_pattern(connection, askings)
        if pattern is None:
            continue
        same = all(askings[0][name] == answer[name] for name in ("status", "chain", "place"))
        if same and matches(pattern, answer["pieces"]):
            return int(askings[-1]["capture_id"])
    return None


def is_controls_article(
    connection: sqlite3.Connection, profile: Profile, *, article: Article, asked: str, crawl_id: int
) -> bool:
    """True if a page with an article's parts has the text of the run's control.

    A portal may show an article, the newest one, for addresses that name nothing. At its own address it is the article.
    """
    address = classify(asked, profile)
    slug = last_slug(address) if address is not None else ""
    if slug and matches_slug(article.title, slug):
        return False
    found = _askings(connection, profile, crawl_id=crawl_id, url=asked, least=1)
    text = text_sha256(article) if found else None
    return any(all(row["text_sha256"] == text for row in askings) for askings in found)


def _askings(
    connection: sqlite3.Connection, profile: Profile, *, crawl_id: int, url: str, least: int = 2
) -> list[list[sqlite3.Row]]:
    """Return the askings of the control for an address: that of its category, else that of the root."""
    rows = connection.execute("select * from controls where crawl_id = ? order by url, asking", (crawl_id,)).fetchall()
    if not rows:
        return []  # controls come after the articles
    by_url: dict[str, list[sqlite3.Row]] = {}
    for row in rows:
        by_url.setdefault(row["url"], []).append(row)
    place = _place(classify(url, profile))
    own = [askings for one, askings in by_url.items() if _place(classify(one, profile)) == place]
    # An entry of the menu is compared with its own control only, but its text also with that of the root.
    is_rooted = place[0] is AddressKind.ARTICLE or (least == 1 and place[0] in (AddressKind.CATEGORY, AddressKind.PAGE))
    root = [by_url.get(root_control(profile, crawl_id), [])] if is_rooted else []
    return [askings for askings in own or root if len(askings) >= least]


def _usable_pattern(connection: sqlite3.Connection, askings: list[sqlite3.Row]) -> Pattern | None:
    """Return what stays of a control's page. None if it is not evidence.

    No evidence is what came in place of a page, what listings of tonight get too, and a page of which under half stays.
    A page without the portal's frame must say "not found", or not vary at all: block pages have their own numbers.
    """
    first, second = askings[0], askings[1]
    if any(row["kind"] in NAMED_KINDS for row in askings):
        return None
    if any(first[name] != second[name] for name in ("status", "chain", "place")):
        return None
    if not first["has_frame"] and first["kind"] != "soft-404" and first["pieces"] != second["pieces"]:
        return None
    pattern = find_pattern(first["pieces"], second["pieces"])
    if pattern is None:
        return None
    listings = connection.execute(
        "select chain, pieces from compared_answers where crawl_id = ? and role = ?",
        (first["crawl_id"], Purpose.LISTING),
    ).fetchall()
    is_for_all = any(row["chain"] == first["chain"] and is_alike(first["pieces"], row["pieces"]) for row in listings)
    return None if is_for_all else pattern


def _place(address: Address | None) -> tuple[AddressKind | None, str | None]:
    """Return what must be equal for two addresses to be of the same kind: form and category."""
    if address is None:
        return None, None
    # All categories are on the first level.
    return address.kind, None if address.kind is AddressKind.CATEGORY else address.category_slug


def _make_up(address: Address, crawl_id: int) -> str:
    """Return an address of the same kind and category that names nothing."""
    parts = address.url.split("/")
    if address.kind is AddressKind.CATEGORY:
        return "/".join((*parts[:-1], f"{_NO_CATEGORY}-{_number(crawl_id)}"))
    if address.kind is AddressKind.PAGE:
        # Without a hyphen before its number it has not the form of an article.
        return "/".join((*parts[:-1], f"{_NO_ARTICLE}{_number(crawl_id)}"))
    if address.kind is AddressKind.OLD_ARTICLE:
        return "/".join((*parts[:-3], str(_number(crawl_id)), parts[-2], _NO_ARTICLE))
    return "/".join((*parts[:-1], f"{_NO_ARTICLE}-{_number(crawl_id)}"))


def _number(crawl_id: int) -> int:
    return _FIRST_NUMBER + crawl_id % 1_000_000
