"""The commands: parse arguments, print, map errors to exit codes. The only room that prints."""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from crawler import __version__
from crawler import settings as own
from crawler.errors import ArchiveLockedError, PortalArchiveError, WrongUseError
from crawler.exit_codes import EXIT_CODES, ExitCode

PROGRAM = "portal-archive"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code."""
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return int(run(arguments))
    except ArchiveLockedError as error:
        return _fail(error, ExitCode.LOCKED)
    except WrongUseError as error:
        return _fail(error, ExitCode.WRONG_USE)
    except PortalArchiveError as error:
        return _fail(error, ExitCode.FAILED)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output is gone (`| head`); there is nobody left to tell.
        sys.stderr.close()
        return ExitCode.FAILED


def _fail(error: Exception, code: ExitCode) -> int:
    line = " ".join(str(error).split())
    print(f"{PROGRAM}: {line}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Archives government portals, night after night.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    crawl = _command(commands, "crawl", _crawl, "one pass over a portal")
    crawl.add_argument("--portal", required=True, metavar="NAME|FILE.toml", help="a bundled profile, or a file")
    crawl.add_argument("--full", action="store_true", help="look at every article again")

    schedule = _command(commands, "schedule", _schedule, "run the nightly passes until told to stop")
    schedule.add_argument(
        "--portal", action="append", metavar="NAME|FILE.toml", help="may be given again; default: sapa"
    )
    schedule.add_argument("--once", action="store_true", help="run what is due, then end")

    serve = _command(commands, "serve", _serve, "publish the archive with Datasette")
    _add_address(serve)

    for name, run, about in (
        ("status", _status, "how the last nights went, and what is broken"),
        ("verify", _verify, "recompute every digest, compare rows with WARC records"),
    ):
        _command(commands, name, run, about).add_argument("--json", action="store_true", help="for programs")

    rebuild = _command(commands, "rebuild", _rebuild, "make the database anew from the WARC files")
    rebuild.add_argument("--into", required=True, type=Path, metavar="NEW.db", help="the database to make")

    demo = commands.add_parser("demo", help="crawl the bundled replica portal and serve the result")
    demo.add_argument("--folder", type=Path, default=Path("demo-archive"), help="where its archive goes")
    demo.add_argument("--no-serve", action="store_true", help="crawl only")
    _add_address(demo)
    demo.set_defaults(run=_demo)
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace], int],
    about: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=about, description=about)
    command.add_argument(
        "--archive",
        type=Path,
        default=Path(own.ARCHIVE),
        metavar="PATH",
        help="the database; default: ./archive.db",
    )
    command.set_defaults(run=run)
    return command


def _add_address(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    command.add_argument("--port", type=int, default=8001, help="default: 8001; 0 for any that is free")


def _crawl(arguments: argparse.Namespace) -> int:
    from crawler.crawl import run_crawl
    from crawler.progress import show_progress

    is_terminal = sys.stderr.isatty()
    report = run_crawl(
        arguments.portal,
        arguments.archive,
        full=arguments.full,
        log_level="WARNING" if is_terminal else own.LOG_LEVEL,
        watch=show_progress if is_terminal else None,
    )
    reason = f": {report.reason}" if report.reason else ""
    print(
        f"crawl {report.crawl_id} {report.outcome}{reason}\n"
        f"  articles: {report.articles_new} new, {report.articles_changed} changed, "
        f"{report.articles_unchanged} unchanged; images: {report.images_new} new; "
        f"requests: {report.requests}; errors: {report.errors}"
    )
    return EXIT_CODES[report.outcome]


def _schedule(arguments: argparse.Namespace) -> int:
    from crawler.schedule import run_once, run_until_stopped

    logging.basicConfig(level=logging.INFO, format=own.LOG_FORMAT, stream=sys.stderr)
    portals = arguments.portal or ["sapa"]
    run = run_once if arguments.once else run_until_stopped
    return run(portals, arguments.archive)


def _serve(arguments: argparse.Namespace) -> int:
    from crawler.web.serve import serve

    serve(arguments.archive, arguments.host, arguments.port, announce=lambda address: print(address, flush=True))
    return ExitCode.OK


def _status(arguments: argparse.Namespace) -> int:
    from crawler.status import read_status

    status = read_status(arguments.archive, own.clock())
    if arguments.json:
        print(json.dumps(status.as_json(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(status.lines()))
    return ExitCode.FAILED if status.problems else ExitCode.OK


def _verify(arguments: argparse.Namespace) -> int:
    from crawler.archive.fixity import verify

    found = verify(arguments.archive)
    if arguments.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(found.lines()))
    return ExitCode.FAILED if found.differences else ExitCode.OK


def _rebuild(arguments: argparse.Namespace) -> int:
    from crawler.rebuild import rebuild

    captures = rebuild(arguments.archive, arguments.into)
    print(f"{arguments.into}: made from {captures} captures")
    return ExitCode.OK


def _demo(arguments: argparse.Namespace) -> int:
    from crawler.demo import crawl_replica

    archive, code = crawl_replica(arguments.folder)
    if code != ExitCode.OK or arguments.no_serve:
        return code
    return _serve(argparse.Namespace(archive=archive, host=arguments.host, port=arguments.port))
