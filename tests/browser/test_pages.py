"""Every page in a real browser: axe finds nothing serious, nothing runs over, nothing is asked of another host."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.browsing import NEEDS_CHROMIUM, SCHEMES, WIDTHS, Browser, browsing, serving
from tests.support.web_archive import build_archive

pytestmark = [NEEDS_CHROMIUM, pytest.mark.slow]

OWN = (
    "/",
    "/?lang=en",
    "/search",
    "/search?q=thong+bao",
    "/search?q=khong-co-gi-het",
    "/article/1",
    "/article/2?lang=en",
    "/article/4",
    "/article/3/history",
    "/article/3/diff/1..2",
    "/changes",
    "/changes?by=week&lang=en",
    "/draft",
    "/article/1/revision/1/embed",
    "/address?url=https://huyen.example.gov.vn/tin-tuc/hoi-nghi-tong-ket-100001",
    "/removed",
    "/removed?which=unlisted",
    "/article/1/revision/1",
    "/dashboard",
    "/sums?q=bai&since=2024",
    "/authors",
    "/author?name=Hồng+Hải",
    "/downloads",
    "/go?url=khong-co",
    "/khong-co",
)
CAPTURES = ("/capture/1", "/capture/5", "/capture/5?lang=en")
TABLES = (
    "/archive",
    "/archive/articles_a_month",
    # Its SQL is longer than its box, which is scrolled.
    "/archive/text_on_a_day?address=1&day=2026-09-01",
    "/archive/articles_citing_a_document?number=25-NQ/TW",
    "/archive/articles?_facet=state",
    "/archive/articles?_search=thong+bao&title__contains=a",
    "/archive/articles/1",
    "/archive/images",
    "/archive/captures",
    "/archive?sql=select+id,+title+from+articles+limit+3",
    "/archive?sql=selec",
    "/archive/khong-co",
    "/-/versions",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    archive = build_archive(tmp_path_factory.mktemp("browser"))
    with serving(archive) as address, browsing(address) as opened:
        yield opened


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_can_be_read_by_everybody(browser: Browser, width: int, scheme: str) -> None:
    """One page of the browser for all of them: a fresh one for each takes longer than looking at it."""
    browser.asked.clear()
    browser.dialogs.clear()
    ground = "rgb(20, 26, 26)" if scheme == "dark" else "rgb(251, 250, 246)"
    wrong = []
    for paths, policies in (((*OWN, *TABLES), True), (CAPTURES, False)):
        with browser.page(width=width, scheme=scheme, policies=policies) as page:
            for path in paths:
                page.goto(browser.address + path)
                wrong += [f"{path}: {finding}" for finding in browser.findings(page)]
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    wrong.append(f"{path}: is wider than {width} pixels")
                if page.evaluate("getComputedStyle(document.body).backgroundColor") != ground:
                    wrong.append(f"{path}: is not drawn in the {scheme} scheme")
    assert wrong == []
    assert browser.foreign() == []
    assert browser.dialogs == []


def test_pages_fit_a_screen_at_four_times_its_size(browser: Browser) -> None:
    """WCAG 2.2, 1.4.10: 1280 pixels at 400 % are 320."""
    wider = []
    with browser.page(width=320) as page:
        for path in (*OWN, *CAPTURES, *TABLES):
            page.goto(browser.address + path)
            width = page.evaluate("document.documentElement.scrollWidth")
            wider += [f"{path}: {width}"] if width > 320 else []
    assert wider == []


@pytest.mark.parametrize("width", WIDTHS)
def test_numbers_of_an_axis_stand_beside_the_bars(browser: Browser, width: int) -> None:
    """On a phone they stood on the latest bars, and could not be read."""
    edges = "(all, side) => all.map(one => one.getBoundingClientRect()[side])"
    with browser.page(width=width) as page:
        page.goto(browser.address + "/dashboard")
        lines, values = page.locator(".figure .level"), page.locator(".figure .value")
        rights, lefts = lines.evaluate_all(edges, "right"), values.evaluate_all(edges, "left")
        assert rights
        assert all(left >= right for left, right in zip(lefts, rights, strict=True))
        assert max(values.evaluate_all(edges, "right")) <= width


@pytest.mark.parametrize("path", ["/article/3", "/article/3/diff/1..2", "/archive/articles/1"])
def test_paper_is_white_for_every_colour_scheme(browser: Browser, path: str) -> None:
    """What is printed in the dark was black on black: citations, kinds of change, changed words."""
    colours = "[...document.querySelectorAll('main *')].map(one => getComputedStyle(one)).map(one => one.{})"
    with browser.page(scheme="dark") as page:
        page.goto(browser.address + path)
        page.emulate_media(media="print")
        grounds, inks = (set(page.evaluate(colours.format(name))) for name in ("backgroundColor", "color"))
        assert page.locator("header.top").is_hidden()
    assert grounds
    assert all(lightness(ground) > 0.8 for ground in grounds if not ground.endswith(", 0)"))
    assert all(lightness(ink) < 0.5 for ink in inks)


def lightness(colour: str) -> float:
    """Give how light a colour is, from 0 to 1, of `rgb(…)` as browsers compute it."""
    return sum(int(part) for part in re.findall("[0-9]+", colour)[:3]) / (3 * 255)


def test_pages_say_the_same_without_scripts(browser: Browser) -> None:
    with browser.page(scripts=False) as page:
        for path in (*OWN, *CAPTURES, *TABLES):
            page.goto(browser.address + path)
            assert page.locator("main h1").first.is_visible(), path
            # A frame of another site has no navigation of ours.
            assert page.locator("header nav a").count() > 2 or path.endswith("/embed"), path


def test_keyboard_alone_reaches_search_and_the_first_hit(browser: Browser) -> None:
    with browser.page() as page:
        page.goto(browser.address + "/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.type") == "search":
                break
        page.keyboard.type("le dinh loi")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?**")
        for _ in range(60):
            page.keyboard.press("Tab")
            # What has the focus must show that it has.
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            if "/article/1" in (page.evaluate("document.activeElement.href || ''")):
                break
        page.keyboard.press("Enter")
        page.wait_for_url("**/article/1*")
        assert "Hội nghị tổng kết" in page.title()


def test_keyboard_alone_sorts_filters_and_counts_a_table(browser: Browser) -> None:
    with browser.page() as page:
        page.goto(browser.address + "/archive/articles")
        page.locator("select[name=_filter_column]").focus()
        page.keyboard.type("title")
        page.locator("input[name=_filter_value]").focus()
        page.keyboard.type("Không ngày")
        page.keyboard.press("Enter")
        page.wait_for_url("**title*")
        assert "1 dòng" in page.locator("main").inner_text()
        page.locator("a.facet-by", has_text="facet by state").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**_facet=state**")
        assert page.locator("#facet-state").is_visible()


def test_sql_can_be_written_and_left_by_keyboard(browser: Browser) -> None:
    with browser.page() as page:
        page.goto(browser.address + "/archive?sql=select+1")
        page.locator(".CodeMirror textarea").focus()
        page.keyboard.press("Tab")
        assert page.evaluate("!document.activeElement.closest('.CodeMirror')")


def test_sql_is_dark_in_the_dark(browser: Browser) -> None:
    with browser.page(scheme="dark") as page:
        page.goto(browser.address + "/archive?sql=select+1")
        editor = page.locator(".CodeMirror")
        assert editor.evaluate("box => getComputedStyle(box).backgroundColor") == "rgb(27, 35, 35)"


def test_language_switch_keeps_the_address(browser: Browser) -> None:
    with browser.page() as page:
        page.goto(browser.address + "/search?q=thong+bao")
        page.get_by_role("link", name="English").click()
        page.wait_for_url("**lang=en**")
        assert "q=thong+bao" in page.url
        assert page.evaluate("document.documentElement.lang") == "en"
        assert page.locator("main [lang=vi]").count() > 0


def test_pictures_keep_their_place_while_they_load(browser: Browser) -> None:
    with browser.page() as page:
        # None of them arrives, and the text around them must not move.
        page.route("**/thumbnail/*", lambda route: route.abort())
        page.goto(browser.address + "/article/1")
        picture = page.locator(".body img")
        assert (picture.get_attribute("width"), picture.get_attribute("height")) == ("640", "400")
        assert picture.get_attribute("loading") == "lazy"
        page.goto(browser.address + "/search")
        for thumbnail in page.locator(".card img").all():
            box = thumbnail.bounding_box()
            assert box is not None
            assert box["height"] == 80


@pytest.mark.parametrize("width", WIDTHS)
def test_a_draft_is_looked_up_without_scripts_and_its_report_can_be_read(browser: Browser, width: int) -> None:
    draft = "Ông nói: “Đoạn hai về đất đai theo Nghị quyết 25-NQ/TW”.\n“Câu này không có ở đâu trong kho”."
    with browser.page(width=width, scripts=False) as page:
        page.goto(f"{browser.address}/draft")
        page.fill("#draft", draft)
        page.click(".paste button")
        said = page.inner_text(".claims")
        assert page.url == f"{browser.address}/draft#report"
    assert "Còn đăng như vậy" in said
    assert "Không thấy" in said
    with browser.page(width=width, policies=False) as page:
        page.goto(f"{browser.address}/draft")
        page.fill("#draft", draft)
        page.click(".paste button")
        assert browser.findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture
def other_site(tmp_path: Path) -> Iterator[str]:
    """A site of its own origin that serves the files of `tmp_path`."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(30)


@pytest.mark.parametrize(("path", "is_shown"), [("/article/1/revision/1/embed", True), ("/article/1", False)])
def test_another_site_may_frame_a_version_and_nothing_else(
    browser: Browser, other_site: str, tmp_path: Path, path: str, is_shown: bool
) -> None:
    tmp_path.joinpath("bai.html").write_text(f'<iframe name="x" src="{browser.address}{path}"></iframe>')
    with browser.page(scripts=False) as page:
        page.goto(f"{other_site}/bai.html", wait_until="load")
        frame = page.frame("x")
        assert frame is not None
        frame.wait_for_load_state("load")
        assert ("Hội nghị tổng kết" in (frame.text_content("body") or "")) is is_shown
    browser.asked.clear()
