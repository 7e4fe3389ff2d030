"""A crawl where pycurl is not installed: Scrapy's own handler serves, and the WARC says so."""

import gzip
import sys
from pathlib import Path

from crawler.replica import Replica
from tests.support.crawling import rows, run, value, write_profile

WITHOUT_PYCURL = "import sys; sys.modules['pycurl'] = None; from scrapy.cmdline import execute; execute(sys.argv[1:])"


def test_a_crawl_without_pycurl_is_whole_and_says_what_is_reconstructed(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=10) as portal:
        profile = write_profile(portal, tmp_path)
        line = [sys.executable, "-c", WITHOUT_PYCURL, "scrapy", "crawl", "portal", "-a", f"portal={profile}"]
        ended = run([*line, "-s", f"ARCHIVE={archive}"])
        expected = [article for article in portal.truth().articles if article.state == "live" and article.found_in]
    assert value(archive, "select count(*) from articles") == len(expected), ended.err
    assert rows(archive, "select 1 from crawls where finished_at is not null")
    warc = b"".join(gzip.decompress(path.read_bytes()) for path in (tmp_path / "warc").glob("*.warc.gz"))
    assert b"econstructed" in warc
