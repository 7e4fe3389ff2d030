"""All commands in one group, in the order of the README, and what their errors mean for the exit code."""

from collections.abc import Sequence

import click

from crawler import __version__
from crawler.cli.backup import backup, export, restore
from crawler.cli.crawl import crawl, demo, rebuild, schedule, texts
from crawler.cli.decide import decide
from crawler.cli.fleet import fleet
from crawler.cli.publish import notify, serve, status, verify
from crawler.cli.terminal.output import PROGRAM, print_error
from crawler.cli.withholding import release, withhold
from crawler.errors import ArchiveLockedError, PortalArchiveError, WrongUseError
from crawler.exit_codes import ExitCode


class CommandGroup(click.Group):
    """A group that lists its commands in the order in which they were given."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click names it
        """Name the commands."""
        return list(self.commands)


commands = CommandGroup(
    PROGRAM,
    commands=[
        crawl, schedule, fleet, serve, status, notify, verify, rebuild, texts,
        backup, restore, export, withhold, release, decide, demo,
    ],
    help="Archive government portals every night, and publish the archive.",
    epilog=f"`{PROGRAM} COMMAND --help` shows the options of a command, with examples.",
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)  # fmt: skip
click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")(commands)


def run_command(argv: Sequence[str] | None = None) -> int:
    """Run the command that the words name. Return its exit code.

    Args:
        argv: the words; default: those of this process.

    Raises:
        SystemExit: by Click, after a broken pipe (1), or after completions for a shell.
    """
    try:
        return int(commands.main(argv, PROGRAM, standalone_mode=False))
    except click.Abort:
        return ExitCode.INTERRUPTED
    except click.UsageError as error:
        place = f"{error.ctx.command_path} --help" if error.ctx else f"{PROGRAM} --help"
        return _fail(f"{error.format_message().rstrip('.')}; `{place}` shows the usage", ExitCode.WRONG_USE)
    except ArchiveLockedError as error:
        return _fail(error, ExitCode.LOCKED)
    except WrongUseError as error:
        return _fail(error, ExitCode.WRONG_USE)
    except PortalArchiveError as error:
        return _fail(error, ExitCode.FAILED)


def _fail(error: object, code: ExitCode) -> int:
    print_error(" ".join(str(error).split()))
    return code
