"""Captured pages in a real browser: shown with the archive's pictures, without scripts or requests to other hosts."""

from collections.abc import Iterator

import pytest

from tests.support.browsing import NEEDS_CHROMIUM, SCHEMES, WIDTHS, Browser, browsing, serving
from tests.support.web_archive import HOSTILE_TAGS, ORIGIN, Maker, dress

pytestmark = [NEEDS_CHROMIUM, pytest.mark.slow]


@pytest.fixture(scope="module")
def dressed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, dict[str, int]]]:
    archive = tmp_path_factory.mktemp("browser") / "archive.db"
    maker = Maker(archive)
    html = (b"Content-Type", b"text/html; charset=utf-8")
    for number, hostile in enumerate(HOSTILE_TAGS):
        maker.capture(f"{ORIGIN}/doc-hai-{number}", f"<!doctype html><p>trước{hostile}".encode(), html)
    ids = dress(maker)
    maker.writer.close()
    with serving(archive) as address, browsing(address) as opened:
        yield opened, ids


def test_page_is_drawn_with_the_archives_pictures_and_sheets(dressed: tuple[Browser, dict[str, int]]) -> None:
    browser, ids = dressed
    with browser.page() as page:
        page.goto(f"{browser.address}/capture/{ids['page']}")
        frame = page.frames[1]
        frame.locator("img[alt=logo]").wait_for()
        assert frame.evaluate("document.images[0].naturalWidth") == 640
        assert "/capture/" in frame.evaluate("getComputedStyle(document.body).backgroundImage")
        # And alone, where the policy of the answer itself holds.
        page.goto(f"{browser.address}/capture/{ids['page']}?part=page")
        assert page.evaluate("document.images[0].naturalWidth") == 640
        assert "/capture/" in page.evaluate("getComputedStyle(document.body).backgroundImage")


def test_link_in_the_frame_opens_the_archived_page_on_top(dressed: tuple[Browser, dict[str, int]]) -> None:
    browser, ids = dressed
    with browser.page() as page:
        page.goto(f"{browser.address}/capture/{ids['page']}")
        page.frames[1].get_by_text("bài").click()
        page.wait_for_url(f"**/capture/{ids['article']}")
        assert page.frames[0].url == f"{browser.address}/capture/{ids['article']}"


def test_bar_leads_on_and_gives_downloads_out_of_its_sandbox(dressed: tuple[Browser, dict[str, int]]) -> None:
    browser, ids = dressed
    with browser.page() as page:
        page.goto(f"{browser.address}/capture/{ids['page']}")
        assert page.evaluate("getComputedStyle(document.querySelector('.top')).maxWidth") == "1280px"
        with page.expect_download() as download:
            page.locator("a[href$='part=raw']").click()
        assert download.value.suggested_filename == f"capture-{ids['page']}.bin"
        # Another tab is of this site, and no part of the sandbox: its own scripts and forms work.
        with page.context.expect_page() as opened:
            page.locator("header nav a[href='/archive']").click(modifiers=["Control"])
        opened.value.wait_for_load_state()
        assert opened.value.evaluate("window.origin") == browser.address
        page.locator("header nav a[href='/search']").click()
        page.wait_for_url("**/search")
        page.locator("main input[type=search]").fill("hoi nghi")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=hoi+nghi*")
        page.goto(f"{browser.address}/capture/{ids['svg']}")
        assert page.evaluate("document.querySelector('.captured-picture img').naturalWidth") > 0


@pytest.mark.parametrize("part", ["", "?part=page"])
def test_a_hostile_page_runs_nothing_and_asks_no_other_host(dressed: tuple[Browser, dict[str, int]], part: str) -> None:
    browser, _ = dressed
    browser.dialogs.clear()
    with browser.page() as page:
        for number, hostile in enumerate(HOSTILE_TAGS):
            browser.asked.clear()
            address = f"{browser.address}/capture/{number + 1}{part}"
            page.goto(address)
            page.wait_for_load_state("networkidle")
            assert page.url == address, hostile
            assert browser.foreign() == [], hostile
            assert browser.dialogs == [], hostile


def test_hostile_pages_would_do_harm_elsewhere(dressed: tuple[Browser, dict[str, int]]) -> None:
    """What is tried here is worth trying: sent as it came, it does run and ask."""
    browser, _ = dressed
    browser.asked.clear()
    browser.dialogs.clear()
    with browser.page() as page:
        page.route(
            f"{browser.address}/harm/*",
            lambda route: route.fulfill(content_type="text/html", body=HOSTILE_TAGS[int(route.request.url[-1])]),
        )
        for number in (0, 1):
            page.goto(f"{browser.address}/harm/{number}")
            page.wait_for_load_state("networkidle")
    assert browser.dialogs == ["1"]
    assert browser.foreign()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_bar_can_be_read_by_everybody(dressed: tuple[Browser, dict[str, int]], width: int, scheme: str) -> None:
    browser, ids = dressed
    wrong = []
    with browser.page(width=width, scheme=scheme, policies=False) as page:
        for name in ("page", "json", "pdf", "svg", "bom", "gone", "later"):
            page.goto(f"{browser.address}/capture/{ids[name]}")
            wrong += [f"{name}: {finding}" for finding in browser.findings(page)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append(f"{name}: is wider than {width} pixels")
    assert wrong == []


def test_script_in_a_drawing_does_not_run(dressed: tuple[Browser, dict[str, int]]) -> None:
    browser, ids = dressed
    browser.dialogs.clear()
    with browser.page() as page:
        for path in (f"/capture/{ids['svg']}", f"/capture/{ids['svg']}?part=file"):
            page.goto(browser.address + path)
            page.wait_for_load_state("networkidle")
    assert browser.dialogs == []
