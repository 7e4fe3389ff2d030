"""Whole crawls through cookie walls, odd redirects and meta refreshes: the same archive, and a rebuild equal to it."""

from pathlib import Path

from crawler.replica import Replica
from crawler.settings import HAS_CURL
from tests.support.crawling import command, content, crawl, rows, value

LOCATIONS = (
    "backslash-location",
    "blank-location",
    "raw-location",
    "latin-location",
    "relative-location",
    "query-location",
)
WAYS = (*LOCATIONS, "meta-refresh")


def _archived(archive: Path, portal: Replica) -> str:
    """Give what is archived, without the ports of the replica that it was read from."""
    held = repr({name: rows_ for name, rows_ in content(archive).items() if name != "images"})
    return held.replace(portal.hosts.pages, "pages").replace(portal.hosts.files, "files")


def test_every_way_leads_to_the_same_articles_and_a_rebuild_to_the_same_rows(tmp_path: Path) -> None:
    (tmp_path / "straight").mkdir()
    with Replica(articles=20) as portal:
        assert crawl(portal, tmp_path / "straight").code == 0
        straight = _archived(tmp_path / "straight" / "archive.db", portal)
    archive = tmp_path / "archive.db"
    with Replica(articles=20) as portal:
        portal.faults.set("@listings", "aspx-cookie-wall")
        portal.faults.set("/", "meta-refresh")
        portal.faults.set("/robots.txt", "cookie-wall")
        portal.faults.set("@files", "cookie-wall")
        for number, kind in enumerate(WAYS):
            portal.faults.set("@articles", kind, share=1 - number / len(WAYS))
        ended = crawl(portal, tmp_path)
        assert ended.code == 0, ended.err
        assert _archived(archive, portal) == straight
        sent = {logged.server for logged in portal.requests if "cookie" in {name.lower() for name, _ in logged.headers}}
    assert sent == {"site", "files"}
    assert not rows(archive, "select 1 from article_urls where url like '%Aspx%' or url like '%utm_%'")
    assert value(archive, "select count(*) from captures where status in (301, 302) or url like '%utm_source%'") > 20
    assert command("rebuild", "--archive", archive, "--into", tmp_path / "again.db").code == 0
    for table in ("captures", "articles", "article_urls", "revisions", "crawl_errors", "listing_walks"):
        held = [tuple(row) for row in rows(archive, f"select * from {table} order by 1, 2")]
        assert [tuple(row) for row in rows(tmp_path / "again.db", f"select * from {table} order by 1, 2")] == held


def test_a_page_that_wants_a_script_and_a_redirect_to_nowhere_are_failures_by_name(tmp_path: Path) -> None:
    with Replica(articles=12) as portal:
        articles = [one for one in portal.truth().articles if one.listed and one.state == "live"]
        for article, kind in zip(articles, ("script-wall", "nowhere-location"), strict=False):
            for url in (article.url, article.old_url):
                portal.faults.set("/" + url.removeprefix(portal.base_url), kind)
        portal.faults.set("/robots.txt", "padded")
        limits = {"disk_reserve_bytes": 0, "page_bytes": 1024 * 1024}
        ended = crawl(portal, tmp_path, listings=["/thong-bao", "/tin-tuc-su-kien", "/dang-nhap"], limits=limits)
        asked = {logged.path for logged in portal.requests}
    assert ended.code == 3, ended.err
    assert "/dang-nhap" not in asked
    robots = rows(
        tmp_path / "archive.db", "select truncated from captures where url like '%/robots.txt' and status = 200"
    )
    assert [row["truncated"] for row in robots] == (["length"] if HAS_CURL else [None])
    found = rows(tmp_path / "archive.db", "select url, kind, message_args from crawl_errors")
    nowhere = [row["message_args"] for row in found if row["kind"] == "redirect-nowhere"]
    assert nowhere == ['{"location":"","status":301}']
    assert [row["url"].rpartition("/")[2] for row in found if row["kind"] == "robots"] == ["dang-nhap"]
    assert [row["kind"] for row in found if row["url"] in (articles[0].url, articles[0].old_url)] != []


def test_a_robots_txt_that_redirects_to_itself_is_unavailable_after_five_steps(tmp_path: Path) -> None:
    with Replica(articles=12) as portal:
        portal.faults.set("/robots.txt", "redirect-loop")
        ended = crawl(portal, tmp_path, listings=["/thong-bao"])
        asked = [logged.path for logged in portal.requests if logged.server == "site"]
    assert ended.code == 0, ended.err
    assert asked.count("/robots.txt") == 6
