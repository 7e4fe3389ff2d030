"""Second and later crawls: what changed, what only moved, and what was left over."""

from pathlib import Path

from crawler.replica import Replica
from tests.support.crawling import command, crawl, rows, tables, value


def test_a_second_crawl_fetches_no_held_article_again(tmp_path: Path) -> None:
    with Replica(articles=60) as portal:
        assert crawl(portal, tmp_path).code == 0
        portal.forget_requests()
        assert crawl(portal, tmp_path).code == 0
        paths = [logged.path for logged in portal.requests if logged.server == "site"]
    held = {row["url"] for row in rows(tmp_path / "archive.db", "select url from article_urls")}
    assert not [path for path in paths if any(url.endswith(path) for url in held)]
    assert value(tmp_path / "archive.db", "select count(*) from revisions where number > 1") == 0


def test_a_full_look_at_an_unchanged_portal_makes_no_revision(tmp_path: Path) -> None:
    with Replica(articles=60) as portal:
        assert crawl(portal, tmp_path).code == 0
        assert crawl(portal, tmp_path, "--full").code == 0
    archive = tmp_path / "archive.db"
    assert value(archive, "select count(*) from revisions where number > 1") == 0
    assert value(archive, "select articles_unchanged from crawls where id = 2") == value(
        archive, "select count(*) from articles"
    )
    # The pictures are held; none is asked for again.
    assert value(archive, "select count(*) from captures where crawl_id = 2 and media_type like 'image/%'") == 0


def test_edits_of_a_night_become_revisions_and_a_rebuild_repeats_them(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=120) as portal:
        assert crawl(portal, tmp_path).code == 0
        before = {article.key: article for article in portal.truth().articles}
        portal.night = 2
        crawl(portal, tmp_path, "--full")
        portal.night = 3
        crawl(portal, tmp_path, "--full")
        after = portal.truth()
    for article in after.articles:
        if article.fate != "a-b-a":
            continue
        numbers = rows(
            archive,
            """select number, title, body from revisions r join article_urls u using (article_id)
               where u.url = ? order by 1""",
            article.url,
        )
        assert [row["number"] for row in numbers] == [1, 2, 3]
        assert numbers[0]["body"] == numbers[2]["body"] == before[article.key].body
        assert numbers[1]["body"] != numbers[0]["body"]
        break
    else:
        raise AssertionError("the replica dealt no article that goes A, B, A")
    ended = command("rebuild", "--archive", archive, "--into", tmp_path / "new.db")
    assert ended.code == 0, ended.err
    assert tables(archive) == tables(tmp_path / "new.db")
    assert command("verify", "--archive", archive).code == 0


def test_pages_that_shift_while_they_are_read_lose_nothing(tmp_path: Path) -> None:
    with Replica(articles=120, shifting=True) as portal:
        assert crawl(portal, tmp_path).code == 0
        truth = portal.truth()
    held = {row["url"] for row in rows(tmp_path / "archive.db", "select url from article_urls")}
    missing = [
        article.url
        for article in truth.articles
        if article.state == "live" and article.listed and not held & {article.url, article.old_url}
    ]
    assert not missing
