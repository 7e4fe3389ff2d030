"""Of articles that say the same, the draft guard names the one that the draft means."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.build import BASE, Clock, Night, article, link, listing, new_address
from tests.support.texts.drafts import post, states
from tests.support.web_archive import Site, words_of

SAID = "Làm theo cán bộ thì cây thảo quả không chết nữa"
LOANS = "Nguồn vốn vay từ Ngân hàng Chính sách xã hội đạt {}, giải ngân cho {} lượt hộ."
SPEAKERS = ("Sùng Thị Phúc", "Bùi Đức Dung", "Hoàng Thu Dế")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    archive = tmp_path_factory.mktemp("who-says") / "archive.db"
    with Night(archive, Clock()) as run:
        found = [new_address(300 + place, f"bai-{place}") for place in range(3)]
        run.put_listing(listing(*(link(one) for one in found), url=f"{BASE}/tin-tuc", title="Tin tức"))
        for place, address in enumerate(found):
            loans = LOANS.format(("900 triệu đồng", "556 triệu đồng", "2,4 tỷ đồng")[place], f"2.08{place}")
            run.put(article(f"Xã {place}", f"Chị {SPEAKERS[place]} chia sẻ: “{SAID}”.\n\n{loans}"), address)
        run.walked(f"{BASE}/tin-tuc")
    opened = Site(archive)
    yield opened
    opened.close()


@pytest.mark.parametrize("place", range(3))
def test_a_quotation_that_several_say_is_cited_from_who_says_it_in_the_draft(site: Site, place: int) -> None:
    page = words_of(post(site, f"Chị {SPEAKERS[place]} nói với phóng viên: “{SAID}”.").text)
    cited = [page.index(f"Chị {name} chia sẻ") for name in SPEAKERS]
    assert min(cited) == cited[place]


@pytest.mark.parametrize("place", range(3))
def test_a_wrong_sum_is_near_that_of_the_article_with_the_other_number(site: Site, place: int) -> None:
    page = post(site, LOANS.format("655 triệu đồng", f"2.08{place}")).text
    assert states(page)[0] == ("655 triệu đồng", "near")
    near = words_of(page).split("Chỗ nói gần như vậy có giá trị khác:")[1].split("giải ngân")[0]
    assert ("900 triệu", "556 triệu", "2,4 tỷ")[place] in near


def test_decimals_that_no_group_begins_with_are_read(site: Site) -> None:
    assert states(post(site, LOANS.format("0,556 tỷ đồng", "2.081")).text) == [
        ("0,556 tỷ đồng", "published"),
        ("2.081 lượt", "published"),
    ]


def test_numbers_of_a_sentence_that_was_taken_out_are_changed_though_many_say_it_of_others(tmp_path: Path) -> None:
    clock, found = Clock(), [new_address(400 + place, f"ky-{place}") for place in range(10)]
    for night in range(2):
        with Night(tmp_path / "archive.db", clock) as run:
            run.put_listing(listing(*(link(one) for one in found), url=f"{BASE}/tin-tuc", title="Tin tức"))
            for place, address in enumerate(found):
                loans = "" if night and not place else LOANS.format(f"{place + 4}00 triệu đồng", f"2.08{place}")
                run.put(article(f"Kỳ {place}", f"Hội nghị mở sáng nay.\n\n{loans}"), address)
            run.walked(f"{BASE}/tin-tuc")
        clock.go_on(days=1)
    opened = Site(tmp_path / "archive.db")
    said = states(post(opened, LOANS.format("400 triệu đồng", "2.080")).text)
    opened.close()
    assert said == [("400 triệu đồng", "changed"), ("2.080 lượt", "changed")]
