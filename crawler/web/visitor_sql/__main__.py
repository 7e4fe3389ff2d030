"""The process that runs SQL of visitors: one statement after the other, until the site closes the connection."""

import signal
import socket
import sqlite3
import sys
import time
from typing import BinaryIO, cast

from crawler import side_process
from crawler.archive.articles.search_index import register_functions
from crawler.language.query.expressions import build_fts_query
from crawler.side_process.parent import end_with_parent
from crawler.web.visitor_sql import messages
from crawler.web.visitor_sql.bounds import (
    GRACE_SECONDS,
    MAX_ANSWER_BYTES,
    MAX_MEMORY_BYTES,
    ConnectionBounds,
    limit_time,
)
from crawler.web.visitor_sql.messages import Answered, Ask, Cell, Refused

_BATCH_ROWS = 100


def main() -> None:
    """Answer until the connection is closed. Ignore signals to the process group: the site ends this process."""
    end_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _limit_memory()
    connection = sqlite3.connect(sys.argv[1], uri=True)
    register_functions(connection)
    connection.create_function("escape_fts", 1, lambda text: build_fts_query(str(text)), deterministic=True)
    bounds = ConnectionBounds(connection)
    stream = cast(BinaryIO, socket.socket(fileno=0).makefile("rwb"))
    stream.write(messages.READY)
    stream.flush()
    while (message := side_process.receive(stream)) is not None:
        ask = messages.read_ask(message)
        signal.setitimer(signal.ITIMER_REAL, ask.limit_ms / 1000 + GRACE_SECONDS)  # its signal ends the process
        bounds.sql = ask.sql
        try:
            stream.write(side_process.frame(messages.write_message(_answer(connection, ask))))
            stream.flush()
        except (BrokenPipeError, ConnectionResetError):
            return  # the site is gone
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(connection: sqlite3.Connection, ask: Ask) -> Answered | Refused:
    until = time.monotonic() + ask.limit_ms / 1000
    limit_time(connection, lambda: time.monotonic() > until)
    try:
        return _run(connection, ask)
    except sqlite3.Error as error:
        return Refused(str(error), is_interrupted=str(error) == "interrupted")
    except MemoryError:
        return Refused("the statement needs more memory than a visitor may use")


def _run(connection: sqlite3.Connection, ask: Ask) -> Answered | Refused:
    cursor = connection.execute(ask.sql, ask.parameters)
    if cursor.description is None:
        return Answered(None, [], is_truncated=False)
    rows: list[list[Cell]] = []
    size = 0
    while batch := cursor.fetchmany(_BATCH_ROWS):
        for row in batch:
            size += sum(len(cell) if isinstance(cell, str | bytes) else 8 for cell in row)
            if size > MAX_ANSWER_BYTES:
                return Refused("the answer is larger than a visitor may have; ask for fewer rows or columns")
            rows.append(list(row))
        if ask.most_rows is not None and len(rows) > ask.most_rows:
            break
    columns = [column[0] for column in cursor.description]
    cursor.close()
    if ask.most_rows is None:
        return Answered(columns, rows, is_truncated=False)
    return Answered(columns, rows[: ask.most_rows], is_truncated=len(rows) > ask.most_rows)


def _limit_memory() -> None:
    try:
        import resource  # not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
