"""Absence by comparison: an answer equal to the one for an address that names nothing, and nothing less."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest

from crawler.archive.controls.controls import root_control
from crawler.items import Purpose
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import all_rows
from tests.support.build import BASE, Clock, Night, article_page, listing_page, new_address, old_address, read_rows

A, B = new_address(101, "xa-ta-phin-mo-hoi-xuan"), new_address(102, "xa-ta-phin-tong-ket-nam")
OLD = old_address(103, "xa-ta-phin-hop-dan")
TEXT = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản."
MENU = "".join(
    f'<li><a href="/{slug}">{slug}</a></li>' for slug in ("tin-tuc", "thong-bao", "van-hoa", "lich-tiep-dan")
)
COUNTER = count(1)


def nothing_page(url: str, *, words: str = "Xin mời quý vị chọn chuyên mục khác", varying: str = "") -> str:
    """Write the portal's page for what names nothing: it names the asked address, and counts its visitors."""
    path = url.removeprefix(BASE)
    return (
        f"<html><head><title>Cổng thông tin</title></head><body class='trang'><ul id='menu'>{MENU}</ul>"
        f"<form action='.{path}'><input type='hidden' name='__VIEWSTATE' value='{next(COUNTER)}xx'></form>"
        f"<div class='noi-dung-khac'><p>{words}</p>{varying}</div>"
        f"<div class='footer'>Lượt: <b>{next(COUNTER)}</b> <a href='/dang-nhap?url={path}'>Đăng nhập</a></div>"
        "</body></html>"
    )


def home_page() -> str:
    return nothing_page(f"{BASE}/", words="Trang chủ của cổng")


def hold(night: Night) -> None:
    night.read(f"{BASE}/tin-tuc", listing_page([(one, "Tin", None) for one in (A, B, OLD)]), Purpose.LISTING)
    for one in (A, B, OLD):
        night.read(one.url, article_page("Tin", f"{TEXT} {one.source_id}"))


def ask_controls(night: Night, pages: Sequence[str] = (), *, lead_to: str = "", chain: str = "") -> list[str]:
    """Ask each due control twice; each answers with the page for nothing, or with the given pages."""
    asked = night.queries.absence_controls()
    for url in asked:
        for number in range(2):
            html = pages[number] if pages else home_page() if lead_to else nothing_page(url)
            night.read(lead_to or url, html, Purpose.PROBE, asked=url, chain=chain)
    return asked


def state(archive: Path) -> tuple[list[str], list[str]]:
    """Give the kinds of misses, and the state of the first article's address in the frontier."""
    misses = [row[0] for row in read_rows(archive, "select kind from misses")]
    return misses, [row[0] for row in read_rows(archive, "select state from frontier where url = ?", A.url)]


@pytest.fixture
def held(archive: Path, clock: Clock) -> Path:
    with Night(archive, clock) as night:
        hold(night)
    clock.go_on(days=1)
    return archive


@pytest.mark.parametrize("is_control_first", [True, False])
def test_an_answer_equal_to_that_for_what_names_nothing_is_a_miss(
    held: Path, clock: Clock, tmp_path: Path, is_control_first: bool
) -> None:
    with Night(held, clock) as night:
        if is_control_first:
            night.read(B.url, nothing_page(B.url))
            ask_controls(night)
        night.read(A.url, nothing_page(A.url))
        if not is_control_first:
            assert night.value("select state from frontier where url = ?", A.url) == "failed"
            assert ask_controls(night) == [f"{BASE}/tin-tuc/khong-co-bai-viet-nay-9000002"]
    assert state(held) == (["soft-404"] * (1 + is_control_first), ["missed"])
    ((url, control),) = read_rows(
        held, "select c.url, c.crawl_id from misses m join captures c on c.id = m.control_id where m.article_id = 1"
    )
    assert (url.rpartition("-")[2], control) == ("9000002", 2)
    assert read_rows(held, "select * from unread_looks") == []
    assert read_rows(held, "select * from compared_answers") == []
    assert {row[0] for row in read_rows(held, "select pieces from controls")} == {None}
    rebuild(held, tmp_path / "new.db")
    assert all_rows(tmp_path / "new.db", ("misses", "frontier", "controls", "articles")) == all_rows(
        held, ("misses", "frontier", "controls", "articles")
    )


@pytest.mark.parametrize("led_to", [f"{BASE}/", f"{BASE}/tin-tuc", f"{BASE}/loi.html"])
def test_a_redirect_is_absence_only_if_the_control_is_led_in_the_same_way(
    held: Path, clock: Clock, led_to: str
) -> None:
    for chain, control_chain, is_miss in (("302", "302", True), ("302", "301", False), ("302", "302 302", False)):
        with Night(held, clock) as night:
            night.read(led_to, home_page(), asked=A.url, chain=chain)
            ask_controls(night, lead_to=led_to, chain=control_chain)
            misses = night.value("select count(*) from misses where night = date(?, '+7 hours')", clock().isoformat())
        assert misses == is_miss, (chain, control_chain)
        clock.go_on(days=1)


def test_a_redirect_is_unreadable_where_the_control_stays_where_it_is(held: Path, clock: Clock) -> None:
    with Night(held, clock) as night:
        night.read(f"{BASE}/", home_page(), asked=A.url, chain="302")
        ask_controls(night)
    assert state(held) == ([], ["failed"])
    assert read_rows(held, "select kind from unread_looks") == [("redirected-away",)]


BLOCK = "<html><body><h1>Request blocked</h1><p>Incident ID: 7781</p></body></html>"
ODD = "<html><body><h1>Xin dừng bước</h1><p>Số hiệu: {}</p></body></html>"


@pytest.mark.parametrize(
    ("answer", "controls", "is_miss"),
    [
        (BLOCK, (BLOCK, BLOCK), False),
        # A page without the portal's frame: with a number of its own it may be a block page of an unknown kind.
        (ODD.format("a7"), (ODD.format("b8"), ODD.format("c9")), False),
        (ODD.format("1"), (ODD.format("2"), ODD.format("3")), False),
        (ODD.format("-"), (ODD.format("-"), ODD.format("-")), True),
        (nothing_page(A.url, words="Quý vị đi nhầm đường"), (), False),
        ("", ("", ""), False),
    ],
    ids=[
        "a known block page",
        "an unknown one with numbers",
        "one with digits only",
        "a bare page that stays",
        "another page",
        "empty",
    ],
)
def test_what_an_answer_must_equal(
    held: Path, clock: Clock, answer: str, controls: Sequence[str], is_miss: bool
) -> None:
    with Night(held, clock) as night:
        night.read(A.url, answer)
        night.read(B.url, nothing_page(B.url))  # so that the category has a control in any case
        ask_controls(night, controls)
    misses = read_rows(held, "select article_id from misses")
    assert ((1,) in misses) == is_miss


def test_a_control_that_listings_get_too_is_no_evidence(held: Path, clock: Clock) -> None:
    with Night(held, clock) as night:
        night.read(f"{BASE}/tin-tuc", nothing_page(f"{BASE}/tin-tuc"), Purpose.LISTING)
        night.read(A.url, nothing_page(A.url))
        ask_controls(night)
    assert state(held) == ([], ["failed"])


def test_a_page_of_which_under_half_stays_is_no_evidence(held: Path, clock: Clock) -> None:
    def varied(url: str) -> str:
        return nothing_page(url, varying="".join(f"<i class='x{next(COUNTER)}'>" for _ in range(80)))

    with Night(held, clock) as night:
        night.read(A.url, varied(A.url))
        (control,) = night.queries.absence_controls()
        for _ in range(2):
            night.read(control, varied(control), Purpose.PROBE)
    assert state(held) == ([], ["failed"])


def test_a_box_of_the_controls_page_may_have_more_rows(held: Path, clock: Clock) -> None:
    def boxed(url: str, rows: int) -> str:
        return nothing_page(url, varying="".join(f"<p title='{next(COUNTER)}'>Tin khác</p>" for _ in range(rows)))

    with Night(held, clock) as night:
        night.read(A.url, boxed(A.url, 5))
        night.read(B.url, nothing_page(B.url, words="Quý vị đi nhầm đường"))
        (control,) = night.queries.absence_controls()
        for _ in range(2):
            night.read(control, boxed(control, 3), Purpose.PROBE)
    assert read_rows(held, "select article_id from misses") == [(1,)]


def test_a_category_is_compared_with_its_own_control_and_an_old_address_with_one_of_its_form(
    held: Path, clock: Clock
) -> None:
    with Night(held, clock) as night:
        root = root_control(night.profile, night.writer.crawl_id)
        for _ in range(2):
            night.read(f"{BASE}/", home_page(), Purpose.PROBE, asked=root, chain="302")
        night.read(f"{BASE}/", home_page(), asked=A.url, chain="302")
        assert night.value("select count(*) from misses") == 1  # no control of its category yet: that of the root
        night.read(f"{BASE}/", home_page(), asked=OLD.url, chain="302")
        assert night.value("select count(*) from misses") == 1
        assert ask_controls(night) == [
            f"{BASE}/1227/27461/54439/9000002/tin-tuc/khong-co-bai-viet-nay",
            f"{BASE}/tin-tuc/khong-co-bai-viet-nay-9000002",
        ]
        night.read(f"{BASE}/", home_page(), asked=B.url, chain="302")
        assert night.value("select count(*) from misses") == 1


def test_at_most_five_controls_are_asked_in_a_night(archive: Path, clock: Clock) -> None:
    pages = [new_address(number, f"tin-bai-so-{number}", category=f"muc-{number}") for number in range(100, 109)]
    with Night(archive, clock) as night:
        for one in pages:
            night.read(one.url, article_page("Tin", f"{TEXT} {one.source_id}"))
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.read(root_control(night.profile, 2), nothing_page("/"), Purpose.PROBE)
        for one in pages:
            night.put_gone(one.url)
        night.read(pages[-1].url, nothing_page(pages[-1].url))
        due = night.queries.absence_controls()
        assert len(due) == 4
        assert due[0].startswith(f"{BASE}/muc-108/")
        ask_controls(night)
        assert night.queries.absence_controls() == []


def test_the_article_that_a_portal_shows_for_nothing_is_seen_at_its_own_address(held: Path, clock: Clock) -> None:
    newest = article_page("Xã Tả Phìn tổng kết năm", f"{TEXT} Hết.")
    with Night(held, clock) as night:
        root = root_control(night.profile, night.writer.crawl_id)
        for _ in range(2):
            night.read(root, newest, Purpose.PROBE)
        night.read(A.url, newest)
        assert night.read(B.url, newest) == 2
    assert read_rows(held, "select article_id, kind from misses") == [(1, "soft-404")]


def test_a_page_of_a_listing_is_read_as_before(held: Path, clock: Clock) -> None:
    with Night(held, clock) as night:
        night.read(f"{BASE}/tin-tuc", listing_page([(A, "Tin", None)]), Purpose.LISTING)
        assert night.rows("select * from compared_answers") == []
