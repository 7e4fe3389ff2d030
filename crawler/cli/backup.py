"""Commands that copy an archive: backups, their restoring, and exports for others to use."""

import argparse

from crawler import settings as own
from crawler.cli.output import complain
from crawler.cli.publish import bring_up_to_date
from crawler.errors import WrongUseError
from crawler.exit_codes import ExitCode


def backup(arguments: argparse.Namespace) -> int:
    """Copy the archive to another place, or try whether a copy is whole."""
    from crawler.operations.backup.journaled import back_up, drill

    target, now = _backup_place(arguments.to, "--to"), own.clock()
    if arguments.drill:
        done = drill(arguments.archive, target, now=now, folder=arguments.drill_folder)
        print(f"{done.target}: drill of {done.snapshot or 'the newest snapshot'}: {done.message}")
        return ExitCode.OK if done.ok else ExitCode.FAILED
    append_only = arguments.append_only or own.is_backup_append_only()
    shipped = back_up(arguments.archive, target, now=now, append_only=append_only)
    print(
        f"{shipped.target}: snapshot {shipped.snapshot} of {shipped.articles} articles, {shipped.size_bytes} bytes; "
        f"WARC files shipped: {shipped.warc_files}, {shipped.warc_bytes} bytes; "
        f"old snapshots removed: {shipped.removed}"
    )
    for line in (*shipped.notes, *shipped.problems):
        complain(line)
    return ExitCode.FAILED if shipped.problems else ExitCode.OK


def restore_archive(arguments: argparse.Namespace) -> int:
    """Bring an archive back, and say whether it is whole."""
    from crawler.operations.backup.restore import database_path, read_moment, restore

    source, archive = _backup_place(arguments.source, "--from"), database_path(arguments.into)
    restored = restore(source, archive, named=arguments.snapshot, at=arguments.at and read_moment(arguments.at))
    for line in restored.differences:
        print(line)
    print(
        f"{restored.archive}: restored from {restored.snapshot} of {restored.created_at}; "
        f"WARC files fetched: {restored.fetched_files}, there already: {restored.kept_files}"
        + ("; brought to this version's schema" if restored.migrated else "")
    )
    print(restored.verification.lines()[-1])
    return ExitCode.FAILED if restored.differences else ExitCode.OK


def export(arguments: argparse.Namespace) -> int:
    """Write tables, or the result of a query, to files."""
    from crawler.export.folder import FORMATS, export_archive, export_query

    bring_up_to_date(arguments.archive)
    into = arguments.into or arguments.archive.absolute().parent / own.EXPORTS
    said = [name.strip().lower() for name in (arguments.format or "").split(",") if name.strip()]
    if arguments.query is None:
        if arguments.set:
            raise WrongUseError("--set gives a parameter of a query; say which with --query")
        leave_out = ("thumbnails",) if arguments.no_thumbnails else ()
        done = export_archive(arguments.archive, into, formats=said or FORMATS, now=own.clock(), leave_out=leave_out)
    else:
        given = dict(one.partition("=")[::2] for one in arguments.set)
        query = arguments.query.strip()
        done = export_query(arguments.archive, into, query=query, parameters=given, formats=said or ("csv", "parquet"))
    for file in done.files:
        rows = f", {file.rows} rows" if file.rows is not None else ""
        print(f"{file.name}: {file.size_bytes} bytes{rows}, SHA-256 {file.sha256}")
    print(f"{done.folder}: {len(done.files)} files, {done.size_bytes} bytes")
    return ExitCode.OK


def _backup_place(given: str | None, option: str) -> str:
    place = given or own.backup_target()
    if not place:
        raise WrongUseError(f"no place of backups is given; say {option} FOLDER|URL, or set PORTAL_ARCHIVE_BACKUP")
    return place
