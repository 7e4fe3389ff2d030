"""A server that gives the odd answers, each to the letter."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.wire.odd_answers import ODD_ANSWERS, OddAnswer


@dataclass
class OddServer:
    """A server of odd answers, over TLS if it has a context. `received` holds the bytes of each request."""

    port: int
    answers: dict[str, OddAnswer]
    context: ssl.SSLContext | None = None
    received: list[bytes] = field(default_factory=list)

    def url(self, name: str) -> str:
        """Return the address that gives an answer."""
        return f"http{'s' if self.context else ''}://127.0.0.1:{self.port}/{name}"


@contextmanager
def serve_odd_answers(
    answers: dict[str, OddAnswer] | None = None, context: ssl.SSLContext | None = None
) -> Iterator[OddServer]:
    """Serve answers under their names, each on a separate connection."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        server = OddServer(listener.getsockname()[1], ODD_ANSWERS if answers is None else answers, context)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                held.append(connection)
                threading.Thread(target=_answer, args=(server, connection), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for connection in held:
                connection.close()


def _answer(server: OddServer, connection: socket.socket) -> None:
    """Answer the requests of a connection, until an answer or the client ends it."""
    with suppress(OSError):  # the client may leave early
        secured = server.context.wrap_socket(connection, server_side=True) if server.context else connection
        with secured:
            answer = None
            while answer is None or answer.stays_open:
                request = b""
                while b"\r\n\r\n" not in request:
                    received = secured.recv(65536)
                    if not received:
                        return
                    request += received
                server.received.append(request)
                answer = server.answers[request.split(b" ")[1].decode().strip("/").partition("?")[0]]
                secured.sendall(answer.wire)
            if answer.is_reset:
                secured.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return
            if isinstance(secured, ssl.SSLSocket):
                secured.unwrap().close()
                return
            secured.shutdown(socket.SHUT_WR)
            while secured.recv(65536):
                pass
