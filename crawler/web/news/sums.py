"""The page of sums of money from a size on, in articles and in attachments, the largest first."""

import re
import sqlite3
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from datasette.utils.asgi import Response

from crawler.archive.attachment_texts import read_doubts, unit_of
from crawler.language.money.sizes import parse_size
from crawler.language.money.sums import cut_around
from crawler.language.numbers import LARGEST, whole_number
from crawler.language.query.items import MAX_QUERY_CHARACTERS
from crawler.language.text import normalize_text
from crawler.search.sql import NO_FILTERS, PHRASES_SQL, Filters, Statement, write_listing, write_source
from crawler.web.captures.stored_bytes import read_attachment_name
from crawler.web.cards import Card, read_cards
from crawler.web.request import SiteRequest
from crawler.web.search.question import parse_day

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
class SumQuestion:
    """What is asked for: sums from `least` to `most` đồng, with rates or without, after a cursor.

    With `words` or days only of articles that have the words side by side, themselves or in a file, and that were
    published then, and of their files.
    """

    least: int
    most: int
    with_rates: bool
    before: tuple[int, int | None, str | None] | None
    words: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def articles(self) -> Statement | None:
        """The statement for the ids of the articles; None if all are asked for."""
        filters = Filters(since=self.since, until=self.until)
        if not self.words and filters == NO_FILTERS:
            return None
        source = write_source(self.words, filters, query=PHRASES_SQL) if self.words else write_listing(filters)
        return Statement(f"select a.id from {source.sql}", source.parameters)  # noqa: S608 - ours


@dataclass(frozen=True, slots=True)
class FoundSum:
    """A sum in an article or in a file.

    Args:
        dong: its value.
        said: as the text has it, with the words `around`.
        per: what a rate is for; None for a total.
        place: the part that says it.
        page: of the file, from 1; None where it has none.
        unit: what its pages are, by `attachment_texts.unit_of`.
        article_id: None for a file.
        numbers: the first and the last version of the article that say it; of a file twice the last one that offers
            it, None if none does.
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
        """True if the article says it no longer, or no article offers the file now."""
        return self.numbers is not None and self.numbers[1] != self.revision

    @property
    def cut(self) -> tuple[str, str, str]:
        """The words before it, its own, and those after it, with an ellipsis where a sentence is cut."""
        before, said, behind = cut_around(self.around, self.said)
        return f"{'…' if before[:1].islower() else ''}{before}", said, f"{behind}{'…' if behind[-1:].isalnum() else ''}"

    @property
    def fragment(self) -> str:
        """The fragment of an address that shows the words in a browser (WICG Text Fragments)."""
        return f":~:text={quote(self.said[:_LONGEST_FRAGMENT], safe='')}"


async def show_sums(request: SiteRequest) -> Response:
    """Show the sums from a size on, `from` as a person writes it ("1,5 tỷ"), to `to`; `rates=1` with rates.

    `q` are words of the article or of a file, `since` and `until` the days of its publication.
    """
    given = {name: request.argument(name) for name in ("from", "to", "since", "until")}
    least, most = (parse_size(given[name]) for name in ("from", "to"))
    since, until = parse_day(given["since"], last=False), parse_day(given["until"], last=True)
    question = SumQuestion(
        DEFAULT_DONG if least is None else least, LARGEST if most is None else most, request.argument("rates") == "1",
        _parse_cursor(request.argument("before")), normalize_text(request.argument("q")[:MAX_QUERY_CHARACTERS]),
        since, until,
    )  # fmt: skip

    def work(connection: sqlite3.Connection) -> tuple[list[FoundSum], tuple[int, int]]:
        return read_sums(connection, question), count_sums(connection, question)

    found, counts = await request.read(work)
    shown = found[:_PAGE_ROWS]
    understood = {"from": least, "to": most, "since": since, "until": until}
    refused = [name for name, asked in understood.items() if given[name] and asked is None]
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
        | {"rates": "1" if question.with_rates else "", "q": question.words},
        next_before=shown[-1].key if len(found) > _PAGE_ROWS else None,
        is_first=question.before is None,
        refused=refused,
    )


def read_sums(connection: sqlite3.Connection, question: SumQuestion) -> list[FoundSum]:
    """Read a page of sums and one more, the largest first: of one value first the articles, the latest id first.

    A value that several versions or places of an article say is one row, of the last version that says it.
    """
    found = [*_read_of_articles(connection, question), *_read_of_files(connection, question)]
    found.sort(key=lambda one: (-one.dong, one.sha256 or "", -(one.article_id or 0)))
    return found[: _PAGE_ROWS + 1]


def _read_of_articles(connection: sqlite3.Connection, question: SumQuestion) -> list[FoundSum]:
    dong, article_id, _ = question.before or (question.most, 2**62, None)
    rows = connection.execute(
        f"""select s.dong, s.article_id, min(s.number) as first, max(s.number) as last, s.place, s.per, s.said, s.around
            from revision_sums s where s.dong between :least and :dong and (s.dong, s.article_id) < (:dong, :id)
              {_narrow(question, _OF_ARTICLE)}
            group by s.dong, s.article_id order by s.dong desc, s.article_id desc limit {_PAGE_ROWS + 1}""",  # noqa: S608 - ours
        _parameters(question) | {"dong": dong, "id": article_id or 0},
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


def _read_of_files(connection: sqlite3.Connection, question: SumQuestion) -> list[FoundSum]:
    dong, _, sha256 = question.before or (question.most, None, "")
    rows = connection.execute(
        f"""select s.dong, s.attachment_sha256 as sha256, min(s.offset), s.page, s.per, s.said, s.around,
              (select t.method from attachment_texts t where t.attachment_sha256 = s.attachment_sha256) as method
            from attachment_facts s where s.dong between :least and :dong
              and (s.dong < :dong or s.attachment_sha256 > :sha256) {_narrow(question, _OF_FILE)}
            group by s.dong, s.attachment_sha256 order by s.dong desc, s.attachment_sha256
            limit {_PAGE_ROWS + 1}""",  # noqa: S608 - ours
        _parameters(question) | {"dong": dong, "sha256": sha256 or ""},
    ).fetchall()
    return [_file_sum(connection, row) for row in rows]


def _file_sum(connection: sqlite3.Connection, row: sqlite3.Row) -> FoundSum:
    sha256 = row["sha256"]
    # Rather an article that offers the file now than one that did.
    offered = connection.execute(
        """select r.article_id, r.number, a.revision
           from revision_attachments r cross join articles a on a.id = r.article_id where r.attachment_sha256 = ?
           order by r.number = a.revision desc, r.article_id desc, r.number desc limit 1""",
        (sha256,),
    ).fetchone()
    article_id, number, revision = offered or (None, None, None)
    card = read_cards(connection, [article_id]).get(article_id) if article_id is not None else None
    return FoundSum(
        row["dong"], row["said"], row["around"], row["per"], "attachment", page=row["page"],
        unit=unit_of(row["method"]), sha256=sha256, card=card, name=read_attachment_name(connection, sha256),
        doubts=read_doubts(connection, sha256), numbers=(number, number) if number else None, revision=revision,
    )  # fmt: skip


def count_sums(connection: sqlite3.Connection, question: SumQuestion) -> tuple[int, int]:
    """Count the sums that the pages of a question show, in articles and in files, each up to MOST_COUNTED + 1."""
    counts = []
    tables = (("revision_sums", "article_id", _OF_ARTICLE), ("attachment_facts", "attachment_sha256", _OF_FILE))
    for table, owner, of in tables:
        (count,) = connection.execute(
            f"""select count(*) from (select 1 from {table} s where s.dong between :least and :most
                {_narrow(question, of)} group by s.dong, s.{owner} limit {MOST_COUNTED + 1})""",  # noqa: S608 - ours
            _parameters(question),
        ).fetchone()
        counts.append(int(count))
    return counts[0], counts[1]


_OF_ARTICLE = "s.article_id in ({})"
_OF_FILE = """s.attachment_sha256 in (
    select f.attachment_sha256 from revision_attachments f where f.article_id in ({}))"""


def _narrow(question: SumQuestion, of: str) -> str:
    """Write the conditions on a sum `s` besides its size; `of` says whose it has to be, with the ids of articles."""
    rates = "" if question.with_rates else " and s.per is null"
    return f"{rates} and {of.format(question.articles.sql)}" if question.articles else rates


def _parameters(question: SumQuestion) -> dict[str, str | int]:
    of_articles = question.articles.parameters if question.articles else {}
    return {"least": question.least, "most": question.most, **of_articles}


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
