"""The number of a search says what it counts: the words side by side, or all the words wherever they stand."""

from collections.abc import Iterator

import pytest

from tests.support.web_archive import ORIGIN, Maker, Site, article, words_of

APART = "có đủ các từ, liền nhau hoặc rời nhau"
BELOW = "Từ đây là các bài có các từ gần nhau hoặc rời nhau."
PHRASES, NEAR, BRIDGES, FLAGS = 2, 25, 30, 4


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    archive = tmp_path_factory.mktemp("counts-said") / "archive.db"
    maker = Maker(archive)
    bodies = (
        ["Bàn việc thu hồi đất."] * PHRASES
        + ["Thu phí rồi hồi lâu đất trống."] * NEAR
        + ["Xây cầu treo."] * BRIDGES
        + ["Cầu mới; người dân treo cờ."] * FLAGS
    )
    for number, body in enumerate(bodies):
        maker.article(article(f"Tin số {number}", body), f"{ORIGIN}/tin-tuc/tin-{300000 + number}")
    maker.writer.finish("complete")
    maker.writer.close()
    site = Site(archive)
    yield site
    site.close()


def test_number_of_hits_says_that_it_counts_words_apart_too(site: Site) -> None:
    page = words_of(site.get("/search?q=thu+hoi+dat").text)
    assert f"{PHRASES + NEAR} bài {APART}" in page
    assert f"{PHRASES} bài có đúng cụm từ. {BELOW}" in page


@pytest.mark.parametrize("more", ["", "&sort=date"])
def test_a_full_page_of_phrases_says_how_many_there_are(site: Site, more: str) -> None:
    """Only the articles with the words anywhere were counted: too many to print as those about the thing."""
    page = words_of(site.get(f"/search?q=cau+treo{more}").text)
    assert f"{BRIDGES + FLAGS} bài {APART}; {BRIDGES} bài có đúng cụm từ" in page
    assert BELOW not in page
    said = site.get(f"/search.json?q=cau+treo{more}").json()
    assert (said["count"], said["phrase_count"], said["closeness"]) == (BRIDGES + FLAGS, BRIDGES, None)


def test_number_of_phrases_alone_says_no_more(site: Site) -> None:
    assert APART not in words_of(site.get("/search?q=xay+cau+treo").text)


@pytest.mark.parametrize("query", ['"cầu treo"', "treo", '"thu hoi dat"', ""])
def test_number_of_words_side_by_side_says_no_more(site: Site, query: str) -> None:
    page = site.get(f"/search?q={query}").text
    assert APART not in page
    assert BELOW not in page


def test_newest_first_says_the_same_of_its_number(site: Site) -> None:
    page = words_of(site.get("/search?q=thu+hoi+dat&sort=date").text)
    assert f"{PHRASES + NEAR} bài {APART}" in page
    assert BELOW not in page
