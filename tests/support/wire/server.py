"""A server that answers with given bytes, and keeps the bytes that it was sent."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Self

# What a path is answered with: bytes to send, and things to wait for between them. None closes the connection.
Step = bytes | threading.Event | float | None
OK = b"HTTP/1.1 200 OK\r\n"


class WireServer:
    """Answers each path by its script, on connections that stay open. A pause in a script is a number of seconds."""

    def __init__(self, scripts: dict[str, Iterable[Step]], *, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=64)
        self._scripts = scripts
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._now = 0
        self.host = host
        self.port = self._listener.getsockname()[1]
        self.base = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        self.requests: list[bytes] = []
        self.connections = 0
        self.most_at_once = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            for request in _requests(connection):
                path = request.split(b" ", 2)[1].decode()
                with self._lock:
                    self.requests.append(request)
                    self._now += 1
                    self.most_at_once = max(self.most_at_once, self._now)
                try:
                    if not self._answer(connection, path):
                        return
                finally:
                    with self._lock:
                        self._now -= 1

    def _answer(self, connection: socket.socket, path: str) -> bool:
        """Play the script of a path. False if it closes the connection."""
        for step in self._scripts[path]:
            if step is None:
                return False
            if isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, threading.Event):
                step.wait(60)
            elif self._is_over.wait(step):
                return False
        return True


def _requests(connection: socket.socket) -> Iterator[bytes]:
    """Yield the requests that come on a connection, byte for byte."""
    buffer = b""
    while True:
        while b"\r\n\r\n" not in buffer:
            data = connection.recv(65536)
            # As real servers of plain HTTP, it does not wait for the rest of what begins as TLS.
            if not data or (not buffer and data.startswith(b"\x16")):
                return
            buffer += data
        head, _, rest = buffer.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        wanted = int(lengths[0]) if lengths else 0
        while len(rest) < wanted:
            rest += connection.recv(65536)
        yield head + b"\r\n\r\n" + rest[:wanted]
        buffer = rest[wanted:]
