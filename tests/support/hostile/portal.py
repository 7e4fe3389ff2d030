"""A portal on this CMS whose server is hostile at chosen addresses; all others answer as the replica does.

`good` articles are the replica's. Each hostile answer of the catalogues has an address of its own, named by a list
that is well (articles), by the profile (listings), or by one well article (files). When the portal is well again, the
same addresses give plain answers.
"""

import http.client
import re
import socket
import struct
import threading
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit

from crawler.replica import ArticleTruth, Replica
from tests.support.hostile.answers import Ask, Catalogue, Hostile, page, whole

LIST = "/danh-sach-la"
CARRIER = f"{LIST}/bai-mang-tep-8800000"
# As nginx does, which takes 8 kB in a line.
MOST_COOKIES_BYTES = 8000
PICTURES, FILES = "/sitefolders/la/", "/sitefolders/tep/"
_TEXTS = ("text/", "application/xml", "application/json")


class HostilePortal:
    """Serves on 127.0.0.1. `heard` counts the requests by path, `caught` the connections to the trap."""

    def __init__(
        self, *, articles: Catalogue | None = None, listings: Catalogue | None = None, files: Catalogue | None = None,
        fixed: Catalogue | None = None, good: int = 40,
    ) -> None:  # fmt: skip
        self.replica = Replica(articles=good)
        self.articles = {f"{LIST}/{name}-{8_900_000 + place}": one
                         for place, (name, one) in enumerate((articles or {}).items())}  # fmt: skip
        self.listings = {f"/{name}": one for name, one in (listings or {}).items()}
        self.files = {(FILES if "." in name else PICTURES) + name: one for name, one in (files or {}).items()}
        self._hostile: dict[str, Hostile] = {**self.articles, **self.listings, **self.files, **(fixed or {})}
        self.is_well = False
        self.heard: Counter[str] = Counter()
        self.caught: list[bytes] = []
        self._is_over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._trap = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.trap = f"127.0.0.1:{self._trap.getsockname()[1]}"
        self.base_url = f"http://{self.host}/"

    def __enter__(self) -> Self:
        self.replica.start()
        for listener, serve in ((self._listener, self._serve), (self._trap, self._catch)):
            threading.Thread(target=self._accept, args=(listener, serve), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for listener in (self._listener, self._trap):
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.replica.stop()

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return self.base_url[:-1] + path

    def good(self) -> list[ArticleTruth]:
        """Return the listed live articles of the replica, which every night must bring."""
        return [one for one in self.replica.truth().articles if one.listed and one.state == "live" and one.found_in]

    def here(self, url: str) -> str:
        """Return a replica's address as this server gives it."""
        return url.replace(self.replica.base_url, self.base_url)

    def write_profile(self, folder: Path, **limits: int) -> Path:
        """Write the profile: the replica's listings and the hostile ones, small limits."""
        slugs = [f"/{one.slug}" for one in self.replica.truth().listings]
        text = self.replica.profile_toml(
            name="la", base_url=self.base_url, listings=[*slugs, LIST, *self.listings],
            limits={"disk_reserve_bytes": 0, "page_bytes": 8_000_000, "image_bytes": 8_000_000,
                    "attachment_bytes": 8_000_000, **limits},
        )  # fmt: skip
        path = folder / "la.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def _accept(self, listener: socket.socket, serve: object) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()  # type: ignore[arg-type]

    def _catch(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self.caught.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(60)
            for method, target, headers, body in _requests(connection):
                path = target.partition("?")[0]
                self.heard[path] += 1
                if len(headers.get("cookie", "")) > MOST_COOKIES_BYTES:
                    connection.sendall(_join(whole("", first="HTTP/1.1 400 Request Header Or Cookie Too Large")))
                    return
                hostile = None if self.is_well else self._find(target)
                if hostile is None:
                    connection.sendall(self._plain(method, target, headers=headers, body=body))
                    continue
                ask = Ask(target, self.heard[path], headers.get("cookie", ""), self.host, self.trap, body)
                for step in hostile.write(ask):
                    if isinstance(step, bytes):
                        connection.sendall(step)
                    elif step < 0:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    elif self._is_over.wait(step):
                        return
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(5)
                    while connection.recv(65536):
                        pass
                return

    def _find(self, target: str) -> Hostile | None:
        path = target.partition("?")[0]
        for spelled in (target, path):
            if spelled in self._hostile:
                return self._hostile[spelled]
        # A maze of redirects, and the service of a hostile pager, lie below the address of their answer.
        parents = (path[: match.start()] for match in re.finditer("/", path))
        return next((self._hostile[one] for one in parents if one in self._hostile), None)

    def _plain(self, method: str, target: str, *, headers: dict[str, str], body: bytes) -> bytes:
        """Return the plain answer: of our own well pages, else the replica's."""
        path = target.partition("?")[0]
        if path == LIST:
            return _join(whole(self._list()))
        if path == CARRIER:
            return _join(whole(self._carrier()))
        if path in self.articles:
            return _join(whole(page(f"<p>Bài số {path.rpartition('-')[2]}.</p>", title=f"Thông báo {path[-7:]}")))
        if path in self.listings:
            return _join(whole(_listing([("/khong/bai-them-8700000", "Bài thêm")])))
        if path == "/khong/bai-them-8700000":
            return _join(whole(page(title="Bài thêm của các danh sách")))
        if path in self.files:
            is_picture = path.startswith(PICTURES)
            kind = "image/png" if is_picture else "application/pdf"
            return _join(whole(_png(path) if is_picture else _pdf(path), kind=f"Content-Type: {kind}"))
        return self._of_replica(method, target, headers=headers, body=body)

    def _list(self) -> str:
        rows = [(path, f"Thông báo {path[-7:]}") for path in self.articles]
        return _listing([*rows, (CARRIER, "Bài mang tệp")] if self.files else rows)

    def _carrier(self) -> str:
        shown = [
            f'<p><img alt="anh tin bai" src="{escape(path)}"></p>' if path.startswith(PICTURES)
            else f'<p><a class="link-download" href="{escape(path)}">Tải về {place}</a></p>'
            for place, path in enumerate(self.files)
        ]  # fmt: skip
        return page("\n".join(shown), title="Bài mang tệp")

    def _of_replica(self, method: str, target: str, *, headers: dict[str, str], body: bytes) -> bytes:
        passed = {name: value for name, value in headers.items() if name not in ("accept-encoding", "host")}
        if "referer" in passed:
            passed["referer"] = passed["referer"].replace(self.base_url, self.replica.base_url)
        connection = http.client.HTTPConnection(urlsplit(self.replica.base_url).netloc, timeout=30)
        try:
            connection.request(method, target, body=body or None, headers=passed)
            answer = connection.getresponse()
            sent = answer.read()
            lines = [f"{name}: {self._as_ours(value)}".encode("latin-1") for name, value in answer.getheaders()
                     if name.lower() not in ("transfer-encoding", "content-length")]  # fmt: skip
            if (answer.getheader("Content-Type") or "").startswith(_TEXTS):
                sent = sent.replace(self.replica.hosts.pages.encode(), self.host.encode())
                sent = sent.replace(quote(self.replica.hosts.pages).encode(), quote(self.host).encode())
            length = [] if answer.status == 304 else [f"Content-Length: {len(sent)}"]
            return _join(whole(sent, first=f"HTTP/1.1 {answer.status} {answer.reason}", kind="")).replace(
                f"Content-Length: {len(sent)}".encode(), b"\r\n".join([*(one.encode() for one in length), *lines]), 1
            )
        finally:
            connection.close()

    def _as_ours(self, value: str) -> str:
        return value.replace(self.replica.hosts.pages, self.host)


def _listing(rows: list[tuple[str, str]]) -> str:
    items = "".join(
        f'<li class="row"><h2 class="Title"><a href="{escape(path)}">{escape(title)}</a></h2>'
        '<div class="Ngaydang">02/06/2025</div></li>\n'
        for path, title in rows
    )
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Danh sách</title></head><body>'
        f'<div class="UIArticleInMenu_Default"><ul class="ArticleList">{items}</ul></div></body></html>'
    )


def _join(steps: object) -> bytes:
    return b"".join(step for step in steps if isinstance(step, bytes))  # type: ignore[attr-defined]


def _requests(connection: socket.socket) -> Iterator[tuple[str, str, dict[str, str], bytes]]:
    """Yield method, target, headers and body of each request on a connection."""
    buffer = b""
    while True:
        while b"\r\n\r\n" not in buffer:
            data = connection.recv(65536)
            if not data:
                return
            buffer += data
        top, _, rest = buffer.partition(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        wanted = int(headers.get("content-length", "0"))
        while len(rest) < wanted:
            rest += connection.recv(65536)
        method, target = first.split(" ")[:2]
        yield method, target, headers, rest[:wanted]
        buffer = rest[wanted:]


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file, with its right sum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(path: str) -> bytes:
    """Return a small picture, another one for each path."""
    tint = zlib.crc32(path.encode()).to_bytes(4, "big")[:3]
    rows = b"".join(b"\0" + tint * 32 for _ in range(24))
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 24, 8, 2, 0, 0, 0))
        + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    )  # fmt: skip


def _pdf(path: str) -> bytes:
    """Return a small document, another one for each path."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        + f"% {zlib.crc32(path.encode())}\n".encode() + b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )  # fmt: skip
