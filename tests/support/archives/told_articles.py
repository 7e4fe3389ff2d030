"""An archive of a few articles, of which all that the canned queries ask for is known."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from crawler.items import FoundDate
from tests.support.build import BASE, Clock, Night, article, file_ref, image_ref, link, listing, new_address, picture

NEWS, NOTICES = f"{BASE}/tin-tuc", f"{BASE}/thong-bao"
NEVER_HAD = new_address(77, "moi")
START = datetime.fromisoformat("2026-09-01T18:30:00+00:00")  # 01:30 of the 2nd at the portal
LONG = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản. " * 3


class Told:
    """One article: what the portal shows of it on each night."""

    def __init__(self, number: int, title: str, day: str | None, **more: Any) -> None:
        self.category = more.pop("category", "tin-tuc")
        self.place = new_address(number, "bai", self.category)
        self.title, self.day, self.more = title, day, more
        self.found_in = more.pop("found_in", "page")
        self.body = more.pop("body", LONG + title)
        self.article_id = 0

    def read(self, **changes: Any) -> Any:
        dates = (FoundDate(date.fromisoformat(self.day), self.found_in),) if self.day else ()
        return article(
            self.title, **{"body": self.body, "dates": dates, "category_slug": self.category} | self.more | changes
        )


# fmt: off
TOLD = {
    "plain": Told(1, "Tin một", "2026-07-03", byline="Lê Hòa",
                  images=(image_ref("a.png", "Ảnh một"), image_ref("b.png"))),
    "spelt": Told(2, "Tin hai", "2026-07-04", byline="LÊ HOÀ", images=(image_ref("a.png", "Ảnh khác"),)),
    "other": Told(3, "Tin ba", "2026-08-05", byline="Lê Hoa",
                  body=LONG + "Theo Quyết định số 12/QĐ-UBND và 25- NQ/TW."),
    "inferred": Told(4, "Tin bốn", "2026-07-09", found_in="file-name", byline="Lê Hòa",
                     body="Chiều ngày 5/7, tại xã. " + LONG + " Nghị quyết 25-NQ/TW, lại 25-NQ/TW."),
    "undated": Told(5, "Tin năm", None, images=(image_ref("a.png"),)),
    "sum": Told(6, "Hỗ trợ hộ nghèo", "2026-08-20", body=LONG + "Mỗi hộ được 12.000.000 đồng, cho 40 hộ."),
    "gone": Told(7, "Bài bị gỡ", "2026-08-25"),
    "left": Told(8, "Bài rời danh mục", "2026-08-26"),
    "back": Told(9, "Bài trở lại", "2026-08-27"),
    "y2023": Told(10, "Thông báo tuyển dụng năm 2023", "2023-03-01", category="thong-bao",
                  body="Tuyển 3 viên chức.\n\nNộp hồ sơ tại UBND thị xã.\n\nTheo 10/TB-UBND."),
    "y2024": Told(11, "Thông báo tuyển dụng năm 2024", "2024-03-02", category="thong-bao",
                  body="Tuyển 5 viên chức.\n\nNộp hồ sơ tại UBND thị xã.\n\nTheo 11/TB-UBND."),
    "y2025": Told(12, "THÔNG BÁO TUYỂN DỤNG, NĂM 2025", "2025-03-03", category="thong-bao",
                  body="Tuyển 5 viên chức.\n\nNộp hồ sơ tại UBND thị xã.\n\nTheo 12/TB-UBND."),
}


# fmt: on
SUM_AFTER = LONG + "Mỗi hộ được 15.000.000 đồng, cho 40 hộ."


def _put(night: Night, name: str, **changes: Any) -> None:
    told = TOLD[name]
    told.article_id, _ = night.put(told.read(**changes), told.place)


def _rows(night: Night, *names: str, url: str = NEWS) -> None:
    night.put_listing(listing(*(link(TOLD[name].place, TOLD[name].title) for name in names), url=url))


def crawl_told(archive: Path) -> None:
    """Six nights from 2 September on, without the 6th."""
    clock = Clock(START)
    news = [name for name, told in TOLD.items() if told.category == "tin-tuc"]
    with Night(archive, clock) as night:  # the 2nd
        for name, colour in (("a.png", "red"), ("b.png", "blue")):
            night.put_file(image_ref(name).url, picture(colour))
        _rows(night, *news)
        _rows(night, "y2023", "y2024", "y2025", url=NOTICES)
        for name in TOLD:
            _put(night, name)
        night.walked(NEWS)
        night.walked(NOTICES)
    clock.go_on(days=1)
    with Night(archive, clock) as night:  # the 3rd: one says another sum, two do not answer, one is in no listing
        _rows(night, *(name for name in news if name not in ("gone", "left")))
        _rows(night, "y2023", "y2024", "y2025", url=NOTICES)
        _put(night, "sum", body=SUM_AFTER)
        _put(night, "left")
        night.put_gone(TOLD["gone"].place.url)
        night.put_gone(TOLD["back"].place.url, 410)
        night.walked(NEWS)
        night.walked(NOTICES)
    clock.go_on(days=1)
    with Night(archive, clock) as night:  # the 4th
        night.put_gone(TOLD["gone"].place.url)
        night.put_gone(TOLD["back"].place.url, 410)
        night.put_listing(listing(link(NEVER_HAD, "Bài mới")))
        night.put_failure(NEVER_HAD.url, "timeout")
        night.walked(NEWS, missing="page 2")
    clock.go_on(days=1)
    with Night(archive, clock) as night:  # the 5th: the third miss makes it certain; the other is back
        night.put_gone(TOLD["gone"].place.url)
        _put(night, "back")
        _put(night, "undated")
        _put(night, "plain", attachments=(file_ref("x.pdf", "Kế hoạch"),))
        night.put_failure(image_ref("dead.png").url, "http-404", "image")
    clock.go_on(days=2)
    with Night(archive, clock) as night:  # the 7th
        _put(night, "sum", body=SUM_AFTER)
