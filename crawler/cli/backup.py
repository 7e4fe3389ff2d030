"""Commands that copy an archive: backup, restore, and export for others to use."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler import settings
from crawler.cli.options import PATH, archive_option, command, complete_format
from crawler.cli.publish import bring_up_to_date
from crawler.cli.terminal.output import print_error, print_result
from crawler.errors import WrongUseError
from crawler.exit_codes import ExitCode
from crawler.language.text import show_count

if TYPE_CHECKING:
    from crawler.operations.backup.forks import Fence

_PLACE = "FOLDER|URL"


@command("backup --to /mnt/backup", "backup --to s3://bucket/archive --append-only", "backup --drill")
@archive_option
@click.option("--to", metavar=_PLACE, help="default: PORTAL_ARCHIVE_BACKUP")
@click.option("--append-only", is_flag=True, help="remove nothing there, however old")
@click.option("--beside", is_flag=True, help="keep another history there too, such as that of a restored copy")
@click.option("--drill", "is_drill", is_flag=True, help="instead, test whether the newest copy can be restored")
@click.option("--drill-folder", type=PATH, metavar="FOLDER", help="where; default: beside the archive")
def backup(
    *, archive: Path, to: str | None, append_only: bool, beside: bool, is_drill: bool, drill_folder: Path | None
) -> int:
    """Copy the archive to another place. A crawl may write at the same time.

    The command refuses a place that holds another history of the archive.
    """
    from crawler.operations.backup.journaled import back_up, drill

    target, now = _backup_place(to, "--to"), settings.clock()
    if is_drill:
        done = drill(archive, target, now=now, folder=drill_folder)
        print_result(f"{done.target}: drill of {done.snapshot or 'the newest snapshot'}: {done.message}")
        return ExitCode.OK if done.ok else ExitCode.FAILED
    append_only = append_only or settings.is_backup_append_only()
    shipped = back_up(archive, target, now=now, append_only=append_only, beside=beside, fence=_fence_of(archive))
    print_result(
        f"{shipped.target}: snapshot {shipped.snapshot} of {show_count(shipped.articles, 'article')}, "
        f"{shipped.size_bytes} bytes; WARC files shipped: {shipped.warc_files}, {shipped.warc_bytes} bytes; "
        f"old snapshots removed: {shipped.removed}"
    )
    for line in (*shipped.notes, *shipped.problems):
        print_error(line)
    return ExitCode.FAILED if shipped.problems else ExitCode.OK


@command(
    "restore --from /mnt/backup --into /srv/archive",
    "restore --from s3://bucket/archive --into /srv/archive --at 2026-09-01T00:00:00Z",
)
@click.option("--from", "source", metavar=_PLACE, help="default: PORTAL_ARCHIVE_BACKUP")
@click.option("--into", required=True, type=PATH, metavar="FOLDER|PATH.db", help="where there is no archive yet")
@click.option("--snapshot", metavar="NAME", help="default: the newest")
@click.option("--at", metavar="TIME", help="ISO 8601: the last one made by then")
@click.option("--history", metavar="ID", help="which of several there; its first letters are enough")
def restore(*, source: str | None, into: Path, snapshot: str | None, at: str | None, history: str | None) -> int:
    """Restore an archive from a backup, and verify it."""
    from crawler.operations.backup.restore import database_path, read_moment, restore

    if snapshot is not None and (at is not None or history is not None):
        raise WrongUseError("restore: --snapshot and --at or --history exclude each other")
    place, archive = _backup_place(source, "--from"), settings.follow_link(database_path(into))
    restored = restore(place, archive, named=snapshot, at=read_moment(at) if at else None, history=history)
    for line in restored.differences:
        print_result(line)
    print_result(
        f"{restored.archive}: restored from {restored.snapshot} of {restored.created_at}; "
        f"WARC files fetched: {restored.fetched_files}, there already: {restored.kept_files}"
        + ("; brought to this version's schema" if restored.migrated else "")
    )
    for line in restored.notes:
        print_result(f"{restored.snapshot}: {line}")
    print_result(restored.verification.lines()[-1])
    return ExitCode.FAILED if restored.differences else ExitCode.OK


@command(
    "export",
    "export --into /srv/open-data --format csv,parquet --no-thumbnails",
    "export --query 'select id, title from articles where published_on >= :day' --set day=2025-01-01",
)
@archive_option
@click.option("--into", type=PATH, metavar="FOLDER", help="default: `exports/` beside the archive")
@click.option(
    "--format", "formats", metavar="NAMES", shell_complete=complete_format,
    help="of csv, parquet, sqlite, separated by commas; default: all",
)  # fmt: skip
@click.option("--no-thumbnails", is_flag=True, help="leave them out of the snapshot")
@click.option("--query", metavar="NAME|SQL", help="write the whole result of one query instead")
@click.option("--set", "parameters", multiple=True, metavar="NAME=VALUE", help="a parameter of the query")
def export(
    *,
    archive: Path,
    into: Path | None,
    formats: str | None,
    no_thumbnails: bool,
    query: str | None,
    parameters: Sequence[str],
) -> int:
    """Write every public table, and a snapshot, for others to use."""
    from crawler.export.folder import FORMATS, export_archive, export_query

    named = [name.strip().lower() for name in (formats or "").split(",") if name.strip()]
    if formats is not None and not named:
        raise WrongUseError("--format names no format; say some of csv, parquet, sqlite")
    if parameters and query is None:
        raise WrongUseError("--set gives a parameter of a query; say which with --query")
    for one in parameters:
        if not one.partition("=")[0] or "=" not in one:
            raise WrongUseError(f"--set {one}: must be NAME=VALUE")
    bring_up_to_date(archive)
    folder = into or archive.absolute().parent / settings.EXPORTS
    if query is not None:
        given = dict(one.partition("=")[::2] for one in parameters)
        done = export_query(
            archive, folder, query=query.strip(), parameters=given, formats=named or ("csv", "parquet")
        )  # fmt: skip
    else:
        leave_out = ("thumbnails",) if no_thumbnails else ()
        done = export_archive(archive, folder, formats=named or FORMATS, now=settings.clock(), leave_out=leave_out)
    for file in done.files:
        rows = f", {show_count(file.rows, 'row')}" if file.rows is not None else ""
        print_result(f"{file.name}: {file.size_bytes} bytes{rows}, SHA-256 {file.sha256}")
    print_result(f"{done.folder}: {show_count(len(done.files), 'file')}, {done.size_bytes} bytes")
    return ExitCode.OK


def _fence_of(archive: Path) -> "Fence | None":
    if (server := settings.fleet_server()) is None:
        return None
    from crawler.operations.node.shipping import fence_of

    return fence_of(archive, server=server)


def _backup_place(given: str | None, option: str) -> str:
    place = given or settings.backup_target()
    if not place:
        raise WrongUseError(f"no place of backups is given; say {option} FOLDER|URL, or set PORTAL_ARCHIVE_BACKUP")
    return place
