"""Pictures pasted into an article: read with captions; icons and placeholders are none."""

from base64 import b64encode

import pytest

from crawler.extract.answer import read_page
from crawler.items import Answer, PageReading, Purpose
from tests.support.build import BASE, make_profile, new_address, picture
from tests.support.pages.article_pages import paste

AT = new_address(1).url
PNG = picture("red", (80, 60))


def read(content: str, *, image_bytes: int = 20_000_000) -> PageReading:
    page = (
        '<html><head><meta charset="utf-8"></head><body><div class="ArticleDetailControl"><div class="ArticleHeader">'
        f'Quy hoạch</div><div class="ArticleContent">{content}</div></div></body></html>'
    )
    profile = make_profile(f"[limits]\nimage_bytes = {image_bytes}")
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    return read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=profile)[0]


def shown(reading: PageReading) -> list[tuple[str, str | None]]:
    assert reading.article is not None
    return [(image.url.partition(";")[0], image.caption) for image in reading.article.images]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_a_pasted_picture_is_a_picture_with_its_caption(kind: str) -> None:
    data = picture("red", (80, 60), kind)
    reading = read(f'<p>Thân bài.</p><p><img src="{paste(data)}"></p><p align="center"><i>Bản đồ xã</i></p>')
    assert shown(reading) == [(f"data:image/{kind.lower()}", "Bản đồ xã")]
    ((url, file),) = reading.pasted
    assert reading.article is not None
    assert reading.article.images[0].url == url == f"data:image/{kind.lower()};sha256={file.sha256}"
    assert (file.width, file.height, file.size_bytes, file.refusal) == (80, 60, len(data), None)
    assert file.thumbnail is not None
    assert f'src="{url}"' in reading.article.body_html
    assert "base64" not in reading.article.body_html


def test_an_article_that_is_only_a_pasted_scan_is_an_article() -> None:
    reading = read(f'<p><img src="{paste(PNG)}"></p>')
    assert (reading.refusal, shown(reading)) == (None, [("data:image/png", None)])


def test_the_same_picture_twice_is_two_pictures_and_one_file() -> None:
    reading = read(f'<img src="{paste(PNG)}"><p>Giữa.</p><img src="{paste(PNG)}">')
    assert (len(shown(reading)), len(reading.pasted)) == (2, 1)


def test_a_picture_cut_short_is_kept_without_thumbnail_and_rubbish_is_refused_by_name() -> None:
    cut = paste(picture("red", (900, 700), "BMP"))[:4000]
    rubbish = f"data:image/png;base64,{b64encode(b'rubbish' * 40).decode()}"
    reading = read(f'<img src="{cut}"><img src="{rubbish}">')
    assert [url for url, _ in shown(reading)] == ["data:image/bmp", "data:image/png"]
    assert [(file.thumbnail, file.refusal and file.refusal.kind) for _, file in reading.pasted] == [
        (None, None),
        (None, "not-an-image"),
    ]


def test_a_picture_above_the_limit_is_refused_by_name() -> None:
    data = picture("red", (80, 60), "BMP")
    ((_, file),) = read(f'<img src="{paste(data)}">', image_bytes=1024).pasted
    assert file.refusal is not None
    assert file.refusal.kind == "too-large"


SVG_ICON = "<svg width='16' height='16'><path d='M0'/><path d='M1'/></svg>"


@pytest.mark.parametrize(
    "image",
    [
        '<img src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7">',
        f'<img src="{paste(picture("red", (16, 16)))}">',
        f'<img src="{paste(picture("red", (600, 1)))}">',
        f'<img src="{paste(PNG)}" width="1" height="1">',
        "<img src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 3 2'%3E%3C/svg%3E\">",
        f'<img src="data:image/svg+xml;utf8,{SVG_ICON}">',
    ],
)
def test_icons_lines_and_placeholders_are_no_pictures(image: str) -> None:
    reading = read(f"<p>Thân bài.</p>{image}")
    assert (shown(reading), reading.pasted) == ([], ())


def test_a_lazy_loaders_address_comes_before_what_is_pasted_in_its_place() -> None:
    reading = read(
        f'<img src="{paste(PNG)}" data-src="/a.jpg"><img data-src="{paste(PNG)}">'
        '<picture><source srcset="/c.webp 2x, /b.webp 1x"><img></picture>'
        '<img src="/loading.gif"><noscript><img src="/d.jpg"></noscript>'
        '<img src="/e.jpg"><noscript><img src="/e.jpg"></noscript>'
        '<img srcset="/f,1.jpg 300w,/g,1.jpg 900w">'
    )
    assert reading.article is not None
    first, pasted, *rest = [image.url for image in reading.article.images]
    assert first == f"{BASE}/a.jpg"
    assert pasted.startswith("data:image/png;sha256=")
    assert rest == [f"{BASE}/c.webp", f"{BASE}/d.jpg", f"{BASE}/e.jpg", f"{BASE}/g,1.jpg"]


def test_a_picture_pasted_into_a_lazy_loaders_attribute_is_one_behind_a_placeholder() -> None:
    dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    assert shown(read(f'<p>Thân bài.</p><img src="{dot}" data-src="{paste(PNG)}">')) == [("data:image/png", None)]


def test_no_other_data_address_comes_into_the_kept_html() -> None:
    reading = read('<p><a href="data:text/html,&lt;script&gt;">x</a> Thân <img src="data:text/html,abc"></p>')
    assert reading.article is not None
    assert "data:" not in reading.article.body_html
