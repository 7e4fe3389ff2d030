"""Sentences that tables keep by kind and arguments, on the site, in the reader's language."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.database import open_for_writing
from crawler.sentences import say
from tests.support.build import Clock, Night
from tests.support.web_archive import Site

FIXTURE = Path(__file__).parents[1] / "fixtures" / "archive-0.1.0"


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The archive of version 0.1.0, which kept prose alone, as this version opens it."""
    folder = tmp_path_factory.mktemp("older")
    shutil.copytree(FIXTURE, folder, dirs_exist_ok=True)
    open_for_writing(folder / "archive.db").close()
    with closing(Site(folder / "archive.db")) as site:
        yield site


def test_history_says_in_the_language_why_a_reading_is_doubtful(older: Site) -> None:
    assert "nội dung trước có 81 từ, nay còn 1 từ" in older.get("/article/6/history").text
    assert "its body had 81 words and has 1" in older.get("/article/6/history?lang=en").text


def test_home_says_in_the_language_why_the_last_night_is_not_complete(tmp_path: Path) -> None:
    night = Night(tmp_path / "archive.db", Clock())
    night.writer.finish("partial", (say("articles-failed", count=1), say("other", text="một <b>câu</b>")))
    night.writer.close()
    with closing(Site(tmp_path / "archive.db")) as site:
        page = site.get("/").text
        assert "<bdi>không lấy được 1 bài có trong danh sách tin; một &lt;b&gt;câu&lt;/b&gt;</bdi>" in page
        assert "<bdi>1 listed article could not be had; một &lt;b&gt;câu" in site.get("/?lang=en").text
