"""An article's past told in order, for a lay person: what happened when, and by which evidence. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.web.article.absences import Absence
from crawler.web.article.history_queries import ArticleHistory, VersionLine

# Told by the absence that they belong to.
_TOLD_BY_ABSENCES = frozenset(("missed", "removed", "returned"))


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an article.

    `kind` is `found`, `revised`, `unlisted`, `listed`, `away`, `back`, `merged`, `completed` or `doubted`. `version`
    is the revision that it made, `before` the one that this replaced; `absence` is that of `away` and `back`.
    `is_removal` says that the removal is certain.
    """

    at: str
    kind: str
    capture_id: int | None
    detail: str | None = None
    version: VersionLine | None = None
    before: VersionLine | None = None
    absence: Absence | None = None
    is_removal: bool = False


def tell_history(history: ArticleHistory, *, is_removed: bool) -> list[Happening]:
    """Tell what happened to an article, oldest first; `is_removed` says how the last absence is judged."""
    told = [*_tell_events(history), *_tell_absences(history, is_removed=is_removed)]
    told += [Happening(doubt.at, "doubted", doubt.capture_id, doubt.detail) for doubt in history.doubts]
    return sorted(told, key=lambda one: one.at)


def _tell_events(history: ArticleHistory) -> Iterator[Happening]:
    by_capture = {version.capture_id: version for version in history.versions}
    by_number = {version.number: version for version in history.versions}
    for event in history.events:
        if event.kind in _TOLD_BY_ABSENCES:
            continue
        version = by_capture.get(event.capture_id or 0) if event.kind in ("found", "revised") else None
        before = by_number.get(version.number - 1) if version else None
        yield Happening(event.at, event.kind, event.capture_id, event.detail, version, before)


def _tell_absences(history: ArticleHistory, *, is_removed: bool) -> Iterator[Happening]:
    judged = [event.at for event in history.events if event.kind == "removed"]
    for absence in history.absences:
        is_certain = any(absence.first_missed_at <= at <= absence.last_missed_at for at in judged) or (
            is_removed and absence.returned is None
        )
        first = absence.misses[0]
        yield Happening(first.at, "away", first.capture_id, first.kind, absence=absence, is_removal=is_certain)
        if absence.returned:
            yield Happening(absence.returned.at, "back", absence.returned.capture_id, absence=absence)
