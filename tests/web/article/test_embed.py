"""A version of an article in a frame of another site, and what paper says of a page."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from crawler.web.security_headers import EMBED_POLICY
from crawler.withholding.act import Intent, carry_out
from tests.support.build import Clock, Night, article, new_address
from tests.support.past_archive import EDITED, GONE, ODD, SUMS, build_past, open_past
from tests.support.web_archive import Site, words_of


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_past(tmp_path_factory.mktemp("embed")) as opened:
        yield opened


def test_only_the_frame_of_a_version_may_be_framed_and_it_runs_and_loads_nothing(past: Site) -> None:
    page = past.get(f"/article/{EDITED}/revision/2/embed")
    policy = page.headers["content-security-policy"]
    assert policy == EMBED_POLICY
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "x-frame-options" not in page.headers
    assert not re.search("<(?:script|img|form|iframe)", page.text)
    assert all('target="_blank"' in link for link in re.findall("<a [^>]*>", page.text))
    for path in (f"/article/{EDITED}", f"/article/{EDITED}/revision/2", "/", f"/article/{EDITED}/history"):
        assert "frame-ancestors 'none'" in past.get(path).headers["content-security-policy"]


def test_a_frame_names_version_day_source_and_address_and_says_what_became_of_it(past: Site) -> None:
    old = words_of(past.get(f"/article/{EDITED}/revision/2/embed").text)
    assert f"Mỗi hộ nhận {SUMS[1]} đồng" in old
    assert "Đây là phiên bản 2, bài đã bị sửa sau đó (bản mới nhất là 3)." in old
    assert "Nguồn: Thị xã Sa Pa . Phiên bản 2/3. Lưu lúc 04/09/2026 01:30 tại Kho lưu trữ cổng thông tin, " in old
    assert f"http://localhost/article/{EDITED}/revision/2" in old
    assert "Địa chỉ gốc: https://sapa.example.vn/tin-tuc/sua-100" in old
    now = words_of(past.get(f"/article/{EDITED}/revision/3/embed").text)
    assert "bị sửa sau đó" not in now
    gone = past.get(f"/article/{GONE}/revision/1/embed")
    assert "không còn trên cổng: không thấy từ 04/09/2026 01:30" in words_of(gone.text)
    assert "no longer on the portal" in past.get(f"/article/{GONE}/revision/1/embed?lang=en").text
    assert "<script>alert" not in past.get(f"/article/{ODD}/revision/1/embed").text


def test_a_frame_is_asked_for_again_by_its_tag_and_keeps_its_policy(past: Site) -> None:
    path = f"/article/{EDITED}/revision/3/embed"
    first = past.get(path)
    again = past.get(path, if_none_match=first.headers["etag"])
    assert again.status_code == 304
    assert again.headers["content-security-policy"] == EMBED_POLICY


def test_a_frame_of_what_is_withheld_says_so_within_the_frame(tmp_path: Path) -> None:
    archive = build_past(tmp_path, nights=4)
    wish = Intent("withhold", str(EDITED), "Lộ số căn cước", "Ban biên tập")
    at = datetime(2026, 9, 20, tzinfo=UTC)
    carry_out(archive, wish, clock=lambda: at, warcinfo_fields=(("software", "test"),))
    site = Site(archive)
    try:
        page = site.get(f"/article/{EDITED}/revision/1/embed")
        assert page.status_code == 451
        assert page.headers["content-security-policy"] == EMBED_POLICY
        assert page.headers["cache-control"] == "no-store"
        assert "Nội dung này không còn được công bố" in words_of(page.text)
        assert "hộ nghèo" not in page.text
        assert site.get("/article/999/revision/1/embed").status_code == 404
    finally:
        site.close()


def test_an_article_offers_its_frame_and_its_citations_to_one_click(past: Site) -> None:
    page = past.get(f"/article/{EDITED}").text
    code = re.search(r'<pre class="citation" tabindex="0">(&lt;iframe.*?)</pre>', page)
    assert code is not None
    assert unescape(code[1]).startswith(f'<iframe src="http://localhost/article/{EDITED}/revision/3/embed" title="')
    assert page.count('<pre class="citation"') == 6
    sheet = past.get(re.findall('href="([^"]+site.css[^"]*)"', page)[0]).text
    assert re.search(r"\.citation \{[^}]*user-select: all", sheet)


def test_paper_names_version_addresses_capture_query_and_day(past: Site) -> None:
    page = words_of(past.get(f"/article/{EDITED}").text)
    assert "Phiên bản 3/3, thấy từ" in page
    assert f"http://localhost/article/{EDITED}/revision/3" in page
    assert re.search(r"Bản chụp lúc 06/09/2026 01:30: http://localhost/capture/\d+", page)
    found = past.get("/search?q=h%E1%BB%97+tr%E1%BB%A3&sort=date").text
    said = words_of(found)
    assert "Tìm: hỗ trợ" in said
    assert re.search(r"trang lập lúc \d\d/\d\d/\d{4} \d\d:\d\d: http://localhost/search\?q=h%E1%BB%97", said)
    assert '<p class="print-only printed">' in found


def test_a_frame_keeps_the_cells_of_a_table_apart(tmp_path: Path) -> None:
    archive, clock = tmp_path / "archive.db", Clock()
    html = "<p>Kinh phí:</p><table><tr><td>Bản Lếch</td><td>9.255</td><td>619 triệu đồng</td></tr></table>"
    with Night(archive, clock) as night:
        night.put(article("Bảng", "Kinh phí:\n\nBản Lếch 9.255 619 triệu đồng", body_html=html), new_address(1, "bang"))
    site = Site(archive)
    try:
        page = site.get("/article/1/revision/1/embed").text
        assert "<td><bdi>9.255</bdi></td><td><bdi>619 triệu đồng</bdi></td>" in page
        assert "9.255 619" not in page
    finally:
        site.close()


def test_paper_says_that_an_article_was_changed(past: Site) -> None:
    page = past.get(f"/article/{EDITED}").text
    assert '<li class="badge changed">' in page
    assert '<li class="badge no-print"><a href="#cite">' in page
    sheet = past.get(re.findall('href="([^"]+site.css[^"]*)"', page)[0]).text
    assert ".badge:has(a)" not in sheet
