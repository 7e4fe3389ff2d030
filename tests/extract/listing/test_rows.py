"""Rows of lists in other skins give their title, date and summary."""

import pytest

from crawler.extract import parse_page, read_listing
from tests.support.build import BASE, make_profile, new_address

SUMMARY = "Xã tổng kết phong trào trồng cây."
ROWS = {
    "a link around the row": '<li><a href="{u}"><h3>Xã họp {n}</h3><span class="date">{d}</span><p>{s}</p></a></li>',
    "a link around the row, cut": '<li><a href="{u}" title="Xã họp {n}"><h3>Xã...</h3></a><i>{d}</i><p>{s}</p></li>',
    "cells of a table": '<li><table><tr><td><a href="{u}"><img src="/a.jpg"></a></td><td><a href="{u}">Xã họp {n}</a>'
    '<i>({d})</i><div class="summary">{s}</div></td></tr></table></li>',
    "a card": '<li class="card"><h4><a href="{u}">Xã họp {n}</a></h4><time>{d}</time><p class="card-text">{s}</p></li>',
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_gives_its_title_date_and_summary(row: str) -> None:
    shown = "".join(ROWS[row].format(u=new_address(n).url, n=n, d=f"0{n}/11/2025", s=SUMMARY) for n in (1, 2, 3))
    page = f'<html><body><div class="UIArticleInMenu_Xa"><ul class="ArticleList">{shown}</ul></div></body></html>'
    rows = read_listing(parse_page(page, f"{BASE}/tin-tuc"), make_profile()).rows
    assert [one.title for one in rows] == ["Xã họp 1", "Xã họp 2", "Xã họp 3"]
    assert [one.date.on.day if one.date else None for one in rows] == [1, 2, 3]
    assert {one.summary for one in rows} == {SUMMARY}
