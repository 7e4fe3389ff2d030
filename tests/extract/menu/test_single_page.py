"""Entries of the menu that are one article are read as such, by structure; lists and all else are not."""

from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from crawler.extract.answer import read_page
from crawler.items import Answer, PageReading, Purpose
from crawler.profile import Profile, parse_profile
from crawler.replica import Replica, Truth
from tests.support.build import picture
from tests.support.pages.article_pages import paste
from tests.support.replica import ask

NIGHTS = (1, 2, 3)


@pytest.fixture(scope="module", params=["", "commune"])
def portal(request: pytest.FixtureRequest) -> Iterator[tuple[Replica, Profile]]:
    with Replica(seed=7, articles=60, single_pages=True, skin=request.param) as replica:
        yield replica, parse_profile(replica.profile_toml(listings=None))


def read(profile: Profile, url: str, purpose: Purpose = Purpose.MENU, *, body: str | None = None) -> PageReading:
    page = body.encode() if body is not None else ask(url).body
    answer = Answer(url, page, "text/html; charset=utf-8", None)
    return read_page(answer, purpose, asked=url, listing=url, page=1, profile=profile)[0]


@pytest.mark.parametrize("night", NIGHTS)
def test_every_single_page_of_the_replica_is_read_as_its_truth_says(
    portal: tuple[Replica, Profile], night: int
) -> None:
    replica, profile = portal
    replica.night = night
    truth: Truth = replica.truth()
    assert len(truth.single_pages) >= 5
    for told in truth.single_pages:
        article = read(profile, told.url).article
        assert article is not None, told.url
        found = (article.title, article.body, article.byline, [(unquote(i.url), i.caption) for i in article.images])
        expected = (told.title, told.body, told.byline, [(unquote(i.url), i.caption) for i in told.images])
        assert found == expected
        assert [unquote(a.url) for a in article.attachments] == [unquote(a.url) for a in told.attachments]
        again = read(profile, told.url, Purpose.ARTICLE).article
        assert again == article


def test_an_entrys_own_page_names_the_entries_below_it(portal: tuple[Replica, Profile]) -> None:
    replica, profile = portal
    replica.night = 1
    home = read(profile, replica.base_url, Purpose.HOME)
    below = f"{replica.base_url}gioi-thieu/di-tich"
    assert below not in [link.address.url for link in home.menu]
    assert below in [link.address.url for link in read(profile, f"{replica.base_url}gioi-thieu").menu]


def test_rows_of_a_list_are_no_entries_below_it(portal: tuple[Replica, Profile]) -> None:
    _, profile = portal
    url = f"{profile.base_url}tin-tuc"
    rows = "".join(
        f'<li class="row"><h2><a href="/tin-tuc/bai-{n}">Bài viết số {n} của xã</a></h2></li>' for n in "abc"
    )
    body = (
        f'<div class="col-right"><ul class="sub"><li><a href="/tin-tuc/trong-xa">Trong xã</a></li></ul>'
        f'<div class="UIArticleInMenu_Default"><ul class="ArticleList">{rows}</ul></div></div>'
    )
    found = read(profile, url, body=f"<html><body>{body}</body></html>").menu
    assert [link.title for link in found] == ["Trong xã"]


def test_an_entry_that_is_a_file_is_said_to_be_one(portal: tuple[Replica, Profile]) -> None:
    _, profile = portal
    url = f"{profile.base_url}bao-cao"
    answer = Answer(url, b"%PDF-1.7\n\x00\x01\x02\xe2\xe3", "application/pdf", None)
    reading = read_page(answer, Purpose.MENU, asked=url, listing=url, page=1, profile=profile)[0]
    assert reading.refusal is not None
    assert (reading.refusal.kind, reading.article, reading.listing) == ("entry-is-file", None, None)


def test_every_listing_and_article_of_the_replica_is_no_single_page(portal: tuple[Replica, Profile]) -> None:
    replica, profile = portal
    replica.night = 1
    truth = replica.truth()
    for listing in truth.listings:
        reading = read(profile, listing.url)
        assert (reading.article, reading.refusal) == (None, None)
        assert reading.listing is not None
    home = read(profile, truth.base_url, Purpose.HOME)
    assert home.article is None
    assert len(home.menu) > 15


FRAME = (
    '<div class="ArticleDetailControl"><div class="ArticleHeader">Bản đồ</div>'
    '<div class="ArticleContent">{}</div></div>'
)
WAYS = {
    "in the frame": FRAME,
    "in the module of a list": f'<div class="UIArticleInMenu_Default">{FRAME}</div>',
    "in a widget": '<div class="UIMultiFunction_Default"><div class="MultiFunctionControl"><div class="content">'
    "<h2>Bản đồ</h2>{}</div></div></div>",
}


@pytest.mark.parametrize("way", WAYS)
def test_pasted_pictures_files_and_what_is_not_kept_are_found_wherever_the_text_stands(
    portal: tuple[Replica, Profile], way: str
) -> None:
    _, profile = portal
    said = f'<p>{"Bản đồ địa giới hành chính của xã sau khi sắp xếp. " * 12}</p><p><a href="/bd.pdf">Bản in</a></p>'
    shown = f'<p><img src="{paste(picture("red", (80, 60)))}"></p><iframe src="https://maps.example/1"></iframe>'
    page = f"<html><head><title>Bản đồ</title></head><body>{WAYS[way].format(said + shown)}</body></html>"
    reading = read(profile, f"{profile.base_url}ban-do", body=page)
    assert reading.article is not None
    (image,) = reading.article.images
    assert [(url, file.width) for url, file in reading.pasted] == [(image.url, 80)]
    assert [one.url for one in reading.article.attachments] == [f"{profile.base_url}bd.pdf"]
    assert reading.unkept == (("embed", "https://maps.example/1"),)


@pytest.mark.parametrize(
    ("menu", "paths"),
    [
        ('<div class="dropdown"><a href="/a">A</a><p class="dropdown-menu"><a href="/b">B</a></p></div>', "ab"),
        (
            '<div class="quick-menu"><a href="/x">X</a><a href="/y">Y</a></div><header><a href="/a">A</a></header>',
            "xya",
        ),
        (
            '<ul id="mainNav"><li><a href="/a">A</a></li><li><a href="/b">B</a></li></ul><p><a href="/khac">K</a></p>',
            "ab",
        ),
    ],
)
def test_no_entry_is_lost_because_another_menu_has_a_name(
    portal: tuple[Replica, Profile], menu: str, paths: str
) -> None:
    _, profile = portal
    found = read(profile, profile.base_url, Purpose.HOME, body=f"<html><body>{menu}</body></html>").menu
    assert [link.address.url for link in found] == [f"{profile.base_url}{path}" for path in paths]


def test_a_portal_is_recognised_by_the_entries_that_version_1_read(portal: tuple[Replica, Profile]) -> None:
    _, profile = portal
    menu = '<div class="quick-menu"><a href="/x">X</a><a href="/y">Y</a></div><header><a href="/a">A</a></header>'
    reading = read(profile, profile.base_url, Purpose.HOME, body=f"<html><body>{menu}</body></html>")
    assert reading.identity is not None
    assert (reading.identity.menu, len(reading.menu)) == (("x", "y"), 3)


WIDGET = (
    '<div class="UIMultiFunction_Default"><div class="MultiFunctionControl"><div class="content">{}</div></div></div>'
)


@pytest.mark.parametrize(
    "content",
    [
        '<object type="application/pdf" data="/qc.pdf"></object>',
        '<iframe src="/pdfjs/web/viewer.html?file=/qc.pdf"></iframe>',
        '<p><a href="/qc.pdf">Quy chế làm việc</a></p>',
    ],
)
def test_a_widget_that_only_shows_a_file_is_an_article(portal: tuple[Replica, Profile], content: str) -> None:
    _, profile = portal
    page = f"<html><head><title>Quy chế</title></head><body>{WIDGET.format(content)}</body></html>"
    reading = read(profile, f"{profile.base_url}quy-che", body=page)
    assert reading.article is not None
    assert [one.url for one in reading.article.attachments] == [f"{profile.base_url}qc.pdf"]
    assert reading.article.body == ""


def test_the_imprint_in_the_last_widget_is_no_text(portal: tuple[Replica, Profile]) -> None:
    _, profile = portal
    said = "<p>Xã có mười bốn thôn với hơn hai nghìn hộ dân sinh sống.</p>"
    imprint = "<p>Cơ quan chủ quản: UBND xã. Địa chỉ: thôn 3. Điện thoại: 0225 388 899</p>"
    for shown in ((said, imprint), (imprint,)):
        widgets = "".join(WIDGET.format(one) for one in shown)
        page = f"<html><head><title>Giới thiệu</title></head><body>{widgets}</body></html>"
        article = read(profile, f"{profile.base_url}gioi-thieu", body=page).article
        assert article is not None
        assert f"<p>{article.body}</p>" == shown[0]
