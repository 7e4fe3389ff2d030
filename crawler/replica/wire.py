"""The requests and replies between the replica's site and its servers."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class WireRequest:
    """One request as the servers pass it on. `target` is not decoded, header names are lower case."""

    server: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class WireReply:
    """One answer. A `volatile` body has marks with new values in every answer; with an `etag` a 304 is possible."""

    status: int
    body: bytes
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = field(default=())
    volatile: bool = False
    etag: str = ""


@dataclass(frozen=True)
class Logged:
    """One request that reached a server. `status` 0: no complete answer was sent (hang, reset)."""

    server: str
    method: str
    host: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int


def redirect(location: str, status: int = 302) -> WireReply:
    """Return a redirect with the small body that IIS sends."""
    link = f'<a href="{location}">here</a>'
    body = f"<html><head><title>Object moved</title></head><body><h2>Object moved to {link}.</h2></body></html>"
    return WireReply(status, body.encode(), headers=(("Location", location),))
