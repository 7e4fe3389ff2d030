"""Furniture is cut off the ends of an article's content; similar content is kept."""

import pytest

from crawler.addresses import classify
from crawler.extract import parse_page, read_article
from crawler.profile import parse_profile

PROFILE = parse_profile('name="sapa"\ntitle="Sa Pa"\ncms="vnpt"\nbase_url="https://sapa.laocai.gov.vn/"')
URL = "https://sapa.laocai.gov.vn/tin-tuc/bai-viet-123456"
TEXT = "Sáng nay, xã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng với sự tham dự của hơn hai trăm đại biểu."


def read_body(content: str) -> str:
    html = (
        '<div class="ArticleDetailControl"><div class="ArticleHeader">Bài viết</div>'
        f'<div class="ArticleContent"><p>{TEXT}</p>{content}</div></div>'
    )
    address = classify(URL, PROFILE)
    assert address is not None
    return read_article(parse_page(html, URL), PROFILE, address=address).body


def test_numbers_in_the_last_cells_of_a_table_are_kept() -> None:
    rows = "<tr><td>2</td><td>xã Tả Van</td><td>5 6</td></tr><tr><td>3</td><td>xã Mường Hoa</td><td>144</td></tr>"
    assert read_body(f"<table>{rows}</table>") == f"{TEXT}\n\n2 xã Tả Van 5 6\n\n3 xã Mường Hoa 144"


def test_number_that_ends_a_table_does_not_lead_to_the_file_below() -> None:
    files = (
        '<div><a href="/kh.pdf">Kế hoạch</a></div><table><tr><td>1</td><td><a href="/qd.pdf">QĐ</a></td></tr></table>'
    )
    row = "<tr><td>3</td><td>xã Mường Hoa</td><td>144</td></tr>"
    assert read_body(f"<table>{row}</table>{files}") == f"{TEXT}\n\n3 xã Mường Hoa 144"


@pytest.mark.parametrize("line", ["144", "12 345", "1.234.567", "0214 3871 470", "2021", "5..."])
def test_last_line_of_one_number_is_kept(line: str) -> None:
    assert read_body(f"<p>{line}</p>") == f"{TEXT}\n\n{line}"


@pytest.mark.parametrize("line", ["1 2 3", "1 2 3 4 5 ...", "« 1 2 3 »", "… 6 7 8 …", "1 2 3 ... 17", "1 | 2 | 3"])
def test_row_of_page_numbers_is_cut_off(line: str) -> None:
    assert read_body(f"<p>{line}</p>") == TEXT
