"""What holds for every address: no exception, one spelling, no host but the portal's."""

from urllib.parse import urlsplit

from hypothesis import given

from crawler.addresses import (
    choose_plainest,
    classify,
    classify_on,
    is_allowed_host,
    is_same_page,
    is_spelled_alike,
    last_slug,
    may_be_page,
    parse_pasted_address,
    spell_address,
    spell_plainly,
    todays_address,
)
from crawler.profile import parse_profile
from tests.support.hostile.examples import PROPERTY, TEXTS, URLS

PROFILE = parse_profile(
    'name = "a"\ntitle = "A"\ncms = "vnpt"\nbase_url = "https://a.gov.vn/"\nmoved_from = ["http://cu.gov.vn/"]\n'
    'asset_hosts = ["tep.gov.vn:8443"]\n'
)


@PROPERTY
@given(URLS)
def test_an_address_is_classified_on_the_portals_own_host_or_not_at_all(url: str) -> None:
    address = classify(url, PROFILE)
    if address is None:
        return
    assert address.url.startswith("https://a.gov.vn/")
    address.url.encode()
    assert not set(address.url) & set(' \r\n\t\0<>"')
    again = classify(address.url, PROFILE)
    assert again == address
    assert is_same_page(address, address)
    assert is_allowed_host(address.url, PROFILE)
    assert isinstance(may_be_page(address), bool)
    assert isinstance(last_slug(address), str)


@PROPERTY
@given(URLS)
def test_only_hosts_of_the_profile_are_allowed(url: str) -> None:
    if is_allowed_host(url, PROFILE):
        parts = urlsplit(url)
        assert (parts.hostname or "").rstrip(".") in ("a.gov.vn", "cu.gov.vn", "tep.gov.vn")
        assert parts.scheme in ("http", "https")


@PROPERTY
@given(URLS, URLS)
def test_spellings_of_every_address_can_be_compared(url: str, other: str) -> None:
    assert is_spelled_alike(url, url)
    assert choose_plainest(url, other) in (url, other)
    assert spell_plainly(spell_plainly(url)) == spell_plainly(url)
    todays_address(url, PROFILE)
    assert isinstance(list(spell_address(url)), list)
    classify_on(url, "https://a.gov.vn/", former=("http://cu.gov.vn/",))


@PROPERTY
@given(TEXTS, URLS)
def test_what_is_pasted_means_absolute_addresses_or_nothing(text: str, url: str) -> None:
    for meant in parse_pasted_address(text + url):
        assert meant.lower().startswith(("http://", "https://"))
        classify(meant, PROFILE)
