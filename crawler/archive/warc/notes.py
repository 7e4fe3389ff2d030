"""Metadata records for people: facts about an exchange besides its request and answer.

They make no rows, so a rebuild ignores them. `verify` checks their digests.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.warc.writer import new_record_id, render_metadata, render_request
from crawler.items import Exchange
from crawler.language.dates import to_iso_utc

CERTIFICATES_FORMAT = "portal-archive-certificates/1"
SHARED_ROBOTS_FORMAT = "portal-archive-shared-robots/1"
UNANSWERED_FORMAT = "portal-archive-unanswered/1"


@dataclass(frozen=True, slots=True)
class CertificateChain:
    """The certificates that a host showed on a connection.

    Args:
        host: name or literal address of the requested host.
        port: of the host.
        seen_at: when the connection was made.
        certificates: PEM texts in the order of the server, its own certificate first.
        address: the IP address of the connection; None if unknown.
        protocol: such as `TLSv1.3`; None if unknown.
        cipher: the cipher suite; None if unknown.
    """

    host: str
    port: int
    seen_at: datetime
    certificates: tuple[str, ...]
    address: str | None = None
    protocol: str | None = None
    cipher: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for the same chain of the same host."""
        return self.host, str(self.port), *self.certificates


@dataclass(frozen=True, slots=True)
class SharedRobots:
    """A robots.txt that this crawl obeys, and that another crawl of the same fleet fetched.

    Args:
        url: the address of the file.
        fetched_at: when the other crawl fetched it.
        status: the status of the answer.
        coding: its `Content-Encoding`; empty if it has none.
        body: the bytes as sent; only the beginning if the file is long.
        archive: the name of the other crawl's portal.
        record_id: the id of the record in that portal's archive.
    """

    url: str
    fetched_at: datetime
    status: int
    coding: str
    body: bytes
    archive: str
    record_id: str


def render_shared_robots(shared: SharedRobots) -> bytes:
    """Render a metadata record with a shared robots.txt as one gzip member.

    It holds the file itself, because the other archive may be on another machine.
    """
    content = {
        "format": SHARED_ROBOTS_FORMAT,
        "archive": shared.archive,
        "record_id": shared.record_id,
        "status": shared.status,
        "content_encoding": shared.coding,
        "sha256": hashlib.sha256(shared.body).hexdigest(),
        "body_base64": base64.b64encode(shared.body).decode("ascii"),
    }
    return render_metadata(json.dumps(content, ensure_ascii=False).encode(), shared.fetched_at, url=shared.url)


def render_certificates(chain: CertificateChain) -> bytes:
    """Render a metadata record with a chain, as one gzip member."""
    content = {
        "format": CERTIFICATES_FORMAT,
        "host": chain.host,
        "port": chain.port,
        "address": chain.address,
        "protocol": chain.protocol,
        "cipher": chain.cipher,
        "certificates": chain.certificates,
    }
    host = f"[{chain.host}]" if ":" in chain.host else chain.host
    return render_metadata(
        json.dumps(content, ensure_ascii=False).encode(),
        chain.seen_at,
        url=f"https://{host}:{chain.port}/",
        fields=[("WARC-IP-Address", chain.address)] if chain.address else [],
    )


def render_unanswered(exchange: Exchange, error: str) -> tuple[bytes, bytes]:
    """Render a request record, and a metadata record with the reason why no answer came; each as one gzip member."""
    request_id, record_id = new_record_id(), new_record_id()
    content = {"format": UNANSWERED_FORMAT, "error": error, "began_at": to_iso_utc(exchange.fetched_at)}
    fields = [("WARC-Concurrent-To", f"<{request_id}>")]
    if exchange.ip_address:
        fields.append(("WARC-IP-Address", exchange.ip_address))
    note = render_metadata(
        json.dumps(content, ensure_ascii=False).encode(),
        exchange.fetched_at,
        url=exchange.url,
        record_id=record_id,
        fields=fields,
    )
    return render_request(exchange, request_id, answer_id=record_id), note
