"""Which node is the home of a portal: rendezvous hashing, so that a node more or less moves no other portal."""

import math
from collections.abc import Mapping
from hashlib import blake2b


def choose_home(portal: str, shares: Mapping[str, float]) -> str | None:
    """Choose a node for a portal; a node with twice the share gets twice the portals. None if there is no node.

    >>> choose_home("sapa", {"a": 1, "b": 1, "c": 1}), choose_home("sapa", {})
    ('a', None)
    """
    return max(sorted(shares), key=lambda node: _score(portal, node, share=shares[node]), default=None)


def _score(portal: str, node: str, *, share: float) -> float:
    digest = blake2b(f"{node}\0{portal}".encode(), digest_size=8).digest()
    drawn = (int.from_bytes(digest) + 1) / (2**64 + 2)
    return -share / math.log(drawn)
