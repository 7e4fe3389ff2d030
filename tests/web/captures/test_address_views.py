"""The page of an address: every capture on its day, and the ways that lead there."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.items import FileRole
from tests.support.build import BASE, STORE, Clock, Night, article, article_page, file_ref, link, listing, new_address
from tests.support.web_archive import NEW, ORIGIN, Maker, Site, words_of

HTML = (b"Content-Type", b"text/html")
LISTING = f"{ORIGIN}/tin-tuc"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Captures of a listing: 1 and 2 alike, 3 another, 4 a 404, 5 not modified; 6 is of an article's address."""
    archive = tmp_path_factory.mktemp("address") / "archive.db"
    maker = Maker(archive)
    for body in (b"<p>1", b"<p>1", b"<p>2"):
        maker.capture(LISTING, body, HTML)
    maker.capture(LISTING, b"<p>mat", HTML, status=404)
    maker.capture(LISTING, b"", HTML, status=304)
    maker.capture(f"{ORIGIN}/?q=1&year=2", b"<p>6", HTML)
    maker.writer.finish("complete")
    maker.writer.close()
    opened = Site(archive)
    yield opened
    opened.close()


def row(page: str, capture: int) -> str:
    return page.split(f'href="/capture/{capture}"')[1].split("</li>")[0]


def test_each_capture_of_a_listing_stands_on_its_day_with_what_changed(site: Site) -> None:
    page = site.get(f"/address?url={LISTING}").text
    assert "đã lưu địa chỉ này 5 lần" in page
    # 18:01 UTC is past midnight in Vietnam: the day is the portal's.
    assert page.count("<tr><th") == 2
    assert '<time datetime="2026-08-28">' in page
    assert ["có byte khác" in row(page, number) for number in range(1, 6)] == [False, False, True, False, False]
    assert ["khác lần trước" in row(page, number) for number in range(1, 6)] == [False, False, False, True, False]
    assert "HTTP 404" in row(page, 4)


def test_an_address_with_a_query_is_named_by_one_argument(site: Site) -> None:
    page = site.get(f"/address?url={quote(f'{ORIGIN}/?q=1&year=2')}&year=1999")
    assert page.status_code == 200
    assert 'href="/capture/6"' in page.text


def test_an_address_without_a_capture_is_404(site: Site) -> None:
    assert site.get(f"/address?url={ORIGIN}/chua-tung-co").status_code == 404
    assert site.get("/address").status_code == 404


@pytest.mark.parametrize("way", ["/search?q=", "/go?url="])
def test_a_pasted_address_that_is_no_article_leads_to_its_captures(site: Site, way: str) -> None:
    answer = site.get(f"{way}{LISTING}")
    assert answer.status_code == 302
    assert site.get(answer.headers["location"]).status_code == 200
    assert "/address" in answer.headers["location"]
    assert site.get(f"{way}{NEW}").status_code != 302


def test_a_listing_says_how_many_entries_came_and_went(tmp_path: Path) -> None:
    archive, clock = tmp_path / "archive.db", Clock()
    one, two, three = (new_address(400 + number, slug) for number, slug in enumerate(("mot", "hai", "ba")))
    for named in ((one, two), (one, two), (one, two, three), (one, three)):
        with Night(archive, clock) as run:
            run.put_listing(listing(*(link(address) for address in named)))
            for address in (one, two, three):
                run.put(article(f"Bài {address.source_id}", f"Thân bài {address.source_id}."), address)
            run.walked()
        clock.go_on(days=1)
    opened = Site(archive)
    try:
        page = words_of(opened.get(f"/address?url={BASE}/tin-tuc").text)
        assert re.findall(r"(thêm|bớt) (\d) mục", page) == [("bớt", "1"), ("thêm", "1")]
        assert "1 entry more" in opened.get(f"/address?url={BASE}/tin-tuc&lang=en").text
    finally:
        opened.close()


def test_an_article_is_marked_changed_only_where_a_new_version_was_read(tmp_path: Path) -> None:
    archive, clock, address = tmp_path / "archive.db", Clock(), new_address(500)
    for visits, text in ((1, "Chi 5 tỷ đồng."), (2, "Chi 5 tỷ đồng."), (3, "Chi 7 tỷ đồng."), (4, "Chi 7 tỷ đồng.")):
        with Night(archive, clock) as run:
            page = article_page("Bài viết", f"{text} Nguồn vốn của tỉnh.")
            run.read(address.url, page.replace("</body>", f"<i>{visits} lượt xem</i></body>"))
            run.walked()
        clock.go_on(days=1)
    opened = Site(archive)
    try:
        page = opened.get(f"/address?url={address.url}").text
        marks = re.findall(r"khác lần trước|có byte khác|Phiên bản \d", page.split("<tbody>")[1].split("</tbody>")[0])
        assert marks == ["có byte khác", "Phiên bản 2", "khác lần trước", "có byte khác", "Phiên bản 1"]
    finally:
        opened.close()


def test_a_version_with_another_file_is_not_said_to_be_of_a_capture_before_it(tmp_path: Path) -> None:
    archive, clock, address, file = tmp_path / "archive.db", Clock(), new_address(500), f"{STORE}/lci/bang.pdf"
    for night, data in enumerate((b"%PDF-1.4 mot", b"%PDF-1.4 hai")):
        with Night(archive, clock) as run:
            if night == 0:
                run.put(article("Bài viết", "Xem tệp.", attachments=(file_ref("bang.pdf", "Bảng"),)), address)
            run.put_file(file, data, FileRole.ATTACHMENT)
            run.walked()
        clock.go_on(days=1)
    opened = Site(archive)
    try:
        assert "sửa thành phiên bản 2" in opened.get("/article/1/history").text
        page = opened.get(f"/address?url={address.url}").text
        assert re.findall(r"Phiên bản \d", page.split("<tbody>")[1].split("</tbody>")[0]) == ["Phiên bản 1"]
    finally:
        opened.close()


def test_a_file_with_other_bytes_is_marked_changed(tmp_path: Path) -> None:
    archive, clock, address = tmp_path / "archive.db", Clock(), f"{BASE}/tep/bang.pdf"
    for data in (b"%PDF-1.4 mot", b"%PDF-1.4 hai", b"%PDF-1.4 hai"):
        with Night(archive, clock) as run:
            run.put_file(address, data, FileRole.ATTACHMENT)
            run.walked()
        clock.go_on(days=1)
    opened = Site(archive)
    try:
        page = opened.get(f"/address?url={address}").text
        assert ["khác lần trước" in row(page, number) for number in (1, 2, 3)] == [False, True, False]
    finally:
        opened.close()
