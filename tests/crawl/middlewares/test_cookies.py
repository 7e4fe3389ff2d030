"""Each host gets back the cookies that it set in this run, and no others."""

from collections.abc import Iterable

import pytest
from scrapy import Request
from scrapy.http import Headers, Response

from crawler.crawl.middlewares.cookies import MAX_COOKIES, MAX_SENT_BYTES, CookiesMiddleware


def setting(jar: CookiesMiddleware, url: str, *cookies: str | bytes) -> bool:
    request = Request(url)
    lines = [one.encode("latin-1") if isinstance(one, str) else one for one in cookies]
    jar.process_response(request, Response(url, headers=Headers({"Set-Cookie": lines})))
    return bool(request.meta.get("has_new_cookies"))


def sent(jar: CookiesMiddleware, url: str) -> set[bytes]:
    request = Request(url, headers={"Cookie": "cu=1"})
    jar.process_request(request)
    return set(filter(None, (request.headers.get("Cookie") or b"").split(b"; ")))


def all_sent(jar: CookiesMiddleware, urls: Iterable[str]) -> list[set[bytes]]:
    return [sent(jar, url) for url in urls]


def test_a_cookie_goes_back_to_its_host_and_path_by_either_scheme() -> None:
    jar = CookiesMiddleware()
    assert setting(
        jar, "https://a.gov.vn/tin/bai-1", "phien=1; path=/; HttpOnly", "muc=2; path=/tin", "kin=3; Secure; path=/"
    )
    assert sent(jar, "https://a.gov.vn/tin/bai-2") == {b"phien=1", b"muc=2", b"kin=3"}
    assert sent(jar, "https://a.gov.vn/") == {b"phien=1", b"kin=3"}
    assert sent(jar, "http://a.gov.vn:80/tin/x") == {b"phien=1", b"muc=2"}


@pytest.mark.parametrize("domain", ["gov.vn", ".gov.vn", "b.gov.vn", "a.gov.vn", "vn", ""])
def test_no_cookie_leads_to_another_host_whatever_domain_it_names(domain: str) -> None:
    jar = CookiesMiddleware()
    setting(jar, "https://a.gov.vn/", f"phien=1; path=/; domain={domain}")
    others = ("https://b.gov.vn/", "https://gov.vn/", "https://x.a.gov.vn/", "https://a.gov.vn:8443/")
    assert all_sent(jar, others) == [set()] * 4


def test_a_cookie_is_new_only_if_the_next_request_would_differ() -> None:
    jar = CookiesMiddleware()
    url = "http://127.0.0.1:8900/tin"
    assert setting(jar, url, "phien=1; path=/")
    assert not setting(jar, url, "phien=1; path=/")
    assert setting(jar, url, "phien=2; path=/")
    assert not setting(jar, url, "khac=1; path=/khac")
    assert setting(jar, url, "phien=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT")
    assert sent(jar, url) == set()


@pytest.mark.parametrize("url", ["http://localhost:8900/", "http://[::1]:8900/", "http://127.0.0.1/", "http://cong/"])
def test_hosts_without_a_domain_have_cookies_too(url: str) -> None:
    jar = CookiesMiddleware()
    assert setting(jar, url, "phien=1")
    assert sent(jar, url) == {b"phien=1"}


def test_bytes_go_back_as_they_came_and_what_cannot_be_sent_is_not_kept() -> None:
    jar = CookiesMiddleware()
    url = "https://a.gov.vn/"
    setting(
        jar, url, "tên=Sa Pa; path=/".encode(), b"la=\xf4; path=/", b"nul=a\x00b; path=/", "", ";;", "=", "x" * 5000
    )
    assert sent(jar, url) == {"tên=Sa Pa".encode(), b"la=\xf4"}
    for number in range(MAX_COOKIES * 3):
        setting(jar, url, f"dem{number}=1; path=/")
    assert 0 < len(sent(jar, url)) <= MAX_COOKIES


def test_cookies_of_a_host_never_fill_the_head_of_a_request() -> None:
    jar = CookiesMiddleware()
    url = "http://127.0.0.1/"
    setting(jar, url, *(f"c{number}={'a' * 4000}; path=/" for number in range(40)))
    assert sent(jar, url) == set()
    for number in range(10):
        setting(jar, url, f"c{number}={'a' * 3000}; path=/")
        assert len(b"; ".join(sent(jar, url))) <= MAX_SENT_BYTES
    setting(jar, url, "phien=1; path=/")
    assert b"phien=1" in sent(jar, url)
