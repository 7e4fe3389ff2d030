"""Scrapy's settings and ours, each with its default and the reason for another value.

The only reader of the environment. What a profile decides (pace, robots, TLS) is set by the spider over these.
"""

import os
import platform
import re
import socket
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from crawler import __version__
from crawler.errors import WrongUseError
from crawler.language.dates import parse_iso

BOT_NAME = "portal-archive"
SPIDER_MODULES = ["crawler.crawl.spider"]
NEWSPIDER_MODULE = "crawler.crawl.spider"

# Ours: the database a run writes; `warc/` lies beside it. Also the default of every command's --archive.
ARCHIVE = "archive.db"
# Ours: look at every article again.
FULL = False
# Ours: the folder beside the archive that `export` writes into and the site offers for download.
EXPORTS = "exports"

# Whom a portal's operator can write to, where a profile names no `contact`.
CONTACT = os.environ.get("PORTAL_ARCHIVE_CONTACT") or f"postmaster@{socket.getfqdn()}"
USER_AGENT = f"portal-archive/{__version__} (archive of public notices; contact: {CONTACT})"

# The parts of Scrapy that are used, by name: those that are only switched off are imported all the same, and with what
# they need they are a fifth of all that a crawl imports. Left out of the downloader middlewares: those that ours
# replace (robots.txt, retries, hosts); cookies (theirs asks the network for the Public Suffix List, and a session
# cookie is no identity we want), a proxy from the environment (the address connected to would be the proxy's),
# passwords, a cache; content codings, which are kept as sent (undone by `archive.payload`, the same for a crawl and a
# rebuild); meta refresh (a page as any other); counts that nobody reads, as ours are the archive's rows.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
}
DOWNLOADER_MIDDLEWARES = {
    "crawler.crawl.middlewares.RobotsMiddleware": 100,
    "crawler.crawl.middlewares.PatienceMiddleware": 550,
    "crawler.crawl.middlewares.AllowedHostMiddleware": 940,
    # Innermost: it sees robots.txt, redirects, errors and retries, the body still content-encoded.
    "crawler.crawl.middlewares.CaptureMiddleware": 1000,
}
# The frontier, not the path to a page, decides what is asked for, so depth says nothing; long addresses are asked for
# as others are (Scrapy drops them without a word); answers of every status reach the spider, which says what became
# of each.
SPIDER_MIDDLEWARES_BASE = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": 700,
}
# No console and no remote control: a crawl is asked to stop by a signal, and by nothing else.
EXTENSIONS_BASE = {
    f"scrapy.extensions.{name}": 0
    for name in (
        "closespider.CloseSpider", "corestats.CoreStats", "logcount.LogCount", "logstats.LogStats",
        "memusage.MemoryUsage", "throttle.AutoThrottle",
    )
}  # fmt: skip
EXTENSIONS = {"crawler.crawl.extensions.RunExtension": 0}
DOWNLOAD_HANDLERS = {
    "http": "crawler.crawl.lenient_http.PortalDownloadHandler",
    "https": "crawler.crawl.lenient_http.PortalDownloadHandler",
    # No profile names files, data or other protocols, and nothing but a profile decides what is asked.
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
ITEM_PIPELINES = {
    "crawler.crawl.pipelines.ValidatePipeline": 100,
    "crawler.crawl.pipelines.FilesPipeline": 200,
    "crawler.crawl.pipelines.StorePipeline": 300,
}
TWISTED_DNS_RESOLVER = "crawler.crawl.middlewares.PublicAddressResolver"

# Default: a browser's Accept line. Announce only the codings that a rebuild can undo.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}

# Default: off (Scrapy 2.19).
DOWNLOAD_VERIFY_CERTIFICATES = True
# Default: a truncated answer is an error that reaches nobody. It is captured as truncated, then retried.
DOWNLOAD_FAIL_ON_DATALOSS = False
# Default: 180 s. Foreign addresses time out on some hosts; three tries of 30 s are enough to know.
DOWNLOAD_TIMEOUT = 30
# Default: 32 MiB. Attachments are large at times, and have a limit of their own.
DOWNLOAD_WARNSIZE = 0
# Default: a delay of 0.5 to 1.5 times the setting. What the profile says is the least.
DOWNLOAD_DELAY_JITTER = 0
RETRY_TIMES = 2
RETRY_HTTP_CODES = [408, 429, 500, 502, 503, 504, 522, 524]
# Default: redirects keep their priority + 2.
REDIRECT_MAX_TIMES = 5
# Default: 100. An item waits for its pictures; more at once would only hold more pages in memory.
CONCURRENT_ITEMS = 32
# Default: 100 responses a second are logged one by one at DEBUG; a night's log is read by a person.
LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LOGSTATS_INTERVAL = 60.0
# Default: an item that is dropped or fails is written into the log whole, text and all.
LOG_FORMATTER = "crawler.crawl.extensions.DiscreetLogFormatter"
# Ours: what a log line may look like, the usual form first.
LOG_FORMATS = ("text", "json")
# Default: a stop waits for every answer under way, up to the longest `Retry-After`.
DOWNLOADER = "crawler.crawl.stoppable.StoppableDownloader"
# Default: eight libraries' versions at each start. The warcinfo record names ours.
LOG_VERSIONS: list[str] = []
# Default: the full dump of statistics at the end; our own summary says what a person wants to know.
STATS_DUMP = False
# Ours: how often a batch that is not full is committed, in seconds.
COMMIT_SECONDS = 2.0

# Default: asyncio's own loop. uvloop costs 0.84 of it (measured), where it can be had.
ASYNCIO_EVENT_LOOP = "uvloop.Loop" if find_spec("uvloop") else None


def clock() -> datetime:
    """Give the time every command goes by: `PORTAL_ARCHIVE_NOW` if set, for tests and rehearsals.

    Raises:
        WrongUseError: if the variable holds no ISO 8601 time.

    """
    stated = os.environ.get("PORTAL_ARCHIVE_NOW")
    if not stated:
        return datetime.now(UTC)
    try:
        return parse_iso(stated).astimezone(UTC)
    except ValueError as error:
        raise WrongUseError(f"PORTAL_ARCHIVE_NOW: expected an ISO 8601 time, got {stated!r}") from error


def is_colour_allowed() -> bool:
    """False if `NO_COLOR` is set and not empty (https://no-color.org)."""
    return not os.environ.get("NO_COLOR")


def is_rehearsed() -> bool:
    """Tell whether the clock is one of a rehearsal, not the machine's."""
    return bool(os.environ.get("PORTAL_ARCHIVE_NOW"))


def backup_target() -> str | None:
    """Give where backups go (`PORTAL_ARCHIVE_BACKUP`): a folder or an fsspec URL, None if nothing is said.

    No upper-case setting: Scrapy shows those, and a URL may hold a password.
    """
    return os.environ.get("PORTAL_ARCHIVE_BACKUP") or None


def is_backup_append_only() -> bool:
    """Tell whether nothing may be removed where backups go (`PORTAL_ARCHIVE_BACKUP_APPEND_ONLY`).

    Raises:
        WrongUseError: if the variable is neither 1 nor 0.

    """
    stated = os.environ.get("PORTAL_ARCHIVE_BACKUP_APPEND_ONLY") or "0"
    if stated not in ("0", "1"):
        raise WrongUseError(f"PORTAL_ARCHIVE_BACKUP_APPEND_ONLY: expected 1 or 0, got {stated!r}")
    return stated == "1"


def watchdog_minutes() -> float:
    """Give after how many minutes without progress a crawl is ended: `PORTAL_ARCHIVE_WATCHDOG_MINUTES`, else 30.

    A `Retry-After` is waited for up to 5 minutes, and a request that times out three times takes 1.5.

    Raises:
        WrongUseError: if the variable holds no number above 0.

    """
    stated = os.environ.get("PORTAL_ARCHIVE_WATCHDOG_MINUTES") or "30"
    try:
        minutes = float(stated)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes < float("inf"):
        raise WrongUseError(f"PORTAL_ARCHIVE_WATCHDOG_MINUTES: expected a number of minutes above 0, got {stated!r}")
    return minutes


def texts_minutes() -> float:
    """Give for how many minutes a crawl reads attachments when it is done: `PORTAL_ARCHIVE_TEXTS_MINUTES`, else 15.

    0 reads none, after a rebuild neither. What is left is read after the next crawl, or by `texts`, which knows no
    bound.

    Raises:
        WrongUseError: if the variable holds no number from 0 on.

    """
    stated = os.environ.get("PORTAL_ARCHIVE_TEXTS_MINUTES") or "15"
    try:
        minutes = float(stated)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes < float("inf"):
        raise WrongUseError(f"PORTAL_ARCHIVE_TEXTS_MINUTES: expected a number of minutes from 0 on, got {stated!r}")
    return minutes


def log_folder(archive: Path) -> Path:
    """Give the folder of the nights' logs: `PORTAL_ARCHIVE_LOGS`, else `logs/` beside the archive."""
    stated = os.environ.get("PORTAL_ARCHIVE_LOGS")
    return Path(stated) if stated else archive.parent / "logs"


def log_format() -> str:
    """Give the form of log lines: `PORTAL_ARCHIVE_LOG_FORMAT`, `text` or `json`; `text` unless said.

    Raises:
        WrongUseError: if the variable holds anything else.

    """
    stated = os.environ.get("PORTAL_ARCHIVE_LOG_FORMAT") or LOG_FORMATS[0]
    if stated not in LOG_FORMATS:
        raise WrongUseError(f"PORTAL_ARCHIVE_LOG_FORMAT: expected {' or '.join(LOG_FORMATS)}, got {stated!r}")
    return stated


def secrets() -> tuple[str, ...]:
    """Give what the environment holds that no log may show: where messages go, and the target of backups."""
    return tuple(word for word in (*notify_targets(), *(backup_target() or "").split()) if "://" in word)


def notify_targets() -> tuple[str, ...]:
    """Give where messages go (`PORTAL_ARCHIVE_NOTIFY`): Apprise addresses, secret, parted by white space."""
    return tuple((os.environ.get("PORTAL_ARCHIVE_NOTIFY") or "").split())


def language() -> str:
    """Give the language of messages (`PORTAL_ARCHIVE_LANGUAGE`): `vi` unless said, or `en`.

    Raises:
        WrongUseError: if it is another.

    """
    return _choose("PORTAL_ARCHIVE_LANGUAGE", ("vi", "en"))


def digest() -> str:
    """Give how often a digest is sent (`PORTAL_ARCHIVE_DIGEST`): `off` unless said, `night` or `week`.

    Raises:
        WrongUseError: if it is something else.

    """
    return _choose("PORTAL_ARCHIVE_DIGEST", ("off", "night", "week"))


def site_address() -> str | None:
    """Give the public address of the site (`PORTAL_ARCHIVE_SITE`) without a slash at its end, None if it has none.

    Raises:
        WrongUseError: if it is no http or https address.

    """
    stated = (os.environ.get("PORTAL_ARCHIVE_SITE") or "").strip().rstrip("/")
    if stated and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", stated):
        raise WrongUseError(f"PORTAL_ARCHIVE_SITE: expected an address such as https://host/, got {stated!r}")
    return stated or None


def _choose(name: str, known: tuple[str, ...]) -> str:
    stated = (os.environ.get(name) or known[0]).strip().lower()
    if stated not in known:
        raise WrongUseError(f"{name}: expected one of {', '.join(known)}, got {stated!r}")
    return stated


def child_environment() -> dict[str, str]:
    """Give the environment for a child process of ours."""
    return dict(os.environ)


def warcinfo_fields() -> tuple[tuple[str, str], ...]:
    """Give the warcinfo fields of this installation: who captures, with what, and what is reconstructed."""
    return (
        ("software", f"portal-archive/{__version__} (Python {platform.python_version()})"),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        ("operator", CONTACT),
        ("http-header-user-agent", USER_AGENT),
        (
            "description",
            "Reconstructed, since the HTTP engine does not hand them on: reason phrases, order and case of "
            "header names, the request's Host, Connection and Content-Length lines. Transfer codings are undone "
            "and Transfer-Encoding is not recorded; content codings are kept. Header lines that HTTP does not allow "
            "are passed over.",
        ),
    )
