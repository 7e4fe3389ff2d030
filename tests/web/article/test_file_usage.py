"""The pages that list the articles with a picture or file."""

import re
from collections.abc import Iterator

import pytest

from tests.support.past_archive import AWAY, EDITED, TWIN, open_past
from tests.support.web_archive import Site


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_past(tmp_path_factory.mktemp("usage")) as opened:
        yield opened


def digest_of(site: Site, table: str, column: str, name: str) -> str:
    sql = f"select {column} from {table} where url like '%/{name}' limit 1"
    return str(site.loop.run_until_complete(site.datasette.get_database("archive").execute(sql)).first()[0])


def listed(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<h3 lang="vi"><a href="/article/(\d+)', page)]


def test_picture_names_every_article_that_has_it_with_its_caption(past: Site) -> None:
    sha256 = digest_of(past, "revision_images", "image_sha256", "con-dau.png")
    page = past.get(f"/image/{sha256}/articles").text
    assert listed(page) == [TWIN, AWAY]
    assert "Dấu của huyện" in page
    assert "Con dấu" in page
    assert sha256 in page


def test_picture_names_articles_whose_older_version_had_it(past: Site) -> None:
    sha256 = digest_of(past, "revision_images", "image_sha256", "xe.png")
    page = past.get(f"/image/{sha256}/articles").text
    assert listed(page) == [TWIN, EDITED]
    assert "(trong phiên bản 2)" in page


def test_file_names_its_articles(past: Site) -> None:
    sha256 = digest_of(past, "revision_attachments", "attachment_sha256", "quyet-dinh.pdf")
    page = past.get(f"/attachment/{sha256.upper()}/articles").text
    assert listed(page) == [EDITED]
    assert "quyet-dinh.pdf" in page


def test_pages_go_on_by_key(past: Site) -> None:
    sha256 = digest_of(past, "revision_images", "image_sha256", "con-dau.png")
    assert listed(past.get(f"/image/{sha256}/articles?before={TWIN}").text) == [AWAY]
    for nonsense in ("x", "-1", "%00", "9" * 30):
        assert listed(past.get(f"/image/{sha256}/articles?before={nonsense}").text) == [TWIN, AWAY]


def test_unknown_file_is_not_found(past: Site) -> None:
    for kind in ("image", "attachment"):
        assert past.get(f"/{kind}/{'0' * 64}/articles").status_code == 404
