"""The logs that a person reads: one file a night, no article text, no secrets; JSON lines on demand.

A log that cannot be written never fails a crawl: it is said once on standard error.
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

from crawler.errors import PortalArchiveError

logger = logging.getLogger(__name__)

# More than a year of nights; a night is some kilobytes.
NIGHTS_KEPT = 400
_NIGHT_NAME = re.compile(r"\d{4}-\d{2}-\d{2}\.log")

# The scheduler's own log: a few lines a night, so years of them.
SCHEDULE_NAME = "schedule.log"
SCHEDULE_BYTES = 1024 * 1024
SCHEDULE_FILES = 5

# The longest message of a line, in characters; a parser's error may quote the page it fails on.
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
            r"([\w-]*(?:token|secret|passw(?:or)?d|pwd|api[_-]?key|access[_-]?key|signature|cookie|authorization))"
            r"(['\"]?\s*[=:]\s*['\"]?)(?!\*\*\*|(?:bearer|basic)\b)[^\s'\"&,;]+",
            re.IGNORECASE,
        ),
        rf"\1\2{_HIDDEN}",
    ),
)


@dataclass(frozen=True, slots=True)
class LogStyle:
    """How log lines look.

    `form` is `text` or `json`; `clock` and `zone` give the times; `secrets` are hidden wherever they stand.
    """

    form: str
    clock: Callable[[], datetime]
    zone: ZoneInfo | None = None
    secrets: tuple[str, ...] = ()

    def formatter(self) -> logging.Formatter:
        """Make a formatter of this style."""
        return JsonLines(self) if self.form == "json" else TextLines(self)

    def stamp(self) -> str:
        """Give the time of now, in the zone or in the machine's own."""
        return self.clock().astimezone(self.zone).isoformat(sep=" ", timespec="seconds")

    def redact(self, text: str) -> str:
        """Hide the known secrets, and what looks like one."""
        return redact(text, self.secrets)


def redact(text: str, secrets: Sequence[str] = ()) -> str:
    """Hide secrets in a text: those given, user and password in addresses, and values named as one.

    >>> redact("https://a:b@host/x?token=abc&page=2, Authorization: Bearer abcdefgh1")
    'https://***@host/x?token=***&page=2, Authorization: Bearer ***'
    """
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, f"{secret.partition('://')[0]}://{_HIDDEN}")
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class TextLines(logging.Formatter):
    """Time with its offset, level, logger, message."""

    def __init__(self, style: LogStyle) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._shown = style

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """Give the time of a record."""
        return self._shown.stamp()

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Give a trace, with what the error quotes cut short."""
        return _cut_quotes(super().formatException(ei))

    def format(self, record: logging.LogRecord) -> str:
        """Give a record as text, without its secrets."""
        # Another handler may have kept the trace as it formatted it.
        record.exc_text = None
        return self._shown.redact(_cut(super().format(record)))


class JsonLines(JsonFormatter):
    """One JSON object a line: time, level, logger, message; a summary and a trace where there is one."""

    def __init__(self, style: LogStyle) -> None:
        super().__init__(["levelname", "name", "message"], json_ensure_ascii=False)
        self._shown = style

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Give the fields that are public; whatever else a library hangs on a record stays out."""
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
    """Cut what an error says short, since it may quote the page; frames, which are indented, stay whole."""
    lines = trace.splitlines()
    return "\n".join(
        line if line.startswith("  ") or len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]} …" for line in lines
    )


class _Lenient(logging.Handler):
    """Says once that a log cannot be written, and goes on."""

    baseFilename: str  # noqa: N815 - of logging's file handlers
    _has_complained = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's name
        """Complain, once."""
        if not self._has_complained:
            self._has_complained = True
            complain(f"the log {self.baseFilename} cannot be written: {sys.exception()}")

    def close(self) -> None:
        """Close the file; what a full disk does not take is lost."""
        with suppress(OSError):
            super().close()


class NightFile(_Lenient, logging.FileHandler):
    """A night's file; several runs of one night follow each other in it."""


class ScheduleFile(_Lenient, RotatingFileHandler):
    """The scheduler's file, rotated by size."""


def complain(message: str) -> None:
    """Write a warning to standard error, past all logs."""
    sys.stderr.write(f"warning: {message}\n")


def log_to_stderr(style: LogStyle, level: str, *, with_summary: bool = True) -> None:
    """Write what this process logs to standard error, from now on.

    Args:
        style: of its lines.
        level: the least that is written, as `logging` names it.
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
    """Write what is logged while the block runs into the night's file as well; nights beyond the last 400 go.

    An error that ends the block is written there too, and raised on.

    Args:
        folder: made if missing.
        style: of its lines.
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
        # Not by the root logger: the command says it on standard error itself.
        handler.handle(logger.makeRecord(logger.name, logging.ERROR, "", 0, "not run: %s", (str(error),), None))
        raise
    finally:
        logging.root.removeHandler(handler)
        handler.close()


def keep_schedule_log(folder: Path, style: LogStyle) -> None:
    """Write what this process logs into the scheduler's file as well, from now on."""
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
        complain(f"no log is kept in {folder}: {error.strerror or error}")
        return None
    handler.setLevel(logging.INFO)
    handler.setFormatter(style.formatter())
    return handler


def remove_old_nights(folder: Path, *, kept: int = NIGHTS_KEPT) -> None:
    """Remove the files of all nights but the last ones; other files are left alone."""
    nights = sorted(path for path in folder.iterdir() if _NIGHT_NAME.fullmatch(path.name))
    for path in nights[:-kept]:
        try:
            path.unlink()
        except OSError as error:
            complain(f"the old log {path} cannot be removed: {error.strerror}")
