"""An article's page: its versions, its neighbours, and what machines read in it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.web.article.absences import Miss, Return, find_absences
from tests.support.past_archive import AWAY, EDITED, GONE, LEFT, ODD, SUMS, TWIN, open_past
from tests.support.web_archive import NEW, OLD, SHA, Site, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("article")) as opened:
        yield opened


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_past(tmp_path_factory.mktemp("past")) as opened:
        yield opened


def json_ld(page: str) -> dict[str, object]:
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(blocks) == 1
    return dict(json.loads(blocks[0]))


def test_article_shows_everything_from_the_archive(site: Site) -> None:
    page = site.get("/article/1").text
    for words in (
        "Hội nghị tổng kết công tác hòa giải",
        "Tóm tắt ngắn.",
        "Đồng chí Lê Đình Lợi phát biểu",
        "Báo Lào Cai",
        "02/05/2024",
        "Quyết định",
        "Tin tức",
        NEW,
        OLD,
        "/capture/5",
        "Nội dung thuộc &lt;b&gt;cơ quan&lt;/b&gt;",
        "chưa lưu được tệp",
        "Chưa lưu được ảnh này",
        f"/image/{SHA['png']}",
        f"/image/{SHA['svg']}",
        f"/attachment/{SHA['pdf']}",
        "28/08/2026 01:05",
    ):
        assert words in page, words
    assert not re.search(r'src="(?!/)', page)
    # The body contains the byline, so it is not repeated.
    assert page.partition("<article")[2].partition("</article>")[0].count("Hồng Hải") == 1


def test_article_says_where_an_inferred_date_came_from(site: Site) -> None:
    assert "suy ra từ tên tệp" in site.get("/article/4").text
    assert "inferred from a file name" in site.get("/article/4?lang=en").text
    assert "Không rõ ngày đăng" in site.get("/article/3").text


def test_article_shows_state_and_revisions(site: Site) -> None:
    assert "Đã bị gỡ khỏi cổng" in site.get("/article/4").text
    assert "2, mới nhất" in site.get("/article/3").text


def test_article_says_how_often_it_was_changed_and_leads_to_its_history(past: Site) -> None:
    page = past.get(f"/article/{EDITED}").text
    assert f'<a href="/article/{EDITED}/history">Đã sửa 2 lần</a>' in page
    assert "Chưa phát hiện chỉnh sửa" in past.get(f"/article/{TWIN}").text


def test_article_says_since_when_it_is_gone(past: Site) -> None:
    page = past.get(f"/article/{GONE}").text
    assert "Đã bị gỡ khỏi cổng, không còn thấy từ 04/09/2026 01:30" in page
    assert "5 đêm" in page
    assert "410, trang đã bị bỏ" in page


def test_an_unlisted_article_is_distinguished_from_a_removed_one(past: Site) -> None:
    page = past.get(f"/article/{LEFT}").text
    assert "Không còn trong danh sách tin nào" in page
    assert "Còn trên cổng" in page
    assert "Đã bị gỡ" not in page.partition('<main id="main"')[2]


def test_article_that_came_back_says_for_how_many_days_it_was_away(past: Site) -> None:
    page = past.get(f"/article/{AWAY}").text
    assert "Vắng mặt từ 04/09/2026 01:30 đến 06/09/2026 01:30: 2 ngày (ít nhất 1, nhiều nhất 3 ngày)." in page
    assert "Từng vắng mặt rồi trở lại" in page
    english = past.get(f"/article/{AWAY}?lang=en").text
    assert "Missing from 4 Sep 2026 01:30 to 6 Sep 2026 01:30: 2 days (at least 1, at most 3)." in english


def test_a_version_is_read_by_itself_with_its_own_words_and_picture(past: Site) -> None:
    first, second = (past.get(f"/article/{EDITED}/revision/{number}").text for number in (1, 2))
    assert "Bạn đang đọc phiên bản 1 trong 3, thấy từ 02/09/2026 01:30 đến 03/09/2026 01:30." in first
    assert f"{SUMS[0]} đồng" in first
    assert f"{SUMS[1]} đồng" not in first
    assert f"{SUMS[1]} đồng" in second
    assert "Hỗ trợ hộ nghèo xây nhà" in second
    pictures = [set(re.findall(r'src="/image/([0-9a-f]{64})"', page)) for page in (first, second)]
    assert len(pictures[0] ^ pictures[1]) == 2
    assert 'name="robots" content="noindex' in first


def test_the_parameter_revision_leads_to_the_version(past: Site) -> None:
    response = past.get(f"/article/{EDITED}?revision=2&lang=en")
    assert (response.status_code, response.headers["location"]) == (302, f"/article/{EDITED}/revision/2?lang=en")


@pytest.mark.parametrize("rest", ["revision/0", "revision/4", "revision/999999999", "revision/4/cite", "diff/1..4"])
def test_a_version_that_is_none_is_not_found(past: Site, rest: str) -> None:
    assert past.get(f"/article/{EDITED}/{rest}").status_code == 404


@pytest.mark.parametrize("rest", ["/history", "/revision/1", "/diff/1..2"])
def test_pages_of_an_article_that_was_merged_lead_to_the_other(site: Site, rest: str) -> None:
    response = site.get(f"/article/900{rest}")
    assert (response.status_code, response.headers["location"]) == (301, f"/article/1{rest}")


def test_article_names_the_others_that_share_its_picture(past: Site) -> None:
    page = past.get(f"/article/{AWAY}").text
    shared = page.partition('id="related"')[2].partition('id="record"')[0]
    assert "Bài có ảnh chung" in shared
    assert re.search(r'href="/image/[0-9a-f]{64}/articles"', shared)


def test_article_names_the_documents_it_cites(past: Site, site: Site) -> None:
    assert 'href="/search?q=%221234%2FQ%C4%90-UBND%22"' in past.get(f"/article/{EDITED}").text
    assert "25-NQ/TW</bdi></a>" in site.get("/article/1").text
    assert 'href="/search.atom?q=%2225-NQ%2FTW%22">theo dõi<' in site.get("/article/1").text


def test_article_names_its_neighbours_in_the_category_by_date(site: Site) -> None:
    page = site.get("/article/1").text.partition('class="neighbours"')[2].partition("</nav>")[0]
    assert 'href="/article/4"' in page.partition("<dt>Bài cũ hơn</dt>")[2]
    assert 'href="/article/3"' not in page  # it has no date
    older = site.get("/article/4").text.partition('class="neighbours"')[2].partition("</nav>")[0]
    assert 'href="/article/1"' in older.partition("<dt>Bài cũ hơn</dt>")[0]


def test_category_leads_to_the_search_in_it(site: Site) -> None:
    link = re.search(r'href="(/search\?category=\d+)"><bdi lang="vi">Tin tức', site.get("/article/1").text)
    assert link is not None
    assert "Hội nghị tổng kết công tác hòa giải" in site.get(f"{link[1]}&q=tong+ket").text.replace(
        "<mark>", ""
    ).replace("</mark>", "")


def test_attachment_says_whether_its_text_was_read(site: Site) -> None:
    files = site.get("/article/1").text.partition('<section class="files"')[2].partition("</section>")[0]
    assert "nội dung tệp chưa được đọc" in files


def test_structured_data_names_the_article_its_source_and_its_capture(site: Site) -> None:
    said = json_ld(site.get("/article/1").text)
    assert said["@type"] == ["NewsArticle", "ArchiveComponent"]
    assert said["headline"] == "Hội nghị tổng kết công tác hòa giải"
    assert said["datePublished"] == "2024-05-02"
    assert said["isBasedOn"] == NEW
    assert said["archivedAt"] == "http://localhost/capture/5"
    assert said["image"] == [f"http://localhost/image/{SHA['png']}", f"http://localhost/image/{SHA['svg']}"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_structured_data_of_any_text_is_valid_json_and_ends_nowhere_else(site: Site, number: int) -> None:
    page = site.get(f"/article/{number}").text
    assert json_ld(page)["url"].endswith(f"/article/{number}")
    assert page.count("<script") == page.count("</script>") == 1


def test_hostile_title_does_not_end_the_data_block(past: Site) -> None:
    page = past.get(f"/article/{ODD}").text
    assert page.count("<script") == page.count("</script>") == 1
    assert "<script>alert" in str(json_ld(page)["headline"])


def test_open_graph_and_canonical_address_are_absolute(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_SITE", "https://luu.example.org/kho/")
    page = site.get("/article/1?lang=en").text
    assert '<link rel="canonical" href="https://luu.example.org/kho/article/1">' in page
    assert '<meta property="og:url" content="https://luu.example.org/kho/article/1">' in page
    assert f'<meta property="og:image" content="https://luu.example.org/kho/image/{SHA["png"]}">' in page
    assert '<meta property="article:published_time" content="2024-05-02">' in page


def miss(day: int) -> Miss:
    return Miss(f"2026-09-{day:02}", f"2026-09-{day:02}T18:30:00Z", "http-404", day, 404, None)


def back(day: int) -> Return:
    return Return(f"2026-09-{day:02}T18:30:00Z", day, None)


def test_absences_are_parted_by_returns() -> None:
    first, second = find_absences([miss(2), miss(3), miss(8), miss(9)], [back(5)])
    assert (first.first_missed_at[8:10], first.last_missed_at[8:10], first.days, first.least_days) == ("02", "03", 3, 1)
    assert (second.first_missed_at[8:10], second.returned, second.days, second.most_days) == ("08", None, None, None)


def test_a_return_without_a_miss_is_no_absence() -> None:
    assert find_absences([], [back(5)]) == ()
    assert [len(one.misses) for one in find_absences([miss(6)], [back(5)])] == [1]
