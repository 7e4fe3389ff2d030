"""What the reading of a page does to the rows: links, rows of lists, and an article, a miss or a doubt.

Every function works inside the caller's transaction and is deterministic, as those of `store`.
"""

import sqlite3
from dataclasses import dataclass, replace

from crawler.archive.articles import articles
from crawler.archive.articles.files import put_pasted
from crawler.archive.articles.insertion.article_read import ArticleChange, ArticleRead
from crawler.archive.articles.last_looks import put_unkept
from crawler.archive.articles.merges import known_id
from crawler.archive.controls.controls import is_controls_article
from crawler.archive.doubts.cut_pages import find_cut_refusal
from crawler.archive.doubts.judgement import Judged, judge_look
from crawler.archive.doubts.looks import PageLook, take_look
from crawler.archive.frontier import file_looks, frontier, listings, menu
from crawler.archive.verdicts import removals
from crawler.archive.verdicts.absence import absent_kinds, compare_answer, take_control
from crawler.archive.verdicts.nights import night_of_run
from crawler.archive.verdicts.portal_identity import put_identity
from crawler.archive.verdicts.rules import rules_of
from crawler.archive.verdicts.soft_404 import equals_last_soft_404, put_probe
from crawler.archive.verdicts.suspect_readings import find_suspicion, put_aside
from crawler.archive.warc.captures import capture_by_record
from crawler.archive.warc.ledger import PageRead
from crawler.items import Address, Article, Capture, FrontierState, Listing, PageReading, Purpose, Refusal
from crawler.profile import Profile
from crawler.sentences import say


@dataclass(frozen=True, slots=True)
class PageApplied:
    """What storing a page's reading did.

    `article_id` and `change` are None if the page is not an article. `unnoted` counts links for which the frontier has
    no room.
    """

    article_id: int | None
    change: ArticleChange | None
    unnoted: int = 0


def apply_page(
    connection: sqlite3.Connection,
    profile: Profile,
    *,
    entry: PageRead,
    reading: PageReading,
    addresses: tuple[Address, ...],
    floor: int = 0,
    promised_id: int | None = None,
) -> PageApplied:
    """Store a page's reading and update its frontier entry.

    An entry with an article's id is one of the ledger: its run judged the page to be a look at this article. So it is,
    even if today's reader reads the page otherwise. If it reads no article, the look is kept without a reading.

    Args:
        addresses: the article addresses that lead to the page, the requested one first.
        floor: later ledger entries use ids up to this one. A new article gets a higher id.
        promised_id: the id that the ledger gives to the article later, if this page is the first to be read as it.
    """
    capture = capture_by_record(connection, entry.capture)
    portal = profile.name
    at = capture.fetched_at
    rules = rules_of(connection, capture.crawl_id)
    reading = menu.read_as_then(connection, profile, entry=entry, reading=reading)
    met = [link.address.url for link in reading.links]
    unnoted = frontier.add_found(connection, portal, urls=met, purpose=Purpose.ARTICLE, capture_id=capture.id, at=at)
    unnoted += frontier.add_found(
        connection, portal, urls=reading.requisites, purpose=Purpose.REQUISITE, capture_id=capture.id, at=at
    )
    place = "rss" if entry.purpose == Purpose.FEED else "box"
    articles.put_mentions(connection, profile, links=reading.links, capture=capture, place=place, rules=rules)
    if reading.listing is not None and (reading.refusal is None or rules == 1):
        _put_listing(connection, profile, listing=reading.listing, entry=entry, capture=capture, rules=rules)
    if reading.identity is not None:
        put_identity(connection, profile, identity=reading.identity, capture=capture)
        menu.put_entries(connection, profile, menu=reading.menu, capture=capture)
    if entry.purpose == Purpose.PROBE:
        put_probe(connection, portal, url=entry.asked, article=reading.article, capture=capture)
        if rules > 1:
            take_control(connection, profile, asked=entry.asked, chain=entry.chain, reading=reading, capture=capture)
        return PageApplied(None, None, unnoted)
    applied = _apply_verdict(
        connection, profile, entry=entry, reading=reading, capture=capture, addresses=addresses, rules=rules,
        floor=floor, promised_id=promised_id,
    )  # fmt: skip
    return replace(applied, unnoted=unnoted)


def _put_listing(
    connection: sqlite3.Connection, profile: Profile, *, listing: Listing, entry: PageRead, capture: Capture, rules: int
) -> None:
    """Store the rows of a page of a listing, and the addresses that they name."""
    portal, named_by = profile.name, entry.listing or listing.url
    urls = [row.address.url for row in listing.rows]
    frontier.add_found(
        connection,
        portal,
        urls=urls,
        purpose=Purpose.ARTICLE,
        capture_id=capture.id,
        at=capture.fetched_at,
        listed=True,
    )
    listings.put_rows(connection, portal, listing=named_by, urls=urls, capture=capture)
    if entry.page == 1:
        listings.put_head(connection, portal, listing=named_by, urls=urls, capture=capture)
    articles.put_mentions(connection, profile, links=listing.rows, capture=capture, place="listing", rules=rules)
    articles.put_category_title(connection, profile, url=listing.url, title=listing.title)


def _apply_verdict(
    connection: sqlite3.Connection, profile: Profile, *, entry: PageRead, reading: PageReading, capture: Capture,
    addresses: tuple[Address, ...], rules: int, floor: int, promised_id: int | None,
) -> PageApplied:  # fmt: skip
    """Store an article, a miss, or a suspect reading. Update the frontier."""
    attempt = attempt_of(connection, profile, capture=capture)
    article, is_look = reading.article, entry.article_id is not None
    refusal = _find_refusal(connection, profile, entry=entry, reading=reading, capture=capture, rules=rules)
    if refusal is not None and is_look and known_id(connection, entry.article_id) is not None:
        return _keep_look(connection, attempt, entry=entry, capture=capture)
    if refusal is not None:
        # Under the requested address alone: a refusal says nothing about the article that a redirect leads to.
        _refuse(
            connection, attempt, profile=profile, entry=entry, refusal=refusal, reading=reading, capture=capture,
            rules=rules,
        )  # fmt: skip
        return PageApplied(None, None)
    asked = {entry.asked, capture.url, *(address.url for address in addresses)}
    if article is None:
        frontier.set_state(connection, attempt, urls=asked, state=FrontierState.DONE)
        return PageApplied(None, None)
    put_pasted(connection, attempt, pasted=reading.pasted, capture=capture)
    match = articles.match_article(connection, profile.name, article=article, addresses=addresses, rules=rules)
    change = None
    if rules > 1:
        look = take_look(
            connection, attempt, profile=profile, asked=entry.asked, article=article, marks=reading.marks,
            addresses=addresses, article_id=match.article_id, rules=rules,
        )  # fmt: skip
        judged = judge_look(connection, look, match=match)
        if judged.refusal is not None and not is_look:
            _put_doubt(connection, attempt, look=look, judged=judged, refusal=judged.refusal)
            return PageApplied(None, None)
        match, addresses, change = judged.match, judged.addresses, look.change
    frontier.set_state(connection, attempt, urls=asked, state=FrontierState.DONE)
    held = match.article_id if not is_look else known_id(connection, entry.article_id)
    if held is not None and _put_aside(
        connection, attempt, profile=profile, held=held, asked=entry.asked, article=article, capture=capture
    ):
        return PageApplied(held, None)
    read = ArticleRead(
        article=article, marks=reading.marks, match=match, change=change, addresses=addresses,
        capture=capture, night=attempt.night, rules=rules, reader=entry.reader, floor=floor,
        wanted_id=entry.article_id or (promised_id if match.article_id is None else None),
    )  # fmt: skip
    return _put_article(connection, profile, read=read, entry=entry, unkept=reading.unkept)


def _put_aside(
    connection: sqlite3.Connection, attempt: frontier.Attempt, *, profile: Profile, held: int, asked: str,
    article: Article, capture: Capture,
) -> bool:  # fmt: skip
    """Put a suspect reading of a held article aside. Return whether the reading is put aside."""
    why = find_suspicion(connection, held, article=article)
    nights = profile.removal.nights
    if why is None or not put_aside(connection, held, why=why, capture=capture, night=attempt.night, nights=nights):
        return False
    frontier.put_error(connection, attempt, url=asked, refusal=Refusal("suspect-reading", why))
    return True


def _put_article(
    connection: sqlite3.Connection, profile: Profile, *, read: ArticleRead, entry: PageRead,
    unkept: tuple[tuple[str, str], ...],
) -> PageApplied:  # fmt: skip
    """Store an article's reading, what of its page is not kept, and what follows for its removal and its files."""
    put = articles.put_article(connection, profile, read=read)
    menu.put_entry(connection, profile, entry=entry, capture=read.capture)
    put_unkept(connection, put.article_id, found=unkept, capture=read.capture)
    if put.change is not ArticleChange.NEW:
        removals.note_seen(connection, put.article_id, capture=read.capture, night=read.night)
    if put.change is ArticleChange.CHANGED:
        file_looks.ask_again_with_page(connection, profile.name, article_id=put.article_id, night=read.night)
    return PageApplied(put.article_id, put.change)


def _keep_look(
    connection: sqlite3.Connection, attempt: frontier.Attempt, *, entry: PageRead, capture: Capture
) -> PageApplied:
    """Store that a page was a look at its held article, without a reading of it."""
    article_id = known_id(connection, entry.article_id)
    assert article_id is not None
    frontier.set_state(connection, attempt, urls={entry.asked, capture.url}, state=FrontierState.DONE)
    connection.execute(
        "update articles set last_seen_at = max(last_seen_at, ?), last_crawl_id = ? where id = ?",
        (capture.fetched_at, capture.crawl_id, article_id),
    )
    removals.note_seen(connection, article_id, capture=capture, night=attempt.night)
    return PageApplied(article_id, None)


def _refuse(
    connection: sqlite3.Connection, attempt: frontier.Attempt, *, profile: Profile, entry: PageRead, refusal: Refusal,
    reading: PageReading, capture: Capture, rules: int,
) -> None:  # fmt: skip
    """Record a refusal. What an entry of the menu shows instead of a list or an article is said once."""
    if menu.is_said(connection, profile.name, entry=entry, refusal=refusal):
        return
    put_refusal(connection, attempt, url=entry.asked, refusal=refusal)
    if rules > 1:
        compare_answer(connection, profile, entry=entry, kind=refusal.kind, capture=capture, form=reading.form)


def _find_refusal(
    connection: sqlite3.Connection, profile: Profile, *, entry: PageRead, reading: PageReading, capture: Capture,
    rules: int,
) -> Refusal | None:  # fmt: skip
    """Return why an answer is not what it was fetched for, as far as the answer itself shows."""
    if entry.article_id is not None and reading.article is not None:
        return None  # so its run judged
    refusal = _refusal_by(rules, entry, reading=reading)
    if capture.status == 304 and capture.record_type == "response":
        # Nothing changed since an answer that the archive does not hold. This says nothing about the article.
        return Refusal("http-304", say("unasked-304"))
    article = reading.article
    is_for_nothing = article is not None and (
        equals_last_soft_404(connection, profile.name, article=article)
        if rules == 1
        else is_controls_article(connection, profile, article=article, asked=entry.asked, crawl_id=capture.crawl_id)
    )
    if is_for_nothing:
        # It has an article's parts, but is the portal's answer for an address that names nothing.
        return Refusal("soft-404", say("as-for-nothing"))
    if rules < 2 or refusal is None:
        return refusal
    held = articles.article_at(connection, profile.name, url=entry.asked)
    return find_cut_refusal(connection, held, refusal=refusal, marks=reading.marks, capture=capture)


def _refusal_by(rules: int, entry: PageRead, *, reading: PageReading) -> Refusal | None:
    """Return why a page is not what it was fetched for, as the rules of its run named it."""
    refusal = reading.refusal
    if rules > 1 or refusal is None or refusal.former is not None:
        return refusal if rules > 1 or refusal is None else refusal.former
    # By rules 1, each of a pager's answers was a fragment, and each page with an article's parts an article.
    is_fragment = entry.purpose == Purpose.MENU or (entry.page is not None and entry.page > 1)
    return None if is_fragment or reading.article is not None or reading.listing is not None else refusal


def _put_doubt(
    connection: sqlite3.Connection, attempt: frontier.Attempt, *, look: PageLook, judged: Judged, refusal: Refusal
) -> None:
    """Record why a page is not a look at the article of its address."""
    put_refusal(connection, attempt, url=look.asked, refusal=refusal)
    why, capture, nights = judged.put_aside, attempt.capture, look.profile.removal.nights
    if why is not None and look.article_id is not None and capture is not None:
        put_aside(connection, look.article_id, why=why, capture=capture, night=attempt.night, nights=nights)


def attempt_of(connection: sqlite3.Connection, profile: Profile, *, capture: Capture) -> frontier.Attempt:
    """Make the attempt that a capture was."""
    at, crawl_id = capture.fetched_at, capture.crawl_id
    night = night_of_run(connection, profile, crawl_id=crawl_id, at=at)
    return frontier.Attempt(profile.name, at, night, crawl_id, capture)


def put_refusal(connection: sqlite3.Connection, attempt: frontier.Attempt, *, url: str, refusal: Refusal) -> None:
    """Record why a page is not what it was fetched for. Record a miss if it says that a held article is gone."""
    rules = rules_of(connection, attempt.crawl_id)
    is_absent = refusal.kind in absent_kinds(rules)
    if not (rules > 1 and is_absent and removals.is_removed(connection, attempt.portal, url=url)):
        # That a removed article is still gone is not an error: `misses` has the look.
        frontier.put_error(connection, attempt, url=url, refusal=refusal)
    state = FrontierState.FAILED
    if is_absent and removals.note_miss(connection, attempt, url=url, kind=refusal.kind):
        state = FrontierState.MISSED
    elif rules > 1:
        removals.note_unread(connection, attempt, url=url, kind=refusal.kind)
    frontier.set_state(connection, attempt, urls=[url], state=state, reason=refusal.kind)
