"""A child process that SIGKILL ends at its nth step; a step is an SQL statement or an fsync.

    python -m tests.support.dying FOLDER withhold|release|night STEP

Prints the number of its steps if it reaches its end.
"""

import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from tests.support.build import Clock, Night
from tests.support.withholding import SECRET, act, night_of_secret

taken = 0


def step() -> None:
    global taken
    taken += 1
    if taken == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)


class Connection(sqlite3.Connection):
    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        found = super().execute(*arguments)
        step()
        return found

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        found = super().executemany(*arguments)
        step()
        return found


def main() -> None:
    connect, sync = sqlite3.connect, os.fsync

    def force(handle: int) -> None:
        sync(handle)
        step()

    sqlite3.connect = lambda *words, **more: connect(*words, **{**more, "factory": Connection})  # type: ignore
    os.fsync = force  # type: ignore[assignment]
    archive, clock = Path(sys.argv[1]) / "archive.db", Clock()
    clock.go_on(days=5)
    if sys.argv[2] == "night":
        with Night(archive, clock, with_adoption=True) as night:
            night_of_secret(night, 3)
    else:
        act(archive, sys.argv[2], SECRET.url, at=clock())
    sys.stdout.write(f"{taken}\n")


if __name__ == "__main__":
    main()
