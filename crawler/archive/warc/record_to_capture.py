"""From WARC records to captures, as the table `captures` holds them."""

import re
from urllib.parse import urlsplit

from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.reader import HttpMessage, parse_http
from crawler.errors import WarcError
from crawler.items import Capture
from crawler.language.dates import parse_iso

UNKNOWN_CRAWL = 0
UNKNOWN_METHOD = ""
_WARC_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
# Numbers of runs are 64-bit, as SQLite's are.
_CRAWL = re.compile(r"[1-9]\d{0,17}", re.ASCII)


class CaptureReader:
    """Makes captures from records in file order: the request of an exchange comes before its response."""

    def __init__(self) -> None:
        self._crawl_id = UNKNOWN_CRAWL
        self._request: tuple[WarcRecord, HttpMessage] | None = None

    def read(self, record: WarcRecord) -> Capture | None:
        """Return the capture of a response or revisit record; None for every other record.

        Its `id` is 0. The `payload_sha256` of a revisit is empty; take it from the record that it refers to. Without a
        warcinfo record that names a run, `crawl_id` is UNKNOWN_CRAWL. Without the request record, `method` is
        UNKNOWN_METHOD and `request_sha256` None.

        Raises:
            WarcError: if the record does not state what a capture needs.
        """
        if record.kind == "warcinfo":
            self._crawl_id = _crawl_of(record) or UNKNOWN_CRAWL
        elif record.kind == "request":
            self._request = (record, parse_http(record))
        elif record.kind in ("response", "revisit"):
            return self._capture(record)
        return None

    def _capture(self, record: WarcRecord) -> Capture:
        date = record.fields.get("warc-date", "")
        _check_stated(record, date)
        message = parse_http(record)
        sent = None
        if self._request is not None and record.fields.get("warc-concurrent-to") == self._request[0].record_id:
            sent = self._request[1]
        return Capture(
            id=0,
            record_id=record.record_id,
            crawl_id=self._crawl_id,
            url=record.url,
            method=sent.head.method if sent else UNKNOWN_METHOD,
            request_sha256=sent.payload_sha256() if sent and sent.raw.size_bytes else None,
            fetched_at=_whole_seconds(date),
            status=message.head.status,
            media_type=message.head.media_type,
            payload_sha256=message.payload_sha256() if record.kind == "response" else "",
            warc_file=record.position.warc_file,
            warc_offset=record.position.offset,
            warc_length=record.position.length,
            record_type=record.kind,
            truncated=record.fields.get("warc-truncated"),
            warc_date=date if "." in date else None,
        )


def _check_stated(record: WarcRecord, date: str) -> None:
    """Refuse a record without an id, an address or a date."""
    if not record.record_id:
        raise WarcError("it states no WARC-Record-ID")
    try:
        parts = urlsplit(record.url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise WarcError("its WARC-Target-URI is no address of the web")
    if not _is_date(date):
        raise WarcError(f"its WARC-Date is no date, but {date[:40]!r}")


def _is_date(stated: str) -> bool:
    try:
        return bool(_WARC_DATE.fullmatch(stated) and parse_iso(_whole_seconds(stated)))
    except ValueError:
        return False


def _whole_seconds(warc_date: str) -> str:
    seconds, dot, _ = warc_date.partition(".")
    return f"{seconds}Z" if dot else seconds


def _crawl_of(record: WarcRecord) -> int | None:
    """Return the run that a file's warcinfo names; None if no run wrote the file. Then it has no exchanges."""
    for line in record.block.decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(":")
        if key == "crawl" and _CRAWL.fullmatch(value.strip()):
            return int(value)
    return None
