"""Nights with faults: what is recorded, and which exit code follows."""

from pathlib import Path

import pytest

from crawler.replica import Replica
from tests.support.crawling import command, crawl, rows, value


def _outcome(folder: Path, crawl_id: int = 1) -> tuple[str, str | None]:
    row = rows(folder / "archive.db", "select outcome, reason from crawls where id = ?", crawl_id)[0]
    return row["outcome"], row["reason"]


def _spoil(portal: Replica, kind: str, number: int = 0, *, times: int | None = None) -> None:
    """Make both addresses of a listed article answer with a fault."""
    articles = [article for article in portal.truth().articles if article.listed and article.state == "live"]
    for url in (articles[number].url, articles[number].old_url):
        portal.faults.set("/" + url.removeprefix(portal.base_url), kind, times=times)


@pytest.mark.parametrize("kind", ["500", "403", "reset", "truncate", "huge", "gzip-bomb"])
def test_a_listed_article_that_fails_makes_the_night_partial(tmp_path: Path, kind: str) -> None:
    with Replica(articles=40) as portal:
        portal.faults.set("@articles", kind, share=0.1)
        ended = crawl(portal, tmp_path)
        assert ended.code == 3, ended.err
        outcome, reason = _outcome(tmp_path)
        assert outcome == "partial"
        assert "listed articles could not be had" in (reason or "")
        assert value(tmp_path / "archive.db", "select count(*) from crawl_errors where kind not like 'foreign%'") > 0
        portal.faults.clear()
        ended = crawl(portal, tmp_path)
        assert (ended.code, _outcome(tmp_path, 2)) == (0, ("complete", None))


def test_a_pager_page_that_fails_is_named(tmp_path: Path) -> None:
    with Replica(articles=120) as portal:
        portal.faults.set("@pager", "503", share=0.5)
        ended = crawl(portal, tmp_path)
    assert ended.code == 3
    outcome, reason = _outcome(tmp_path)
    assert outcome == "partial"
    assert "page " in (reason or "")
    assert rows(tmp_path / "archive.db", "select 1 from listing_walks where missing is not null")


def test_a_listing_that_fails_makes_the_night_partial(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        portal.faults.set("/thong-bao", "500")
        ended = crawl(portal, tmp_path)
    assert ended.code == 3
    assert "/thong-bao" in (_outcome(tmp_path)[1] or "")


def test_a_listed_soft_404_is_not_stored_as_an_article(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        portal.faults.set("@articles", "soft404", share=0.15)
        ended = crawl(portal, tmp_path)
    assert ended.code == 3
    errors = rows(
        tmp_path / "archive.db",
        "select e.*, c.status from crawl_errors e join captures c on c.id = e.capture_id where e.kind = 'soft-404'",
    )
    assert errors
    assert {row["status"] for row in errors} == {200}
    held = {row["url"] for row in rows(tmp_path / "archive.db", "select url from article_urls")}
    assert not held & {row["url"] for row in errors}


def test_a_portal_that_does_not_answer_is_a_failed_night_in_one_line(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        profile = portal.profile_toml(limits={"disk_reserve_bytes": 0})
    (tmp_path / "gone.toml").write_text(profile, encoding="utf-8")
    ended = command("crawl", "--portal", tmp_path / "gone.toml", "--archive", tmp_path / "archive.db")
    assert ended.code == 1
    assert "Traceback" not in ended.err + ended.out
    outcome, reason = _outcome(tmp_path)
    assert outcome == "failed"
    assert "connect" in reason.lower()


def test_robots_txt_that_answers_5xx_means_not_now(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        portal.faults.set("/robots.txt", "503")
        ended = crawl(portal, tmp_path)
        asked = {logged.path for logged in portal.requests if logged.server == "site"}
    assert ended.code == 1
    assert asked == {"/robots.txt"}
    outcome, reason = _outcome(tmp_path)
    assert outcome == "failed"
    assert "robots.txt" in (reason or "")


def test_robots_txt_is_kept_but_not_followed_where_the_profile_says_so(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        portal.faults.set("/robots.txt", "503")
        ended = crawl(portal, tmp_path, robots="record", robots_reason="the archive acts under a legal duty")
    assert ended.code == 0, ended.err
    assert rows(tmp_path / "archive.db", "select 1 from captures where url like '%/robots.txt' and status = 503")


def test_an_answer_cut_off_once_is_kept_as_truncated_and_fetched_again(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        _spoil(portal, "truncate", times=1)
        ended = crawl(portal, tmp_path)
    assert ended.code == 0, ended.err
    cut = rows(tmp_path / "archive.db", "select * from captures where truncated is not null")
    assert {row["truncated"] for row in cut} == {"disconnect"}
    assert value(tmp_path / "archive.db", "select count(*) from captures where url = ?", cut[0]["url"]) == 2


@pytest.mark.parametrize("kind", ["redirect-elsewhere", "redirect-private", "redirect-metadata", "redirect-loop"])
def test_a_redirect_out_of_the_portal_is_kept_but_not_followed(tmp_path: Path, kind: str) -> None:
    with Replica(articles=40) as portal:
        _spoil(portal, kind)
        ended = crawl(portal, tmp_path)
        assert not [logged for logged in portal.requests if logged.server == "elsewhere"]
    assert ended.code == 3
    kinds = rows(
        tmp_path / "archive.db",
        """select distinct e.kind from crawl_errors e join frontier f on f.url = e.url
           where f.kind = 'article' and f.listed and e.kind in ('foreign-host', 'redirect-loop')""",
    )
    assert [row["kind"] for row in kinds] == ["redirect-loop" if kind == "redirect-loop" else "foreign-host"]
    assert value(tmp_path / "archive.db", "select count(*) from captures where status in (301, 302, 307, 308)") > 0


def test_a_redirect_to_the_home_page_is_not_stored_as_an_article(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        _spoil(portal, "redirect-home")
        assert crawl(portal, tmp_path).code == 3
    assert rows(tmp_path / "archive.db", "select 1 from crawl_errors where kind = 'redirected-away'")


def test_an_article_that_a_portal_shows_for_whatever_names_nothing_is_absence(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        crawl(portal, tmp_path)
        for path in ("^/khong-co-danh-muc-nay/", r"^/[^/]+/khong-co-bai-viet-nay-[0-9]+$"):
            portal.faults.set(path, "newest-article")
        _spoil(portal, "newest-article", 3)
        ended = crawl(portal, tmp_path, "--full")
    assert ended.code == 0, ended.err
    assert [row["kind"] for row in rows(tmp_path / "archive.db", "select kind from misses")] == ["soft-404"]
    assert {row["status"] for row in rows(tmp_path / "archive.db", "select status from probes where crawl_id = 2")} == {
        200
    }


def test_retry_after_is_waited_for(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        _spoil(portal, "503-retry-after", times=1)
        ended = crawl(portal, tmp_path)
        assert ended.code == 0, ended.err
    waited = rows(
        tmp_path / "archive.db",
        """select a.fetched_at < b.fetched_at as later from captures a
           join captures b on b.url = a.url and b.status = 200 where a.status = 503""",
    )
    assert [row["later"] for row in waited] == [1] * len(waited)
    times = rows(tmp_path / "archive.db", "select count(*) as times from captures where status = 503 group by url")
    assert times
    assert {row["times"] for row in times} == {1}


def test_one_address_that_asks_for_a_long_wait_does_not_end_the_night(tmp_path: Path) -> None:
    kinds = "select distinct kind from crawl_errors where kind in ('http-503', 'asked-to-wait')"
    with Replica(articles=40) as portal:
        listed = sum(one.listed and one.state == "live" and bool(one.found_in) for one in portal.truth().articles)
        one = next(one for one in portal.truth().articles if one.listed and one.state == "live")
        for url in (one.url, one.old_url):
            portal.faults.set("/" + url.removeprefix(portal.base_url), "503-retry-after", retry_after=999_999_999)
        assert crawl(portal, tmp_path).code == 3
        assert value(tmp_path / "archive.db", "select count(*) from articles where state = 'live'") >= listed - 1
        assert [row["kind"] for row in rows(tmp_path / "archive.db", kinds)] == ["http-503"]


def test_a_host_that_asks_for_a_long_wait_three_times_in_a_row_is_left_alone(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        portal.faults.set("^/.+/", "503-retry-after", retry_after=3600)
        crawl(portal, tmp_path)
    found = rows(tmp_path / "archive.db", "select kind, count(*) as number from crawl_errors group by kind")
    numbers = {row["kind"]: row["number"] for row in found}
    assert numbers["asked-to-wait"] > 5
    assert numbers["http-503"] <= 6  # three, and those that were under way


@pytest.mark.parametrize("kind", ["404", "500", "not-an-image", "truncate", "empty"])
def test_dead_files_are_recorded_once_and_leave_the_night_complete(tmp_path: Path, kind: str) -> None:
    counted = "select count(*) from crawl_errors where crawl_id = ? and kind <> 'foreign-host'"
    with Replica(articles=40) as portal:
        # Many missing files make a night partial; 404 says that there is no such file.
        portal.faults.set("@files", kind, share=0.3 if kind == "404" else 0.08)
        ended = crawl(portal, tmp_path)
        assert ended.code == 0, ended.err
        assert value(tmp_path / "archive.db", counted, 1) > 0
        assert crawl(portal, tmp_path, "--full").code == 0
    assert value(tmp_path / "archive.db", counted, 2) == 0


def test_files_that_come_later_complete_their_revisions(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        portal.faults.set("@files", "500", share=0.3)
        crawl(portal, tmp_path)
        lacking = value(archive, "select count(*) from revision_images where image_sha256 is null")
        portal.faults.clear()
        assert crawl(portal, tmp_path, "--full").code == 0
    assert value(archive, "select count(*) from revision_images where image_sha256 is null") < lacking
    assert value(archive, "select count(*) from revisions where number > 1") == 0
    assert value(archive, "select count(*) from article_events where kind = 'completed'") > 0


def test_malformed_headers_and_wrong_charsets_are_archived(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        _spoil(portal, "bad-header", 0)
        _spoil(portal, "wrong-charset", 1)
        assert crawl(portal, tmp_path).code == 0
    assert command("verify", "--archive", tmp_path / "archive.db").code == 0
