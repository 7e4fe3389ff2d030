"""An archive with a past: articles that were edited, removed, unlisted, missed for some nights, and share a picture.

Made by whole nights of the archiver's own writer, at 01:30 in Vietnam on the days from 2 September 2026 on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.items import Article, FileRole
from tests.support.build import (
    BASE,
    Clock,
    Night,
    article,
    file_ref,
    image_ref,
    link,
    listing,
    new_address,
    on_page,
    picture,
)
from tests.support.web_archive import Site

EDITED, AWAY, GONE, LEFT, TWIN, ODD = 1, 2, 3, 4, 5, 6
A, B, C, D, E, F = (
    new_address(100 + number, slug) for number, slug in enumerate(["sua", "vang", "go", "roi", "doi", "nghi"])
)
NEWS = f"{BASE}/tin-tuc"
NIGHTS = 7
LONG = "Đoạn này không bao giờ đổi, và dài vừa đủ để được gấp lại khi so sánh. " * 5
SUMS = ("12.000.000", "15.000.000", "12.000.000")
HOSTILE = "</script><script>alert(1)</script> & <b>đậm</b> \x0b\x00"


def edited(version: int) -> Article:
    """The article that says A, then B, then A again; its picture is another one in the second version."""
    words = "mức cũ" if version != 1 else "mức mới"
    name = "xe.png" if version == 1 else "cau.png"
    return article(
        "Hỗ trợ hộ nghèo sửa nhà" if version != 1 else "Hỗ trợ hộ nghèo xây nhà",
        f"{LONG}\n\nMỗi hộ nhận {SUMS[version]} đồng, theo {words}, căn cứ Quyết định 1234/QĐ-UBND.\n\nHết.",
        byline="Má Thị Sơn",
        images=(image_ref(name, f"Trao {SUMS[version]} đồng cho hộ ông Giàng A Páo"),),
        attachments=(file_ref("quyet-dinh.pdf", "Quyết định"),),
        dates=(on_page("2026-08-30"),),
    )


def plain(title: str, **more: object) -> Article:
    return article(title, f"{title}: một bài chỉ để có mặt.", **more)


def build_past(folder: Path, *, nights: int = NIGHTS) -> Path:
    """Build the archive: EDITED changes on nights 3 and 5, AWAY is missed on 3 and 4, GONE from 3 on, LEFT unlisted."""
    archive, clock = folder / "archive.db", Clock()
    for night in range(1, nights + 1):
        with Night(archive, clock) as run:
            _run_night(run, night)
        clock.go_on(days=1)
    return archive


def _run_night(run: Night, night: int) -> None:
    is_away = night in (3, 4)
    named = [A, E, F] + ([] if is_away else [B]) + ([C] if night < 3 else []) + ([D] if night < 4 else [])
    run.put_listing(listing(*(link(one) for one in named), url=NEWS, title="Tin tức"))
    for name, colour in (("cau.png", "green"), ("xe.png", "blue"), ("con-dau.png", "red")):
        run.put_file(f"https://storage.example.vn/lci/{name}", picture(colour, (320, 200)))
    run.put_file("https://storage.example.vn/lci/quyet-dinh.pdf", b"%PDF-1.7 quyet dinh", FileRole.ATTACHMENT)
    run.put(edited(0 if night < 3 else 1 if night < 5 else 2), A)
    if is_away:
        run.put_gone(B.url)
    else:
        run.put(plain("Bài vắng mặt", images=(image_ref("con-dau.png", "Con dấu"),)), B)
    if night < 3:
        run.put(plain("Bài bị gỡ", summary=f"Tóm tắt {HOSTILE}"), C)
    else:
        run.put_gone(C.url, 410)
    run.put(plain("Bài rời danh mục"), D)
    run.put(plain("Bài có ảnh chung", images=(image_ref("con-dau.png", "Dấu của huyện"), image_ref("xe.png"))), E)
    run.put(plain(f"Bài lạ {HOSTILE}"), F)
    run.walked(NEWS)


@contextmanager
def open_past(folder: Path, *, nights: int = NIGHTS) -> Iterator[Site]:
    """Publish the archive with a past."""
    site = Site(build_past(folder, nights=nights))
    try:
        yield site
    finally:
        site.close()
