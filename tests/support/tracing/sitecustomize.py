"""Writes down which statements a Python process gives SQLite, and how much work each is: on the PYTHONPATH of a crawl.

At its end a process writes `PID.json` into the folder `TRACED_STATEMENTS`: for each statement, without its values, how
often it ran, the instructions of SQLite's machine in hundreds, and one run of it with its values.
"""

import atexit
import json
import os
import re
import sqlite3
from pathlib import Path
from typing import Any

_VALUES = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|\bNULL\b")
_LISTS = re.compile(r"\?(?:\s*,\s*\?)+")
_connect = sqlite3.connect
_found: dict[str, list[Any]] = {}
_last: list[str] = []


def _connect_traced(*args: Any, **kwargs: Any) -> sqlite3.Connection:
    connection = _connect(*args, **kwargs)
    connection.set_trace_callback(_note)
    connection.set_progress_handler(_count, 100)
    return connection


def _note(statement: str) -> None:
    if statement.startswith("--"):  # of a trigger
        return
    name = _LISTS.sub("?", _VALUES.sub("?", statement))
    _last[:] = [name]
    _found.setdefault(name, [0, 0, statement])[0] += 1


def _count() -> int:
    if _last:
        _found[_last[0]][1] += 1
    return 0


def _write(folder: Path) -> None:
    (folder / f"{os.getpid()}.json").write_text(json.dumps(_found), encoding="utf-8")


if "TRACED_STATEMENTS" in os.environ:
    sqlite3.connect = _connect_traced  # type: ignore[assignment]
    atexit.register(_write, Path(os.environ["TRACED_STATEMENTS"]))
