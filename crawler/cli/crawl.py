"""Commands that add content to an archive: a crawl, the planned crawls, rebuilds, texts of attachments, the demo."""

import gc
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from crawler import settings
from crawler.cli.options import (
    PATH,
    archive_option,
    archives_option,
    command,
    complete_portal,
    follow_link,
    host_option,
    log_format_option,
    port_option,
    refuse_both_archives,
    refuse_empty,
)
from crawler.cli.publish import bring_up_to_date, serve_site
from crawler.cli.terminal.output import is_quiet, print_result
from crawler.errors import ArchiveLockedError, ArchiveUnusableError, WrongUseError
from crawler.exit_codes import ExitCode, end_on_signals, exit_code_of
from crawler.language.text import show_count

if TYPE_CHECKING:
    from crawler.attachments.changes import FileChange
    from crawler.attachments.harvest import Harvest
    from crawler.crawl.run import Watch
    from crawler.crawl.summary import RunSummary

_COLOURS = {ExitCode.OK: "green", ExitCode.FAILED: "red"}


@command("crawl --portal sapa", "crawl --portal tienlang.toml --archive /srv/a.db", "crawl --portal sapa --limit 20")
@click.option(
    "--portal",
    required=True,
    callback=refuse_empty,
    shell_complete=complete_portal,
    metavar="NAME|FILE.toml",
    help="a bundled profile, or a file",
)
@archive_option
@click.option("--full", is_flag=True, help="fetch every article again")
@click.option("--files", is_flag=True, help="with --full: look at every file again, too")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="end after N articles, with exit code 3")
@log_format_option
def crawl(*, portal: str, archive: Path, full: bool, files: bool, limit: int | None, log_format: str | None) -> int:
    """Crawl a portal once, then read the attachments that came.

    On a terminal the command shows its progress; otherwise it logs to standard error. It ends with a summary.
    """
    if files and not full:
        raise click.UsageError("--files needs --full")
    end_on_signals(ExitCode.INTERRUPTED)
    # Collect garbage less often: 0.85 of the CPU time (measured). Collect none during the imports, whose objects all
    # stay; `run_crawl` switches it on.
    gc.set_threshold(50_000, 20, 20)
    gc.disable()
    from crawler.crawl.parser_process.client import ParserProcess
    from crawler.crawl.writer_process.client import WriterProcess
    from crawler.profile import load_profile

    profile = load_profile(portal)
    # Starting these processes takes as long as importing the rest of a crawl.
    with closing(WriterProcess()) as writer, closing(ParserProcess(profile)) as parser:
        form = log_format or settings.log_format()
        watch = _find_progress()
        with _night_log(archive, profile.zone, form=form, is_brief=watch is not None):
            from crawler.crawl.run import run_crawl

            summary = run_crawl(
                portal, archive, full=full, files=files, limit=limit, parser=parser, writer=writer, watch=watch
            )
            if form == "text":
                print_result(_render_summary(summary, profile.zone))
            code = exit_code_of(summary.outcome, summary.reason_kind)
            if code == ExitCode.WRONG_USE:
                raise WrongUseError(f"{profile.base_url}: {summary.reason}")
            from crawler.attachments.after_crawl import read_attachments_after_crawl

            harvest = read_attachments_after_crawl(archive) if code != ExitCode.INTERRUPTED else None
    if harvest is not None and harvest.has_files and form == "text":
        print_result(f"  {harvest.line()}")
    return code


def _render_summary(summary: "RunSummary", zone: ZoneInfo) -> str:
    outcome = click.style(summary.outcome, fg=_COLOURS.get(exit_code_of(summary.outcome), "yellow"))
    return summary.text(zone).replace(f"outcome   {summary.outcome}", f"outcome   {outcome}", 1)


def _find_progress() -> "Watch | None":
    """Return the function that shows the progress. None without a terminal, or for a quiet command."""
    if is_quiet() or not sys.stderr.isatty():
        return None
    from crawler.crawl.progress import show_progress

    return show_progress


@contextmanager
def _night_log(archive: Path, zone: ZoneInfo, *, form: str, is_brief: bool) -> Iterator[None]:
    """Log to standard error, and to the night's file while the block runs.

    A text log leaves the summary out of standard error, because standard output shows it. A quiet command prints no
    standard output. Then standard error shows the summary if it is a warning: the run is not complete.

    Args:
        archive: its folder holds the logs.
        zone: the portal's; the night and all times are in it.
        form: `text` or `json`.
        is_brief: standard error gets warnings and errors only.
    """
    from crawler.cli.terminal.logs import LogStyle, keep_night_log, log_to_stderr

    style = LogStyle(form, settings.clock, zone, settings.secrets())
    level = "WARNING" if is_brief or is_quiet() else settings.LOG_LEVEL
    log_to_stderr(style, level, with_summary=form == "json" or is_quiet())
    night = settings.clock().astimezone(zone).date().isoformat()
    with keep_night_log(settings.log_folder(archive.absolute()), style, night=night):
        yield


@command(
    "schedule --portal sapa --portal /etc/portal-archive/profiles",
    "schedule --archives /srv/portals --jobs 4",
    "schedule --once",
)
@click.option(
    "--portal", "portals", multiple=True, callback=refuse_empty, shell_complete=complete_portal,
    metavar="NAME|FILE.toml|FOLDER",
    help="may be given again; of a folder every *.toml; default: sapa, or the profiles of --archives",
)  # fmt: skip
@archive_option
@archives_option
@click.option(
    "--jobs", type=click.IntRange(1, settings.MOST_JOBS), default=1, metavar="N", help="with --archives: nights at once"
)
@click.option("--once", is_flag=True, help="run what is due, then end")
@log_format_option
def schedule(
    *, portals: Sequence[str], archive: Path, archives: Path | None, jobs: int, once: bool, log_format: str | None
) -> int:
    """Run the nightly crawls until stopped.

    With --archives, each portal has a separate archive in that folder, and several nights may run at once.
    """
    refuse_both_archives(archives)
    if jobs > 1 and archives is None:
        raise click.UsageError("--jobs needs --archives: an archive takes one run at a time")
    end_on_signals(ExitCode.INTERRUPTED if once else ExitCode.OK)
    from crawler.cli.terminal.logs import LogStyle, keep_schedule_log, log_to_stderr
    from crawler.fleet.folder import FleetFolder
    from crawler.operations.schedule.scheduler import run_once, run_until_stopped, schedule_archive, schedule_fleet

    form = log_format or settings.log_format()
    style = LogStyle(form, settings.clock, secrets=settings.secrets())
    log_to_stderr(style, "WARNING" if is_quiet() else settings.LOG_LEVEL)
    fleet = FleetFolder(archives.absolute()) if archives is not None else None
    keep_schedule_log(settings.log_folder(fleet.plan if fleet is not None else archive.absolute()), style)
    options = ("--log-format", form, *(("--quiet",) if is_quiet() else ()))
    if fleet is not None:
        scheduler = schedule_fleet(portals, fleet, jobs=jobs, crawl_arguments=options)
    else:
        # The site need not wait for the night. An archive that cannot be migrated now fails the crawl, which says why.
        with suppress(ArchiveLockedError, ArchiveUnusableError):
            bring_up_to_date(archive)
        scheduler = schedule_archive(portals or ["sapa"], archive, crawl_arguments=options)
    return run_once(scheduler) if once else run_until_stopped(scheduler)


@command("rebuild --archive archive.db --into rebuilt.db", "rebuild --compare --json", "rebuild --apply")
@archive_option
@click.option("--into", type=PATH, callback=follow_link, metavar="NEW.db", help="the database to make")
@click.option("--compare", is_flag=True, help="only name what today's parser reads otherwise; writes nothing")
@click.option("--apply", is_flag=True, help="store what today's parser reads otherwise, in the archive itself")
@click.option("--json", "as_json", is_flag=True, help="with --compare or --apply, for programs")
@click.option(
    "--history", metavar="ID", help="with --into: which of several in the files; its first letters are enough"
)
def rebuild(*, archive: Path, into: Path | None, compare: bool, apply: bool, as_json: bool, history: str | None) -> int:
    """Build a new database from the WARC files, offline.

    Then the command reads the attachments. The archive's own database need not exist. If it exists, pages that
    today's parser refuses keep the readings of its rows. The command prints what is lost, or read differently from
    the original run; then the exit code is 3.

    With --compare, it reads the captures of all revisions again and compares them with the rows, field by field: a
    rehearsal before a new parser is used. With --apply, it stores the better readings; captures, revision numbers and
    events stay the same. The exit code is 3 if anything differs, or cannot be applied.
    """
    if (compare or apply) == (into is not None):
        raise click.UsageError("give --into, or --compare, or --apply")
    if into is not None:
        if as_json:
            raise click.UsageError("--json goes with --compare or --apply")
        return _rebuild_into(archive, into, history=history)
    if history is not None:
        raise click.UsageError("--history goes with --into")
    return _compare_readings(archive, apply=apply, as_json=as_json)


def _compare_readings(archive: Path, *, apply: bool, as_json: bool) -> int:
    from crawler.cli.terminal.progress import show_progress
    from crawler.rebuild.comparison.apply import apply_better
    from crawler.rebuild.comparison.compare import compare, compared_bytes
    from crawler.rebuild.comparison.outside_run import Origin
    from crawler.rebuild.rebuild import readers_of

    bring_up_to_date(archive)
    with show_progress(compared_bytes(archive), doing="compare") as watch:
        if apply:
            origin = Origin("readings", settings.clock, settings.warcinfo_fields())
            found = apply_better(archive, origin, processes=readers_of(archive), watch=watch)
        else:
            found, _ = compare(archive, processes=readers_of(archive), watch=watch)
    print_result(json.dumps(found.as_json(), ensure_ascii=False, indent=2) if as_json else "\n".join(found.lines()))
    return ExitCode.INCOMPLETE if (found.unread if apply else found.differences) else ExitCode.OK


def _rebuild_into(archive: Path, into: Path, *, history: str | None) -> int:
    from crawler.attachments.after_crawl import read_attachments_rebuilt
    from crawler.cli.terminal.progress import show_progress
    from crawler.rebuild.rebuild import archive_bytes, readers_of, rebuild

    with show_progress(archive_bytes(archive), doing="rebuild") as watch:
        made = rebuild(archive, into, processes=readers_of(archive), watch=watch, history=history)
    for line in made.lines():
        print_result(line)
    lost = f"; {len(made.losses)} could not be brought in" if made.losses else ""
    print_result(f"{into}: made from {show_count(made.captures, 'capture')}{lost}")
    harvest = read_attachments_rebuilt(into, archive)
    code = _report_harvest(harvest) if harvest is not None else ExitCode.OK
    return code or (ExitCode.INCOMPLETE if made.otherwise or made.losses else ExitCode.OK)


@command("texts", "texts --again")
@archive_option
@click.option("--again", is_flag=True, help="also those that gave no text before; say what changed, file by file")
def texts(*, archive: Path, again: bool) -> int:
    """Extract the texts of attachments, and draw their pages."""
    from crawler.attachments.after_crawl import draw_attachments, read_attachments

    code = _report_harvest(read_attachments(archive, tell=_report_file if again else None))
    drawn = None if code else draw_attachments(archive, again=again)
    if drawn is not None and drawn.has_files:
        print_result(drawn.line())
    return code


def _report_file(change: "FileChange") -> None:
    if change.kind != "same":
        print_result(change.line)


def _report_harvest(harvest: "Harvest") -> int:
    print_result(harvest.line())
    ended = {"stopped": ExitCode.INTERRUPTED, "locked": ExitCode.LOCKED}
    return ended.get(harvest.ended or "", ExitCode.OK)


@command("demo", "demo --folder /tmp/demo --no-serve")
@click.option("--folder", type=PATH, default="demo-archive", help="where its archive goes")
@click.option("--no-serve", is_flag=True, help="crawl only")
@host_option
@port_option
def demo(*, folder: Path, no_serve: bool, host: str, port: int) -> int:
    """Crawl six nights of the bundled replica, then serve the result.

    In the folder of an earlier demo, crawl one more night.
    """
    from crawler.cli.demo import GOOD_ENOUGH, crawl_replica, tell_first_pages

    archive, code = crawl_replica(folder, arguments=("--quiet",) if is_quiet() else ())
    if code not in GOOD_ENOUGH or no_serve:
        return code

    def announce(site: str) -> None:
        print_result("Look first at:")
        for line in tell_first_pages(archive, site.rstrip("/")):
            print_result(line)
        print_result(site)

    return serve_site(archive, host, port=port, announce=announce)
