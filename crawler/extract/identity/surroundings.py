"""What comes with a home page. Apart from its readers: a crawl's own process does not import them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What came with a home page: its headers, names in lower case, the cookies' names, and the text of robots.txt."""

    headers: Mapping[str, str]
    cookies: Sequence[str]
    robots: str = ""
