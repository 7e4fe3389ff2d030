"""Decide whether an article is removed: a person decides where the evidence is not enough."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive.withheld.open_whole import open_whole
from crawler.archive.withheld.requests import OperatorRequest, apply_decision
from crawler.errors import ArchiveUnusableError, WrongUseError
from crawler.language.dates import to_iso_utc
from crawler.withholding.carrying import do_or_leave, prepare_act, write_act
from crawler.withholding.targets import find_target


@dataclass(frozen=True, slots=True)
class DecisionIntent:
    """A person's decision: the article that `text` names, the verdict (`removed` or `live`), the reason, the person."""

    text: str
    verdict: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The result. `is_new` is False if the article had this state already."""

    article_id: int
    is_new: bool


def decide_article(
    archive: Path, intent: DecisionIntent, *, clock: Callable[[], datetime],
    warcinfo_fields: tuple[tuple[str, str], ...],
) -> DecisionResult:  # fmt: skip
    """Decide that an article is removed or live. If a crawl holds the archive, the crawl stores it.

    Raises:
        ArchiveLockedError: if another run held the archive all the time and did not take the request.
        ArchiveUnusableError: if the archive cannot be read or written.
        WrongUseError: if the article is unclear, or the reason is empty.
    """
    prepare_act(archive, reason=intent.reason, by=intent.by)
    with closing(open_whole(archive)) as connection:
        target = find_target(connection, intent.text)
    if target.kind != "article":
        raise WrongUseError(f"{intent.text!r}: is of kind {target.kind}; only an article is removed or live")
    article_id = int(target.what)
    if _read_state(archive, article_id) == intent.verdict:
        return DecisionResult(article_id, is_new=False)
    request = OperatorRequest(
        intent.verdict, "article", target.what, intent.reason.strip(), intent.by.strip(), to_iso_utc(clock())
    )

    def do_now() -> DecisionResult:
        entry, _ = write_act(
            archive, lambda connection: apply_decision(connection, request), clock=clock,
            warcinfo_fields=warcinfo_fields,
        )  # fmt: skip
        return DecisionResult(article_id, is_new=entry is not None)

    def read_done() -> DecisionResult:
        if _read_state(archive, article_id) != intent.verdict:
            raise ArchiveUnusableError(f"{archive}: the run that holds it could not store the decision")
        return DecisionResult(article_id, is_new=True)

    return do_or_leave(archive, request, do_now=do_now, read_done=read_done)


def _read_state(archive: Path, article_id: int) -> str:
    with closing(open_whole(archive)) as connection:
        return str(connection.execute("select state from articles where id = ?", (article_id,)).fetchone()[0])
