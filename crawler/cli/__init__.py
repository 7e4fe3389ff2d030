"""The commands: parse arguments, print, map errors to exit codes. The only room that prints."""

import argparse
import sys
from collections.abc import Callable, Sequence

from crawler.cli.output import complain
from crawler.cli.parser import make_parser
from crawler.errors import ArchiveLockedError, PortalArchiveError, WrongUseError
from crawler.exit_codes import ExitCode

__all__ = ["main", "make_parser"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code."""
    arguments = make_parser().parse_args(argv)
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
    complain(" ".join(str(error).split()))
    return code
