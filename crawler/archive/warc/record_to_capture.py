"""From WARC records to captures, as the table `captures` holds them."""

from crawler.archive.warc.reader import HttpMessage, parse_http
from crawler.archive.warc.record import WarcRecord
from crawler.errors import WarcError
from crawler.items import Capture


class CaptureReader:
    """Makes captures of records, read in their order: the request of an exchange comes before its response."""

    def __init__(self) -> None:
        self._crawl_id: int | None = None
        self._request: tuple[WarcRecord, HttpMessage] | None = None

    def read(self, record: WarcRecord) -> Capture | None:
        """Return the capture of a response or revisit record; None for every other record.

        Its `id` is 0. The `payload_sha256` of a revisit is empty; take it from the record that it refers to.

        Raises:
            WarcError: if the record lacks what a capture needs.
        """
        if record.kind == "warcinfo":
            self._crawl_id = _crawl_of(record)
        elif record.kind == "request":
            self._request = (record, parse_http(record))
        elif record.kind in ("response", "revisit"):
            return self._capture(record)
        return None

    def _capture(self, record: WarcRecord) -> Capture:
        name = record.position.warc_file
        if self._crawl_id is None:
            raise WarcError(f"warc/{name}: names no crawl in its warcinfo record")
        if self._request is None or record.fields.get("warc-concurrent-to") != self._request[0].record_id:
            raise WarcError(f"warc/{name}: record {record.record_id} has no request record before it")
        sent, message = self._request[1], parse_http(record)
        return Capture(
            id=0,
            record_id=record.record_id,
            crawl_id=self._crawl_id,
            url=record.url,
            method=sent.head.method,
            request_sha256=sent.payload_sha256() if sent.raw.size_bytes else None,
            fetched_at=_whole_seconds(record.fields["warc-date"]),
            status=message.head.status,
            media_type=message.head.media_type,
            payload_sha256=message.payload_sha256() if record.kind == "response" else "",
            warc_file=name,
            warc_offset=record.position.offset,
            warc_length=record.position.length,
            record_type=record.kind,
            truncated=record.fields.get("warc-truncated"),
            warc_date=record.fields["warc-date"] if "." in record.fields["warc-date"] else None,
        )


def _whole_seconds(warc_date: str) -> str:
    seconds, dot, _ = warc_date.partition(".")
    return f"{seconds}Z" if dot else seconds


def _crawl_of(record: WarcRecord) -> int | None:
    """Return the run that a file's warcinfo names; None if no run wrote the file, so that it has no exchange."""
    for line in record.block.decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(":")
        if key == "crawl" and value.strip().isdigit():
            return int(value)
    return None
