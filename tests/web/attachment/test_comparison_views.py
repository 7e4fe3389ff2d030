"""Two files compared word by word: on their own page, and where an article's versions are compared."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import HeldText, TextReading, put_text
from crawler.archive.database import open_for_writing
from crawler.items import FileRole
from crawler.withholding.act import Intent, carry_out
from tests.support.archives.rows import utc
from tests.support.attachments.replaced_files import TEXTS, build_replaced, digest_of, open_replaced
from tests.support.build import BASE, Clock, Night, article, file_ref, link, listing, new_address
from tests.support.web_archive import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_replaced(tmp_path_factory.mktemp("replaced")) as opened:
        yield opened


def path_of(name: str) -> str:
    return f"/attachment/{digest_of(name, 1)}/diff/{digest_of(name, 2)}"


def changes(page: str) -> list[tuple[str, str]]:
    text = page.partition('class="compared file-text"')[2]
    text = re.sub('<span class="visually-hidden">[^<]*</span>', "", text)
    return re.findall("<(del|ins)><bdi>([^<]*)</bdi>", text)


def test_a_replaced_table_of_sums_shows_the_sum_that_changed(site: Site) -> None:
    page = site.get(path_of("bieu.xlsx")).text
    assert changes(page) == [("del", "7.500.000"), ("ins", "9.900.000")]
    numbers = page.partition('class="numbers"')[2].partition("</ul>")[0]
    assert "<bdi>7.500.000 đồng</bdi>" in numbers
    assert "<bdi>9.900.000 đồng</bdi>" in numbers
    # The row stands whole, its neighbours around it, and the other rows are counted.
    assert "Xã 6\t6.500.000 đồng" in page
    assert "Xã 30" not in page
    assert "… 4 dòng không đổi …" in page


def test_the_comparison_says_in_which_article_and_between_which_times_one_file_replaced_the_other(site: Site) -> None:
    where = site.get(path_of("bieu.xlsx")).text.partition('<h2 id="swapped">')[2].partition("</section>")[0]
    assert '<a href="/article/1" lang="vi"><bdi>Bài có tệp</bdi></a>' in where
    assert "Sửa sau " in where
    assert 'href="/article/1/diff/1..2"' in where
    assert '<a href="/article/1/revision/1#cite">Trích dẫn phiên bản 1</a>' in where


def test_files_of_which_none_replaced_the_other_are_compared_without_such_a_claim(site: Site) -> None:
    page = site.get(f"/attachment/{digest_of('bieu.xlsx', 1)}/diff/{digest_of('quyet-dinh.pdf', 2)}").text
    assert "Không rõ tệp này có thay tệp kia" in page
    assert "Sửa sau " not in page
    assert f'href="/attachment/{digest_of("quyet-dinh.pdf", 2)}/articles"' in page


def test_each_of_two_compared_versions_is_cited_with_one_click(site: Site) -> None:
    page = site.get("/article/1/diff/1..2").text
    for number in (1, 2):
        assert f'<a href="/article/1/revision/{number}#cite">Trích dẫn phiên bản {number}</a>' in page
    assert '<h2 id="cite">' in site.get("/article/1/revision/1").text


def test_lines_that_only_broke_elsewhere_are_no_change(site: Site) -> None:
    assert changes(site.get(path_of("quyet-dinh.pdf")).text) == [("del", "12.000.000"), ("ins", "15.000.000")]


def test_a_change_leads_to_its_page_of_each_file(site: Site) -> None:
    for path in (path_of("quyet-dinh.pdf"), "/article/1/diff/2..3"):
        page = site.get(path).text
        for version in (1, 2):
            assert f'<a href="/attachment/{digest_of("quyet-dinh.pdf", version)}/read?page=1">trang 1</a>' in page
    assert "?page=" not in site.get(path_of("bieu.xlsx")).text  # it has one sheet


def test_equal_texts_of_other_bytes_are_said_to_be_equal_and_doubts_are_told(site: Site) -> None:
    page = site.get(path_of("quet.pdf")).text
    assert "Văn bản đọc được của hai tệp giống nhau" in page
    assert "Văn bản của hai tệp có chỗ chưa chắc chắn" in page
    assert "quá ít chữ so với số trang" in page
    assert changes(page) == []


def test_a_file_without_text_is_said_not_to_be_comparable(site: Site) -> None:
    page = site.get(path_of("khoa.pdf")).text
    assert "Không so sánh được văn bản của hai tệp." in page
    assert "tệp được bảo vệ bằng mật khẩu" in page


def test_the_versions_of_an_article_show_what_changed_in_its_files(site: Site) -> None:
    page = site.get("/article/1/diff/1..2").text
    assert changes(page)[:2] == [("del", "7.500.000"), ("ins", "9.900.000")]
    assert path_of("bieu.xlsx") in page
    assert f"/attachment/{digest_of('bieu.xlsx', 1)}/read" in page
    assert "So sánh từng từ hai tệp" in page


def test_the_lists_of_changes_say_which_numbers_of_a_replaced_file_changed(site: Site) -> None:
    page = site.get("/changes").text
    told = page.partition("bieu.xlsx")[2].partition(path_of("bieu.xlsx"))[0]
    assert "<bdi>7.500.000 đồng</bdi>" in told
    assert "<bdi>9.900.000 đồng</bdi>" in told
    feed = site.get("/changes.atom").text
    assert "7.500.000 đồng → 9.900.000 đồng" in feed.partition("Tệp đã thay:")[2]


def test_a_list_of_changes_leads_to_the_comparison_of_long_files_without_making_it(tmp_path: Path) -> None:
    archive = build_replaced(tmp_path)
    long = TEXTS["bieu.xlsx", 2].text * 40
    with closing(open_for_writing(archive)) as connection:
        reading = TextReading(long, "xlsx", page_starts=(0,), pages=1)
        put_text(connection, archive, sha256=digest_of("bieu.xlsx", 2), held=HeldText(reading, 3))
    site = Site(archive)
    try:
        page = site.get("/changes?by=week").text
        assert path_of("bieu.xlsx") in page
        assert "7.500.000 đồng" not in page
        assert "15.000.000 đồng" in page
    finally:
        site.close()


def test_the_reader_leads_to_what_a_file_replaced(site: Site) -> None:
    for version, said in ((1, "Tệp này đã bị thay bằng tệp"), (2, "Tệp này thay cho tệp")):
        for of_file in ("read", "articles"):
            page = site.get(f"/attachment/{digest_of('bieu.xlsx', version)}/{of_file}").text
            assert said in page
            assert page.count(path_of("bieu.xlsx")) == 1


def test_an_unknown_file_is_compared_with_nothing(site: Site) -> None:
    for path in (f"/attachment/{'0' * 64}/diff/{digest_of('bieu.xlsx', 1)}", f"{path_of('bieu.xlsx')[:-1]}"):
        assert site.get(path).status_code == 404


def test_a_withheld_file_is_compared_on_no_page(tmp_path: Path) -> None:
    archive = build_replaced(tmp_path)
    wish = Intent("withhold", f"attachment:{digest_of('bieu.xlsx', 1)}", "Lộ số căn cước", "Ban biên tập")
    carry_out(archive, wish, clock=lambda: utc("2026-09-20T00:00:00Z"), warcinfo_fields=(("software", "test"),))
    site = Site(archive)
    try:
        assert site.get(path_of("bieu.xlsx")).status_code == 451
        other = f"/attachment/{digest_of('bieu.xlsx', 2)}/diff/{digest_of('bieu.xlsx', 1).upper()}"
        assert site.get(other).status_code == 451
        reader = f"/attachment/{digest_of('bieu.xlsx', 2)}/read"
        for path in ("/article/1/diff/1..2", reader, "/changes", "/changes.atom"):
            page = site.get(path)
            assert page.status_code == 200, path
            assert re.search(r"(?<![0-9])7\.500\.000", page.text) is None, path
            assert digest_of("bieu.xlsx", 1) not in page.text
    finally:
        site.close()


def test_a_replaced_file_without_a_label_goes_by_the_name_in_its_address(tmp_path: Path) -> None:
    archive, clock, page = tmp_path / "archive.db", Clock(), new_address(101, "co-tep")
    for version in (1, 2):
        with Night(archive, clock) as run:
            run.put_listing(listing(link(page), title="Tin tức"))
            run.put_file(file_ref("ke%20hoach.pdf").url, b"%%PDF-1.7 %d" % version, FileRole.ATTACHMENT)
            run.put(article("Bài có tệp", "Xem tệp.", attachments=(file_ref("ke%20hoach.pdf"),)), page)
            run.walked(f"{BASE}/tin-tuc")
        clock.go_on(days=1)
    opened = Site(archive)
    files = opened.get("/article/1/diff/1..2").text.partition('id="field-attachments"')[2]
    opened.close()
    assert files.count('<bdi lang="vi">ke hoach.pdf</bdi>') == 2
