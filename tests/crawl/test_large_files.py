"""Large attachments in a whole crawl: the memory of crawl and parser together stays small, and nothing is left."""

import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from scrapy.utils.misc import load_object

from crawler import settings
from crawler.replica import Replica
from crawler.replica.server import fault_replies
from tests.support.crawling import command, rows, start, tables, value, write_profile
from tests.support.processes.memory import watched

HANDLER = load_object(settings.DOWNLOAD_HANDLERS["https"])

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells shared memory apart"),
    pytest.mark.skipif(not getattr(HANDLER, "is_exact", False), reason="Scrapy's own handler spools nothing"),
]

MIB = 1024 * 1024


def crawl_watched(portal: Replica, folder: Path) -> int:
    """Crawl with large files in the place of four attachments; give the peak of memory in bytes."""
    found = [article for article in portal.truth().articles if article.state == "live" and article.found_in]
    urls = sorted({file.url for article in found for file in article.attachments})
    ((host, _),) = Counter(urlsplit(url).netloc for url in urls).most_common(1)  # others may be foreign
    for url in [url for url in urls if urlsplit(url).netloc == host][:4]:
        portal.faults.set(urlsplit(url).path, "large")
    profile = write_profile(portal, folder)
    process = start("crawl", "--portal", profile, "--archive", folder / "archive.db")
    with watched(process.pid) as peak:
        out, err = process.communicate(timeout=900)
    assert process.returncode == 0, out + err
    return peak.size_bytes


def check_stored(folder: Path, mebibytes: int) -> None:
    archive = folder / "archive.db"
    large = rows(archive, "select sha256 from attachments where size_bytes > ?", mebibytes * MIB)
    assert len(large) == 4
    assert value(archive, "select count(*) from captures where truncated is not null") == 0
    assert not (folder / "archive.db.spool").exists()


def test_large_files_take_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_replies, "LARGE_MEBIBYTES", 48)
    with Replica(articles=40) as portal:
        peak = crawl_watched(portal, tmp_path)
    check_stored(tmp_path, 48)
    assert peak < 250 * MIB, f"{peak / MIB:.0f} MiB"
    rebuilt = command("rebuild", "--archive", tmp_path / "archive.db", "--into", tmp_path / "new.db")
    assert rebuilt.code == 0, rebuilt.err
    assert tables(tmp_path / "new.db") == tables(tmp_path / "archive.db")


@pytest.mark.trial
def test_four_files_of_250_mb_at_once_stay_under_500_mb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_replies, "LARGE_MEBIBYTES", 250)
    with Replica(articles=40) as portal:
        peak = crawl_watched(portal, tmp_path)
    check_stored(tmp_path, 250)
    assert peak < 500_000_000, f"{peak / MIB:.0f} MiB"
    checked = command("verify", "--archive", tmp_path / "archive.db")
    assert checked.code == 0, checked.out
