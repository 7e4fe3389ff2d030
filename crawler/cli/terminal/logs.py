"""The logs for a person: one file a night, without article text and secrets; JSON lines on demand.

A log that cannot be written never fails a crawl. One warning on standard error says so.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pythonjsonlogger.json import JsonFormatter

from crawler.errors import PortalArchiveError, say_fault

logger = logging.getLogger(__name__)

# More than a year. The log of a night is some kilobytes.
NIGHTS_KEPT = 400
_NIGHT_NAME = re.compile(r"\d{4}-\d{2}-\d{2}\.log")

# The scheduler's log: a few lines a night, so this is enough for years.
SCHEDULE_NAME = "schedule.log"
SCHEDULE_BYTES = 1024 * 1024
SCHEDULE_FILES = 5

# The longest message, and the longest line of an error, in characters: a parser's error may quote the whole page.
LONGEST_MESSAGE = 4000
LONGEST_QUOTE = 200

_JSON_FIELDS = ("at", "level", "logger", "message", "summary", "trace")
_HIDDEN = "***"
_SECRETS = (
    # user:password@ in an address
    (re.compile(r"(?<=://)[^/\s@'\"]+@"), f"{_HIDDEN}@"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {_HIDDEN}"),
    (
        re.compile(
            r"((?:token|secret|passw(?:or)?d|pwd|api[_-]?key|access[_-]?key|signature|cookie|authorization))"
            r"(['\"]?\s*[=:]\s*['\"]?)(?!\*\*\*|(?:bearer|basic)\b)[^\s'\"&,;]+",
            re.IGNORECASE,
        ),
        rf"\1\2{_HIDDEN}",
    ),
)


@dataclass(frozen=True, slots=True)
class LogStyle:
    """How log lines look.

    `form` is `text` or `json`; `clock` and `zone` give the times; `secrets` are hidden everywhere.
    """

    form: str
    clock: Callable[[], datetime]
    zone: ZoneInfo | None = None
    secrets: tuple[str, ...] = ()

    def formatter(self) -> logging.Formatter:
        """Return a formatter of this style."""
        return JsonLines(self) if self.form == "json" else TextLines(self)

    def stamp(self) -> str:
        """Return the current time, in the zone, or in the machine's zone if there is none."""
        return self.clock().astimezone(self.zone).isoformat(sep=" ", timespec="seconds")

    def redact(self, text: str) -> str:
        """Hide the known secrets, and values that look like secrets."""
        return redact(text, self.secrets)


def redact(text: str, secrets: Sequence[str] = ()) -> str:
    """Hide secrets in a text: the given ones, user and password in addresses, and values with the name of a secret.

    >>> redact("https://a:b@host/x?token=abc&page=2, Authorization: Bearer abcdefgh1")
    'https://***@host/x?token=***&page=2, Authorization: Bearer ***'
    """
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, f"{secret.partition('://')[0]}://{_HIDDEN}")
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class TextLines(logging.Formatter):
    """Lines of text: time with offset, level, logger, message."""

    def __init__(self, style: LogStyle) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._shown = style

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """Return the time of a record."""
        return self._shown.stamp()

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Return a traceback, with long quotes of the error cut."""
        return _cut_quotes(super().formatException(ei))

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text, without secrets."""
        # Another handler may have cached the traceback in its own format.
        record.exc_text = None
        return self._shown.redact(_cut(super().format(record)))


class JsonLines(JsonFormatter):
    """One JSON object a line: time, level, logger, message; summary and trace if the record has them."""

    def __init__(self, style: LogStyle) -> None:
        super().__init__(["levelname", "name", "message"], json_ensure_ascii=False)
        self._shown = style

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Return the public fields. Other fields that libraries add to a record are left out."""
        found = {
            "at": self._shown.clock().astimezone(self._shown.zone).isoformat(timespec="seconds"),
            "level": log_data.get("levelname"),
            "logger": log_data.get("name"),
            "message": _cut(str(log_data.get("message"))),
            "summary": log_data.get("summary"),
            "trace": _cut_quotes(str(log_data["exc_info"])) if log_data.get("exc_info") else None,
        }
        return {name: self._redacted(value) for name in _JSON_FIELDS if (value := found[name]) is not None}

    def _redacted(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._shown.redact(value)
        if isinstance(value, dict):
            return {key: self._redacted(inner) for key, inner in value.items()}
        return value


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]} … ({len(text)} characters)"


def _cut_quotes(trace: str) -> str:
    """Cut long lines of an error message, which may quote the page. Lines of frames are indented, and stay whole."""
    lines = trace.splitlines()
    return "\n".join(
        line if line.startswith("  ") or len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]} …" for line in lines
    )


class _Lenient(logging.Handler):
    """A handler that warns once if the log cannot be written, and goes on."""

    baseFilename: str  # noqa: N815 - of logging's file handlers
    _has_warned = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's name
        """Warn, once."""
        if not self._has_warned:
            self._has_warned = True
            warn(f"the log {self.baseFilename} cannot be written: {say_fault(sys.exception() or OSError())}")

    def close(self) -> None:
        """Close the file. The lines that a full disk does not take are lost."""
        with suppress(OSError):
            super().close()


class NightFile(_Lenient, logging.FileHandler):
    """A night's file. All runs of the night append to it."""


class ScheduleFile(_Lenient, RotatingFileHandler):
    """The scheduler's file, rotated by size."""


def warn(message: str) -> None:
    """Write a warning to standard error, not to the logs."""
    sys.stderr.write(f"warning: {message}\n")


def log_to_stderr(style: LogStyle, level: str, *, with_summary: bool = True) -> None:
    """Log to standard error from now on.

    Args:
        style: the style of the lines.
        level: the lowest level that is written, by its name in `logging`.
        with_summary: False leaves out the summary of a run, which the command prints itself.
    """
    handler = logging.StreamHandler()
    if not with_summary:
        handler.addFilter(lambda record: not hasattr(record, "summary"))
    handler.setLevel(level)
    handler.setFormatter(style.formatter())
    logging.root.addHandler(handler)
    logging.root.setLevel(min(logging.root.level, logging.INFO))


@contextmanager
def keep_night_log(folder: Path, style: LogStyle, *, night: str) -> Iterator[None]:
    """Also log to the night's file while the block runs. Only the files of the last 400 nights are kept.

    An error that ends the block is logged there, and raised again.

    Args:
        folder: created if missing.
        style: the style of the lines.
        night: a date in the portal's zone, ISO 8601.
    """
    handler = _open(lambda: NightFile(folder / f"{night}.log", encoding="utf-8"), folder, style=style)
    if handler is None:
        yield
        return
    remove_old_nights(folder)
    logging.root.addHandler(handler)
    try:
        yield
    except PortalArchiveError as error:
        # Not through the root logger: the command itself prints the error to standard error.
        handler.handle(logger.makeRecord(logger.name, logging.ERROR, "", 0, "not run: %s", (str(error),), None))
        raise
    finally:
        logging.root.removeHandler(handler)
        handler.close()


def keep_schedule_log(folder: Path, style: LogStyle) -> None:
    """Also log to the scheduler's file from now on."""
    handler = _open(
        lambda: ScheduleFile(
            folder / SCHEDULE_NAME, maxBytes=SCHEDULE_BYTES, backupCount=SCHEDULE_FILES, encoding="utf-8"
        ),
        folder,
        style=style,
    )
    if handler is not None:
        logging.root.addHandler(handler)


def _open(make: Callable[[], logging.Handler], folder: Path, *, style: LogStyle) -> logging.Handler | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = make()
    except OSError as error:
        warn(f"no log is kept in {folder}: {error.strerror or error}")
        return None
    handler.setLevel(logging.INFO)
    handler.setFormatter(style.formatter())
    return handler


def remove_old_nights(folder: Path, *, kept: int = NIGHTS_KEPT) -> None:
    """Remove the log files of all nights except the last `kept` ones. Other files stay."""
    nights = sorted(path for path in folder.iterdir() if _NIGHT_NAME.fullmatch(path.name))
    for path in nights[:-kept]:
        try:
            path.unlink()
        except OSError as error:
            warn(f"the old log {path} cannot be removed: {error.strerror}")
