"""Another reader of pages: today's, with changed rules."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crawler.extract import answer
from crawler.items import Address, Article, PageReading, Refusal
from crawler.rebuild import rebuild, rows
from crawler.sentences import say
from tests.support.build import OtherReader

Read = tuple[PageReading, tuple[Address, ...]]
Change = OtherReader


def read_with(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let rebuilds in this process read pages with a change: of a page's address and reading, to another reading."""
    todays = answer.read_page

    def read_page(given: Any, purpose: Any, **asked: Any) -> Read:
        return change(given.url, todays(given, purpose, **asked))

    monkeypatch.setattr(answer, "read_page", read_page)
    # The commands read in processes of their own, which do not know of the change.
    monkeypatch.setattr(rebuild, "readers_of", lambda _archive: None)
    monkeypatch.setattr(rows, "readers_of", lambda _archive: None)


def refusing(*urls: str, kind: str = "no-body") -> Change:
    """Refuse the pages of some addresses."""

    def change(url: str, read: Read) -> Read:
        if url not in urls:
            return read
        return replace(read[0], article=None, refusal=Refusal(kind, say("other", text="not read"))), ()

    return change


def rewriting(*urls: str, **fields: Callable[[Article], Any]) -> Change:
    """Read fields of the articles at some addresses (without any: of all) otherwise."""

    def change(url: str, read: Read) -> Read:
        page, addresses = read
        if page.article is None or (urls and url not in urls):
            return read
        made = {name: make(page.article) for name, make in fields.items()}
        return replace(page, article=replace(page.article, **made)), addresses

    return change
