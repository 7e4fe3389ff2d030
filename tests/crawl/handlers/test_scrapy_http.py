"""Without pycurl, Scrapy's own handler serves: what Twisted cannot read is read by the raw reader."""

import json
import sys
from pathlib import Path
from typing import Any

from crawler.archive.warc.reader import warc_files
from crawler.replica import Replica
from tests.support.crawling import Ended, rows, run, write_profile
from tests.support.replica import set_on_article
from tests.support.wire.certificates import issue, server_context
from tests.support.wire.warc_records import read_records

HANDLER = "crawler.crawl.handlers.scrapy_http.ScrapyDownloadHandler"
READABLE = ("bad-header", "wire-no-colon", "wire-nul", "wire-leading-crlf", "wire-two-lengths", "wire-chunk-padded")
FAILURES = {**dict.fromkeys(READABLE), "wire-status-999": "bad-status", "wire-http-0.9": "not-http"}


def _crawl(portal: Replica, archive: Path, **overrides: Any) -> Ended:
    handlers = json.dumps(dict.fromkeys(("http", "https"), HANDLER))
    profile = write_profile(portal, archive.parent, **overrides)
    arguments = ["-a", f"portal={profile}", "-s", f"ARCHIVE={archive}", "-s", f"DOWNLOAD_HANDLERS={handlers}"]
    return run([sys.executable, "-m", "scrapy", "crawl", "portal", *arguments])


def test_answers_that_twisted_refuses_are_read_all_the_same(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=24) as portal:
        listed = [one for one in portal.truth().articles if one.state == "live" and one.listed and not one.fate]
        spoilt = dict(zip(FAILURES, listed, strict=False))
        for kind, one in spoilt.items():
            set_on_article(portal, one, kind)
        ended = _crawl(portal, archive)
    held = {row["url"] for row in rows(archive, "select url from article_urls")}
    errors = {row["url"]: row["kind"] for row in rows(archive, "select url, kind from crawl_errors")}
    for kind, one in spoilt.items():
        assert bool(held & {one.url, one.old_url}) is (FAILURES[kind] is None), (kind, ended.err[-2000:])
        assert (errors.get(one.url) or errors.get(one.old_url)) == FAILURES[kind], kind
    records = [record for path in warc_files(tmp_path / "warc") for record in read_records(path)]
    assert any(record.head.startswith(b"\r\n\r\nHTTP/1.1 200 OK\r\n") for record in records)
    assert any("\r\nX-Thông-Tin: Cổng huyện\r\n".encode() in record.head for record in records)


def test_a_pinned_key_is_checked_though_scrapy_knows_no_pins(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=12, tls=server_context(tmp_path, issue("127.0.0.1"))) as portal:
        pinned = {"verify": False, "pins": {"127.0.0.1": "0" * 64}}
        ended = _crawl(portal, archive, listings=["/thong-bao"], tls=pinned)
        assert [logged for logged in portal.requests if logged.server == "site"] == []
    assert rows(archive, "select reason_kind from crawls")[0]["reason_kind"] == "key-changed", ended.err
