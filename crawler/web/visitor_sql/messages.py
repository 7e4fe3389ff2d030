"""The messages between the site and a process that runs SQL."""

from collections.abc import Callable
from typing import Any

import msgspec

# What a process writes first, when it can be asked.
READY = b"ready\n"

# A value of SQLite: int, float, str, bytes or None. The library takes no such union: MessagePack tells them apart.
Cell = Any


class Ask(msgspec.Struct, array_like=True, frozen=True):
    """Asks to run a statement for at most `limit_ms`, and for at most `most_rows` rows and one (None: all)."""

    sql: str
    parameters: dict[str, Cell] | list[Cell]
    limit_ms: int
    most_rows: int | None


class Answered(msgspec.Struct, array_like=True, frozen=True, tag="answered"):
    """The rows of a statement. `columns` is None for a statement that has no result."""

    columns: list[str] | None
    rows: list[list[Cell]]
    is_truncated: bool


class Refused(msgspec.Struct, array_like=True, frozen=True, tag="refused"):
    """Why there are no rows. `is_interrupted` if the time was over."""

    message: str
    is_interrupted: bool = False


write_message: Callable[[Ask | Answered | Refused], bytes] = msgspec.msgpack.Encoder().encode
read_ask = msgspec.msgpack.Decoder(Ask).decode
read_reply: Callable[[bytes], Answered | Refused] = msgspec.msgpack.Decoder(Answered | Refused).decode
