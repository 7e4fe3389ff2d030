"""Scrapy's settings and ours, each with its default and the reason for a different value.

No other module reads the environment. The spider overrides what a profile decides (pace, robots, TLS).
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

BOT_NAME = "portal-archive"
SPIDER_MODULES = ["crawler.crawl.spider"]
NEWSPIDER_MODULE = "crawler.crawl.spider"

# Ours: the database a run writes; `warc/` is beside it. Also the default of every command's --archive.
ARCHIVE = "archive.db"
# Ours: fetch every article again.
FULL = False
# Ours: a run ends after this many articles; 0 for all.
LIMIT = 0
# Ours: the folder beside the archive. `export` writes into it, the site offers its files for download.
EXPORTS = "exports"

# Ours: the most parallel nights in a fleet. A crawl without the shared state takes a host's cap divided by this number.
MOST_JOBS = 32

# The address that a portal's operator can write to, if the profile names no `contact`.
CONTACT = os.environ.get("PORTAL_ARCHIVE_CONTACT") or f"postmaster@{socket.getfqdn()}"
USER_AGENT = f"portal-archive/{__version__} (archive of public notices; contact: {CONTACT})"

# The parts of Scrapy that a crawl uses, by name. Scrapy would import parts that are only switched off; these and their
# imports are a fifth of a crawl's imports. These downloader middlewares of Scrapy are left out:
# - robots.txt, retries and hosts: ours replace them;
# - cookies: Scrapy's asks the network for the Public Suffix List; ours keeps each host's cookies apart;
# - redirects: ours read what browsers read in a `Location`, and pages that are only a meta refresh;
# - the proxy of the environment: the address check would see only the proxy's address;
# - passwords and the cache: not needed;
# - content codings: bodies stay as sent, and `media.content_coding` decodes them, in a crawl and in a rebuild;
# - statistics: the archive's rows hold the counts;
# - the time-out: our download handler gives up when the server is silent.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
}
DOWNLOADER_MIDDLEWARES = {
    "crawler.crawl.middlewares.robots.RobotsMiddleware": 100,
    "crawler.crawl.middlewares.patience.PatienceMiddleware": 550,
    "crawler.crawl.middlewares.conditions.ConditionsMiddleware": 560,
    "crawler.crawl.middlewares.redirects.WaysInMiddleware": 600,
    "crawler.crawl.middlewares.cookies.CookiesMiddleware": 700,
    "crawler.crawl.middlewares.breaker.BreakerMiddleware": 930,
    "crawler.crawl.middlewares.hosts.AllowedHostMiddleware": 940,
    "crawler.crawl.middlewares.unverified.UnverifiedHostsMiddleware": 950,
    # Innermost: it sees robots.txt, redirects, errors and retries, and bodies with their content coding.
    "crawler.crawl.middlewares.capture.CaptureMiddleware": 1000,
}
# Left out here: depth (the frontier decides what is asked for, not the path to a page), the limit on the length of
# addresses (Scrapy drops long ones silently), and the filter of statuses (the spider records every answer).
SPIDER_MIDDLEWARES_BASE = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": 700,
}
# No console and no remote control: only a signal stops a crawl.
EXTENSIONS_BASE = {
    f"scrapy.extensions.{name}": 0
    for name in (
        "closespider.CloseSpider", "corestats.CoreStats", "logcount.LogCount", "logstats.LogStats",
        "memusage.MemoryUsage", "throttle.AutoThrottle",
    )
}  # fmt: skip
EXTENSIONS = {"crawler.crawl.extensions.RunExtension": 0}
# libcurl gives the exchange as it was on the wire. Where pycurl cannot be installed, Scrapy's own handler serves, and
# the WARC says what is reconstructed.
HAS_CURL = find_spec("pycurl") is not None
_HANDLER = "curl.CurlDownloadHandler" if HAS_CURL else "scrapy_http.ScrapyDownloadHandler"
DOWNLOAD_HANDLERS = {
    "http": f"crawler.crawl.handlers.{_HANDLER}",
    "https": f"crawler.crawl.handlers.{_HANDLER}",
    # A profile names http and https addresses only.
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
TWISTED_DNS_RESOLVER = "crawler.crawl.middlewares.hosts.PublicAddressResolver"

# Default: a browser's Accept line. Ours offers only the codings that a rebuild can decode.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}

# Default: off (Scrapy 2.19).
DOWNLOAD_VERIFY_CERTIFICATES = True
# Default: a truncated answer fails before any middleware sees it. Ours is captured as truncated, then retried.
DOWNLOAD_FAIL_ON_DATALOSS = False
# Default: 180 s for the whole answer. Only Scrapy's handler uses this limit; ours gives up when the server is silent:
DOWNLOAD_TIMEOUT = 30
# Ours: for name resolution, connection and TLS together. From abroad, Vietnamese hosts take up to 3 s for all three.
# The system repeats a lost packet after 1, 3 and 7 s. Some hosts never answer addresses from abroad.
DOWNLOAD_CONNECT_SECONDS = 15.0
# Ours: from then to the end of the answer's head. A portal computes some pages for half a minute.
DOWNLOAD_HEAD_SECONDS = 60.0
# Ours: between two bytes of a body. A connection that is alive resends a lost packet sooner.
DOWNLOAD_IDLE_SECONDS = 30.0
# Ours: the minimum rate of a body, in bytes a second, averaged over a minute. A modem of 1998 gave 4,000.
DOWNLOAD_LEAST_RATE = 1000.0
DOWNLOAD_RATE_SECONDS = 60.0
# Ours: for the whole of a page or a robots.txt. At the minimum rate, the largest page seen (600 kB) takes this long.
DOWNLOAD_PAGE_SECONDS = 600.0
# Ours: a host that fails this many times in a row is down: the first request to it, with its retries.
HOST_DOWN_FAILURES = 3
# Ours: a host that is down gets no request for this long; then one request tries it.
HOST_DOWN_SECONDS = 300.0
# Ours: the portal's own host, once it has answered, may fail twice as often. Then its requests wait up to this many
# rests of this many seconds: a restart of a portal takes minutes, and the whole night depends on it.
PORTAL_DOWN_SECONDS = 60.0
PORTAL_DOWN_RESTS = 5
# Default: 32 MiB. Some attachments are larger; the profile has a limit for them.
DOWNLOAD_WARNSIZE = 0
# Default: a delay of 0.5 to 1.5 times the setting. The profile's delay is a minimum.
DOWNLOAD_DELAY_JITTER = 0
RETRY_TIMES = 2
# Default: -1, so that all other addresses go first. An early retry shows sooner whether a host is down.
RETRY_PRIORITY_ADJUST = 1
# Default: errors of Twisted's client, too. Importing it takes as long as 50 pages; our handlers raise Scrapy's errors.
RETRY_EXCEPTIONS = [
    f"scrapy.exceptions.{name}"
    for name in (
        "CannotResolveHostError", "DownloadConnectionRefusedError", "DownloadFailedError", "DownloadTimeoutError",
        "ResponseDataLossError",
    )
]  # fmt: skip
RETRY_HTTP_CODES = [408, 429, 500, 502, 503, 504, 522, 524]
# Default: redirects keep their priority + 2.
REDIRECT_MAX_TIMES = 5
# Default: last in, first out. Ours keeps the order of the frontier.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
# Default: 100. Scrapy makes this many tasks for each answer. Our answers have one item, seldom two, besides requests.
CONCURRENT_ITEMS = 2
# Default: DEBUG, with a line for each response. A person reads a night's log.
LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LOGSTATS_INTERVAL = 60.0
# Default: a dropped or failed item is logged with all its text.
LOG_FORMATTER = "crawler.crawl.extensions.DiscreetLogFormatter"
# Ours: the forms of a log line, the default first.
LOG_FORMATS = ("text", "json")
# Default: a stop waits for every running request, up to the longest `Retry-After`.
DOWNLOADER = "crawler.crawl.stoppable.StoppableDownloader"
# Default: the versions of eight libraries at each start. The warcinfo record names ours.
LOG_VERSIONS: list[str] = []
# Default: all statistics at the end. Our own summary has what a person needs to know.
STATS_DUMP = False
# Ours: the seconds after which a batch is committed, even if it is not full.
COMMIT_SECONDS = 2.0
# Ours: this many seconds after a limit ended the run, it gives up requests that are still running.
ENDING_SECONDS = 60.0
# Ours: the seconds that a crawl waits for the writer process of a crawl that died. It ends with the statement under
# way: on the largest archives that is a search for what is withheld.
ORPHAN_SECONDS = 10.0

# Default: asyncio's own loop. A crawl with uvloop needs 0.84 of the CPU time (measured).
ASYNCIO_EVENT_LOOP = "uvloop.Loop" if find_spec("uvloop") else None


def follow_link(archive: Path) -> Path:
    """Return the target of a symbolic link to an archive, even if it does not exist yet; another path unchanged.

    All other files of an archive are beside the database itself. So call this first for each path of an archive.

    Raises:
        WrongUseError: if the link leads in a circle, or there are WARC files beside the link.
    """
    if not archive.is_symlink():
        return archive
    try:
        found = archive.resolve()
    except (OSError, RuntimeError):
        found = archive
    if found.is_symlink():
        raise WrongUseError(f"{archive}: is a link that leads nowhere")
    beside, own = (path.parent / "warc" for path in (archive.absolute(), found))
    if any(beside.glob("*.warc.gz")) and not any(own.glob("*.warc.gz")):
        raise WrongUseError(
            f"{beside}: lies beside a link; move it to {own}, beside the database that the link leads to"
        )
    return found


def clock() -> datetime:
    """Return the current time: `PORTAL_ARCHIVE_NOW` if it is set (tests and rehearsals), else the machine's.

    Raises:
        WrongUseError: if the variable is not an ISO 8601 time.
    """
    stated = os.environ.get("PORTAL_ARCHIVE_NOW")
    if not stated:
        return datetime.now(UTC)
    # Imported here: the import is a third of the start of every command.
    from crawler.language.dates import parse_iso

    try:
        return parse_iso(stated).astimezone(UTC)
    except ValueError as error:
        raise WrongUseError(f"PORTAL_ARCHIVE_NOW: expected an ISO 8601 time, got {stated!r}") from error


def is_colour_allowed() -> bool:
    """False if `NO_COLOR` is set and not empty (https://no-color.org)."""
    return not os.environ.get("NO_COLOR")


def is_rehearsed() -> bool:
    """True if `PORTAL_ARCHIVE_NOW` replaces the machine's clock."""
    return bool(os.environ.get("PORTAL_ARCHIVE_NOW"))


def backup_target() -> str | None:
    """Return the place of backups (`PORTAL_ARCHIVE_BACKUP`): a folder or an fsspec URL. None if it is not set.

    It is not an upper-case setting, because Scrapy logs those, and a URL may hold a password.
    """
    return os.environ.get("PORTAL_ARCHIVE_BACKUP") or None


def is_backup_append_only() -> bool:
    """True if no old backup may be removed (`PORTAL_ARCHIVE_BACKUP_APPEND_ONLY`).

    Raises:
        WrongUseError: if the variable is neither 1 nor 0.
    """
    return _choose("PORTAL_ARCHIVE_BACKUP_APPEND_ONLY", ("0", "1")) == "1"


def watchdog_minutes() -> float:
    """Return the minutes without progress after which a crawl is ended: `PORTAL_ARCHIVE_WATCHDOG_MINUTES`, else 30.

    Shorter pauses are normal: a `Retry-After` takes up to 5 minutes, a request that times out three times 1.5.

    Raises:
        WrongUseError: if the variable is not a number above 0.
    """
    return _read_minutes("PORTAL_ARCHIVE_WATCHDOG_MINUTES", "30", wanted="above 0")


def texts_minutes() -> float:
    """Return the minutes for reading attachments after a crawl: `PORTAL_ARCHIVE_TEXTS_MINUTES`, else 15.

    With 0, neither a crawl nor a rebuild reads attachments. The next crawl reads what is left, or the command `texts`,
    which has no time limit.

    Raises:
        WrongUseError: if the variable is not a number, or below 0.
    """
    return _read_minutes("PORTAL_ARCHIVE_TEXTS_MINUTES", "15", wanted="from 0 on")


def _read_minutes(name: str, default: str, *, wanted: str) -> float:
    stated = os.environ.get(name) or default
    try:
        minutes = float(stated)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes < float("inf") or (minutes == 0 and wanted == "above 0"):
        raise WrongUseError(f"{name}: expected a number of minutes {wanted}, got {stated!r}")
    return minutes


def page_pictures_bytes() -> int:
    """Return the most bytes of drawn pages to keep: `PORTAL_ARCHIVE_PAGES_MB` megabytes, else 2,000; 0 for none.

    Raises:
        WrongUseError: if the variable is not a whole number.
    """
    stated = os.environ.get("PORTAL_ARCHIVE_PAGES_MB") or "2000"
    if not re.fullmatch("[0-9]{1,9}", stated, re.ASCII):
        raise WrongUseError(f"PORTAL_ARCHIVE_PAGES_MB: expected a whole number of megabytes, got {stated!r}")
    return int(stated) * 1_000_000


def log_folder(archive: Path) -> Path:
    """Return the folder of the logs: `PORTAL_ARCHIVE_LOGS`, else `logs/` beside the archive."""
    return Path(os.environ.get("PORTAL_ARCHIVE_LOGS") or archive.parent / "logs")


def log_format() -> str:
    """Return the form of log lines (`PORTAL_ARCHIVE_LOG_FORMAT`): `text`, the default, or `json`.

    Raises:
        WrongUseError: if the variable has another value.
    """
    return _choose("PORTAL_ARCHIVE_LOG_FORMAT", LOG_FORMATS)


def secrets() -> tuple[str, ...]:
    """Return the secrets of the environment, which no log may show: addresses of messages, backups and the server."""
    words = (*notify_targets(), *(backup_target() or "").split(), fleet_server() or "")
    return tuple(word for word in words if "://" in word)


def fleet_server() -> str | None:
    """Return the PostgreSQL address of the fleet (`PORTAL_ARCHIVE_FLEET_SERVER`), a secret; None if not set."""
    return os.environ.get("PORTAL_ARCHIVE_FLEET_SERVER") or None


def keep_fleet_server(url: str) -> None:
    """Put the server into the environment of child processes, also if an option named it."""
    os.environ["PORTAL_ARCHIVE_FLEET_SERVER"] = url


def notify_targets() -> tuple[str, ...]:
    """Return the Apprise addresses of messages (`PORTAL_ARCHIVE_NOTIFY`, split at white space). They are secret."""
    return tuple((os.environ.get("PORTAL_ARCHIVE_NOTIFY") or "").split())


def language() -> str:
    """Return the language of messages (`PORTAL_ARCHIVE_LANGUAGE`): `vi`, the default, or `en`.

    Raises:
        WrongUseError: if the variable has another value.
    """
    return _choose("PORTAL_ARCHIVE_LANGUAGE", ("vi", "en"))


def terminal_language() -> str:
    """Return the language of the command `status`: `PORTAL_ARCHIVE_LANGUAGE` if it is set, else `en`.

    Raises:
        WrongUseError: if the variable has another value.
    """
    return language() if os.environ.get("PORTAL_ARCHIVE_LANGUAGE") else "en"


def digest() -> str:
    """Return how often a digest is sent (`PORTAL_ARCHIVE_DIGEST`): `off`, the default, `night` or `week`.

    Raises:
        WrongUseError: if the variable has another value.
    """
    return _choose("PORTAL_ARCHIVE_DIGEST", ("off", "night", "week"))


def subscriptions_file(archive: Path) -> Path | None:
    """Return the file of subscriptions (`PORTAL_ARCHIVE_SUBSCRIPTIONS`). None if there is none.

    Without the variable it is `subscriptions.toml` beside the archive, if that exists.
    """
    stated = (os.environ.get("PORTAL_ARCHIVE_SUBSCRIPTIONS") or "").strip()
    if stated:
        return Path(stated)
    beside = archive.parent / "subscriptions.toml"
    return beside if beside.is_file() else None


def site_address() -> str | None:
    """Return the public address of the site (`PORTAL_ARCHIVE_SITE`), without a slash at its end. None if not set.

    Raises:
        WrongUseError: if it is not an http or https address.
    """
    stated = (os.environ.get("PORTAL_ARCHIVE_SITE") or "").strip().rstrip("/")
    if stated and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", stated):
        raise WrongUseError(f"PORTAL_ARCHIVE_SITE: expected an address such as https://host/, got {stated!r}")
    return stated or None


def _choose(name: str, known: tuple[str, ...]) -> str:
    stated = (os.environ.get(name) or known[0]).strip().lower()
    if stated not in known:
        raise WrongUseError(f"{name}: expected {' or '.join(known)}, got {stated!r}")
    return stated


def child_environment() -> dict[str, str]:
    """Return the environment for a child process of the program."""
    return dict(os.environ)


def warcinfo_fields() -> tuple[tuple[str, str], ...]:
    """Return the warcinfo fields of this installation: operator and software."""
    return (
        ("software", f"portal-archive/{__version__} (Python {platform.python_version()})"),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        ("operator", CONTACT),
        ("http-header-user-agent", USER_AGENT),
    )
