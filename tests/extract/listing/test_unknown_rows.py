"""Rows whose address has no known form are found, and nothing else is taken for one."""

import pytest

from crawler.extract import read_fragment
from crawler.profile import parse_profile

PROFILE = parse_profile('name="x"\ntitle="X"\ncms="vnpt"\nbase_url="https://x.vn/"\n')
KNOWN = (
    '<li class="row"><h2 class="Title"><a href="/tin/xa-ta-phin-mo-hoi-101">Xã Tả Phìn mở hội mùa xuân</a></h2></li>'
)


def unknown(html: str) -> tuple[str, ...]:
    return read_fragment(html, "https://x.vn/tin", profile=PROFILE).unknown_rows


@pytest.mark.parametrize(
    "href",
    ["/chi-tiet.aspx?id=77", "/tin/2026/11/xa-mo-hoi.html", "/xa-mo-hoi-mua-xuan", "https://laocai.vn/tin/9.html"],
)
def test_a_row_with_a_title_and_an_unknown_address_is_counted(href: str) -> None:
    row = f'<li class="row"><h2 class="Title"><a href="{href}">Xã Tả Phìn mở hội mùa xuân</a></h2></li>'
    assert len(unknown(KNOWN + row)) == 1
    assert len(unknown(row)) == 1


@pytest.mark.parametrize(
    "other",
    [
        '<ul class="pagination"><li><a href="/tin.aspx?page=2">Trang kế tiếp của danh sách</a></li></ul>',
        '<li class="row"><a href="/tin">Tin tức</a></li>',
        '<li class="row"><a href="javascript:void(0)">Xem tiếp các tin khác nữa</a></li>',
        '<p>Xem <a href="https://laocai.vn/">cổng thông tin của tỉnh</a></p>',
        KNOWN.replace("</li>", '<a href="/tin">Chuyên mục tin tức của xã</a></li>'),
    ],
)
def test_pagers_categories_and_links_of_known_rows_are_no_rows(other: str) -> None:
    assert unknown(KNOWN + other) == ()
