"""The summary of a run."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.crawl.summary import RunSummary, read_summary
from crawler.errors import ArchiveUnusableError
from tests.support.archives.rows import change
from tests.support.build import FIRST_NIGHT, Clock, Night, make_archive


def summary(archive: Path) -> RunSummary:
    return read_summary(archive, 1, payload_bytes=12345, next_planned=FIRST_NIGHT + timedelta(days=1), now=FIRST_NIGHT)


def test_the_block_says_what_the_row_says(tmp_path: Path) -> None:
    found = summary(make_archive(tmp_path))
    assert (found.portal, found.outcome, found.articles_new, found.bytes) == ("sapa", "complete", 3, 12345)
    assert sum(found.errors_by_kind.values()) == found.errors == 3
    assert found.as_json()["next_planned_at"] == "2026-09-02T18:30:00Z"
    lines = found.text(ZoneInfo("Asia/Ho_Chi_Minh")).splitlines()
    assert lines[0] == "summary of crawl 1 of sapa"
    assert "  outcome   complete" in lines
    assert "  began     2026-09-02 01:30:00+07:00" in lines
    assert "  articles  3 new, 0 changed, 0 unchanged, 0 removed" in lines
    assert "  errors    3: 1 http-404, 1 soft-404, 1 timeout" in lines
    assert "  bytes     12,345" in lines
    assert "  next      2026-09-03 01:30:00+07:00" in lines


def test_the_reason_follows_the_outcome(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    change(archive, "update crawls set outcome = 'partial', reason = '2 listed articles could not be had'")
    text = summary(archive).text(ZoneInfo("UTC"))
    assert "  outcome   partial: 2 listed articles could not be had" in text


def test_the_reason_says_one_article_in_the_singular(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    change(archive, "update crawls set outcome = 'partial', reason = '1 listed articles could not be had'")
    assert "partial: 1 listed article could not be had\n" in summary(archive).text(ZoneInfo("UTC"))
    change(archive, "update crawls set reason = 'words of an older version'")
    assert "partial: words of an older version\n" in summary(archive).text(ZoneInfo("UTC"))


def test_a_run_that_could_not_be_closed_ends_now(archive: Path, clock: Clock) -> None:
    night = Night(archive, clock)
    night.writer.close()
    found = read_summary(archive, 1, payload_bytes=0, next_planned=None, now=FIRST_NIGHT + timedelta(seconds=3723))
    assert (found.outcome, found.duration_seconds, found.next_planned_at) == ("running", 3723, None)
    assert "after 1 h 2 min 3 s" in found.text(ZoneInfo("UTC"))
    assert "never, by its plan" in found.text(ZoneInfo("UTC"))


def test_an_unreadable_archive_raises(archive: Path) -> None:
    with pytest.raises(ArchiveUnusableError):
        summary(archive)
