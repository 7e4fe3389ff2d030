"""The arguments of every command."""

import argparse
from collections.abc import Callable
from pathlib import Path

from crawler import __version__
from crawler import settings as own
from crawler.cli import backup as copies
from crawler.cli import crawl as nights
from crawler.cli import publish as readers
from crawler.cli.output import PROGRAM
from crawler.cli.withholding import ABOUT, add_arguments


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of every command line of ours; each command sets `run`."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Archives government portals, night after night.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    crawl = _command(commands, "crawl", run=nights.crawl, about="one pass over a portal")
    crawl.add_argument("--portal", required=True, metavar="NAME|FILE.toml", help="a bundled profile, or a file")
    crawl.add_argument("--full", action="store_true", help="look at every article again")
    _add_log_format(crawl)

    schedule = _command(commands, "schedule", run=nights.schedule, about="run the nightly passes until told to stop")
    several = "may be given again; of a folder every *.toml; default: sapa"
    schedule.add_argument("--portal", action="append", metavar="NAME|FILE.toml|FOLDER", help=several)
    schedule.add_argument("--once", action="store_true", help="run what is due, then end")
    _add_log_format(schedule)

    serve = _command(commands, "serve", run=readers.publish, about="publish the archive with Datasette")
    _add_address(serve)

    for name, run, about in (
        ("status", readers.status, "how the last nights went, and what is broken"),
        ("verify", readers.verify_archive, "recompute every digest, compare rows with WARC records"),
    ):
        _command(commands, name, run=run, about=about).add_argument("--json", action="store_true", help="for programs")

    rebuild = _command(
        commands, "rebuild", run=nights.rebuild_database, about="make the database anew from the WARC files"
    )
    rebuild.add_argument("--into", required=True, type=Path, metavar="NEW.db", help="the database to make")

    texts = _command(
        commands, "texts", run=nights.read_texts, about="read the texts of attachments, so that the search finds them"
    )
    texts.add_argument("--again", action="store_true", help="also those that yielded none")

    _add_backup(commands)
    for do in ABOUT:
        add_arguments(_command(commands, do, run=readers.withhold, about=ABOUT[do]), do)
    _add_export(commands)

    about = "tell the operator what needs them, what is well again, what is new"
    notify = _command(commands, "notify", run=readers.notify, about=about)
    how = notify.add_mutually_exclusive_group()
    how.add_argument("--test", action="store_true", help="send a message that says only that messages come")
    how.add_argument("--dry-run", action="store_true", help="print what would be sent; nothing is sent or remembered")

    demo = commands.add_parser("demo", help="crawl the bundled replica portal and serve the result")
    demo.add_argument("--folder", type=Path, default=Path("demo-archive"), help="where its archive goes")
    demo.add_argument("--no-serve", action="store_true", help="crawl only")
    _add_address(demo)
    demo.set_defaults(run=nights.demo)
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    *,
    run: Callable[[argparse.Namespace], int],
    about: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=about, description=about)
    command.add_argument(
        "--archive", type=Path, default=Path(own.ARCHIVE), metavar="PATH", help="default: ./archive.db"
    )
    command.set_defaults(run=run)
    return command


def _add_backup(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    place = "FOLDER|URL"
    backup = _command(
        commands, "backup", run=copies.backup, about="copy the archive to another place, beside a crawl if need be"
    )
    backup.add_argument("--to", metavar=place, help="default: PORTAL_ARCHIVE_BACKUP")
    backup.add_argument("--append-only", action="store_true", help="remove nothing there, however old")
    backup.add_argument("--drill", action="store_true", help="restore the newest copy for trial instead, and verify it")
    backup.add_argument("--drill-folder", type=Path, metavar="FOLDER", help="where; default: beside the archive")

    about = "bring an archive back from a backup, and verify it"
    restore = commands.add_parser("restore", help=about, description=about)
    restore.add_argument("--from", dest="source", metavar=place, help="default: PORTAL_ARCHIVE_BACKUP")
    restore.add_argument("--into", required=True, type=Path, metavar="FOLDER|PATH.db", help="where no archive lies")
    which = restore.add_mutually_exclusive_group()
    which.add_argument("--snapshot", metavar="NAME", help="default: the newest")
    which.add_argument("--at", metavar="TIME", help="ISO 8601: the last one made by then")
    restore.set_defaults(run=copies.restore_archive)


def _add_export(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    export = _command(
        commands, "export", run=copies.export, about="write every public table, and a snapshot, for others to use"
    )
    export.add_argument("--into", type=Path, metavar="FOLDER", help="default: `exports/` beside the archive")
    export.add_argument("--format", metavar="NAMES", help="of csv, parquet, sqlite, parted by commas; default: all")
    export.add_argument("--no-thumbnails", action="store_true", help="leave them out of the snapshot")
    export.add_argument("--query", metavar="NAME|SQL", help="write the whole result of one query instead")
    export.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the query")


def _add_log_format(command: argparse.ArgumentParser) -> None:
    command.add_argument("--log-format", choices=own.LOG_FORMATS, help="default: PORTAL_ARCHIVE_LOG_FORMAT, else text")


def _add_address(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    command.add_argument("--port", type=int, default=8001, help="default: 8001; 0 for any that is free")
