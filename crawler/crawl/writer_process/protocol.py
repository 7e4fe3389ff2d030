"""The messages between a crawl and its writer process, and their encoding.

A call is a method's name with its arguments; a reply
is an error or a value. Replies come in the order of the calls. Both are pickles: any error crosses as itself, and both
ends are this program on this machine, on a connection that nothing else can open.
"""

import copyreg
import pickle
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from crawler.body import SpoolFile
from crawler.items import PageReading

Call = tuple[str, tuple[Any, ...], dict[str, Any]]
Reply = tuple[BaseException | None, Any]


def write_call(call: Call) -> bytes:
    """Encode a call. A spool file goes as its path, and must live until the reply has come."""
    return _write(call, _lend)


def write_reply(reply: Reply) -> bytes:
    """Encode a reply. A spool file goes as its path, and is the receiver's from now on."""
    return _write(reply, _give)


def read_message(message: bytes | bytearray | memoryview) -> Any:
    """Decode a call or a reply."""
    return pickle.loads(message)  # noqa: S301 - written by the other end of our own connection


def _write(message: Call | Reply, pass_file: Callable[[SpoolFile], tuple[Any, ...]]) -> bytes:
    stream = BytesIO()
    pickler = pickle.Pickler(stream, protocol=5)
    pickler.dispatch_table = {**copyreg.dispatch_table, SpoolFile: pass_file, PageReading: _as_json}
    pickler.dump(message)
    return stream.getvalue()


_encode_reading = msgspec.json.Encoder().encode
_decode_reading = msgspec.json.Decoder(PageReading).decode


def _as_json(reading: PageReading) -> tuple[Callable[[bytes], PageReading], tuple[bytes]]:
    """Pass a reading as it came from the parser process: a tenth of the time that its hundred values take."""
    return _read_reading, (_encode_reading(reading),)


def _read_reading(data: bytes) -> PageReading:
    return _decode_reading(data)


def _lend(file: SpoolFile) -> tuple[Callable[[Path, int], SpoolFile], tuple[Path, int]]:
    return SpoolFile.borrow, (file.path, file.size_bytes)


def _give(file: SpoolFile) -> tuple[Callable[[Path, int], SpoolFile], tuple[Path, int]]:
    file.keep()
    return SpoolFile, (file.path, file.size_bytes)
