"""Nights that each find one article."""

from pathlib import Path

from tests.support.build import Clock, Night, article_page, new_address

WORDS = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản số"


def crawl(archive: Path, clock: Clock, number: int) -> int:
    """Run a night that finds one article; give its id."""
    clock.go_on(hours=25)
    with Night(archive, clock, with_adoption=True) as night:
        found = night.read(new_address(number).url, article_page(f"Tin {number}", f"{WORDS} {number}."))
    assert found is not None
    return found
