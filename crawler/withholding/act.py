"""Withholding and releasing: a WARC record and one commit, also while a crawl holds the archive."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crawler.archive.page_pictures.store import drop_unpublished
from crawler.archive.warc.ledger import Released, Withheld
from crawler.archive.withheld.open_whole import open_whole
from crawler.archive.withheld.requests import OperatorRequest, apply_request
from crawler.archive.withheld.withheld_db import find_name, read_state, read_withheld
from crawler.archive.withholdings import Withholding, find_active
from crawler.errors import ArchiveUnusableError, WrongUseError
from crawler.language.dates import to_iso_utc
from crawler.language.text import fold
from crawler.withholding.carrying import Act, do_or_leave, prepare_act, write_act
from crawler.withholding.targets import Target, find_target


@dataclass(frozen=True, slots=True)
class Intent:
    """An operator's request: the action (`withhold` or `release`), the target that `text` names, reason and person."""

    action: str
    text: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class WithholdingResult:
    """The result. `is_new` is False if the target was withheld already. `note` is a line of output for the operator."""

    target: Target
    number: int
    is_new: bool
    note: str | None = None


Tell = Callable[[WithholdingResult], None]


def carry_out(
    archive: Path, intent: Intent, *, clock: Callable[[], datetime], warcinfo_fields: tuple[tuple[str, str], ...],
    tell: Tell = lambda _: None,
) -> WithholdingResult:  # fmt: skip
    """Withhold or release something. If a crawl holds the archive, the crawl does it.

    Args:
        archive: the database.
        intent: what to do.
        clock: gives the time of the act.
        warcinfo_fields: fields of the WARC file that is written.
        tell: called when the act is committed, so that readers see it, and before the withheld words are erased.

    Raises:
        ArchiveLockedError: if another run held the archive all the time and did not take the request.
        ArchiveUnusableError: if the archive cannot be read or written.
        WrongUseError: if the target is unclear, is to be released and is not withheld, or the reason names its title.
    """
    prepare_act(archive, reason=intent.reason, by=intent.by)
    with closing(open_whole(archive)) as connection:
        target = find_target(connection, intent.text)
        _refuse_title(target, intent)
        active = find_active(connection, target.kind, what=target.what)
        if intent.action == "release" and active is None:
            raise WrongUseError(_why_not_withheld(archive, connection, target=target))
        if intent.action == "withhold" and active is not None:
            return WithholdingResult(target, active.id, is_new=False)
    request = OperatorRequest(
        intent.action, target.kind, target.what, intent.reason.strip(), intent.by.strip(), to_iso_utc(clock())
    )  # fmt: skip
    result = do_or_leave(
        archive,
        request,
        do_now=lambda: _do_now(
            archive, target, request=request, clock=clock, warcinfo_fields=warcinfo_fields, tell=tell
        ),
        read_done=lambda: _read_done(archive, target, request=request, tell=tell),
    )
    return _drop_pictures(archive, result)


def _drop_pictures(archive: Path, result: WithholdingResult) -> WithholdingResult:
    """Delete the drawn pages of a withheld attachment. The site does not show them, even if this fails."""
    try:
        drop_unpublished(archive)
    except ArchiveUnusableError as error:
        note = f"the drawn pages of withheld files could not be deleted ({error}); delete that file"
        return replace(result, note="; ".join(filter(None, (result.note, note))))
    return result


def _refuse_title(target: Target, intent: Intent) -> None:
    """Refuse a reason that holds the title of the article: the reason is public."""
    title = fold(target.title or "").strip()
    for public in (intent.reason, intent.by):
        if len(title.split()) > 1 and title in fold(public):
            raise WrongUseError("the reason is public: it must not hold the title of what it withholds")


def _why_not_withheld(archive: Path, connection: sqlite3.Connection, *, target: Target) -> str:
    name = f"{target.kind} {target.what}"
    state = read_state(connection)
    if connection.execute("select 1 from withholdings where released_at is null limit 1").fetchone():
        with read_withheld(archive, state) as withheld:
            number = find_name(withheld, target.kind, name=target.what, generation=state.generation)
        if number is not None:
            row = connection.execute("select kind, what from withholdings where id = ?", (number,)).fetchone()
            return f"{name}: is withheld only with {row[0]} {row[1]}; release that"
    return f"{name}: is not withheld"


def _read_done(archive: Path, target: Target, *, request: OperatorRequest, tell: Tell) -> WithholdingResult:
    """Read the result of a request that a crawl took."""
    with closing(open_whole(archive)) as connection:
        row = connection.execute(
            "select max(id) from withholdings where kind = ? and what = ?", (target.kind, target.what)
        ).fetchone()
        active = find_active(connection, target.kind, what=target.what)
    if (active is not None) != (request.do == "withhold"):
        raise ArchiveUnusableError(f"{archive}: the run that holds it could not {request.do} {target.kind}")
    result = WithholdingResult(target, int(row[0]), is_new=True)
    tell(result)
    return result


def _do_now(
    archive: Path, target: Target, *, request: OperatorRequest, clock: Callable[[], datetime],
    warcinfo_fields: tuple[tuple[str, str], ...], tell: Tell,
) -> WithholdingResult:  # fmt: skip
    before: list[Withholding | None] = []

    def make(connection: sqlite3.Connection) -> Withheld | Released | None:
        before.append(find_active(connection, target.kind, what=target.what))
        return apply_request(connection, request)

    def tell_entry(entry: Act) -> None:
        assert isinstance(entry, Withheld | Released)
        tell(WithholdingResult(target, entry.withholding_id, is_new=True))

    entry, is_erased = write_act(archive, make, clock=clock, warcinfo_fields=warcinfo_fields, tell=tell_entry)
    if not isinstance(entry, Withheld | Released):
        if before[0] is None:
            raise WrongUseError(f"{target.kind} {target.what}: is not withheld")
        return WithholdingResult(target, before[0].id, is_new=False)
    note = None
    if not is_erased:
        note = (
            "another program is still reading the archive. Until it stops, the write-ahead log keeps the withheld "
            "text; the next crawl empties it"
        )
    return WithholdingResult(target, entry.withholding_id, is_new=True, note=note)
