"""What is known of an article on its portal, in one sentence: last seen, absent since, how many looks, if listed."""

from dataclasses import dataclass

from crawler.items import ArticleState
from crawler.locale import say, show_moment

# The columns of a `Standing` beside those of every article; `a` is the table `articles`.
_OPEN_MISSES = """from misses m where m.article_id = a.id and m.counted and m.night > coalesce(a.seen_on, '')
    and m.at > coalesce(a.decided_at, '')"""
STANDING_COLUMNS = f"""a.listed, (select min(m.at) {_OPEN_MISSES}) as absent_since,
    (select count(*) {_OPEN_MISSES}) as absent_looks,
    coalesce(a.unread_since, (select min(l.at) from unread_looks l
      where l.article_id = a.id and a.state = 'live' and l.night > coalesce(a.seen_on, ''))) as unread_since,
    (select max(n.fetched_at) from article_urls u
      join listing_rows r on r.portal = u.portal and r.url = u.url and r.listed
      join captures n on n.id = r.last_capture_id where u.article_id = a.id) as named_at"""  # noqa: S608 - conditions of ours


@dataclass(frozen=True, slots=True)
class Standing:
    """What the looks at an article found since it last answered.

    `absent_since` is the first absent look that counts, None without one; `unread_since` is since when it cannot be
    read; `named_at` is when a listing last named it, None if none does. Times are UTC.
    """

    state: str
    last_seen_at: str
    absent_since: str | None
    absent_looks: int
    listed: bool
    unread_since: str | None
    named_at: str | None
    timezone: str

    def say_in(self, language: str) -> str | None:
        """Return the sentence in a language; None if the article answered at its last look."""

        def show(at: str) -> str:
            return show_moment(at, language, self.timezone)

        if self.state != ArticleState.LIVE and self.absent_since is not None:
            seen, since, count = show(self.last_seen_at), show(self.absent_since), self.absent_looks
            if self.listed and self.named_at is not None:
                named = show(self.named_at)
                said = say("standing_listed", language, seen=seen, since=since, count=count, named=named)
            else:
                said = say("standing_unlisted", language, seen=seen, since=since, count=count)
        elif self.unread_since is not None:
            return say("standing_unread", language, seen=show(self.last_seen_at), since=show(self.unread_since))
        else:
            return None
        if self.unread_since is None:
            return said
        return f"{said} {say('standing_unread_too', language, since=show(self.unread_since))}"
