"""Whether a page that reads as an article is a look at the article that has its address."""

import sqlite3
from dataclasses import dataclass

from crawler.archive.articles.insertion.article_read import Match
from crawler.archive.doubts import cut_pages, other_articles, reused_numbers
from crawler.archive.doubts.looks import PageLook
from crawler.items import Address, Refusal
from crawler.sentences import Sentence, say


@dataclass(frozen=True, slots=True)
class Judged:
    """What a look came to: a refusal, or the article that the page is of and the addresses that lead to it.

    `put_aside` is the reason why the reading is quarantined, too; None if it is only refused.
    """

    refusal: Refusal | None
    match: Match
    addresses: tuple[Address, ...]
    put_aside: Sentence | None = None


def judge_look(connection: sqlite3.Connection, look: PageLook, *, match: Match) -> Judged:
    """Judge a page by rules 2. Read-only."""
    cut = cut_pages.find_cut(connection, look)
    if cut is not None:
        return Judged(cut, match, look.addresses)
    found = reused_numbers.find_new_addresses(connection, look)
    if found and reused_numbers.is_certain(connection, look):
        return Judged(None, Match(None, match.join_sha256), found)
    if found:
        why = say("number-reused", url=found[0].url)
        return Judged(Refusal(reused_numbers.KIND, why), match, look.addresses, why)
    other = other_articles.find_other(connection, look, join=match.join_sha256)
    return Judged(other, match, look.addresses)
