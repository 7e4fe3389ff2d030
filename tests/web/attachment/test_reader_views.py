"""The reader of attachments: its pages, what it marks, and what it says of a text that is not whole or not sure."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.archive.page_pictures.store import pictures_path, read_drawn
from crawler.withholding.act import Intent, carry_out
from tests.support.attachments.read_files import LONG, SHA, build_files, draw, open_files
from tests.support.web_archive import STORE, Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_files(tmp_path_factory.mktemp("reader")) as opened:
        yield opened


def read(site: Site, name: str, query: str = "") -> str:
    answer = site.get(f"/attachment/{SHA[name]}/read{query}")
    assert answer.status_code == 200
    return answer.text


def shown(page: str) -> str:
    return page.partition('id="text">')[2].partition("</div>")[0]


def test_a_page_is_shown_with_the_next_and_the_last_one(site: Site) -> None:
    first, third = read(site, "quyet-dinh.pdf"), read(site, "quyet-dinh.pdf", "?page=3")
    assert shown(first) == "Quyết định\nMức hỗ trợ 12.000.000 đồng"
    assert re.findall(r'rel="(prev|next)" href="[^"]*page=(\d)', first) == [("next", "2")] * 2
    assert shown(third) == "Điều 2. Đường Má Tra bị sạt lở\nĐiều 3. &lt;b&gt;Hết&lt;/b&gt;"
    assert re.findall(r'rel="(prev|next)" href="[^"]*page=(\d)', third) == [("prev", "2"), ("next", "4")] * 2


def test_pages_without_text_or_not_read_are_said_to_be_so(site: Site) -> None:
    for number in (2, 4, 5):
        page = read(site, "quyet-dinh.pdf", f"?page={number}")
        assert "Trang này không có chữ, hoặc chưa đọc được" in page
        assert f"Trang {number}" in page
    assert "Văn bản chưa đủ" in page


@pytest.mark.parametrize("asked", ["999", "0", "-1", "x", "9" * 40, "1e3", "%00", "<b>"])
def test_a_page_that_is_none_is_told_and_ignored(site: Site, asked: str) -> None:
    page = read(site, "quyet-dinh.pdf", f"?page={asked}")
    assert "Tệp không có trang" in page
    assert "(chỉ có 5 trang)" in page
    assert shown(page).startswith("Quyết định")
    assert "<b>." not in page


def test_the_words_of_a_search_are_marked_and_their_pages_named(site: Site) -> None:
    page = read(site, "quyet-dinh.pdf", "?q=ma+tra")
    assert "Đường <mark>Má Tra</mark> bị" in shown(page)
    assert "Trang 3" in page.partition('id="hits"')[2].partition("</section>")[0]
    other = read(site, "quyet-dinh.pdf", "?q=ma+tra&page=1")
    assert "<mark>" not in shown(other)
    assert f"/attachment/{SHA['quyet-dinh.pdf']}/read?page=3&amp;q=ma+tra" in other


def test_a_page_stands_beside_its_picture(site: Site) -> None:
    path = f"/attachment/{SHA['quyet-dinh.pdf']}/page/3"
    assert f'<img src="{path}" width="700" height="990" alt="Ảnh: Trang 3">' in read(site, "quyet-dinh.pdf", "?page=3")
    answer = site.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.content == draw(3)
    assert answer.headers["cache-control"] == "no-cache"
    held = site.get(path, if_none_match=answer.headers["etag"])
    assert (held.status_code, held.content) == (304, b"")


def test_a_page_without_picture_says_why(site: Site) -> None:
    assert "Không vẽ được ảnh của trang: tệp hỏng." in read(site, "quyet-dinh.pdf", "?page=4")
    assert "chỉ vẽ ảnh của 1 trang đầu" in read(site, "quet.pdf", "?page=2")
    assert "leaf-picture" not in read(site, "bieu.xlsx")
    assert "Tệp loại này chỉ hiện phần chữ, không có ảnh từng trang" in read(site, "bieu.xlsx")
    for path in ("page/4", "page/0", "page/999999999", "page/9999999999", "page/x"):
        assert site.get(f"/attachment/{SHA['quyet-dinh.pdf']}/{path}").status_code == 404


def test_without_the_store_of_pictures_the_text_is_read(tmp_path: Path) -> None:
    archive = build_files(tmp_path)
    with closing(Site(archive)) as site:
        path = f"/attachment/{SHA['quyet-dinh.pdf']}/page/3"
        for spoil in (lambda path: path.write_bytes(b"spoilt" * 1000), Path.unlink):
            spoil(pictures_path(archive))
            assert site.get(path).status_code == 404
            page = read(site, "quyet-dinh.pdf", "?page=3")
            assert "Ảnh của trang chưa được vẽ" in page
            assert "Má Tra" in shown(page)


def test_a_picture_of_a_withheld_file_is_shown_nowhere_even_if_it_was_left_behind(tmp_path: Path) -> None:
    archive = build_files(tmp_path)
    with closing(Site(archive)) as site:
        path = f"/attachment/{SHA['quyet-dinh.pdf']}/page/3"
        tag = site.get(path).headers["etag"]
        kept = pictures_path(archive).read_bytes()
        wish = Intent("withhold", "1", "Lộ số căn cước", "Ban biên tập")
        moment = datetime(2026, 9, 20, tzinfo=UTC)
        carry_out(archive, wish, clock=lambda: moment, warcinfo_fields=(("software", "test"),))
        assert read_drawn(archive, SHA["quyet-dinh.pdf"]) is None
        pictures_path(archive).write_bytes(kept)
        for one in (path, f"/attachment/{SHA['quyet-dinh.pdf']}/read?page=3"):
            assert site.get(one).status_code == 451
            assert site.get(one, if_none_match=tag).status_code == 451


def test_words_that_stand_apart_or_nowhere_are_told(site: Site) -> None:
    assert "từng từ được đánh dấu riêng" in read(site, "quyet-dinh.pdf", "?q=quyet+sat")
    assert "Không tìm thấy những từ này" in read(site, "quyet-dinh.pdf", "?q=nowhere")


@pytest.mark.parametrize(
    "typed", ["\x00", '"', "*", "<script>alert(1)</script>", "{{ 7*7 }}", "a" * 5000, "\x01a\x02", "😀"]
)
def test_no_search_breaks_the_reader(site: Site, typed: str) -> None:
    for name in SHA:
        page = read(site, name, f"?q={quote(typed)}")
        assert "<script>" not in page


def test_a_long_sheet_is_read_in_parts_and_a_hit_leads_to_its_part(site: Site) -> None:
    count = int(re.findall(r"phần 1/(\d+)", read(site, "bieu.xlsx"))[0])
    parts = [shown(read(site, "bieu.xlsx", f"?page=1&part={number}")) for number in range(1, count + 1)]
    assert "\n".join(parts) == LONG
    assert "phần 2/" in read(site, "bieu.xlsx", "?page=1&part=2")
    assert "<mark>Dòng 1777</mark>" in shown(read(site, "bieu.xlsx", '?q="dong+1777"&page=1'))


def test_an_archive_names_each_file_and_shows_it_by_itself(site: Site) -> None:
    page = read(site, "ho-so.zip")
    assert "Trong tệp nén có 2 tệp" in page
    assert "not read: phim.mp4 (unknown-kind)" in page
    assert (shown(page), shown(read(site, "ho-so.zip", "?page=2"))) == (
        "phụ lục 1.docx\nBiểu một",
        "phụ lục 2.docx\nSạt lở ở Má Tra",
    )
    hits = read(site, "ho-so.zip", "?q=sat+lo").partition('id="hits"')[2].partition("</section>")[0]
    assert "phụ lục 2.docx" in hits
    assert "phụ lục 1.docx" not in hits


def test_recognised_doubtful_missing_and_unread_texts_are_said(site: Site) -> None:
    scan = read(site, "quet.pdf")
    assert "máy nhận dạng từ ảnh (OCR), có thể sai" in scan
    assert "quá ít chữ so với số trang" in scan
    assert "tệp được bảo vệ bằng mật khẩu" in read(site, "khoa.pdf")
    assert "Văn bản của tệp chưa được đọc" in read(site, "chua-doc.pdf")
    assert shown(read(site, "cu.doc")) == "Văn bản không có trang"
    assert "recognised from a picture (OCR)" in read(site, "quet.pdf", "?lang=en")


def test_the_reader_is_reached_from_the_article_the_search_and_the_page_of_the_file(site: Site) -> None:
    digest = SHA["quyet-dinh.pdf"]
    assert f'href="/attachment/{digest}/read"' in site.get("/article/1").text
    assert f'href="/attachment/{digest}/read"' in site.get(f"/attachment/{digest}/articles").text
    found = site.get("/search?q=file:%22%C4%91i%E1%BB%81u+3%22").text
    assert f'href="/attachment/{digest}/read?page=3&amp;q=' in found
    (hit,) = site.get("/search.json?q=file:%22%C4%91i%E1%BB%81u+3%22").json()["hits"]
    assert (hit["file"]["sha256"], hit["file"]["page"]) == (digest, 3)
    assert 'href="/article/1' in read(site, "quyet-dinh.pdf")


def test_an_unknown_file_has_no_reader(site: Site) -> None:
    assert site.get(f"/attachment/{'0' * 64}/read").status_code == 404
    assert site.get("/attachment/abc/read").status_code == 404


def test_a_page_of_a_file_is_cited_by_one_click_with_its_address_and_digest(site: Site) -> None:
    digest = SHA["quyet-dinh.pdf"]
    page = unescape(site.get(f"/attachment/{digest}/read?page=3").text)
    cited = re.search(r'<pre class="citation" tabindex="0">(.*?)</pre>', page, re.DOTALL)
    assert cited is not None
    assert "trang 3" in cited[1].lower()
    assert f"http://localhost/attachment/{digest}/read?page=3. SHA-256 {digest}." in cited[1]
    # The Maker's clock stands at 01:00 of the 28th at the portal, and goes a minute on with each capture.
    assert re.search(
        rf"{re.escape(STORE)}/quyet-dinh\.pdf, lưu lúc 28/08/2026 01:0\d \(giờ của cổng\)\. http", cited[1]
    )
