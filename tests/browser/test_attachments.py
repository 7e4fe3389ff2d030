"""The reader of attachments and their comparison in a real browser: read by everybody, on a phone too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.extract.article.article import AttachmentRef
from crawler.items import FileRole
from tests.support.attachments import read_files, replaced_files
from tests.support.browsing import NEEDS_CHROMIUM, SCHEMES, WIDTHS, Browser, browsing, serving
from tests.support.web_archive import NEW, Maker, article

pytestmark = [NEEDS_CHROMIUM, pytest.mark.slow]

READER = [
    f"/attachment/{read_files.SHA[name]}/read{query}"
    for name in read_files.SHA
    for query in ("", "?q=ma+tra", "?page=999&lang=en")
]
DIFFS = [
    *(
        f"/attachment/{replaced_files.digest_of(name, 1)}/diff/{replaced_files.digest_of(name, 2)}"
        for name in ("bieu.xlsx", "quyet-dinh.pdf", "quet.pdf", "khoa.pdf")
    ),
    "/article/1/diff/1..2",
    f"/attachment/{replaced_files.digest_of('bieu.xlsx', 2)}/read?lang=en",
]


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, list[str]]]:
    folders = [tmp_path_factory.mktemp(name) for name in ("read", "replaced")]
    return [(read_files.build_files(folders[0]), READER), (replaced_files.build_replaced(folders[1]), DIFFS)]


@pytest.mark.parametrize("which", [0, 1])
def test_files_can_be_read_by_everybody(archives: list[tuple[Path, list[str]]], which: int) -> None:
    archive, paths = archives[which]
    wrong = []
    with serving(archive) as address, browsing(address) as browser:
        for width, scheme in ((width, scheme) for width in WIDTHS for scheme in SCHEMES):
            wrong += list(_look(browser, paths, width=width, scheme=scheme))
        assert browser.foreign() == []
        assert browser.dialogs == []
    assert wrong == []


def _look(browser: Browser, paths: list[str], *, width: int, scheme: str) -> Iterator[str]:
    with browser.page(width=width, scheme=scheme) as page:
        for path in paths:
            page.goto(browser.address + path)
            yield from (f"{path}: {finding}" for finding in browser.findings(page))
            if page.evaluate("document.documentElement.scrollWidth") > width:
                yield f"{path}: is wider than {width} pixels"


def test_a_hit_in_a_file_leads_to_the_page_with_the_words(archives: list[tuple[Path, list[str]]]) -> None:
    """Without scripts: search, the file's link, the marked words beside the picture of their page."""
    with serving(archives[0][0]) as address, browsing(address) as browser, browser.page(scripts=False) as page:
        page.goto(f"{browser.address}/search?q=%22%C4%91i%E1%BB%81u+3%22")
        page.locator(".place a").first.click()
        assert page.url.partition("/read?")[2].startswith("page=3&q=")
        assert page.locator(".page-text mark").all_inner_texts() == ["Điều 3"]
        text, picture = (page.locator(one).bounding_box() for one in (".leaf-text", ".leaf-picture"))
        assert text is not None
        assert picture is not None
        assert (text["y"], text["x"] < picture["x"]) == (picture["y"], True)
        page.locator(".leaf-pager a[rel=prev]").first.click()
        assert "page=2" in page.url


def test_the_page_of_a_file_with_a_long_name_fits_a_phone(tmp_path: Path) -> None:
    name = "kh_6001_signed_signed_638994971000000000.pdf"
    maker = Maker(tmp_path / "archive.db")
    maker.file(f"https://storage-vnportal.vnpt.vn/lci/{name}", b"%PDF-1.4 x", FileRole.ATTACHMENT, b"application/pdf")
    ref = AttachmentRef(f"https://storage-vnportal.vnpt.vn/lci/{name}", None)
    maker.article(article("Tin", "Tin ngắn.", attachments=(ref,)), f"{NEW}1")
    maker.writer.finish("complete")
    maker.writer.close()
    with serving(tmp_path / "archive.db") as address, browsing(address) as browser, browser.page(width=375) as page:
        page.goto(f"{browser.address}/article/1")
        file = page.locator('a[href*="/attachment/"]').first.get_attribute("href") or ""
        page.goto(f"{browser.address}{file.partition('/read')[0].partition('?')[0]}/articles")
        assert name in page.inner_text("main")
        assert page.evaluate("document.documentElement.scrollWidth") == 375
