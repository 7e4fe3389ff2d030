"""One look at an article's page, with all that verdicts about it need."""

import sqlite3
from dataclasses import dataclass

from crawler.archive.articles.articles import preview_article
from crawler.archive.articles.changes import Change
from crawler.archive.frontier.frontier import Attempt
from crawler.archive.verdicts.nights import night_of
from crawler.items import Address, Article
from crawler.language.similarity import share_known
from crawler.page_marks import PageMarks
from crawler.profile import Profile


@dataclass(frozen=True, slots=True)
class PageLook:
    """A page that reads as an article.

    `asked` is the requested address, `addresses` are those that lead to the page, `article_id` is the held article that
    has one of them, None without one, and `change` how the page differs from it.
    """

    profile: Profile
    attempt: Attempt
    asked: str
    article: Article
    marks: PageMarks
    addresses: tuple[Address, ...]
    article_id: int | None
    change: Change | None

    @property
    def is_edit(self) -> bool:
        """True if the page would make a revision of a held article."""
        return self.change is not None and bool(self.change.fields)

    @property
    def text(self) -> str:
        """Title and body."""
        return f"{self.article.title}\n\n{self.article.body}"

    @property
    def body_known(self) -> float:
        """The share of the page's body that the held article has; of the title where neither has a body."""
        if self.change is None:
            return 0.0
        held = self.change.before
        if not self.article.body and not held.body:
            return share_known(self.article.title, held.title)
        return share_known(self.article.body, held.body) if self.article.body and held.body else 0.0

    @property
    def held_text(self) -> str:
        """Title and body of the held article; "" without one."""
        return f"{self.change.before.title}\n\n{self.change.before.body}" if self.change is not None else ""


def take_look(
    connection: sqlite3.Connection, attempt: Attempt, *, profile: Profile, asked: str, article: Article,
    marks: PageMarks, addresses: tuple[Address, ...], article_id: int | None, rules: int,
) -> PageLook:  # fmt: skip
    """Make a look of a page's reading: compare it with the held article, if there is one. Read-only."""
    change = None
    if article_id is not None and attempt.capture is not None:
        change = preview_article(
            connection, profile, article=article, article_id=article_id, capture=attempt.capture, rules=rules
        )
    return PageLook(profile, attempt, asked, article, marks, addresses, article_id, change)


def count_nights_before(connection: sqlite3.Connection, look: PageLook, *, kind: str, said: str | None = None) -> int:
    """Count the nights before tonight on which the address failed so, since its article was last seen.

    With `said`, only those count whose message has these arguments, as JSON.
    """
    seen = None
    if look.article_id is not None:
        row = connection.execute("select last_seen_at from articles where id = ?", (look.article_id,)).fetchone()
        seen = row["last_seen_at"]
    rows = connection.execute(
        """select distinct c.started_at from crawl_errors e join crawls c on c.id = e.crawl_id
           where e.url = ? and e.kind = ? and c.portal = ? and e.at > coalesce(?, '')
             and e.message_args = coalesce(?, e.message_args)""",
        (look.asked, kind, look.profile.name, seen, said),
    ).fetchall()
    return len({night_of(look.profile, row["started_at"]) for row in rows} - {look.attempt.night})
