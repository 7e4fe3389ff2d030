"""The commands: parse arguments, print, map errors to exit codes. The only room that prints."""

from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Return its exit code."""
    try:
        # Not imported with this module: Ctrl-C during these imports must end with 130, too.
        from crawler.cli.commands import run_command

        return run_command(argv)
    except KeyboardInterrupt:
        return 130  # ExitCode.INTERRUPTED, which may not be imported yet
