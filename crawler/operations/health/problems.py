"""Every kind of problem, and the sentence that says it: what, since when, what to do."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.errors import Fault, SchemaTooNewError, SchemaTooOldError, fault_of
from crawler.language.dates import to_iso_utc
from crawler.language.text import show_bytes
from crawler.locale import localize_size, say, say_stored

# In Vietnamese, the times of a problem that belongs to no portal are shown in this zone.
HOME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

# The longest quotation (a reason, an error) in a sentence, in characters.
_MAX_QUOTE = 300

# The kinds are promised (docs/operations.md, "Alarms").
KINDS = frozenset({
    "archive", "not-crawled", "night-missed", "hung", "died", "interrupted", "failed", "partial", "suspect", "empty",
    "parked", "clock", "disk", "backup", "drill", "profile-fault", "journal", "subscription",
})  # fmt: skip

# A portal has at most one of these: how its last run went.
NIGHT_KINDS = frozenset({"hung", "died", "interrupted", "failed", "partial", "suspect", "parked"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that needs a person.

    `kind` and `subject` (a portal's name, "" if it belongs to no portal) identify it. `since` is ISO 8601 in UTC with
    Z. The sentences say what, since when, and what to do.
    """

    kind: str
    subject: str
    since: str
    sentence_en: str
    sentence_vi: str

    def sentence(self, language: str) -> str:
        """Return the sentence in a language, `vi` or `en`."""
        return self.sentence_vi if language == "vi" else self.sentence_en


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words inside a sentence that differ between the languages: a message of the catalogues, with its fields."""

    key: str
    fields: Mapping[str, "Value"] = field(default_factory=dict)

    def say_in(self, language: str, zone: tzinfo) -> str:
        """Return the words in a language. Times are in UTC in English, and in `zone` in Vietnamese."""
        return say(self.key, language, **{name: _show(one, language, zone=zone) for name, one in self.fields.items()})


@dataclass(frozen=True, slots=True)
class StoredReason:
    """The reason of a run as `crawls` keeps it: prose, kind and arguments."""

    prose: str | None
    kind: str | None
    args: str | None

    def say_in(self, language: str) -> str:
        """Quote the reason in a language."""
        return _shorten(say_stored(self.prose, self.args, kind=self.kind, language=language)) or say(
            "problem_no_reason", language
        )


@dataclass(frozen=True, slots=True)
class Size:
    """A number of bytes, shown in the unit that gives it few digits."""

    count: float


# What a sentence may name.
Value = str | int | datetime | Phrase | StoredReason | Size


_ARCHIVE_FAULTS = {
    Fault.FULL: Phrase("archive_no_space"),
    Fault.FAILING: Phrase("archive_disk_fails"),
    Fault.DAMAGED: Phrase("archive_damaged"),
    Fault.SHUT: Phrase("archive_shut"),
    Fault.BUSY: Phrase("archive_busy"),
    Fault.OTHER: Phrase("archive_unreadable"),
}


def say_unusable(archive: Path, error: Exception) -> Phrase:
    """Say why the database of an archive cannot be read, without a path."""
    if isinstance(error, SchemaTooNewError):
        return Phrase("archive_too_new")
    if isinstance(error, SchemaTooOldError):
        return Phrase("archive_too_old")
    if not archive.is_file():
        return Phrase("archive_missing")
    return _ARCHIVE_FAULTS[fault_of(error)]


def make_problem(
    wording: str, subject: str = "", *, since: datetime, zone: tzinfo = HOME_ZONE, **values: Value
) -> Problem:
    """Make a problem of a kind (after a slash: with another wording), from the values that its sentence names.

    The sentences are the messages `problem_WORDING` of the catalogues. Times in them are in UTC in English, and in
    `zone` in Vietnamese.
    """
    sentence = Phrase(f"problem_{wording}", {"subject": subject, "since": since, **values})
    return Problem(
        wording.partition("/")[0],
        subject,
        to_iso_utc(since),
        sentence.say_in("en", zone) + ".",
        sentence.say_in("vi", zone) + ".",
    )


def quote(text: str | None, otherwise: Phrase) -> str | Phrase:
    """Return somebody else's words for a sentence: one line, nothing invisible, not too long, no final full stop."""
    return _shorten(text) or otherwise


def _shorten(text: str | None) -> str:
    words = " ".join("".join(char if unicodedata.category(char)[0] != "C" else " " for char in text or "").split())
    shown = words if len(words) <= _MAX_QUOTE else words[:_MAX_QUOTE].rstrip() + "…"
    return shown.rstrip(". ")


def _show(value: Value, language: str, *, zone: tzinfo) -> str | int:
    if isinstance(value, Phrase):
        return value.say_in(language, zone)
    if isinstance(value, StoredReason):
        return value.say_in(language)
    if isinstance(value, Size):
        return localize_size(show_bytes(value.count), language)
    if isinstance(value, datetime):
        return (
            f"{value.astimezone(zone):%H:%M ngày %d/%m/%Y}"
            if language == "vi"
            else f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        )
    return value
