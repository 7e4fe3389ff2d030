"""Which addresses a connection may be made to, decided when its socket is made."""

import ipaddress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from crawler.profile import DEFAULT_PORTS, Profile

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv6 addresses of the internet are in 2000::/3. The translators of NAT64 put IPv4 addresses into 64:ff9b::/96
# (RFC 6052, 2.1).
_INTERNET = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Anycast of 6to4 relays, and a block for the protocols themselves: no host of the internet has such an address.
_NO_HOSTS = (ipaddress.IPv4Network("192.88.99.0/24"), ipaddress.IPv4Network("192.0.0.0/24"))


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet. An address that holds another one is judged by that one.

    >>> is_public("8.8.8.8"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1"), is_public("64:ff9b::7f00:1")
    (True, False, False, False)
    """
    try:
        return _is_public(ipaddress.ip_address(address))
    except ValueError:
        return False


def _is_public(address: Address) -> bool:
    if address.is_multicast or address.is_unspecified or (address.is_reserved and address.version == 4):
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _NO_HOSTS)
    if address.ipv4_mapped is not None:
        return _is_public(address.ipv4_mapped)
    if address in _NAT64:
        return _is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour is not None:
        return _is_public(address.sixtofour)
    return address in _INTERNET and address.is_global


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Allows public addresses, and the literal ones that the profile names, with their ports."""

    named: frozenset[tuple[Address, int]]

    @classmethod
    def of_profile(cls, profile: Profile) -> Self:
        """Read the literal addresses of a profile: `base_url`, `moved_from`, `asset_hosts`.

        Without a port, both default ports are meant.
        """
        urls = [profile.base_url, *profile.moved_from, *(f"//{host}" for host in profile.file_hosts)]
        named = []
        for parts in map(urlsplit, urls):
            address = parse_literal(parts.hostname or "")
            if address is not None:
                ports = [parts.port] if parts.port else DEFAULT_PORTS.values()
                named += [(address, port) for port in ports]
        return cls(frozenset(named))

    def allows(self, host: str, address: str, *, port: int) -> bool:
        """Whether a request to a host may go to this address. Only `localhost` and names in it lead to this machine."""
        if is_public(address):
            return True
        parsed = parse_literal(address)
        if parsed is None:
            return False
        is_here = host == "localhost" or host.endswith(".localhost")
        return (parsed, port) in self.named or (is_here and parsed.is_loopback)


def parse_literal(host: str) -> Address | None:
    """Return the address that a host names literally, None for a name.

    >>> parse_literal("::1"), parse_literal("a.vn")
    (IPv6Address('::1'), None)
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
