"""What a journalist comes for, in a real browser: each within three clicks from home, without a manual."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crawler.attachments.harvest import Bounds, harvest_texts
from crawler.items import FileRole
from crawler.replica.content.documents import write_pdf
from tests.support.browsing import NEEDS_CHROMIUM, Browser, browsing, serving
from tests.support.build import (
    STORE,
    Clock,
    Night,
    article,
    file_ref,
    image_ref,
    new_address,
    old_address,
    on_page,
    picture,
)
from tests.support.past_archive import A, build_past

pytestmark = [NEEDS_CHROMIUM, pytest.mark.slow]

PLAN = f"{STORE}/lci/ke-hoach.pdf"
OLD = old_address(401, "thu-hoi")


def add_news(archive: Path) -> None:
    """Add a night of articles to the archive with a past: landslides, a caption, a plan, one of both schemes."""
    clock = Clock()
    clock.go_on(days=7)
    with Night(archive, clock) as night:
        night.put_file(PLAN, write_pdf(("Số: 4821/QĐ-UBND", "Kế hoạch trồng rừng")), FileRole.ATTACHMENT)
        night.put_file(f"{STORE}/lci/le.png", picture("orange", (640, 400)))
        night.put(
            article("Trồng rừng vụ thu", "Tin ngắn.", attachments=(file_ref("ke-hoach.pdf", "Kế hoạch"),)),
            new_address(301, "rung"),
        )
        night.put(
            article(
                "Lễ trao quà", "Buổi lễ có nhiều người.", images=(image_ref("le.png", "Ông Lê Đình Lợi trao quà"),)
            ),
            new_address(302, "le"),
        )
        for number, day in enumerate(("2024-10-05", "2025-03-05", "2025-09-20", "2025-10-11")):
            said = article(f"Sạt lở ngày {day}", "Sạt lở chia cắt tỉnh lộ.", dates=(on_page(day),))
            night.put(said, new_address(310 + number, f"sat-lo-{number}"))
        night.put(article("Thu hồi đất làm đường", "Thông báo thu hồi đất.", dates=(on_page("2026-09-01"),)), OLD)
        night.walked()
    harvest_texts(archive, Bounds(None, lambda: False))


def add_hit(archive: Path) -> None:
    """Add what a search for `thu hoi dat` finds tomorrow."""
    clock = Clock()
    clock.go_on(days=8)
    with Night(archive, clock) as night:
        said = article("Thu hồi đất mở chợ", "Thông báo thu hồi đất lần hai.", dates=(on_page("2026-09-09"),))
        night.put(said, new_address(402, "thu-hoi-hai"))
        night.walked()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = build_past(tmp_path_factory.mktemp("journeys"))
    add_news(made)
    return made


@pytest.fixture(scope="module")
def browser(archive: Path) -> Iterator[Browser]:
    with serving(archive) as address, browsing(address) as opened:
        yield opened


@pytest.fixture
def home(browser: Browser) -> Iterator[Page]:
    browser.asked.clear()
    with browser.page() as page:
        page.goto(browser.address + "/")
        yield page
    assert browser.foreign() == []


def ask(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def test_1_person_who_is_named_in_a_caption_only(home: Page) -> None:
    ask(home, "le dinh loi")
    hit = home.locator("main .card").first
    expect(hit.locator("mark").first).to_be_visible()
    hit.get_by_role("link").first.click()
    expect(home.locator("figcaption")).to_contain_text("Lê Đình Lợi")
    expect(home.locator("figure img").first).to_have_js_property("naturalWidth", 640)


def test_2_landslides_of_one_autumn_as_an_address_to_share(home: Page, browser: Browser) -> None:
    ask(home, "sat lo")
    home.locator("details.narrow summary").click()
    home.locator("#since").fill("2025-08-01")
    home.locator("#until").fill("2025-10-31")
    home.get_by_role("button", name="Lọc").click()
    home.wait_for_url("**since=2025-08-01**")
    with browser.page() as other:
        other.goto(home.url)
        titles = other.locator("main .card h3").all_inner_texts()
    assert titles == ["Sạt lở ngày 2025-10-11", "Sạt lở ngày 2025-09-20"]


def test_3_number_that_is_only_in_a_pdf(home: Page) -> None:
    ask(home, "4821/QĐ-UBND")
    hit = home.locator("main .card")
    expect(hit).to_have_count(1)
    expect(hit).to_contain_text("Trồng rừng vụ thu")
    expect(hit.locator("a[href*='/attachment/']")).to_be_visible()


def test_4_sum_of_money_that_was_changed_and_when(home: Page) -> None:
    home.get_by_role("navigation").get_by_role("link", name="Thay đổi").click()
    home.locator("a[href*='/article/1/diff/1..2']").first.click()
    main = home.locator("main")
    expect(main.locator("del", has_text="12").first).to_be_visible()
    expect(main.locator("ins", has_text="15").first).to_be_visible()
    # Last seen so on the night of 3 September, found changed on that of the 4th.
    expect(main).to_contain_text("03/09/2026")
    expect(main).to_contain_text("04/09/2026")


def test_5_what_was_removed_with_the_evidence(home: Page) -> None:
    home.get_by_role("navigation").get_by_role("link", name="Bị gỡ").click()
    entry = home.locator("main li", has=home.get_by_role("link", name="Bài bị gỡ", exact=True)).first
    expect(entry).to_contain_text("04/09/2026")
    entry.locator("a[href*='/capture/']:visible").first.click()
    expect(home.locator("main")).to_contain_text("SHA-256")
    expect(home.locator("main")).to_contain_text("urn:uuid:")


def test_6_citation_of_the_first_version(home: Page) -> None:
    home.get_by_role("navigation").get_by_role("link", name="Thay đổi").click()
    home.locator("main a[href='/article/1/history']").first.click()
    home.locator("table.versions a[href$='/article/1/revision/1']").first.click()
    cited = home.locator("pre.citation").first.inner_text()
    assert A.url in cited
    assert re.search("[0-9a-f]{64}", cited)
    assert "2026" in cited


def test_7_for_how_many_days_an_article_was_gone(home: Page) -> None:
    home.get_by_role("navigation").get_by_role("link", name="Bị gỡ").click()
    home.locator(".tabs a[href*='returned']").click()
    entry = home.locator("main li", has=home.get_by_role("link", name="Bài vắng mặt", exact=True)).first
    assert re.search(r"\b[23] ngày", entry.inner_text()), entry.inner_text()


def test_8_old_address_with_a_tracker_leads_to_its_article(home: Page) -> None:
    ask(home, f"{OLD.url}?fbclid=IwAR0abc")
    expect(home.locator("h1")).to_have_text("Thu hồi đất làm đường")


def test_9_other_articles_with_the_same_picture(home: Page) -> None:
    ask(home, "bai vang mat")
    home.locator("main .card a").first.click()
    home.locator("#related").scroll_into_view_if_needed()
    expect(home.locator(".related")).to_contain_text("Bài có ảnh chung")


def test_long_history_fits_a_small_screen(browser: Browser) -> None:
    """Its table is scrolled in its own box; what only screen readers hear of it made the page wider."""
    with browser.page(width=280) as page:
        page.goto(f"{browser.address}/article/1/history")
        assert page.locator(".scroll").first.evaluate("box => box.scrollWidth > box.clientWidth")
        assert page.evaluate("document.documentElement.scrollWidth") == 280


def test_a_picture_is_drawn_as_large_as_it_is_shown(home: Page) -> None:
    ask(home, "le dinh loi")
    thumbnail = home.locator("main .card img").first
    thumbnail.scroll_into_view_if_needed()
    expect(thumbnail).to_have_js_property("complete", True)
    assert "/thumbnail/" in (thumbnail.get_attribute("src") or "")
    assert thumbnail.evaluate("image => image.naturalWidth") <= 320


def test_z_search_is_followed_and_shows_only_what_is_new(archive: Path, browser: Browser, home: Page) -> None:
    """Last, as it adds a night to the archive."""
    ask(home, "thu hoi dat")
    address = home.locator("section.forms a[href*='/search.atom']").get_attribute("href") or ""
    before = home.request.get(browser.address + address).text()
    add_hit(archive)
    after = home.request.get(browser.address + address).text()
    entries = [set(re.findall("<id>([^<]*)</id>", text)) for text in (before, after)]
    new = entries[1] - entries[0]
    assert len(new) == 1
    assert "Thu hồi đất mở chợ" in after
