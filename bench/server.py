"""Serves a folder of files to a bench: by nginx if it is installed, else by a small server in a separate process.

`python -m bench.server FOLDER` is that server. It prints its address, and holds all files in memory.
"""

import asyncio
import mimetypes
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NGINX = """daemon off; worker_processes 1; pid {run}/nginx.pid; error_log {run}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; keepalive_requests 1000000; charset utf-8;
  default_type text/html; types {{ image/jpeg jpg; text/plain txt; text/html html; }}
  client_body_temp_path {run}/body; proxy_temp_path {run}/proxy; fastcgi_temp_path {run}/fastcgi;
  uwsgi_temp_path {run}/uwsgi; scgi_temp_path {run}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}; location / {{ try_files $uri $uri/index.html =404; }} }}
}}
"""


@contextmanager
def serve(folder: Path, run: Path) -> Iterator[tuple[str, str]]:
    """Serve `folder` while the block runs; `run` is a folder for the server's own files.

    Yields:
        The address, with a slash at its end, and the server's name.
    """
    nginx = shutil.which("nginx")
    if nginx is None:
        command = [sys.executable, "-m", "bench.server", str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            with _ended(process):
                yield process.stdout.readline().strip(), "our own server"
        return
    port = _free_port()
    conf = run / "nginx.conf"
    conf.write_text(_NGINX.format(run=run, root=folder, port=port), encoding="utf-8")
    with subprocess.Popen([nginx, "-c", str(conf)], stderr=subprocess.DEVNULL, text=True) as process, _ended(process):
        while not _answers(port):
            if process.poll() is not None:
                raise SystemExit(f"nginx ended with {process.returncode}: {(run / 'nginx.log').read_text()}")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/", "nginx"


@contextmanager
def _ended(process: "subprocess.Popen[str]") -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


class _Connection(asyncio.Protocol):
    """Answers GET requests, kept alive, from files in memory."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self._answers = answers
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *heads, self._received = (self._received + data).split(b"\r\n\r\n")
        for head in heads:
            path = head.split(b" ", 2)[1].decode().partition("?")[0]
            self._transport.write(self._answers.get(path, _NOT_FOUND))


def _answer(body: bytes, media_type: str, *, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


_NOT_FOUND = _answer(b"not found", "text/plain", status="404 Not Found")


def _load(folder: Path) -> dict[str, bytes]:
    answers = {}
    for file in folder.rglob("*"):
        if file.is_file():
            path = f"/{file.relative_to(folder).as_posix()}"
            kind = mimetypes.guess_type(path)[0] or "text/html"
            answers[path.removesuffix("/index.html") or "/"] = _answer(
                file.read_bytes(), kind if kind.startswith("image") else f"{kind}; charset=utf-8"
            )
    return answers


async def main(folder: Path) -> None:
    """Serve until the process is ended."""
    answers = _load(folder)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(answers), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
