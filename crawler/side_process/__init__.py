"""A process of ours beside this one: its start, and the frames between the two. A frame is a length and a message."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import BinaryIO

# Of the length, big-endian.
LENGTH_BYTES = 4


def start(module: str, *arguments: str, own_group: bool = False) -> tuple["subprocess.Popen[bytes]", socket.socket]:
    """Start a module as a process. Return it, and our end of the connection that is its standard input.

    It inherits a mask of signals: Ctrl-C must not end it while it imports, before it can ignore signals. Ours wait.

    Args:
        module: run as a program.
        arguments: of the program.
        own_group: it leads a process group, which `end_group` can end whole.

    Raises:
        OSError: if no process can be started.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", module, *arguments]
        former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            process = subprocess.Popen(  # noqa: S603 - ours
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, process_group=0 if own_group else None
            )
        except OSError:
            ours.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, former)
    return process, ours


def end_group(process: "subprocess.Popen[bytes]") -> int:
    """Kill a process that leads its group, and all that it started. Return its exit status."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def frame(message: bytes) -> bytes:
    """Put its length before a message."""
    return head_of(message) + message


def head_of(message: bytes) -> bytes:
    """Return the length that goes before a message, for one that is too large to be copied."""
    return len(message).to_bytes(LENGTH_BYTES, "big")


def length_in(head: bytes | bytearray) -> int:
    """Return the length of the message after a frame's first LENGTH_BYTES."""
    return int.from_bytes(head[:LENGTH_BYTES], "big")


def receive(stream: BinaryIO) -> bytes | None:
    """Read the next message. None if the other end closed the connection, or died within a message."""
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    length = length_in(head)
    message = stream.read(length)
    return message if len(message) == length else None
