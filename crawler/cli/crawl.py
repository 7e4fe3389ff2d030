"""Commands that bring something into an archive: a pass over a portal, the plan of passes, texts of attachments."""

import argparse
import gc
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler import settings as own
from crawler.cli.publish import bring_up_to_date, publish
from crawler.errors import ArchiveLockedError, ArchiveUnusableError
from crawler.exit_codes import EXIT_CODES, ExitCode, end_on_signals
from crawler.profile import load_profile

if TYPE_CHECKING:
    from crawler.attachments.harvest import Harvest
    from crawler.crawl.parser_process import ParserProcess
    from crawler.crawl.run import Watch


def crawl(arguments: argparse.Namespace) -> int:
    """Pass over a portal once, then read the attachments that it brought."""
    end_on_signals(ExitCode.INTERRUPTED)
    # Collect garbage less often: 0.85 of the CPU (measured).
    gc.set_threshold(50_000, 20, 20)
    from crawler.crawl.parser_process import ParserProcess

    profile = load_profile(arguments.portal)
    # Its process takes as long to be there as the rest of a crawl takes to be imported.
    with closing(ParserProcess(profile)) as reader:
        return _crawl_with(reader, profile.zone, arguments=arguments)


def _crawl_with(reader: "ParserProcess", zone: ZoneInfo, *, arguments: argparse.Namespace) -> int:
    from crawler.attachments.after_crawl import read_attachments_after_crawl
    from crawler.crawl.run import run_crawl

    progress = _find_progress()
    with _night_log(arguments, zone, level="WARNING" if progress else own.LOG_LEVEL):
        report = run_crawl(
            arguments.portal,
            arguments.archive,
            full=arguments.full,
            reader=reader,
            watch=progress,
        )
        reason = f": {report.reason}" if report.reason else ""
        print(
            f"crawl {report.crawl_id} {report.outcome}{reason}\n"
            f"  articles: {report.articles_new} new, {report.articles_changed} changed, "
            f"{report.articles_unchanged} unchanged; images: {report.images_new} new; "
            f"requests: {report.requests}; errors: {report.errors}",
            flush=True,
        )
        harvest = read_attachments_after_crawl(arguments.archive) if report.outcome != "interrupted" else None
    if harvest is not None and harvest.is_anything:
        print(f"  {harvest.line()}")
    return EXIT_CODES[report.outcome]


def _find_progress() -> "Watch | None":
    """Give what shows the progress, if there is a terminal to show it on."""
    if not sys.stderr.isatty():
        return None
    from crawler.crawl.progress import show_progress

    return show_progress


@contextmanager
def _night_log(arguments: argparse.Namespace, zone: ZoneInfo, *, level: str) -> Iterator[None]:
    """Log to standard error, and to the night's file while the block runs."""
    from crawler.cli.logs import LogStyle, keep_night_log, log_to_stderr

    style = LogStyle(arguments.log_format or own.log_format(), own.clock, zone, own.secrets())
    log_to_stderr(style, level)
    night = own.clock().astimezone(zone).date().isoformat()
    with keep_night_log(own.log_folder(arguments.archive.absolute()), style, night=night):
        yield


def schedule(arguments: argparse.Namespace) -> int:
    """Run the passes that the profiles plan."""
    end_on_signals(ExitCode.INTERRUPTED if arguments.once else ExitCode.OK)
    from crawler.cli.logs import LogStyle, keep_schedule_log, log_to_stderr
    from crawler.operations.schedule.scheduler import run_once, run_until_stopped

    form = arguments.log_format or own.log_format()
    style = LogStyle(form, own.clock, secrets=own.secrets())
    log_to_stderr(style, own.LOG_LEVEL)
    keep_schedule_log(own.log_folder(arguments.archive.absolute()), style)
    # So that the site need not wait for the night. What keeps it from being done now keeps the crawl, which says so.
    with suppress(ArchiveLockedError, ArchiveUnusableError):
        bring_up_to_date(arguments.archive)
    run = run_once if arguments.once else run_until_stopped
    return run(arguments.portal or ["sapa"], arguments.archive, crawl_arguments=("--log-format", form))


def demo(arguments: argparse.Namespace) -> int:
    """Crawl the replica, then publish the archive."""
    from crawler.cli.demo import crawl_replica

    archive, code = crawl_replica(arguments.folder)
    if code != ExitCode.OK or arguments.no_serve:
        return code
    return publish(argparse.Namespace(archive=archive, host=arguments.host, port=arguments.port))


def rebuild_database(arguments: argparse.Namespace) -> int:
    """Make a database from WARC files, then read their attachments."""
    from crawler.attachments.after_crawl import read_attachments_rebuilt
    from crawler.rebuild.rebuild import rebuild

    captures = rebuild(arguments.archive, arguments.into)
    print(f"{arguments.into}: made from {captures} captures", flush=True)
    harvest = read_attachments_rebuilt(arguments.into, arguments.archive.absolute().parent / "warc")
    return _say_texts(harvest) if harvest is not None else ExitCode.OK


def read_texts(arguments: argparse.Namespace) -> int:
    """Read the attachments that are still to be read."""
    from crawler.attachments.after_crawl import read_attachments

    return _say_texts(read_attachments(arguments.archive, again=arguments.again))


def _say_texts(harvest: "Harvest") -> int:
    print(harvest.line())
    ended = {"stopped": ExitCode.INTERRUPTED, "locked": ExitCode.LOCKED}
    return ended.get(harvest.ended or "", ExitCode.OK)
