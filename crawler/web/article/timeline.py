"""An article's events and absences in one order, for readers: what happened when, and by which evidence. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.items import EventKind
from crawler.web.article.absences import ShownAbsence
from crawler.web.article.history_queries import ArticleHistory, VersionLine

# These events are part of an absence.
_IN_ABSENCES = frozenset((EventKind.MISSED, EventKind.REMOVED, EventKind.RETURNED))


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an article.

    `kind` is `found`, `revised`, `unlisted`, `listed`, `away`, `back`, `merged`, `completed`, `decided`, `doubted`,
    `file-gone`, `file-returned` or `file-replaced`. `version` is the new revision, `before` the one that it replaced;
    `away` and `back` have an `absence`, and `back` the `version` with which the article came back changed.
    `is_removal` is true if the removal is certain.
    """

    at: str
    kind: str
    capture_id: int | None
    detail: str | None = None
    version: VersionLine | None = None
    before: VersionLine | None = None
    absence: ShownAbsence | None = None
    is_removal: bool = False
    detail_kind: str | None = None
    detail_args: str | None = None


def list_happenings(history: ArticleHistory, *, is_removed: bool) -> list[Happening]:
    """List what happened to an article, oldest first; `is_removed` makes the last open absence a certain removal."""
    happenings = [*_list_events(history), *_list_absences(history, is_removed=is_removed)]
    happenings += [
        Happening(
            doubt.at, "doubted", doubt.capture_id, doubt.detail, detail_kind=doubt.detail_kind,
            detail_args=doubt.detail_args,
        )
        for doubt in history.doubts
    ]  # fmt: skip
    happenings += [Happening(one.at, one.kind, one.capture_id, one.detail) for one in history.files]
    return sorted(happenings, key=lambda one: one.at)


def _list_events(history: ArticleHistory) -> Iterator[Happening]:
    by_number = {version.number: version for version in history.versions}
    # A revision by another file's bytes has the capture of its page, so the time tells which one an event made.
    unclaimed = list(history.versions)
    for event in history.events:
        if (event.detail_kind or "").startswith("decided-"):
            yield Happening(
                event.at, "decided", None, event.detail, detail_kind=event.detail_kind, detail_args=event.detail_args
            )
            continue
        if event.kind in _IN_ABSENCES:
            continue
        version = None
        if event.kind in (EventKind.FOUND, EventKind.REVISED):
            version = next((one for one in unclaimed if one.seen_at == event.at), None)
        if version is not None:
            unclaimed.remove(version)
        before = by_number.get(version.number - 1) if version else None
        yield Happening(event.at, event.kind, event.capture_id, event.detail, version, before)


def _list_absences(history: ArticleHistory, *, is_removed: bool) -> Iterator[Happening]:
    judged = [event.at for event in history.events if event.kind == EventKind.REMOVED]
    for absence in history.absences:
        is_certain = any(absence.first_missed_at <= at <= absence.last_missed_at for at in judged) or (
            is_removed and absence.returned is None
        )
        first = absence.misses[0]
        yield Happening(first.at, "away", first.capture_id, first.kind, absence=absence, is_removal=is_certain)
        if absence.returned and not absence.returned.is_decided:
            returned = absence.returned
            changed = next((one for one in history.versions if one.note.came_back and one.seen_at >= returned.at), None)
            is_next = changed is not None and not any(
                returned.at < other.returned.at <= changed.seen_at for other in history.absences if other.returned
            )
            yield Happening(
                returned.at, "back", returned.capture_id, version=changed if is_next else None, absence=absence
            )
