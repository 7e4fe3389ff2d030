"""The crawl's end of the connection to the parser process."""

import asyncio
from collections.abc import Callable
from typing import cast

from crawler.crawl.parser_process.protocol import LENGTH_BYTES


class FrameReader(asyncio.Protocol):
    """Splits the received bytes into frames, and sends frames."""

    def __init__(
        self, begin: Callable[["FrameReader"], None], take: Callable[[bytes], None], lost: Callable[[], None]
    ) -> None:
        self._received = bytearray()
        self._on_begin = begin
        self._on_frame = take
        self._on_loss = lost
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, and report that sending is possible."""
        self._transport = cast(asyncio.Transport, transport)
        self._on_begin(self)

    def data_received(self, data: bytes) -> None:
        """Report every complete frame."""
        self._received += data
        while len(self._received) >= LENGTH_BYTES:
            end = LENGTH_BYTES + int.from_bytes(self._received[:LENGTH_BYTES], "big")
            if len(self._received) < end:
                return
            message = bytes(self._received[LENGTH_BYTES:end])
            del self._received[:end]
            self._on_frame(message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        """Report that the other side is gone."""
        self._on_loss()

    def send(self, message: bytes) -> None:
        """Send a frame. It is lost if the other side is gone."""
        assert self._transport is not None
        self._transport.write(message)

    def close(self) -> None:
        """End the connection."""
        assert self._transport is not None
        self._transport.close()
