"""How much a host, or a server address, is asked at most, over all crawls together."""

from collections.abc import Mapping
from dataclasses import dataclass

# What is asked stays so far below the promise: clocks differ, and answers queue up on the way.
KEPT_BELOW = 0.9

# The table for all that have none of their own.
OTHERS = "*"


@dataclass(frozen=True, slots=True)
class Cap:
    """The promise to a host: the most requests a second, and the most connections at once."""

    requests_per_second: float
    connections: int

    @property
    def interval(self) -> float:
        """The seconds between two requests."""
        return 1 / (self.requests_per_second * KEPT_BELOW)

    def share(self, parts: int) -> "Cap":
        """Return one of this many equal parts, with one connection at least."""
        return Cap(self.requests_per_second / parts, max(1, self.connections // parts))


DEFAULT_HOST = Cap(5.0, 4)
DEFAULT_ADDRESS = Cap(20.0, 32)


@dataclass(frozen=True, slots=True)
class Caps:
    """The caps of hosts (`host` or `host:port`) and of server addresses; `*` is for all others."""

    hosts: Mapping[str, Cap]
    addresses: Mapping[str, Cap]

    def of_host(self, netloc: str) -> Cap:
        """Return the cap of a host; a table for its name holds for every port of it.

        >>> caps = Caps({"a.vn": Cap(20, 8), "a.vn:81": Cap(1, 1)}, {})
        >>> [caps.of_host(host).connections for host in ("a.vn:81", "a.vn:80", "a.vn", "b.vn")]
        [1, 8, 8, 4]
        """
        name = netloc.rpartition(":")[0] or netloc
        for key in (netloc, name, OTHERS):
            if key in self.hosts:
                return self.hosts[key]
        return DEFAULT_HOST

    def of_address(self, address: str) -> Cap:
        """Return the cap of a server address."""
        return self.addresses.get(address) or self.addresses.get(OTHERS) or DEFAULT_ADDRESS
