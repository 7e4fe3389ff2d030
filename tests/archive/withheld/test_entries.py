"""An entry of the menu that is an article is withheld by its address, leaves no word behind, and comes back whole."""

from pathlib import Path

from crawler.items import Purpose
from tests.support.archives.rows import all_rows
from tests.support.build import BASE, Clock, Night, read_rows
from tests.support.crawling import tables
from tests.support.withholding import act

ENTRY, WORDS = f"{BASE}/ho-so-ba-sau", "Bà Vàng Thị Sáu sinh năm 1956"
PAGE = (
    "<html><head><title>Cổng</title></head><body><nav><ul>"
    f'<li><a href="{ENTRY}">Hồ sơ</a></li><li><a href="/tin-tuc">Tin</a></li><li><a href="/van-ban">Văn bản</a></li>'
    '</ul></nav>{}<div class="footer"><p>Bản quyền</p></div></body></html>'
)
FRAME = (
    '<div class="ArticleDetailControl"><div class="ArticleHeader">Hồ sơ bà Sáu</div>'
    f'<div class="ArticleContent"><p>{WORDS}, ở thôn Tả Phìn.</p></div></div>'
)


def test_an_entry_is_withheld_by_its_address_and_released_whole(archive: Path, clock: Clock) -> None:
    for _ in range(2):
        with Night(archive, clock) as night:
            night.read(f"{BASE}/", PAGE.format(""), Purpose.HOME)
            night.read(ENTRY, PAGE.format(FRAME), Purpose.MENU)
        clock.go_on(days=1)
    before = all_rows(archive, ("articles", "article_urls", "listing_rows", "frontier", "revisions"))
    assert read_rows(archive, "select listed from articles") == [(1,)]
    act(archive, "withhold", f"{ENTRY}/", at=clock())
    held = repr([rows for name, rows in tables(archive).items() if name != "withholdings"])
    assert WORDS not in held
    assert "ho-so-ba-sau" not in held
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.read(f"{BASE}/", PAGE.format(""), Purpose.HOME)
        assert night.read(ENTRY, PAGE.format(FRAME), Purpose.MENU) == 1
    assert "ho-so-ba-sau" not in repr([rows for name, rows in tables(archive).items() if name != "withholdings"])
    act(archive, "release", "article:1", at=clock())
    after = all_rows(archive, ("article_urls", "revisions"))
    assert after["article_urls"] == before["article_urls"]
    assert len(after["revisions"]) == len(before["revisions"]) == 1
    assert read_rows(archive, "select url, listed, state from articles") == [(ENTRY, 1, "live")]
