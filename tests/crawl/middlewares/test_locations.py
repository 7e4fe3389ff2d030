"""A `Location` names what a browser makes of it, however it is written."""

import pytest

from crawler.crawl.middlewares.locations import read_location

BASE = "https://a.gov.vn/tin/bai-1?x=1"


@pytest.mark.parametrize(
    ("location", "address"),
    [
        ("https://b.vn/x", "https://b.vn/x"),
        ("HTTP://b.vn/x", "http://b.vn/x"),
        ("http://a.gov.vn/tin/bai-1", "http://a.gov.vn/tin/bai-1"),
        ("/x", "https://a.gov.vn/x"),
        ("bai-2", "https://a.gov.vn/tin/bai-2"),
        ("../x", "https://a.gov.vn/x"),
        ("?trang=2", "https://a.gov.vn/tin/bai-1?trang=2"),
        ("//b.vn/x", "https://b.vn/x"),
        ("///b.vn/x", "https://b.vn/x"),
        ("\\x\\y", "https://a.gov.vn/x/y"),
        ("\\\\b.vn\\x", "https://b.vn/x"),
        ("https:\\\\b.vn\\x\\y", "https://b.vn/x/y"),
        ("https:/b.vn/x", "https://a.gov.vn/b.vn/x"),
        ("http:/b.vn/x", "http://b.vn/x"),
        ("http:///b.vn/x", "http://b.vn/x"),
        ("/x?a=b\\c", "https://a.gov.vn/x?a=b%5Cc"),
        ("/x?https://c.vn\\d", "https://a.gov.vn/x?https://c.vn%5Cd"),
        (" \t/tin tuc/bai \r\n", "https://a.gov.vn/tin%20tuc/bai"),
        ("/tin\r\n\ttuc", "https://a.gov.vn/tintuc"),
        ("/thông-tin".encode().decode("latin-1"), "https://a.gov.vn/th%C3%B4ng-tin"),
        ("/thông-tin", "https://a.gov.vn/th%F4ng-tin"),
        ("/th%C3%B4ng%20tin", "https://a.gov.vn/th%C3%B4ng%20tin"),
        ('/x?q=<a>"b"', "https://a.gov.vn/x?q=%3Ca%3E%22b%22"),
        ("/x#phan", "https://a.gov.vn/x"),
        ("https://user:word@b.vn:8443/x", "https://b.vn:8443/x"),
        ("https://[::1]:8443/x", "https://[::1]:8443/x"),
    ],
)
def test_an_address_is_read_as_browsers_do(location: str, address: str) -> None:
    assert read_location(location, BASE) == address


@pytest.mark.parametrize(
    "location",
    ["", "  ", "#top", "javascript:history.back()", "mailto:a@b.vn", "ftp://b.vn/", "data:text/html,x", "http://",
     "https://[::1", "https://b.vn:port/", "https://b.vn:99999/"],
)  # fmt: skip
def test_what_cannot_be_fetched_is_no_address(location: str) -> None:
    assert read_location(location, BASE) is None
