"""What a page says of its identity, in every place for that, and whether its frame was closed."""

import pytest

from crawler.extract import parse_page, read_marks
from crawler.page_marks import PageMarks
from tests.support.build import BASE, make_profile

URL = f"{BASE}/tin-tuc/mot-1000"
OTHER = f"{BASE}/tin-tuc/hai-2000"
ARTICLE = (
    '<div class="ArticleDetailControl"><div class="ArticleHeader">Một</div><div class="ArticleContent">{}</div></div>'
)
TEXT = "<p>Sáng nay, thị xã đã tổ chức hội nghị.</p>"


def marks(body: str = "", head: str = "", *, behind: str = "") -> PageMarks:
    page = f"<html><head>{head}</head><body>{body}<main>{ARTICLE.format(TEXT)}</main>{behind}</body></html>"
    return read_marks(parse_page(page, URL), make_profile())


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (f'<link rel="canonical" href="{OTHER}">', ""),
        ('<link rel="CANONICAL" href="/tin-tuc/hai-2000?fbclid=x">', ""),
        (f'<meta property="og:url" content="{OTHER}">', ""),
        (f'<meta name="twitter:url" content="{OTHER}">', ""),
        ("", f'<meta itemprop="mainEntityOfPage" itemid="{OTHER}">'),
        ("", '<form method="post" action="./hai-2000"><input type="hidden" name="__VIEWSTATE">'),
        ("", f'<div class="zalo-share-button" data-href="{OTHER}"></div>'),
        (f'<script type="application/ld+json">{{"@type": "NewsArticle", "url": "{OTHER}"}}</script>', ""),
        (
            '<script type="application/ld+json">[{"@type": "NewsArticle", "mainEntityOfPage": {"@id": "'
            f'{OTHER}"}}}}]</script>',
            "",
        ),
    ],
)
def test_an_address_that_a_page_names_as_its_own_is_a_claim(head: str, body: str) -> None:
    assert marks(body, head).claims == (OTHER,)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (f'<link rel="canonical" href="{BASE}/">', ""),
        ('<link rel="canonical" href="https://other.example.vn/tin-tuc/hai-2000">', ""),
        ("", '<form action="/tim-kiem"><input name="q"></form>'),
        ("", f'<form action="{OTHER}"><input name="q"></form>'),
        ("", f'<a href="{OTHER}">Hai</a><div data-href="{OTHER}"></div>'),
        ('<script type="application/ld+json">{"@type": "NewsArticle", </script>', ""),
        (f'<script type="application/ld+json">{{"@type": "Organization", "url": "{OTHER}"}}</script>', ""),
    ],
)
def test_other_addresses_are_no_claims(head: str, body: str) -> None:
    assert marks(body, head).claims == ()


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ('<input type="hidden" id="hdArticleId" value="2000">', "2000"),
        ('<input type="hidden" name="ctl00$NewsID" value="2000">', "2000"),
        ("<script>var article_id = '2000';</script>", "2000"),
        ('<script>init({"newsId": 2000})</script>', "2000"),
        ("<script>var article_category_id = 77; var site_id = 12;</script>", None),
        ('<input type="hidden" name="CategoryId" value="77">', None),
        ('<script>var newsId = 2000;</script><input type="hidden" id="articleId" value="1000">', None),
        ('<ul><li data-article-id="2000"></li></ul>', None),
    ],
)
def test_the_articles_own_number_is_read_if_there_is_one(body: str, own: str | None) -> None:
    assert marks(body).own_id == own


def test_what_follows_the_frame_shows_that_it_was_closed() -> None:
    assert not marks(behind="<script>var a = 1;</script> <!-- x -->").goes_on
    assert marks(behind="<div>Bản quyền</div>").goes_on
    assert marks(behind="<div>Bản quyền</div>").has_end


@pytest.mark.parametrize(
    "end", ["", "</html>", "</p></body></html>", "<div class='loi'>Kết nối bị ngắt</div></body></html>"]
)
def test_a_page_that_is_cut_within_its_frame_goes_not_on(end: str) -> None:
    page = f"<html><body><div id='khung'>{ARTICLE.format(TEXT * 3)}</div><div>Bản quyền</div></body></html>"
    cut = read_marks(parse_page(page[: page.index("hội nghị", 200)] + end, URL), make_profile())
    assert not cut.goes_on
    assert cut.open_tags > 2
    assert cut.has_end == bool(end)
