"""How a command is declared: its examples, and the options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from crawler import settings
from crawler.cli.terminal.output import PROGRAM, be_quiet

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PATH = click.Path(path_type=Path)


def refuse_empty(_: click.Context, __: click.Parameter, value: Any) -> Any:
    """Refuse an empty value, for example from a shell variable that is not set.

    Raises:
        BadParameter: if the value is empty.
    """
    # An empty value would become the path `.`, which is not an archive either.
    if any(one in {"", Path()} for one in (value if isinstance(value, tuple) else (value,))):
        raise click.BadParameter("the value is empty, or names no file")
    return value


def follow_link(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Return the archive that a path leads to: the target of a symbolic link, else the path itself.

    Raises:
        BadParameter: if the value is empty or a profile.
    """
    refuse_empty(context, parameter, value)
    if value is not None and value.suffix == ".toml":
        raise click.BadParameter(f"{value}: an archive is a database; a profile is the value of --portal")
    return settings.follow_link(value) if value is not None else None


def read_folder(_: click.Context, __: click.Parameter, value: str | None) -> Path | None:
    """Return a folder; `.` is allowed. Refuse an empty value, for example from a shell variable that is not set.

    Raises:
        BadParameter: if the value is empty.
    """
    if value == "":
        raise click.BadParameter("the value is empty")
    return Path(value) if value is not None else None


def refuse_both_archives(archives: Path | None) -> None:
    """Refuse a command that names both one archive and a folder of many.

    Raises:
        UsageError: if both are given.
    """
    stated = click.get_current_context().get_parameter_source("archive")
    if archives is not None and stated is not ParameterSource.DEFAULT:
        raise click.UsageError("give --archive or --archives, not both")


archive_option = click.option(
    "--archive", type=PATH, default=settings.ARCHIVE, callback=follow_link, metavar="PATH",
    help=f"default: ./{settings.ARCHIVE}",
)  # fmt: skip
archives_option = click.option(
    "--archives", type=str, callback=read_folder, metavar="FOLDER", help="many portals, each with its own archive"
)
log_format_option = click.option(
    "--log-format", type=click.Choice(settings.LOG_FORMATS), help="default: PORTAL_ARCHIVE_LOG_FORMAT, else text"
)
json_option = click.option("--json", "as_json", is_flag=True, help="for programs")
host_option = click.option("--host", default="127.0.0.1", help="default: 127.0.0.1")
port_option = click.option(
    "--port", type=click.IntRange(0, 65535), default=8001, help="default: 8001; 0 for any that is free"
)


def complete_portal(_: click.Context, __: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Return the bundled profiles that begin with `incomplete`, and let the shell add files."""
    from click.shell_completion import CompletionItem

    from crawler.profile import bundled_profile_names

    names = [CompletionItem(name) for name in bundled_profile_names() if name.startswith(incomplete)]
    return [*names, CompletionItem(incomplete, type="file")]


def complete_format(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Return the formats of an export that begin with the last name of `incomplete`, after the names before it."""
    from crawler.export.folder import FORMATS

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in FORMATS if name.startswith(last)]


def command(*examples: str) -> Callable[[Callable[..., int]], click.Command]:
    """Make a command from a function. The function gives its name, its docstring the help.

    Args:
        examples: command lines without the program's name; the help shows them.
    """
    shown = "\n".join(f"  {PROGRAM} {example}" for example in examples)

    def make(function: Callable[..., Any]) -> click.Command:
        made = click.command(function.__name__, epilog=f"\b\nExamples:\n{shown}")(function)
        quiet = "print only warnings and errors; the exit code is the result"
        made.params.append(
            click.Option(["--quiet", "-q"], is_flag=True, expose_value=False, callback=be_quiet, help=quiet)
        )
        return made

    return make
