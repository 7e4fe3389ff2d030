"""The citation of a version of an article: as text, for BibTeX, and for Wikipedia's templates. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.language.dates import parse_iso
from crawler.language.text import fold, normalize_text

FORMS = ("text", "short", "bibtex", "wikipedia-vi", "wikipedia-en")
_FALLBACK_ZONE = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation says. `captured_at` is UTC; `archive_url` is the version's page here, `capture_url` its capture.

    `url_status` is Wikipedia's word for what is at `url` now: the same version, another one, or nothing.
    `standing` says in each language that the article is absent from the portal or cannot be read, None if it answers.
    `files_seen_at` is when a version was first seen that has the page of an earlier capture, and other files.
    `payload_sha256` is the digest of the captured answer as transferred, `content_sha256` of the version's content.
    """

    article_id: int
    number: int
    versions: int
    title: str
    byline: str | None
    source: str | None
    portal: str
    portal_title: str
    published_on: str | None
    url: str
    timezone: str
    captured_at: str
    url_status: Literal["live", "deviated", "dead"]
    archive_name: str
    archive_url: str
    capture_url: str
    content_sha256: str
    payload_sha256: str
    record_id: str
    warc_file: str
    standing: Mapping[str, str | None] = field(default_factory=dict)
    files_seen_at: str | None = None

    @property
    def captured_here(self) -> datetime:
        """The time of capture in the portal's zone."""
        return self._locate(self.captured_at)

    @property
    def files_seen_here(self) -> datetime | None:
        """The time of `files_seen_at` in the portal's zone."""
        return self._locate(self.files_seen_at) if self.files_seen_at else None

    def _locate(self, at: str) -> datetime:
        instant = parse_iso(at)
        try:
            return instant.astimezone(ZoneInfo(self.timezone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return instant.astimezone(ZoneInfo(_FALLBACK_ZONE))

    @property
    def kept_on(self) -> str:
        """The first day in the portal's zone of which the archive has the version, page and files."""
        return (self.files_seen_here or self.captured_here).date().isoformat()


def cite(citation: Citation, form: str, *, language: str) -> str:
    """Write a citation in one of FORMS; `language` (`vi`, `en`) matters only for `text` and `short`.

    Raises:
        KeyError: if the form is unknown.
    """
    writers = {
        "text": lambda: _cite_as_text(citation, language),
        "short": lambda: _cite_shortly(citation, language),
        "bibtex": lambda: _cite_for_bibtex(citation),
        "wikipedia-vi": lambda: _cite_for_wikipedia(citation, "chú thích web", language="vi"),
        "wikipedia-en": lambda: _cite_for_wikipedia(citation, "cite web", language="en"),
    }
    return writers[form]()


def _cite_as_text(one: Citation, language: str) -> str:
    here = one.captured_here
    offset = here.strftime("%z")
    zone = f"UTC{offset[:3]}:{offset[3:]}"
    utc = parse_iso(one.captured_at)
    if language == "vi":
        posted = f" Đăng ngày {_day(one.published_on)}." if one.published_on else ""
        return (
            f"{_author(one)}“{_plain(one.title)}”. {_plain(one.portal_title)}.{posted} {one.url}. "
            f"Phiên bản {one.number}/{one.versions}, lưu lúc {here:%H:%M:%S} ngày {here:%d/%m/%Y} ({zone}; "
            f"{utc:%Y-%m-%d %H:%M:%S} UTC){_say_files(one, language)}, {one.archive_name}: {one.archive_url} "
            f"(bản chụp: {one.capture_url}). "
            f"SHA-256 nội dung {one.content_sha256}; SHA-256 bản chụp {one.payload_sha256}; "
            f"bản ghi WARC {one.record_id} trong {one.warc_file}.{_stand(one, language)}"
        )
    posted = f" Posted {one.published_on}." if one.published_on else ""
    return (
        f"{_author(one)}“{_plain(one.title)}”. {_plain(one.portal_title)}.{posted} {one.url}. "
        f"Version {one.number} of {one.versions}, captured {here:%Y-%m-%d %H:%M:%S} ({zone}; "
        f"{utc:%Y-%m-%d %H:%M:%S} UTC){_say_files(one, language)}, {one.archive_name}: {one.archive_url} "
        f"(as captured: {one.capture_url}). "
        f"SHA-256 of the content {one.content_sha256}; SHA-256 of the capture {one.payload_sha256}; "
        f"WARC record {one.record_id} in {one.warc_file}.{_stand(one, language)}"
    )


def _say_files(one: Citation, language: str) -> str:
    """Say since when a page that was captured before has other files, "" for any other version."""
    here = one.files_seen_here
    if here is None:
        return ""
    if language == "vi":
        return f"; tệp hoặc ảnh bị thay, thấy lần đầu lúc {here:%H:%M:%S} ngày {here:%d/%m/%Y}"
    return f"; with other files, first seen {here:%Y-%m-%d %H:%M:%S}"


def _cite_shortly(one: Citation, language: str) -> str:
    here = date.fromisoformat(one.kept_on)
    if language == "vi":
        posted = f", {_day(one.published_on)}" if one.published_on else ""
        kept = f"phiên bản {one.number}/{one.versions}, lưu {here:%d/%m/%Y}"
    else:
        posted = f", {one.published_on}" if one.published_on else ""
        kept = f"version {one.number} of {one.versions}, captured {here:%Y-%m-%d}"
    return (
        f"“{_plain(one.title)}”, {_plain(one.portal_title)}{posted} ({kept}: {one.archive_url}).{_stand(one, language)}"
    )


def _stand(one: Citation, language: str) -> str:
    said = one.standing.get(language)
    return f" {said}" if said else ""


def _author(one: Citation) -> str:
    return f"{_plain(one.byline)}. " if one.byline else ""


def _day(day: str) -> str:
    try:
        return f"{date.fromisoformat(day):%d/%m/%Y}"
    except ValueError:
        return day


def _plain(text: str | None) -> str:
    """Write a text as one line, without controls of writing direction."""
    return normalize_text(text or "")


_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "&": r"\&",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", '"': "''",
}  # fmt: skip


def escape_tex(text: str) -> str:
    r"""Escape a text for a field of BibTeX.

    >>> escape_tex("50% {a}")
    '50\\% \\{a\\}'
    """
    return "".join(_TEX.get(letter, letter) for letter in text)


def _cite_for_bibtex(one: Citation) -> str:
    stem = re.sub("[^a-z0-9]+", "-", fold(one.portal)).strip("-") or "portal"
    here = one.captured_here
    day = _date_or_none(one.published_on)
    fields = [
        ("title", f"{{{escape_tex(_plain(one.title))}}}"),
        ("author", f"{{{escape_tex(_plain(one.byline or one.portal_title))}}}"),
        ("organization", escape_tex(_plain(one.portal_title))),
        ("year", str(day.year) if day else None),
        ("month", str(day.month) if day else None),
        ("day", str(day.day) if day else None),
        ("url", _url_in_tex(one.url)),
        ("urldate", one.kept_on),
        ("language", "vietnamese"),
        (
            "note",
            rf"Version {one.number} of {one.versions}, captured {here.isoformat(timespec='seconds')} "
            rf"({one.captured_at}){_say_files(one, 'en')}, {escape_tex(one.archive_name)}: "
            rf"\url{{{_url_in_note(one.archive_url)}}}, "
            rf"content SHA-256 {one.content_sha256}, capture SHA-256 {one.payload_sha256}, "
            rf"WARC record {escape_tex(one.record_id)} in {escape_tex(one.warc_file)}"
            rf"{'.' + escape_tex(_stand(one, 'en')) if one.standing.get('en') else ''}",
        ),
    ]
    lines = [f"  {name} = {{{value}}}," for name, value in fields if value]
    return "\n".join([f"@misc{{{stem}-{one.article_id}-v{one.number},", *lines, "}"])


def _url_in_tex(url: str) -> str:
    """Encode what would end a BibTeX field; styles print the rest of a `url` field literally."""
    return re.sub(r"[\s{}\\^~\"]", lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), url)


def _url_in_note(url: str) -> str:
    return _url_in_tex(url).replace("%", r"\%").replace("#", r"\#")


def _cite_for_wikipedia(one: Citation, template: str, *, language: str) -> str:
    fields = [
        ("url", _url_in_wiki(one.url)),
        ("title", escape_wiki(_plain(one.title))),
        ("author", escape_wiki(_plain(one.byline)) if one.byline else ""),
        ("date", one.published_on or ""),
        ("website", escape_wiki(_plain(one.portal_title))),
        ("language", "vi" if language == "en" else ""),
        ("access-date", one.kept_on),
        ("archive-url", _url_in_wiki(one.archive_url)),
        ("archive-date", one.kept_on),
        ("url-status", one.url_status),
        # The templates have no field for the hour or a digest; `id` is for any other name of a source.
        ("id", _identify(one, language)),
    ]
    return "{{" + " ".join([template, *(f"|{name}={value}" for name, value in fields if value)]) + "}}"


def _identify(one: Citation, language: str) -> str:
    content, capture, at = (
        ("nội dung", "bản chụp", "lưu lúc") if language == "vi" else ("content", "capture", "captured")
    )
    time = one.captured_here.isoformat(timespec="seconds")
    digests = f"SHA-256 ({content}) {one.content_sha256}, SHA-256 ({capture}) {one.payload_sha256}"
    return f"{digests}, {at} {time}{_say_files(one, language)}"


def escape_wiki(text: str) -> str:
    """Escape a text for a parameter of a template.

    >>> escape_wiki("a | [b] {{c}} <i>")
    'a {{!}} &#91;b&#93; &#123;&#123;c&#125;&#125; &lt;i&gt;'
    """
    marks = {"[": "&#91;", "]": "&#93;", "{": "&#123;", "}": "&#125;", "<": "&lt;", ">": "&gt;", "|": "{{!}}"}
    return "".join(marks.get(letter, letter) for letter in text).replace("''", "&#39;&#39;")


def _url_in_wiki(url: str) -> str:
    return re.sub(r"[\s|{}\[\]<>\"]", lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), url)


def _date_or_none(day: str | None) -> date | None:
    try:
        return date.fromisoformat(day) if day else None
    except ValueError:
        return None
