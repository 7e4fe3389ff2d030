"""What the commands print, and how: the result to standard output, everything else to standard error."""

import click

from crawler import settings

PROGRAM = "portal-archive"
_QUIET = "crawler.cli.quiet"


def be_quiet(context: click.Context, _: click.Parameter, value: bool) -> None:
    """Switch standard output off for the command, if asked to; the callback of `--quiet`."""
    if value:
        context.meta[_QUIET] = True


def is_quiet() -> bool:
    """True if the running command has `--quiet`."""
    context = click.get_current_context(silent=True)
    return context is not None and _QUIET in context.meta


def print_result(text: str) -> None:
    """Print a result to standard output, unless the command is quiet. Colours are for terminals only."""
    if not is_quiet():
        click.echo(text, color=None if settings.is_colour_allowed() else False)


def print_error(line: str) -> None:
    """Print a line to standard error that begins with our name; `--quiet` does not hide it."""
    name = click.style(f"{PROGRAM}:", fg="red")
    click.echo(f"{name} {line}", err=True, color=None if settings.is_colour_allowed() else False)
