"""The page of sums of money from a size on, in articles and in attachments, the largest first."""

import re
import sqlite3
from dataclasses import dataclass
from urllib.parse import quote

from datasette.utils.asgi import Response

from crawler.archive.attachment_texts import read_doubts, unit_of
from crawler.language.money.sizes import parse_size
from crawler.language.money.sums import cut_around
from crawler.language.numbers import LARGEST, whole_number
from crawler.web.captures.stored_bytes import read_attachment_name
from crawler.web.cards import Card, read_cards
from crawler.web.request import SiteRequest

DEFAULT_DONG = 1_000_000_000
# Offered as links.
STEPS = (10**8, 10**9, 10**10, 10**11, 10**12)
_PAGE_ROWS = 20
# Counting stops here.
MOST_COUNTED = 1000
_CURSOR = re.compile(r"([0-9]{1,19})\.(?:a([0-9]{1,18})|f([0-9a-f]{64}))")
# A longer text in an address finds no place in a browser.
_LONGEST_FRAGMENT = 100


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for: sums from `least` to `most` đồng, with rates or without, behind a cursor."""

    least: int
    most: int
    with_rates: bool
    before: tuple[int, int | None, str | None] | None


@dataclass(frozen=True, slots=True)
class FoundSum:
    """A sum in an article (`numbers` are its first and last version that say it) or in a file.

    Args:
        dong: its value.
        said: as the text has it, with the words `around`.
        per: what a rate is for; None for a total.
        place: the part that says it.
        page: of the file, from 1; None where it has none.
        unit: what its pages are, by `attachment_texts.unit_of`.
        article_id: None for a file.
        numbers: None for a file.
        sha256: None for an article.
        card: the article, of a file one that offers it; None if none does.
        name: of the file.
        doubts: why the text of the file may be wrong.
    """

    dong: int
    said: str
    around: str
    per: str | None
    place: str
    page: int | None = None
    unit: str = "page"
    article_id: int | None = None
    numbers: tuple[int, int] | None = None
    sha256: str | None = None
    card: Card | None = None
    revision: int | None = None
    name: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its cursor."""
        return f"{self.dong}.{f'a{self.article_id}' if self.sha256 is None else f'f{self.sha256}'}"

    @property
    def is_past(self) -> bool:
        """True if the article says it no longer."""
        return self.numbers is not None and self.numbers[1] != self.revision

    @property
    def cut(self) -> tuple[str, str, str]:
        """The words before it, its own, and those behind, with an ellipsis where a sentence is cut."""
        before, said, behind = cut_around(self.around, self.said)
        return f"{'…' if before[:1].islower() else ''}{before}", said, f"{behind}{'…' if behind[-1:].isalnum() else ''}"

    @property
    def fragment(self) -> str:
        """The fragment of an address that shows the words in a browser (WICG Text Fragments)."""
        return f":~:text={quote(self.said[:_LONGEST_FRAGMENT], safe='')}"


async def show_sums(request: SiteRequest) -> Response:
    """Show the sums from a size on, `from` as a person writes it ("1,5 tỷ"), to `to`; `rates=1` with rates."""
    given = {name: request.argument(name) for name in ("from", "to")}
    least, most = (parse_size(given[name]) for name in ("from", "to"))
    question = Question(
        DEFAULT_DONG if least is None else least, LARGEST if most is None else most, request.argument("rates") == "1",
        _parse_cursor(request.argument("before")),
    )  # fmt: skip

    def work(connection: sqlite3.Connection) -> tuple[list[FoundSum], tuple[int, int]]:
        return read_sums(connection, question), count_sums(connection, question)

    found, counts = await request.read(work)
    shown = found[:_PAGE_ROWS]
    refused = [name for name, asked in (("from", least), ("to", most)) if given[name] and asked is None]
    return await request.render(
        "sums.html",
        found=shown,
        counts=counts,
        most_counted=MOST_COUNTED,
        question=question,
        steps=STEPS,
        default=DEFAULT_DONG,
        largest=LARGEST,
        parameters={name: given[name] for name in given if name not in refused}
        | {"rates": "1" if question.with_rates else ""},
        next_before=shown[-1].key if len(found) > _PAGE_ROWS else None,
        is_first=question.before is None,
        refused=refused,
    )


def read_sums(connection: sqlite3.Connection, question: Question) -> list[FoundSum]:
    """Read a page of sums and one more, the largest first: of one value first the articles, the latest id first.

    A value that several versions or places of an article say is one row, of the last version that says it.
    """
    found = [*_read_of_articles(connection, question), *_read_of_files(connection, question)]
    found.sort(key=lambda one: (-one.dong, one.sha256 or "", -(one.article_id or 0)))
    return found[: _PAGE_ROWS + 1]


def _read_of_articles(connection: sqlite3.Connection, question: Question) -> list[FoundSum]:
    dong, article_id, _ = question.before or (question.most, 2**62, None)
    rows = connection.execute(
        f"""select s.dong, s.article_id, min(s.number) as first, max(s.number) as last, s.place, s.per, s.said, s.around
            from revision_sums s where s.dong between ? and ? and (s.dong, s.article_id) < (?, ?) {_rates(question)}
            group by s.dong, s.article_id order by s.dong desc, s.article_id desc limit ?""",  # noqa: S608 - ours
        (question.least, dong, dong, article_id or 0, _PAGE_ROWS + 1),
    ).fetchall()
    cards = read_cards(connection, [row["article_id"] for row in rows])
    numbers = {row["article_id"]: _read_revision(connection, row["article_id"]) for row in rows}
    return [
        FoundSum(
            row["dong"], row["said"], row["around"], row["per"], row["place"], article_id=row["article_id"],
            numbers=(row["first"], row["last"]), card=cards.get(row["article_id"]), revision=numbers[row["article_id"]],
        )
        for row in rows
    ]  # fmt: skip


def _read_of_files(connection: sqlite3.Connection, question: Question) -> list[FoundSum]:
    dong, _, sha256 = question.before or (question.most, None, "")
    rows = connection.execute(
        f"""select s.dong, s.attachment_sha256 as sha256, min(s.offset), s.page, s.per, s.said, s.around,
              (select t.method from attachment_texts t where t.attachment_sha256 = s.attachment_sha256) as method
            from attachment_facts s where s.dong between ? and ? and (s.dong < ? or s.attachment_sha256 > ?)
              {_rates(question)}
            group by s.dong, s.attachment_sha256 order by s.dong desc, s.attachment_sha256 limit ?""",  # noqa: S608 - ours
        (question.least, dong, dong, sha256 or "", _PAGE_ROWS + 1),
    ).fetchall()
    return [_file_sum(connection, row) for row in rows]


def _file_sum(connection: sqlite3.Connection, row: sqlite3.Row) -> FoundSum:
    sha256 = row["sha256"]
    offered = connection.execute(
        "select max(article_id) from revision_attachments where attachment_sha256 = ?", (sha256,)
    ).fetchone()[0]
    card = read_cards(connection, [offered]).get(offered) if offered is not None else None
    return FoundSum(
        row["dong"], row["said"], row["around"], row["per"], "attachment", page=row["page"],
        unit=unit_of(row["method"]), sha256=sha256, card=card, name=read_attachment_name(connection, sha256),
        doubts=read_doubts(connection, sha256),
    )  # fmt: skip


def count_sums(connection: sqlite3.Connection, question: Question) -> tuple[int, int]:
    """Count the sums that the pages of a question show, in articles and in files, each up to MOST_COUNTED + 1."""
    counts = []
    for table, owner in (("revision_sums", "article_id"), ("attachment_facts", "attachment_sha256")):
        (count,) = connection.execute(
            f"""select count(*) from (select 1 from {table} s where s.dong between ? and ? {_rates(question)}
                group by s.dong, s.{owner} limit ?)""",  # noqa: S608 - our own names
            (question.least, question.most, MOST_COUNTED + 1),
        ).fetchone()
        counts.append(int(count))
    return counts[0], counts[1]


def _rates(question: Question) -> str:
    return "" if question.with_rates else "and s.per is null"


def _read_revision(connection: sqlite3.Connection, article_id: int) -> int | None:
    row = connection.execute("select revision from articles where id = ?", (article_id,)).fetchone()
    return int(row[0]) if row else None


def _parse_cursor(text: str) -> tuple[int, int | None, str | None] | None:
    """Parse the `before` cursor. None (first page) if it is invalid."""
    found = _CURSOR.fullmatch(text)
    dong = whole_number(found[1]) if found else None
    if found is None or dong is None:
        return None
    return dong, int(found[2]) if found[2] else None, found[3]
