"""Crawls before and after a change of the parser, in real processes: no revision, no event, and equal rows at last."""

from pathlib import Path

from crawler.extract.version import READER_VERSION
from crawler.replica import Replica
from tests.support.crawling import command, crawl, rows, value

# The first reader, in every process of a crawl: other titles, texts, bylines and captions, and no page date.
FIRST_READER = """
from dataclasses import replace
import crawler.extract.version as version
version.READER_VERSION = 1
import crawler.extract.answer as answer
todays = answer.read_page
def read_page(*given, **asked):
    page, addresses = todays(*given, **asked)
    article = page.article
    if article is not None:
        words = [image.caption for image in article.images if image.caption]
        article = replace(
            article, title=article.title + " | Trang tin", body="\\n\\n".join([article.body, *words]),
            byline="Ban biên tập", images=tuple(replace(image, caption=None) for image in article.images),
            dates=tuple(found for found in article.dates if found.source != "page"),
        )
    return replace(page, article=article), addresses
answer.read_page = read_page
"""


def test_a_crawl_after_a_change_of_the_parser_makes_no_revision(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "sitecustomize.py").write_text(FIRST_READER, encoding="utf-8")
    with Replica(articles=15) as portal:
        assert crawl(portal, tmp_path, extra={"PYTHONPATH": str(tmp_path / "first")}).code == 0
        held = value(archive, "select count(*) from articles")
        assert value(archive, "select count(*) from articles where title like '%| Trang tin'") == held
        assert crawl(portal, tmp_path, "--full").code == 0
    assert value(archive, "select count(*) from articles") == held
    assert value(archive, "select articles_changed from crawls where id = 2") == 0
    assert value(archive, "select articles_unchanged from crawls where id = 2") == held
    assert value(archive, "select count(*) from revisions where number > 1") == 0
    assert value(archive, "select count(*) from article_events where kind = 'revised'") == 0
    assert {row[0] for row in rows(archive, "select reader from revisions")} == {READER_VERSION}
    assert (
        value(archive, "select count(*) from articles where title like '%| Trang tin' or byline = 'Ban biên tập'") == 0
    )
    assert command("rebuild", "--archive", archive, "--compare").code == 0
    assert command("rebuild", "--archive", archive, "--into", tmp_path / "new.db").code == 0
    of_articles = "select id, title, body, byline, captions, published_on, revision, state, join_sha256 from articles"
    assert [tuple(row) for row in rows(tmp_path / "new.db", of_articles)] == [
        tuple(row) for row in rows(archive, of_articles)
    ]
