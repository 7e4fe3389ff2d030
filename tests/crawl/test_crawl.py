"""A whole crawl of the replica as a child process, and its archive compared with the replica's truth."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler import settings
from crawler.archive.warc.reader import warc_files
from crawler.crawl.download.reconstruct import describe_capture
from crawler.operations.health.coverage import read_coverage
from crawler.replica import ArticleTruth, Replica, Truth
from tests.support.crawling import Ended, command, crawl, rows, tables, value
from tests.support.wire.warc_records import read_records


@dataclass(frozen=True)
class Crawled:
    """A replica that was crawled once to its end."""

    portal: Replica
    folder: Path
    archive: Path
    ended: Ended
    truth: Truth


@pytest.fixture(scope="module", params=["listings named", "found from the menu"])
def crawled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    folder = tmp_path_factory.mktemp("crawled")
    overrides = {"listings": None} if request.param == "found from the menu" else {}
    with Replica(articles=240) as portal:
        ended = crawl(portal, folder, **overrides)
        yield Crawled(portal, folder, folder / "archive.db", ended, portal.truth())


def _expected(truth: Truth) -> list[ArticleTruth]:
    return [article for article in truth.articles if article.state == "live" and article.found_in]


def _article_id(archive: Path, article: ArticleTruth) -> int:
    found = rows(
        archive, "select distinct article_id from article_urls where url in (?, ?)", article.url, article.old_url
    )
    assert len(found) == 1, article.url
    return int(found[0]["article_id"])


def test_a_healthy_night_is_complete(crawled: Crawled) -> None:
    assert crawled.ended.code == 0, crawled.ended.err
    row = rows(crawled.archive, "select * from crawls")[0]
    assert (row["outcome"], row["reason"]) == ("complete", None)
    assert row["articles_new"] == len(_expected(crawled.truth))
    assert row["finished_at"] is not None


def test_every_article_is_there_once(crawled: Crawled) -> None:
    expected = _expected(crawled.truth)
    ids = [_article_id(crawled.archive, article) for article in expected]
    assert len(set(ids)) == len(expected)
    assert value(crawled.archive, "select count(*) from articles") == len(expected)


def test_texts_dates_and_categories_are_exact(crawled: Crawled) -> None:
    wrong = []
    for article in _expected(crawled.truth):
        row = rows(
            crawled.archive,
            """select a.*, c.slug as category, c.title as category_title from articles a
               left join categories c on c.id = a.category_id where a.id = ?""",
            _article_id(crawled.archive, article),
        )[0]
        for name in (
            "title", "summary", "body", "byline", "source", "published_on", "published_at", "published_from",
            "category", "category_title", "listed",
        ):  # fmt: skip
            if row[name] != getattr(article, name):
                wrong += [(article.url, name, row[name], getattr(article, name))]
    assert not wrong


def test_pictures_captions_and_attachments_are_exact(crawled: Crawled) -> None:
    wrong = []
    for article in _expected(crawled.truth):
        number = _article_id(crawled.archive, article)
        images = rows(
            crawled.archive,
            "select image_sha256, caption from article_images where article_id = ? order by position",
            number,
        )
        if [tuple(row) for row in images] != [(image.sha256, image.caption) for image in article.images]:
            wrong.append((article.url, "images"))
        files = rows(
            crawled.archive,
            "select attachment_sha256, label from article_attachments where article_id = ? order by position",
            number,
        )
        if [tuple(row) for row in files] != [(file.sha256, file.label) for file in article.attachments]:
            wrong.append((article.url, "attachments"))
    assert not wrong


def test_every_date_found_is_kept_with_its_source(crawled: Crawled) -> None:
    for article in _expected(crawled.truth):
        number = _article_id(crawled.archive, article)
        kept = rows(
            crawled.archive, "select published_on, published_from from article_dates where article_id = ?", number
        )
        assert {tuple(row) for row in kept} >= {(date.published_on, date.published_from) for date in article.dates}


def test_the_same_title_in_several_years_is_several_articles(crawled: Crawled) -> None:
    repeated = value(
        crawled.archive, "select count(*) from (select title from articles group by title having count(*) > 1)"
    )
    assert repeated > 0


def test_two_addresses_of_an_article_are_one_row(crawled: Crawled) -> None:
    both = value(
        crawled.archive,
        """select count(*) from (
             select article_id from article_urls group by article_id having count(distinct kind) = 2)""",
    )
    assert both > 0
    # The two-level address is canonical if it is known.
    assert not rows(
        crawled.archive,
        """select 1 from articles a join article_urls u on u.article_id = a.id and u.kind = 'article'
           where not exists (select 1 from article_urls v where v.url = a.url and v.kind = 'article')""",
    )


def test_no_other_host_was_asked(crawled: Crawled) -> None:
    assert not [logged for logged in crawled.portal.requests if logged.server == "elsewhere"]


def test_robots_txt_was_asked_first_and_obeyed(crawled: Crawled) -> None:
    pages = [logged for logged in crawled.portal.requests if logged.server == "site"]
    assert pages[0].path == "/robots.txt"
    assert not [logged for logged in pages if logged.path.startswith("/quan-tri/")]


def test_every_exchange_is_captured(crawled: Crawled) -> None:
    kept = value(crawled.archive, "select count(*) from captures")
    assert kept == len(crawled.portal.requests)
    posts = rows(crawled.archive, "select request_sha256 from captures where method = 'POST'")
    assert posts
    assert all(row["request_sha256"] for row in posts)


def test_the_warc_says_whether_its_handler_reconstructs(crawled: Crawled) -> None:
    described = describe_capture(settings.DOWNLOAD_HANDLERS["https"] or "")
    for path in warc_files(crawled.folder / "warc"):
        assert f"description: {described}\r\n" in next(read_records(path)).block.decode()


def test_page_requisites_are_captured_once(crawled: Crawled) -> None:
    urls = rows(
        crawled.archive, "select url, count(*) as times from captures where media_type = 'text/css' group by url"
    )
    assert urls
    assert {row["times"] for row in urls} == {1}


def test_every_article_has_its_first_revision(crawled: Crawled) -> None:
    assert not rows(
        crawled.archive,
        """select 1 from articles a left join revisions r on r.article_id = a.id and r.number = 1
           where r.number is null or a.revision <> 1 or r.content_sha256 <> a.content_sha256""",
    )


def test_a_rebuild_gives_equal_rows(crawled: Crawled, tmp_path: Path) -> None:
    ended = command("rebuild", "--archive", crawled.archive, "--into", tmp_path / "new.db")
    assert ended.code == 0, ended.err
    before, after = tables(crawled.archive), tables(tmp_path / "new.db")
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == []


def test_verify_and_warcio_find_nothing(crawled: Crawled) -> None:
    ended = command("verify", "--archive", crawled.archive)
    assert ended.code == 0, ended.out
    files = sorted((crawled.folder / "warc").glob("*.warc.gz"))
    assert files
    check = [sys.executable, "-c", "from warcio.cli import main; main()", "check", *map(str, files)]
    assert subprocess.run(check, check=False).returncode == 0


def test_search_finds_with_and_without_marks(crawled: Crawled) -> None:
    title = "Thông báo tuyển dụng"
    for typed in (title, "thong bao tuyen dung", '"tuyển dụng"'):
        hits = value(crawled.archive, "select count(*) from articles_fts where articles_fts match fts_query(?)", typed)
        assert hits > 0
    folded = value(crawled.archive, "select count(*) from articles_fts where articles_fts match fold(?)", title)
    assert folded > 0


def test_status_says_all_well(crawled: Crawled) -> None:
    ended = command("status", "--archive", crawled.archive)
    assert ended.code == 0, ended.out
    assert "complete" in ended.out


def test_coverage_tells_the_truth_of_the_portal(crawled: Crawled) -> None:
    (told,) = read_coverage(crawled.archive)
    expected = [*_expected(crawled.truth), *crawled.truth.single_pages]
    assert told.unkept == Counter(kind for article in expected for kind, _ in article.unkept)
    pictures = {image.url: image.sha256 for article in expected for image in article.images}
    files = {one.url: one.sha256 for article in expected for one in article.attachments}
    for name, urls in (("pictures", pictures), ("files", files)):
        part = told.parts[name]
        assert (part.total, part.held) == (len(urls), sum(digest is not None for digest in urls.values())), name
    assert (told.parts["rows"].share, sum(told.parts["rows"].rest.values())) == (1.0, 0)
