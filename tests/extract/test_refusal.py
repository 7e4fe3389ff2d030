"""The kind of a page without an article: removed, or the portal reports a failure."""

import pytest

from crawler.addresses import classify
from crawler.errors import NotAnArticleError
from crawler.extract import parse_page, read_article
from crawler.profile import parse_profile

PROFILE = parse_profile('name="x"\ntitle="X"\ncms="vnpt"\nbase_url="https://x.vn/"\n')
URL = "https://x.vn/tin-tuc/mot-tin-1000001"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Nội dung không tồn tại hoặc đã bị xóa", "soft-404"),
        ("Hệ thống đang bảo trì, xin quay lại sau", "maintenance"),
        ("Đã xảy ra lỗi hệ thống", "maintenance"),
        ("Không tìm thấy trang. Có thể đã xảy ra lỗi", "soft-404"),
    ],
)
def test_a_page_without_an_article_gets_its_kind_from_its_words(words: str, kind: str) -> None:
    page = parse_page(f"<html><body><div class='thong-bao'>{words}</div></body></html>", URL)
    address = classify(URL, PROFILE)
    assert address is not None
    with pytest.raises(NotAnArticleError) as refused:
        read_article(page, PROFILE, address=address)
    assert refused.value.kind == kind
