"""What the operator should know of the texts of attachments: those of an older reader, and the doubtful ones."""

import sqlite3
from dataclasses import dataclass

from crawler.archive.attachment_texts import TEXT_READER_VERSION, name_in_address, parse_doubts
from crawler.locale import say

# The query doubtful_texts of the site lists all of them.
_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class DoubtfulText:
    """A public attachment of doubtful text: its digest, the name in its address, and the doubts (codes of `DOUBTS`)."""

    sha256: str
    name: str
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextsHealth:
    """Numbers of public attachments: read by an older reader only, and of doubtful text; `listed` are the worst."""

    of_older_reader: int = 0
    doubtful: int = 0
    listed: tuple[DoubtfulText, ...] = ()

    def lines(self, language: str) -> list[str]:
        """Return the sentences for a person; [] if there are none."""
        rows = []
        if self.of_older_reader:
            rows.append(say("status_texts_older", language, count=self.of_older_reader))
        if self.doubtful:
            rows.append(say("status_texts_doubtful", language, count=self.doubtful))
        for one in self.listed:
            why = "; ".join(say(f"doubt_{code}", language) for code in one.doubts)
            rows.append(say("status_text_doubtful", language, name=one.name, digest=one.sha256[:12], why=why))
        return rows


NO_TEXTS = TextsHealth()


def read_texts_health(connection: sqlite3.Connection) -> TextsHealth:
    """Count the texts by indexes that hold no text, and list the doubtful ones of the worst quality."""
    (older,) = connection.execute(
        """select count(*) from attachment_texts indexed by attachment_texts_readers
           where coalesce(tried, version) < ?""",
        (TEXT_READER_VERSION,),
    ).fetchone()
    (doubtful,) = connection.execute(
        "select count(*) from attachment_texts indexed by attachment_texts_doubtful where doubts is not null"
    ).fetchone()
    rows = connection.execute(
        """select attachment_sha256, doubts, (select url from revision_attachments r
               where r.attachment_sha256 = t.attachment_sha256 order by article_id, number, position limit 1) as url
           from attachment_texts t indexed by attachment_texts_doubtful where doubts is not null
           order by quality, attachment_sha256 limit ?""",
        (_MOST_LISTED,),
    )
    listed = tuple(DoubtfulText(row[0], name_in_address(row[2]), parse_doubts(row[1])) for row in rows)
    return TextsHealth(older, doubtful, listed)
