"""What several commands say."""

import sys

PROGRAM = "portal-archive"


def complain(line: str) -> None:
    """Print a line for the person at the terminal to standard error, named as ours."""
    print(f"{PROGRAM}: {line}", file=sys.stderr)
