"""A portal moves to another host between two crawls: it keeps every article, and the old host is not asked."""

from pathlib import Path

import pytest

from crawler.replica import Replica
from tests.support.crawling import command, crawl, rows, tables, value

pytestmark = pytest.mark.slow


def test_a_move_costs_no_article_no_revision_and_no_question_to_the_old_host(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=60) as before:
        assert crawl(before, tmp_path).code == 0
        old, files_port = before.base_url, int(before.files_host.rpartition(":")[2])
    held = value(archive, "select count(*) from articles")
    with Replica(articles=60, files_port=files_port) as after:
        assert after.base_url != old
        for arguments in (["--full"], []):
            ended = crawl(after, tmp_path, *arguments, moved_from=[old])
            assert ended.code == 0, ended
        new = after.base_url
    assert value(archive, "select count(*) from articles") == held
    assert rows(archive, "select url from articles where url not like ?", f"{new}%") == []
    assert {row["kind"] for row in rows(archive, "select distinct kind from article_events")} <= {"found", "merged"}
    assert value(archive, "select count(*) from revisions where number > 1") == 0
    assert rows(archive, "select url from captures where crawl_id > 1 and url like ?", f"{old}%") == []
    assert rows(archive, "select url, kind from crawl_errors where crawl_id > 1 and url like ?", f"{old}%") == []
    assert command("rebuild", "--archive", archive, "--into", tmp_path / "new.db").code == 0
    crawled, rebuilt = tables(archive), tables(tmp_path / "new.db")
    assert {name for name in crawled if crawled[name] != rebuilt[name]} == set()
