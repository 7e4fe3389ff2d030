"""The night's log of a whole crawl: it has a summary, and no text of the portal, no item, no secret."""

import json
from pathlib import Path

import pytest

from crawler.replica import Replica
from tests.support.crawling import command, crawl, value, write_profile

NOW = {"PORTAL_ARCHIVE_NOW": "2025-06-02T18:30:00Z"}  # 01:30 of the 3rd at the portal


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_nights_log_says_what_came_and_quotes_nothing_of_it(tmp_path: Path, form: str) -> None:
    with Replica(articles=40) as portal:
        portal.faults.set("@articles", "500", share=0.1)
        ended = crawl(portal, tmp_path, "--log-format", form, extra=NOW)
        truth = portal.truth().articles
    (log,) = (tmp_path / "logs").iterdir()
    text = log.read_text(encoding="utf-8")
    assert log.name == "2025-06-03.log"
    assert ended.code == 3, ended.err
    before, _, block = text.partition("summary of crawl")
    if form == "json":
        assert text in ended.err
    else:
        # Standard output holds the summary, standard error all the other lines.
        assert before.rpartition("\n")[0] in ended.err
        assert ended.out == f"summary of crawl{block}"
    new = value(tmp_path / "archive.db", "select articles_new from crawls")
    if form == "json":
        lines = [json.loads(line) for line in text.splitlines()]
        (summary,) = (line["summary"] for line in lines if "summary" in line)
        assert (summary["articles_new"], summary["outcome"]) == (new, "partial")
        assert summary["errors_by_kind"]["http-500"] > 0
        assert summary["next_planned_at"] == "2025-06-03T18:30:00Z"
    else:
        assert f"articles  {new} new, 0 changed, 0 unchanged, 0 removed" in text
        assert "outcome   partial: " in text
        assert " http-500" in text
    for article in truth:
        assert article.title not in text
        assert article.body[:60] not in text or not article.body


def test_an_item_that_fails_is_named_by_its_address_only(tmp_path: Path) -> None:
    """Scrapy with its own settings logs what the formatter returns."""
    from scrapy.utils.log import logformatter_adapter
    from scrapy.utils.misc import load_object
    from scrapy.utils.project import get_project_settings

    from crawler.items import FailureItem
    from crawler.sentences import say

    formatter = load_object(get_project_settings()["LOG_FORMATTER"])()
    item = FailureItem("http://h/x", "timeout", say("other", text="THE TEXT OF THE PAGE"), "article")
    for result in (
        formatter.item_error(item, ValueError(), None, None),
        formatter.dropped(item, type("Drop", (ValueError,), {"log_level": "WARNING"})("why"), None, None),
    ):
        level, message, *args = logformatter_adapter(result)
        said = message % args[0]
        assert level >= 30
        assert "http://h/x" in said
        assert "TEXT" not in said


def test_runs_of_one_night_share_a_file_and_a_refused_one_is_in_it(tmp_path: Path) -> None:
    with Replica(articles=10) as portal:
        assert crawl(portal, tmp_path, extra=NOW).code == 0
        assert crawl(portal, tmp_path, extra=NOW).code == 0
        moved = write_profile(portal, tmp_path, base_url="http://127.0.0.1:1/")
        assert command("crawl", "--portal", moved, "--archive", tmp_path / "archive.db", extra=NOW).code == 2
    (log,) = (tmp_path / "logs").iterdir()
    text = log.read_text(encoding="utf-8")
    assert text.count("summary of crawl") == 2
    assert "not run: portal 'replica': the archive holds" in text


def test_a_log_folder_that_cannot_be_written_fails_no_crawl(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with Replica(articles=10) as portal:
        ended = crawl(portal, tmp_path, extra={**NOW, "PORTAL_ARCHIVE_LOGS": str(tmp_path / "file" / "logs")})
    assert ended.code == 0, ended.err
    assert ended.err.count("no log is kept") == 1


def test_a_wrong_form_is_wrong_use(tmp_path: Path) -> None:
    with Replica(articles=10) as portal:
        profile = write_profile(portal, tmp_path)
        line = ("crawl", "--portal", profile, "--archive", tmp_path / "archive.db")
        assert command(*line, "--log-format", "xml").code == 2
        ended = command(*line, extra={"PORTAL_ARCHIVE_LOG_FORMAT": "xml"})
    assert (ended.code, "PORTAL_ARCHIVE_LOG_FORMAT" in ended.err) == (2, True)
    assert not (tmp_path / "archive.db").exists()
