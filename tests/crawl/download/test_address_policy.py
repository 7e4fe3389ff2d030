"""Which addresses a connection may be made to."""

import pytest

from crawler.crawl.download.address_policy import AddressPolicy, is_public
from crawler.profile import parse_profile

PROFILE = parse_profile(
    'name="x"\ntitle="X"\ncms="vnpt"\nbase_url="http://127.0.0.1:8900/"\nmoved_from=["http://10.0.0.9/"]\n'
    'asset_hosts=["[fd00::5]:8901", "10.1.1.1", "files.example.vn"]'
)


@pytest.mark.parametrize("address", ["8.8.8.8", "203.162.0.1", "2606:4700::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::808:808",
        "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:db8::1", "fc00::1", "fd00:ec2::254", "fe80::1",
        "fe80::1%eth0", "fec0::1", "ff02::1", "5f00::1", "100::1", "no address",
    ],
)  # fmt: skip
def test_every_other_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("host", "address", "port", "allowed"),
    [
        ("portal.vn", "8.8.8.8", 443, True),
        ("127.0.0.1", "127.0.0.1", 8900, True),
        ("127.0.0.1", "127.0.0.1", 22, False),
        ("portal.vn", "127.0.0.1", 80, False),
        ("10.0.0.9", "10.0.0.9", 443, True),
        ("10.0.0.9", "10.0.0.9", 8080, False),
        ("fd00::5", "fd00::5", 8901, True),
        ("10.1.1.1", "10.1.1.1", 80, True),
        ("localhost", "127.0.0.1", 9000, True),
        ("portal.localhost", "::1", 9000, True),
        ("localhost", "10.0.0.1", 80, False),
        ("notlocalhost", "127.0.0.1", 80, False),
    ],
)
def test_inside_only_what_the_profile_names_is_asked(host: str, address: str, port: int, allowed: bool) -> None:
    assert AddressPolicy.of_profile(PROFILE).allows(host, address, port=port) is allowed
