# ruff: noqa: S608 - conditions of ours
"""The evidence that an absence is a removal: the number of absent nights, other answers, articles gone at once."""

import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import date

from crawler.sentences import Sentence, say

# This many other articles must answer on the night on which a removal becomes certain; all, if there are fewer.
WITNESSES = 3
# If a listing still names an absent article, it is removed after this many days with this many absent looks.
LISTED_DAYS, LISTED_LOOKS = 14, 7
# Absences at once are one event if they reach a number and a share of the night's looks, or a number and half of their
# category. Each is certain after this many nights.
MANY, MANY_SHARE, MANY_OF_CATEGORY, MANY_NIGHTS = 10, 0.05, 5, 7


@dataclass(frozen=True, slots=True)
class Absence:
    """The absence of an article so far: the absent nights that count, the first of them, and whether it is listed.

    `is_one_of_many`: on one of these nights many articles vanished at once.
    """

    article_id: int
    category_id: int | None
    nights: int
    first_night: str
    first_at: str
    is_listed: bool
    is_one_of_many: bool


@dataclass(frozen=True, slots=True)
class ManyGone:
    """Many articles that are gone at once: their ids, and the sentence for the night's reasons."""

    articles: frozenset[int]
    why: Sentence


# An article's absent nights since it last answered and since a person last decided about it.
_SINCE = """m.night > coalesce(a.seen_on, '') and m.at > coalesce(a.decided_at, '')"""


def read_absence(connection: sqlite3.Connection, article_id: int) -> Absence | None:
    """Read the absence of an article so far. None if no look found it gone since it last answered."""
    row = connection.execute(
        f"""select a.category_id, count(*) as nights, min(m.night) as night, min(m.at) as at, a.listed,
              max(m.many) as many from articles a join misses m on m.article_id = a.id
            where a.id = ? and m.counted and {_SINCE} group by a.id""",
        (article_id,),
    ).fetchone()
    if row is None:
        return None
    return Absence(
        article_id, row["category_id"], row["nights"], row["night"], row["at"], bool(row["listed"]), bool(row["many"])
    )


def is_certain(
    connection: sqlite3.Connection, portal: str, *, absence: Absence, night: str, nights: int, rules: int
) -> bool:
    """Return whether an absence is a removal for certain on a night.

    Args:
        nights: the profile's `removal.nights`.
        rules: by rules 4, articles that were held before the absence began are the witnesses: a portal that came in
            the place of another one answers for its own articles.
    """
    needed = nights
    if absence.is_listed:
        days = (date.fromisoformat(night) - date.fromisoformat(absence.first_night)).days
        if days < LISTED_DAYS:
            return False
        needed = max(nights, LISTED_LOOKS)
    if absence.is_one_of_many:
        needed = max(needed, MANY_NIGHTS)
    if absence.nights < needed:
        return False
    elsewhere, beside = (
        _witnesses(connection, portal, absence=absence, night=night, where=where, rules=rules)
        for where in ("category_id is not ?", "category_id is ?")
    )
    anywhere = _Witnesses(elsewhere.count + beside.count, elsewhere.answered + beside.answered)
    if absence.is_one_of_many:
        # Articles that vanished together are not evidence for each other: other categories must answer. If there are
        # no other categories, the rest of the category must answer.
        return bool(anywhere.count) and (elsewhere if elsewhere.count else anywhere).is_enough
    if beside.count >= WITNESSES:
        # If a category does not answer for this long while the portal answers, the removal is certain.
        return beside.is_enough or (absence.nights >= MANY_NIGHTS and anywhere.is_enough)
    return anywhere.is_enough


@dataclass(frozen=True, slots=True)
class _Witnesses:
    """The numbers of other articles that should be there, and of those that answered on a night; up to a limit."""

    count: int
    answered: int

    @property
    def is_enough(self) -> bool:
        return self.answered >= min(WITNESSES, self.count)


def _witnesses(
    connection: sqlite3.Connection, portal: str, *, absence: Absence, night: str, where: str, rules: int
) -> _Witnesses:
    """Count the other articles of some categories, up to `WITNESSES`, because more are not needed."""
    held = f"""select 1 from articles indexed by articles_seen where portal = :portal and state <> 'removed'
      and state = 'live' and id <> :id and {where.replace("?", ":category")}
      and (:rules < 4 or first_seen_on < :since)"""
    row = connection.execute(
        f"""select (select count(*) from ({held} limit {WITNESSES})),
              (select count(*) from ({held} and seen_on = :night limit {WITNESSES}))""",
        {
            "portal": portal, "id": absence.article_id, "category": absence.category_id, "night": night,
            "since": absence.first_night, "rules": rules,
        },
    ).fetchone()  # fmt: skip
    return _Witnesses(int(row[0]), int(row[1]))


def find_many(connection: sqlite3.Connection, portal: str, *, night: str) -> ManyGone | None:
    """Return the articles that are gone at once on a night; None if they are few.

    An absence counts on the nights before it can be certain. From `MANY_NIGHTS` on it is an event of the past: the
    night can be sound, and its listings show whether they still name the articles.
    """
    missed = _read_missed(connection, portal, night=night)
    looks = connection.execute(
        "select count(*) from articles where portal = ? and looked_on = ?", (portal, night)
    ).fetchone()[0]
    if len(missed) >= MANY and len(missed) >= MANY_SHARE * looks:
        why = say("many-gone", count=len(missed), total=looks, nights=MANY_NIGHTS)
        return ManyGone(frozenset(missed), why)
    for category_id, count in sorted(Counter(missed.values()).items(), key=lambda one: (-one[1], one[0] or 0)):
        if count < MANY_OF_CATEGORY:
            break
        row = connection.execute(
            """select c.slug, (select count(*) from articles a where a.category_id = c.id and a.state <> 'removed')
               from categories c where c.id is ?""",
            (category_id,),
        ).fetchone()
        if row is not None and count * 2 >= row[1]:
            of_it = frozenset(article_id for article_id, its in missed.items() if its == category_id)
            return ManyGone(of_it, say("category-gone", count=count, category=row[0], nights=MANY_NIGHTS))
    return None


def _read_missed(connection: sqlite3.Connection, portal: str, *, night: str) -> dict[int, int | None]:
    """Return the articles that a night finds gone, with their categories, without removed and old ones."""
    rows = connection.execute(
        f"""select a.id, a.category_id from misses t cross join articles a on a.id = t.article_id
            where a.portal = ? and t.night = ? and a.seen_on is not ? and a.state <> 'removed'
              and (select count(*) from misses m where m.article_id = a.id and {_SINCE}
                and (m.counted or m.counted is null)) < ?
            order by a.id""",
        (portal, night, night, MANY_NIGHTS),
    )
    return {row[0]: row[1] for row in rows.fetchall()}
