"""What addresses name, and which hosts may be asked."""

import pytest

from crawler.addresses import classify, is_allowed_host, parse_pasted_address
from crawler.items import AddressKind
from crawler.profile import parse_profile

PROFILE = parse_profile(
    'name="sapa"\ntitle="Sa Pa"\ncms="vnpt"\nbase_url="https://sapa.laocai.gov.vn/"\n'
    'asset_hosts=["storage-vnportal.vnpt.vn", "cdn.example.vn:8080", "tls.example.vn:443"]'
)
LOCAL = parse_profile(
    'name="x"\ntitle="X"\ncms="vnpt"\nbase_url="http://127.0.0.1:8900/"\nasset_hosts=["127.0.0.1:8901"]'
)
O = "https://sapa.laocai.gov.vn"  # noqa: E741
OLD = "/1227/27461/54439/293909/thanh-lap-thi-xa-sa-pa/phuong-an"


@pytest.mark.parametrize(
    ("url", "kind", "canonical"),
    [
        (f"{O}", "home", "/"),
        ("http://SAPA.laocai.gov.vn:80/?fbclid=x#top", "home", "/"),
        (f"{O}/?AspxAutoDetectCookieSupport=1", "home", "/"),
        (f"{O}/tin-tuc?aspxautodetectcookiesupport=1", "category", "/tin-tuc"),
        (f"{O}/(S(lit3py55t21z5v55vlm25s55))/tin-tuc", "category", "/tin-tuc"),
        (f"{O}/(X(1)S(lit3py55))/tin-tuc/abc-123456", "article", "/tin-tuc/abc-123456"),
        (f"{O}/tin-tuc/abc-(a)-123456", "article", "/tin-tuc/abc-(a)-123456"),
        (f"{O}/trang-chu", "home", "/trang-chu"),
        (f"{O}/thu-tuc-hanh-chinh-76761", "category", "/thu-tuc-hanh-chinh-76761"),
        (f"{O}/luat--phap-lenh/?utm_source=zalo", "category", "/luat--phap-lenh"),
        (f"{O}/tin-tuc/abc-123456?gidzl=q&x=1#c", "article", "/tin-tuc/abc-123456"),
        ("http://sapa.laocai.gov.vn/tin-tuc/abc-123456/", "article", "/tin-tuc/abc-123456"),
        (f"{O}//tin-tuc/./x/../abc-123456", "article", "/tin-tuc/abc-123456"),
        (f"{O}/tin-tuc/%61b%C3%a0-123456", "article", "/tin-tuc/ab%C3%A0-123456"),
        (f"{O}/tin-tuc/abà-123456", "article", "/tin-tuc/ab%C3%A0-123456"),
        (f"{O}/tin-tuc/doc-sach--760833", "article", "/tin-tuc/doc-sach--760833"),
        (f"{O}/thu-tuc-76761/mot-cua-1", "article", "/thu-tuc-76761/mot-cua-1"),
        (f"{O}{OLD}?zarsrc=30", "old-article", OLD),
        (f"{O}/?pageid=27218&p_steering=5&fbclid=1", "documents", "/?pageid=27218&p_steering=5"),
        (f"{O}/tin-tuc?keyword=a", "other", "/tin-tuc?keyword=a"),
        (f"{O}/gioi-thieu/lich-su/", "page", "/gioi-thieu/lich-su"),
        (f"{O}/tin-tuc/tep-123456.pdf", "other", "/tin-tuc/tep-123456.pdf"),
        (f"{O}/rss.aspx", "other", "/rss.aspx"),
        (f"{O}/sitefolders/anh-123456", "other", "/sitefolders/anh-123456"),
        (f"{O}/DesktopModule/x-12345", "other", "/DesktopModule/x-12345"),
        (f"{O}/a/b/c-123456", "other", "/a/b/c-123456"),
        (f"{O}/tin-tuc/bad%FF-123456", "article", "/tin-tuc/bad%C3%BF-123456"),
    ],
)
def test_address_is_classified_by_its_form(url: str, kind: str, canonical: str) -> None:
    address = classify(url, PROFILE)
    assert address is not None
    assert (address.kind, address.url) == (AddressKind(kind), O + canonical)


@pytest.mark.parametrize(
    "url",
    [
        "https://laocai.gov.vn/a/b-123456",
        "https://sapa.laocai.gov.vn:8443/",
        "mailto:a@b.vn",
        "javascript:void(0)",
        "",
        "http://[bad/",
    ],
)
def test_other_hosts_and_schemes_are_no_addresses(url: str) -> None:
    assert classify(url, PROFILE) is None


def test_article_address_gives_its_parts() -> None:
    article = classify(f"{O}/tin-tuc/giai-doan-202-382026", PROFILE)
    assert article is not None
    assert (article.source_id, article.category_slug, article.title_slug) == ("382026", "tin-tuc", "giai-doan-202")
    old = classify(O + OLD, PROFILE)
    assert old is not None
    assert (old.source_id, old.category_slug, old.title_slug) == ("293909", "thanh-lap-thi-xa-sa-pa", "phuong-an")


def test_a_port_belongs_to_the_portal() -> None:
    address = classify("http://127.0.0.1:8900/a/b-12345", LOCAL)
    assert address is not None
    assert address.url == "http://127.0.0.1:8900/a/b-12345"
    assert classify("http://127.0.0.1:8901/a/b-12345", LOCAL) is None


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://sapa.laocai.gov.vn/x.css", True),
        ("https://sapa.laocai.gov.vn:443/x.css", True),
        ("https://sapa.laocai.gov.vn:8443/x.css", False),
        ("http://storage-vnportal.vnpt.vn/a.jpg", True),
        ("https://STORAGE-vnportal.vnpt.vn:443/a.jpg", True),
        ("https://storage-vnportal.vnpt.vn:81/a.jpg", False),
        ("https://cdn.example.vn:8080/a.jpg", True),
        ("https://cdn.example.vn/a.jpg", False),
        ("https://tls.example.vn/a.jpg", True),
        ("http://tls.example.vn/a.jpg", False),
        ("https://storage-vnportal.vnpt.vn.evil.example/a.jpg", False),
        ("https://sapa.laocai.gov.vn@evil.example/a.jpg", False),
        ("ftp://storage-vnportal.vnpt.vn/a.jpg", False),
        ("data:image/png;base64,xx", False),
    ],
)
def test_only_named_hosts_may_be_asked(url: str, allowed: bool) -> None:
    assert is_allowed_host(url, PROFILE) is allowed


@pytest.mark.parametrize(
    ("text", "is_address"),
    [
        ("https://x.vn/a", True),
        ("x.gov.vn", True),
        ("http://127.0.0.1:8080/tin-tuc/a-1", True),
        ("x.gov.vn/tin tuc", False),
        ("25-NQ/TW", False),
        ("1234/QĐ-UBND", False),
        ("sạt lở", False),
        ("18.500", False),
        ("", False),
    ],
)
def test_an_address_is_distinguished_from_words(text: str, is_address: bool) -> None:
    assert bool(parse_pasted_address(text)) is is_address


def test_a_text_full_of_addresses_gives_a_bounded_number() -> None:
    text = "https://l.facebook.com/l.php?u=https%3A%2F%2Fa.vn%2Fb-1 " * 500
    assert 1 < len(parse_pasted_address(text)) <= 12


def test_an_address_that_wraps_itself_ends() -> None:
    text = "https://a.vn/?u=" * 200
    assert parse_pasted_address(text)


def test_literal_ipv6_hosts_are_known_with_their_brackets() -> None:
    profile = parse_profile(
        'name="x"\ntitle="X"\ncms="vnpt"\nbase_url="http://[::1]:8900/"\nasset_hosts=["[::1]:8901", "[2001:db8::5]"]'
    )
    for url in ("http://[::1]:8900/a", "http://[::1]:8901/a", "https://[2001:db8::5]/a", "http://[2001:DB8::5]:80/a"):
        assert is_allowed_host(url, profile), url
    for url in ("http://[::1]:8902/a", "http://[::2]:8900/a", "http://[2001:db8::5]:8080/a"):
        assert not is_allowed_host(url, profile), url
