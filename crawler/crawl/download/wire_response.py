"""The response of our download handler: what Scrapy reads of an answer, and the exchange as it was on the wire."""

from ipaddress import ip_address
from typing import Any

from scrapy.http import Response

from crawler.items import Exchange
from crawler.media.http_head import parse_head
from crawler.media.transfer_coding import undo_bytes


class WireResponse(Response):
    """A response with its exchange.

    `body` is the payload: the transfer coding is undone, the content coding kept. It is empty if the body is large:
    `exchange.body` is a spool file then, which `outcomes.answer_of` hands on. `certificates` are those of the host, as
    PEM, if they were asked for.
    """

    certificates: tuple[str, ...] = ()

    attributes: tuple[str, ...] = (*Response.attributes, "exchange")

    def __init__(self, *args: Any, exchange: Exchange, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exchange = exchange


def make_response(exchange: Exchange) -> WireResponse:
    """Make the response of an exchange. The flag `dataloss` says that the answer ended early, unless we wanted that."""
    head = parse_head(exchange.response_head)
    return WireResponse(
        exchange.url,
        status=exchange.status,
        headers=[(name, value) for name, value in head.headers if name],
        body=b"" if exchange.body.path is not None else undo_bytes(exchange.body.data, head.transfer_encoding),
        flags=["dataloss"] if exchange.truncated not in (None, "length") else [],
        ip_address=ip_address(exchange.ip_address) if exchange.ip_address else None,
        protocol="HTTP/1.1",
        exchange=exchange,
    )
