"""What differs between a stored revision and another reading of its capture, field by field."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from crawler.archive.articles.revisions import FileRow, RevisionContent
from crawler.language.text import show_count

# The number of characters of a value that a line shows; JSON has all.
_SHOWN = 70
_TEXTS = ("title", "summary", "body", "body_html", "byline", "source", "published_on")


@dataclass(frozen=True, slots=True)
class Differing:
    """A field that today's reader reads differently.

    `field` is `page` if the page is refused or cannot be read; `read` says why then. Values of a withheld article are
    None.
    """

    article_id: int
    revision: int
    capture_id: int
    url: str
    field: str
    held: str | None
    read: str | None

    def line(self) -> str:
        """Return it as a line for a person."""
        where = f"article {self.article_id}, revision {self.revision}, capture {self.capture_id}, {self.url}"
        if self.field == "page":
            return f"{where}: page: {self.read}"
        held, read = _excerpts(self.held, self.read)
        return f"{where}: {self.field}: {held} -> {read}"


@dataclass(slots=True)
class Comparison:
    """The result of a comparison: revisions and pages that were compared, those that cannot be, and what differs."""

    revisions: int = 0
    unread: int = 0
    applied: int = 0
    differences: list[Differing] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the result as lines: one for each field that differs, then the counts."""
        articles = {one.article_id for one in self.differences}
        counts = [f"{show_count(self.revisions, 'revision')} read again"]
        counts.append(
            f"{show_count(len(self.differences), 'difference')} in {show_count(len(articles), 'article')}"
            if self.differences
            else "nothing differs"
        )
        if self.unread:
            counts.append(f"{show_count(self.unread, 'page')} refused or unreadable, kept as stored")
        if self.applied:
            counts.append(f"{show_count(self.applied, 'reading')} applied")
        return [*(one.line() for one in self.differences), ", ".join(counts)]

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return asdict(self)


def compare_contents(held: RevisionContent, read: RevisionContent) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield each field that differs, with the stored value and the one read now. Lists are JSON arrays."""
    for name in _TEXTS:
        if getattr(held, name) != getattr(read, name):
            yield name, getattr(held, name), getattr(read, name)
    for name, words in (("images", "captions"), ("attachments", "labels")):
        before: Sequence[FileRow] = getattr(held, name)
        after: Sequence[FileRow] = getattr(read, name)
        if [row.url for row in before] != [row.url for row in after]:
            yield name, _render([row.url for row in before]), _render([row.url for row in after])
        said = [[row.caption_or_label for row in rows] for rows in (before, after)]
        if said[0] != said[1]:
            yield words, _render(said[0]), _render(said[1])


def _render(values: Sequence[str | None]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _excerpts(held: str | None, read: str | None) -> tuple[str, str]:
    """Return both values, cut to where they differ."""
    old, new = held or "", read or ""
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    start = max(0, same - _SHOWN // 3)
    return _excerpt(held, start=start), _excerpt(read, start=start)


def _excerpt(value: str | None, *, start: int) -> str:
    if value is None:
        return "nothing"
    cut = value[start : start + _SHOWN]
    return json.dumps(("…" if start else "") + cut + ("…" if start + _SHOWN < len(value) else ""), ensure_ascii=False)
