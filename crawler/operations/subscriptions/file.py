"""The operator's file of subscriptions: TOML, read into frozen values. Unknown keys and wrong values are refused."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from crawler.errors import SubscriptionError
from crawler.language.money.sums import find_sums
from crawler.language.query.expressions import MATCH_NOTHING, build_phrase_query
from crawler.language.text import normalize_text

_Words = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
_TARGET = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://\S+")
_CURRENCY = re.compile(r"(?i:đồng|vnđ|vnd|đ)\s*$")
# What is expected of a key; msgspec's own messages say it in the words of a type system.
_EXPECTED = {
    "name": "lower-case letters, digits and hyphens, 64 at most",
    "title": "a text of 1 to 120 characters",
    "to": "an Apprise address, such as mailto://user:password@example.vn",
    "every": "`night` or `week`",
    "language": "`vi` or `en`",
    "only": "`new`, `changed` or `removed`",
    "search": "words to search for",
    "article": "the number of an article on the site, or its address",
    "category": "the number, the short name or the title of a category",
    "document": "the number of a document, such as 1234/QĐ-UBND",
    "portal": "the name of a portal",
    "sums_above": "a sum in đồng, such as `1 tỷ` or 1000000000",
}


class Subscription(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """One subscription: what is asked, for whom, how often.

    `to` is a secret; without it the messages go where the operator's own do. `sums_above` brings only changes of sums
    of at least so much.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9-]+\Z", max_length=64)]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=120)] | None = None
    to: str | None = None
    every: Literal["night", "week"] = "night"
    language: Literal["vi", "en"] | None = None
    search: _Words | None = None
    article: Annotated[int, msgspec.Meta(ge=1, lt=10**18)] | _Words | None = None
    category: Annotated[int, msgspec.Meta(ge=1, lt=10**18)] | _Words | None = None
    document: _Words | None = None
    portal: _Words | None = None
    only: Literal["new", "changed", "removed"] | None = None
    sums_above: Annotated[int, msgspec.Meta(ge=1)] | _Words | None = None

    @property
    def shown(self) -> str:
        """How messages name it."""
        return self.title or self.name

    @cached_property
    def words(self) -> str:
        """The search of the site that it asks; "" for none."""
        return f'"{self.document}"' if self.document else normalize_text(self.search or "")

    @cached_property
    def least_dong(self) -> int | None:
        """The lowest sum that counts; None if sums do not matter."""
        return None if self.sums_above is None else _read_dong(self.sums_above)

    @property
    def brings_new(self) -> bool:
        """Whether it brings new articles of a search or category."""
        return self.only in (None, "new") and self.article is None and self.sums_above is None

    @property
    def question(self) -> str:
        """All that decides what it brings, as one text: another question begins again."""
        asked = (self.search, self.article, self.category, self.document, self.portal, self.only, self.least_dong)
        return msgspec.json.encode(asked).decode()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subscription: tuple[Subscription, ...] = ()


def load_subscriptions(path: Path) -> tuple[Subscription, ...]:
    """Read the file.

    Raises:
        SubscriptionError: if it cannot be read or is not valid. The message names the file, the key and what was
            expected, and never an address of messages.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SubscriptionError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return parse_subscriptions(text, str(path))


def parse_subscriptions(text: str, where: str = "subscriptions") -> tuple[Subscription, ...]:
    r"""Make subscriptions of TOML text; `where` names the file in messages.

    >>> [one.least_dong for one in parse_subscriptions('[[subscription]]\nname="a"\nsums_above="1,5 tỷ"')]
    [1500000000]

    Raises:
        SubscriptionError: as `load_subscriptions`.
    """
    try:
        found = msgspec.toml.decode(text, type=_File, strict=True).subscription
    except msgspec.ValidationError as error:
        raise SubscriptionError(f"{where}: {_describe(str(error))}") from None
    except msgspec.DecodeError as error:
        raise SubscriptionError(f"{where}: not TOML: {error}") from None
    for number, one in enumerate(found, start=1):
        for key, expected in _find_faults(one, found[: number - 1]):
            raise SubscriptionError(f"{where}: subscription {number}, key `{key}`: expected {expected}")
    return found


def _describe(message: str) -> str:
    what, _, path = message.partition(" - at `$")
    place = re.fullmatch(r"\.subscription\[(?P<number>[0-9]+)\](?:\.(?P<key>\w+))?`?", path)
    named = re.search(r"field `([^`]*)`", what)
    if place is None:
        known = f"; unknown key `{named[1]}`" if named else ""
        return f"expected tables [[subscription]]{known}"
    which = f"subscription {int(place['number']) + 1}"
    if named and what.startswith("Object contains unknown"):
        return f"{which}, key `{named[1]}`: unknown; expected one of {', '.join(Subscription.__struct_fields__)}"
    key = place["key"] or (named[1] if named else "")
    if named and what.startswith("Object missing"):
        return f"{which}, key `{key}`: missing; expected {_EXPECTED[key]}"
    return f"{which}, key `{key}`: expected {_EXPECTED[key]}" if key else f"{which}: expected a table of keys"


def _find_faults(one: Subscription, others: tuple[Subscription, ...]) -> Iterator[tuple[str, str]]:
    """Yield the keys whose values do not fit, with what was expected."""
    if one.name in {other.name for other in others}:
        yield "name", f"a name of its own; another subscription is called {one.name!r}"
    if one.to is not None and not _TARGET.fullmatch(one.to.strip()):
        yield "to", _EXPECTED["to"]
    if one.sums_above is not None and one.least_dong is None:
        yield "sums_above", _EXPECTED["sums_above"]
    if one.search is not None and one.document is not None:
        yield "document", "no `search` beside it: one question, one subscription"
    if one.article is not None and (one.words or one.category is not None or one.portal):
        yield "article", "no `search`, `document`, `category` or `portal` beside it"
    if (one.search or one.document) and build_phrase_query(one.words) == MATCH_NOTHING:
        yield ("search" if one.search else "document"), _EXPECTED["search" if one.search else "document"]
    if one.sums_above is not None and one.only not in (None, "changed"):
        yield "only", "`changed`, or nothing: `sums_above` brings changes alone"
    asked = (one.search, one.article, one.category, one.document, one.only, one.sums_above)
    if all(value is None for value in asked):
        yield "search", "a question: `search`, `article`, `category`, `document`, `only` or `sums_above`"


def _read_dong(stated: int | str) -> int | None:
    if isinstance(stated, int):
        return stated
    text = normalize_text(stated)
    found = list(find_sums(text if _CURRENCY.search(text) else f"{text} đồng"))
    return found[0].dong if len(found) == 1 and found[0].start == 0 else None
