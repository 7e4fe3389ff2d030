"""What a new reading of a file changes of the text that is held. Pure."""

from dataclasses import dataclass, replace
from typing import Literal

from crawler.archive.attachment_texts import HeldText, TextReading
from crawler.attachments.judgement import is_worse, judge
from crawler.language.quality.text_quality import count_words

Kind = Literal["new", "changed", "same", "kept"]
_SHOWN_DIGITS = 12


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file, what is held of it and what was read now, and what came of both.

    `kind` is `new` (never read before), `changed`, `same` (the same text, or none for the same reason), or `kept` (the
    new text is worse, so the held one stays).
    """

    sha256: str
    name: str
    kind: Kind
    before: HeldText | None
    after: TextReading
    version: int

    @property
    def line(self) -> str:
        """The change in one line, for the operator."""
        now = _show(self.after, self.version)
        what = f"{self.name or 'file'} ({self.sha256[:_SHOWN_DIGITS]})"
        if self.before is None:
            return f"{what}: {now}"
        said = {"kept": "kept as it was, since the new text is worse: ", "same": "unchanged: "}.get(self.kind, "")
        return f"{what}: {said}{_show(self.before.reading, self.before.version)} -> {now}"


def decide(
    held: HeldText | None, reading: TextReading, *, sha256: str, name: str, version: int
) -> tuple[HeldText, FileChange]:
    """Decide between the held text of a file and a new reading of it: the held one stays if the new one is worse.

    The held text is judged like a new one, and keeps the name of its reader. What the new reading lacks counts for it,
    so that it is read again when that is there.

    Returns:
        What is to be held from now on, and what changed.
    """
    if held is not None and held.reading.text is not None:
        held = replace(held, reading=judge(held.reading))
    if held is not None and held.reading.text is not None and is_worse(reading.text, held.reading.text):
        change = FileChange(sha256, name, "kept", held, reading, version)
        return HeldText(replace(held.reading, lacks=reading.lacks), held.version, version), change
    kind: Kind = "new" if held is None else "changed"
    if held is not None and (held.reading.text, held.reading.reason) == (reading.text, reading.reason):
        kind = "same"
    return HeldText(reading, version), FileChange(sha256, name, kind, held, reading, version)


def _show(reading: TextReading, version: int) -> str:
    reader = f"reader {version}" + (f" ({reading.tool or reading.method})" if reading.tool or reading.method else "")
    if reading.text is None:
        return f"no text ({reading.reason}), {reader}"
    quality = "unknown" if reading.quality is None else f"{reading.quality:.3f}"
    doubts = f", doubtful ({', '.join(reading.doubts)})" if reading.doubts else ""
    return f"{count_words(reading.text)} words, quality {quality}{doubts}, {reader}"
