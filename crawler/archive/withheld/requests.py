"""Requests to withhold, release or decide, left as files for the run that holds the archive."""

import json
import os
import sqlite3
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from crawler.archive.articles.derived import put_all_sums, put_attachment_facts, put_facts
from crawler.archive.verdicts.decisions import VERDICTS, put_decision
from crawler.archive.warc.ledger import Decided, Released, Withheld
from crawler.archive.withheld.overlay import Overlay
from crawler.archive.withheld.reach import Reach, find_reach
from crawler.archive.withholdings import find_active, next_withholding_id, put_released, put_withheld

FOLDER = ".withholding"


@dataclass(frozen=True, slots=True)
class OperatorRequest:
    """An operator's request: `do` is `withhold`, `release` or a verdict on an article (`removed`, `live`).

    `kind` and `what` are as in the table `withholdings`.
    """

    do: str
    kind: str
    what: str
    reason: str
    by: str
    at: str


def leave_request(archive: Path, request: OperatorRequest) -> Path:
    """Leave a request for the run that holds the archive. Return its file, which the run removes when it is done."""
    folder = archive.absolute().parent / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{uuid.uuid4()}.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(request), ensure_ascii=False), encoding="utf-8")
    part.rename(path)
    return path


class RequestQueue:
    """The requests left beside an archive, for the run that holds it."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._applied: list[Path] = []

    @property
    def has_requests(self) -> bool:
        """True if a request is waiting."""
        return bool(find_left(self._archive))

    def apply(self, connection: sqlite3.Connection) -> list[Withheld | Released | Decided]:
        """Carry out all requests in the caller's transaction. Return the entries for the ledger."""
        entries: list[Withheld | Released | Decided] = []
        for path in find_left(self._archive):
            _taken_path(path).touch()
            request = read_request(path)
            if request is not None:
                is_verdict = request.do in VERDICTS
                entry = (apply_decision if is_verdict else apply_request)(connection, request)
                entries += [entry] if entry is not None else []
            self._applied.append(path)
        return entries

    def settle(self, overlay: Overlay) -> None:
        """Remove the finished requests. Then erase the words of withheld rows, if due. Call after the commit."""
        for path in self._applied:
            drop_request(path)
        self._applied = []
        if overlay.has_to_erase:
            overlay.erase_words()


def is_taken(path: Path) -> bool:
    """Return whether a run is carrying out a request now. On a large archive a request takes some seconds."""
    return _taken_path(path).exists()


def drop_request(path: Path) -> None:
    """Remove a request, if it is there."""
    path.unlink(missing_ok=True)
    _taken_path(path).unlink(missing_ok=True)


def _taken_path(path: Path) -> Path:
    return path.with_suffix(".taken")


def find_left(archive: Path) -> list[Path]:
    """List the waiting requests beside an archive."""
    try:
        with os.scandir(archive.absolute().parent / FOLDER) as found:
            return sorted(Path(one.path) for one in found if one.name.endswith(".json"))
    except OSError:
        return []


def read_request(path: Path) -> OperatorRequest | None:
    """Read a request; None if its file is gone or is not a request."""
    try:
        return OperatorRequest(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def apply_request(connection: sqlite3.Connection, request: OperatorRequest) -> Withheld | Released | None:
    """Store a request in `withholdings`, in the caller's transaction. Return the entry for the ledger.

    Return None if the target is withheld already, or is to be released and is not withheld.
    """
    active = find_active(connection, request.kind, what=request.what)
    if request.do == "withhold" and active is None:
        number = next_withholding_id(connection)
        withheld = Withheld(number, request.at, request.kind, request.what, request.reason, request.by)
        put_withheld(connection, withheld)
        return withheld
    if request.do == "release" and active is not None:
        released = Released(active.id, request.at, request.reason, request.by)
        reach = find_reach(connection, [active])
        put_released(connection, released)
        _find_facts(connection, reach)
        return released
    return None


def _find_facts(connection: sqlite3.Connection, reach: Reach) -> None:
    """Find the facts of what is released: another version may have found them before it was withheld."""
    for article_id in sorted(reach.articles):
        put_facts(connection, article_id)
        put_all_sums(connection, article_id)
    for sha256 in sorted(reach.attachments):
        put_attachment_facts(connection, sha256)


def apply_decision(connection: sqlite3.Connection, request: OperatorRequest) -> Decided | None:
    """Store the verdict of a request, in the caller's transaction. Return the entry for the ledger.

    Return None if the article has this state already.
    """
    decided = Decided(int(request.what), request.at, request.do, request.reason, request.by)
    return decided if put_decision(connection, decided) else None
