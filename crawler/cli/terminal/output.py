"""Print the result of a command to standard output, and everything else to standard error."""

import errno
import os
import sys
from collections.abc import Iterable

import click

from crawler import settings
from crawler.errors import PortalArchiveError

PROGRAM = "portal-archive"
_QUIET = "crawler.cli.quiet"


def be_quiet(context: click.Context, _: click.Parameter, value: bool) -> None:
    """Switch standard output off for the command if `value` is true; the callback of `--quiet`."""
    if value:
        context.meta[_QUIET] = True


def is_quiet() -> bool:
    """True if the running command has `--quiet`."""
    context = click.get_current_context(silent=True)
    return context is not None and _QUIET in context.meta


def print_result(text: str) -> None:
    """Print a result to standard output, unless the command is quiet. Colours are for terminals only.

    Raises:
        PortalArchiveError: if it cannot be written (a full disk). Click handles a broken pipe.
    """
    if is_quiet():
        return
    try:
        click.echo(text, color=None if settings.is_colour_allowed() else False)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        # Python writes the rest of its buffer when it ends: that must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise PortalArchiveError(f"cannot write the result: {error.strerror}") from error


def print_error(line: str) -> None:
    """Print a line to standard error that begins with our name; `--quiet` does not hide it."""
    name = click.style(f"{PROGRAM}:", fg="red")
    click.echo(f"{name} {line}", err=True, color=None if settings.is_colour_allowed() else False)


def print_if_quiet(lines: Iterable[str]) -> None:
    """Print problems to standard error, if the command is quiet and so prints no result."""
    for line in lines if is_quiet() else ():
        print_error(line)
